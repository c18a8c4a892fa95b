"""What is read on: events, lines of logs, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the feed: something changed, in the same transaction as the change itself."""

    seq: int
    time: datetime
    project: str
    run: int | None
    job: int | None
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line a service printed. `stream` is out, err, or hub for our own markers; `line` is not yet safe text."""

    time: datetime
    service: str
    stream: str
    run: int | None
    line: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `hubtui doctor`."""

    check: str
    state: str  # ok, warn, fail
    message: str
    hint: str = ""
