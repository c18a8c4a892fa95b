"""A store of its own, open for writing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator

import pytest

from hubtui.paths import Home
from hubtui.store import connect


@pytest.fixture
def store(home: Home) -> Iterator[sqlite3.Connection]:
    """A connection that writes; each statement is committed by itself."""
    con, lock = connect.open_writer(home)
    yield con
    con.close()
    os.close(lock)
