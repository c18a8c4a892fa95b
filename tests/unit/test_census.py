"""Who belongs to which service is remembered for those that live, however many come and go."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from hubtui.stacks import proctree
from hubtui.stacks.engines.process import tree

RESTLESS = "sleep 600 & while :; do sleep 0.005; done"  # one that stays, and a new one after the other


async def stays(census: tree.Census) -> int:
    while True:
        for there in await census.of("a"):
            if there.name == "sleep" and b"600" in Path(f"/proc/{there.pid}/cmdline").read_bytes():
                return there.pid


async def test_a_service_that_runs_one_command_after_another_is_not_remembered_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tree, "_MANY", 10)
    census, seen = tree.Census("a test"), set[int]()
    with subprocess.Popen(["sh", "-c", RESTLESS], start_new_session=True) as process:
        proctree.claimed.add(process.pid)
        try:
            census.add_main(process.pid, "a")
            first = await stays(census)
            while len(seen) < 60:
                seen |= {there.pid for there in await census.of("a")}
                await asyncio.sleep(0.005)
            living = {there.pid for there in await census.of("a")}
            known = {pid for pid, _ in census._known}
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            proctree.claimed.discard(process.pid)
    assert len(known) <= 10 + 2 * len(living) + 1
    assert first in known, "it lives, and was there before the others were forgotten"
