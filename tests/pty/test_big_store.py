"""A host with years of history: the dashboard opens at once all the same, and every list answers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from hubtui.paths import Home
from tests.doubles import bigstore
from tests.doubles.terminal import environment, hubtui

pytestmark = pytest.mark.pty
SECONDS = 1.0
TRIES = 3  # the best counts: a busy machine is not what is tried here


def opens(root: Path) -> float:
    """Seconds from exec until the first project stands on the screen."""
    begun = time.monotonic()
    terminal = hubtui(root)
    try:
        terminal.wait_for(bigstore.name(0), bigstore.name(1))
        return time.monotonic() - begun
    finally:
        terminal.close()


def answers(root: Path, *words: str) -> float:
    """Seconds from exec to the end of a command that prints something."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "hubtui", *words]
    ended = subprocess.run(command, env=environment(root), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()
    return time.monotonic() - begun


def check(root: Path, jobs: int, events: int) -> None:
    bigstore.make(Home(root), jobs, events)
    assert min(opens(root) for _ in range(TRIES)) < SECONDS
    busy = bigstore.name(0)
    for words in (
        ("ls",),
        ("jobs",),
        ("jobs", busy, "-n", "100"),
        ("job", str(jobs)),
        ("status", busy),
        ("events", busy, "--after", str(events - 1000)),
    ):
        assert min(answers(root, *words) for _ in range(TRIES)) < SECONDS, words


def test_twenty_thousand_jobs(tmp_path: Path) -> None:
    check(tmp_path / "state", 20_000, 200_000)


@pytest.mark.long
def test_a_hundred_thousand_jobs_and_five_million_events(tmp_path: Path) -> None:
    begun = time.monotonic()
    check(tmp_path / "state", 100_000, 5_000_000)
    assert time.monotonic() - begun < 110
