"""The store's schema: numbered SQL files, applied forward only, each in one transaction with its `user_version`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

APPLICATION_ID = 0x48554254  # "HUBT": PRAGMA application_id, https://sqlite.org/pragma.html#pragma_application_id


def available() -> list[tuple[int, str]]:
    """(number, SQL text) of every migration, in order."""
    return sorted((_number(f), f.read_text(encoding="utf-8")) for f in _files())


def newest() -> int:
    """The version that this hubtui knows."""
    return max(map(_number, _files()))


def _files() -> list[Path]:
    return list(Path(__file__).parent.glob("*.sql"))


def _number(file: Path) -> int:
    return int(file.name.split("_")[0])


def migrate(con: sqlite3.Connection) -> None:
    """Bring an open database to `newest()`. The caller holds the write lock and is in no transaction."""
    version = con.execute("PRAGMA user_version").fetchone()[0]
    for number, script in available():
        if number > version:
            # executescript would commit first: the transaction is written into the script itself
            con.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA application_id={APPLICATION_ID};\n"
                f"PRAGMA user_version={number};\nCOMMIT;"
            )
