"""A folder is listed off the loop: it is told how far that is, and a cancel ends it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from hubtui.stacks.engines.dagger.sources.listing import in_bytes, listed, size
from hubtui.stacks.engines.dagger.sources.select import Selection, Stop, Tell
from hubtui.stacks.engines.dagger.sources.weigh import Skipped

FOUND = Selection(Path("/x"), (), 1204, 83_100_000, (Skipped("node_modules/", 1_200_000_000, "r"),), (), (), "none")


async def test_how_far_it_is_is_told_while_the_loop_goes_on() -> None:
    heard, on = asyncio.Event(), threading.Event()
    told: list[str] = []

    def select(stop: Stop, tell: Tell) -> Selection:
        tell(12_000, 1_200_000_000)
        assert on.wait(5)
        return FOUND

    def hear(message: str) -> None:
        told.append(message)
        heard.set()

    listing = asyncio.create_task(listed(select, hear))
    await asyncio.wait_for(heard.wait(), 5)
    assert told == ["lists 12,000 files, 1.2 GB"]
    on.set()
    assert await listing is FOUND


async def test_cancelled_it_stops_and_says_no_more() -> None:
    begun, over = threading.Event(), threading.Event()
    told: list[str] = []

    def select(stop: Stop, tell: Tell) -> Selection:
        begun.set()
        while not stop():
            over.wait(0.01)
        tell(1, 1)
        over.set()
        return FOUND

    listing = asyncio.create_task(listed(select, told.append))
    await asyncio.to_thread(begun.wait, 5)
    listing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listing
    assert await asyncio.to_thread(over.wait, 5)
    await asyncio.sleep(0)
    assert told == []


def test_sizes_are_for_people() -> None:
    assert size(FOUND) == "1,204 files, 83.1 MB (left out: node_modules/ 1.2 GB)"
    assert [in_bytes(n) for n in (None, 0, 999, 1500, 2_000_000)] == ["", "0 B", "999 B", "1.5 kB", "2.0 MB"]
