"""One read, usable from a plain connection (threads, CLI, runner) and through aiosqlite (the screens)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import aiosqlite

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query(Generic[T]):
    """SQL and what a row of it means. All is fetched at once: an open cursor would keep the WAL from shrinking."""

    sql: str
    convert: Callable[[sqlite3.Row], T]

    def all(self, con: sqlite3.Connection, *parameters: Any) -> list[T]:
        return [self.convert(row) for row in con.execute(self.sql, parameters).fetchall()]

    def first(self, con: sqlite3.Connection, *parameters: Any) -> T | None:
        return next(iter(self.all(con, *parameters)), None)

    async def aall(self, con: aiosqlite.Connection, *parameters: Any) -> list[T]:
        return [self.convert(row) for row in await con.execute_fetchall(self.sql, parameters)]


def stamp(time: datetime | None) -> str | None:
    """A time as it is stored."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds") if time else None


def time_of(text: str | None) -> datetime | None:
    """A stored time."""
    return datetime.fromisoformat(text) if text else None


def as_json(names: Sequence[str]) -> str:
    """A list of names as it is stored: two equal lists are equal texts."""
    return json.dumps(list(names))


def names(text: str | None) -> tuple[str, ...]:
    """A stored list of names."""
    return tuple(json.loads(text)) if text else ()
