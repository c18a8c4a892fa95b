"""A connection that takes any text: what stands for bytes that are no UTF-8 (of a variable, of a word on the command
line) is stored, and looked for, as U+FFFD. SQLite would refuse it, and a job could not even say why it failed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

_LONE = re.compile("[\ud800-\udfff]")


class Connection(sqlite3.Connection):
    """As sqlite3's own but for that."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except UnicodeEncodeError:
            return super().execute(sql, _encodable(parameters))


def _encodable(parameters: Any) -> Any:
    if isinstance(parameters, Mapping):
        return {name: _text(value) for name, value in parameters.items()}
    return [_text(value) for value in parameters]


def _text(value: Any) -> Any:
    return _LONE.sub("\ufffd", value) if isinstance(value, str) else value
