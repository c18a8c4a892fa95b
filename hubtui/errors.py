"""What hubtui tells a person when something cannot be done.

HubtuiError                     message + hint, exit code 1
├── UsageError                  wrong words on the command line or in a form, exit code 2
├── StackError                  a compose file that cannot be used, with file:line where known
├── EngineError                 an engine could not do it; `kind` is what the job's error row keeps
└── StoreError                  the store cannot be opened or written
    ├── StoreBusy               somebody holds the write lock too long
    ├── Replaced                a newer runner owns this project: stop and leave
    └── Forgotten               the store does not know this project
"""

from __future__ import annotations

MISSING_VARIABLE = "missing_variable"  # the kind of an error that setting a variable mends


class HubtuiError(Exception):
    """Something a person should read: one sentence, and a hint that says what to do next."""

    exit_code = 1
    kind = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(HubtuiError):
    """A command line or form that means nothing hubtui can do."""

    exit_code = 2
    kind = "usage"


class StackError(HubtuiError):
    """A compose file that cannot be read or used. `file`, `line` and `column` (from 1) say where, when known."""

    kind = "stack"

    def __init__(
        self, message: str, hint: str = "", *, file: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        where = ":".join(str(part) for part in (file, line, column if line else None) if part)
        super().__init__(f"{where}: {message}" if file else message, hint)
        self.file = file
        self.line = line
        self.column = column


class EngineError(HubtuiError):
    """An engine could not do what was asked. `kind` is a short word such as `port_taken` or `service_exited`."""

    def __init__(self, message: str, hint: str = "", *, kind: str = "engine", service: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.service = service


class StoreError(HubtuiError):
    """The store cannot be opened, read or written."""

    kind = "store"


class StoreBusy(StoreError):
    """The write lock was held by someone else for too long."""

    kind = "store_busy"


class Replaced(StoreError):
    """A runner of a newer generation owns the project; whoever gets this must stop its stack and leave."""

    kind = "replaced"


class Forgotten(StoreError):
    """The store does not know the project: a runner that holds nothing has nothing to do any more."""
