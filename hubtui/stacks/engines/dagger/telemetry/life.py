"""When a service's process has ended, from its `exec ...` span: the only place where a later crash shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hubtui.stacks.engines.dagger.telemetry.ancestry import Ancestry
from hubtui.stacks.engines.dagger.telemetry.otlp import Span

_CODE = re.compile(r"exit code: (\d+)")


@dataclass(frozen=True, slots=True)
class Ended:
    """A process has ended. `root` is the operation that started it, `at` seconds since the epoch; `code` is None where
    the engine does not say it (one that was told to end is 0), `message` what it does say."""

    root: str
    trace: str
    code: int | None
    message: str
    at: float


class Lives:
    """Of the services of one session."""

    def __init__(self, ancestry: Ancestry) -> None:
        self._ancestry = ancestry

    def take(self, span: Span) -> Ended | None:
        """What this span, already known to the ancestry, says about a service's process."""
        if not span.name.startswith("exec ") or span.end is None:
            return None
        root = self._ancestry.top(span.id)
        found = _CODE.search(span.message)
        code = int(found[1]) if found else None if span.failed else 0
        return Ended(root, span.trace, code, span.message, span.end)
