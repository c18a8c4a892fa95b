"""A screen's connection to the store: given up or closed at any moment, no thread of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from hubtui.paths import Home
from hubtui.screens.reading import Reading
from hubtui.store import jobs


async def test_a_look_that_is_given_up_while_it_opens_leaves_no_thread(home: Home) -> None:
    before = set(threading.enumerate())
    for turns in range(6):  # given up ever later on its way
        reading = Reading(home)
        look = asyncio.create_task(reading.all(jobs.OPEN_OF_PROJECT, "web"))
        for _ in range(turns):
            await asyncio.sleep(0)
        look.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await look
        await reading.close()
    left = {thread for thread in set(threading.enumerate()) - before if "connection_worker" in thread.name}
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()]


async def test_a_closed_one_opens_nothing(home: Home) -> None:
    reading = Reading(home)
    assert await reading.all(jobs.OPEN_OF_PROJECT, "web") == []
    await reading.close()
    with pytest.raises(asyncio.CancelledError):
        await reading.all(jobs.OPEN_OF_PROJECT, "web")
