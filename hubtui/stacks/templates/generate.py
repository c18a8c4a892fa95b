"""A project's `.env`, made from the `.env.example` of its template: secrets of its own, ports that nobody else has.

The example marks the values that no two projects may share; every other line is taken as it is:

    POSTGRES_PASSWORD=<generate>    a new secret: letters and digits, because it may become part of a URL
    POSTGRES_PORT=<port 5432>       5432 if that is free, else the next port that is
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Collection
from pathlib import Path

from hubtui.errors import UsageError
from hubtui.stacks import ports

EXAMPLE, NAME = ".env.example", ".env"
_MARKED = re.compile(r"^(?P<name>[A-Za-z_]\w*=)<(?:generate|port (?P<port>\d{1,5}))>[ \t]*$", re.MULTILINE)
_BYTES = 24  # of a secret
_TRIES = 1000  # ports looked at for one variable

Free = Callable[[int], bool]


def free(port: int) -> bool:
    """Whether a server could have this port of 127.0.0.1 now."""
    return ports.taken("127.0.0.1", port) is None


def secret() -> str:
    """A new secret: letters and digits, because it may become part of a URL."""
    return secrets.token_hex(_BYTES)


def is_marked(example: str) -> bool:
    """Whether anything in it is to be generated."""
    return _MARKED.search(example) is not None


def fill(example: str, busy: Collection[int] = (), free: Free = free) -> str:
    """The example with every marked value generated. No port is among `busy`, none is given twice. Raises UsageError
    where no port is left."""
    given = set(busy)

    def value(marked: re.Match[str]) -> str:
        if marked["port"] is None:
            return marked["name"] + secret()
        port = _next_free(int(marked["port"]), given, free)
        given.add(port)
        return f"{marked['name']}{port}"

    return _MARKED.sub(value, example)


def _next_free(first: int, given: Collection[int], free: Free) -> int:
    for port in range(first, min(first + _TRIES, 65536)):
        if port not in given and free(port):
            return port
    raise UsageError(f"No port from {first} on is free", "End what listens there, then try again")


def write_private(file: Path, text: str, made: list[Path]) -> None:
    """Make a file that only its owner can read, and note it in `made` once it is there. Raises OSError, and touches
    nothing, where there is one already."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with open(os.open(file, flags, 0o600), "w", encoding="utf-8") as opened:
        made.append(file)
        os.fchmod(opened.fileno(), 0o600)  # an umask may have taken the owner's own rights
        opened.write(text)
