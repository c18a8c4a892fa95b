"""What the measures share: an environment as a user has it, a state folder that leaves nothing behind, turns taken."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hubtui.models import JobState
from hubtui.store import connect
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

T = TypeVar("T")
HERE = Path(__file__).parent
TRUE = ["/bin/true"]
SLEEP = ["sleep", "600"]


def clean_environment(folder: Path) -> None:
    """Make this process' environment, and so every child's, that of a user: byte code is cached, settings are none."""
    for name in [n for n in os.environ if n.startswith(("PYTHON", "HUBTUI_", "NO_COLOR"))]:
        del os.environ[name]
    sys.dont_write_bytecode = False
    os.environ.update(XDG_CONFIG_HOME=str(folder), TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder, removed whatever happens."""
    path = Path(tempfile.mkdtemp(prefix="hubtui-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def host() -> Iterator[tuple[Host, Path]]:
    """(a host with an empty state folder, a folder for its projects); its runners end with the block."""
    with folder() as root:
        here = Host(root / "state")
        try:
            yield here, root
        finally:
            here.close()


def hubtui() -> list[str]:
    """The installed program beside this Python."""
    script = Path(sys.executable).with_name("hubtui")
    return [str(script)] if script.exists() else [sys.executable, "-m", "hubtui"]


def python(name: str, *arguments: str) -> list[str]:
    """The command line of a peer: a small program of this folder."""
    return [sys.executable, "-P", str(HERE / "peers" / f"{name}.py"), *arguments]


def environment(**more: str) -> Mapping[str, str]:
    """This process' environment with something added."""
    return {**os.environ, **more}


def interleaved(runs: int, *sides: Callable[[], T]) -> list[list[T]]:
    """The results of each side, taken in turns: A B A B. One turn before that warms every cache and does not count."""
    for side in sides:
        side()
    found: list[list[T]] = [[] for _ in sides]
    for _ in range(runs):
        for side, results in zip(sides, found, strict=True):
            results.append(side())
    return found


def timed(command: Sequence[str], env: Mapping[str, str]) -> float:
    """Seconds from exec to the end of a program that prints to nowhere."""
    begun = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


class Watch:
    """Looks at a store for what another process commits, by `PRAGMA data_version`: 2 us a look, ten thousand a second,
    since a loop without any pause would take a core from whoever is being measured."""

    def __init__(self, con: sqlite3.Connection, pause: float = 0.0001) -> None:
        self._con = con
        self._pause = pause

    def until(self, sql: str, *parameters: object, seconds: float = 20.0) -> float:
        """The time (perf_counter) at which this query was first seen to give a true value."""
        deadline = time.perf_counter() + seconds
        seen = None
        while True:
            version = self._con.execute("PRAGMA data_version").fetchone()[0]
            if version != seen:
                seen = version
                row = self._con.execute(sql, parameters).fetchone()
                if row is not None and row[0]:
                    return time.perf_counter()
            if time.perf_counter() > deadline:
                raise TimeoutError(f"not within {seconds:g} s: {sql}")
            time.sleep(self._pause)


@contextmanager
def watching(here: Host, pause: float = 0.0001) -> Iterator[Watch]:
    """A watch on a host's store."""
    con = connect.open_reader(here.home)
    try:
        yield Watch(con, pause)
    finally:
        con.close()


CLAIMED = f"SELECT state <> '{JobState.PENDING}' FROM jobs WHERE id = ?"


def free(here: Host, project: str) -> None:
    """Wait until the project's runner and guard are gone."""
    eventually(lambda: not here.held(project), 20)
