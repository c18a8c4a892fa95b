"""Ending a tree of processes: asked first, then made to, and looked at until nobody is left."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any

from hubtui.errors import EngineError
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.stacks.proctree import Stat
from hubtui.stacks.supervise.hurry import Hurry

ROUND, SLOW_ROUND = 0.02, 1.0  # seconds between looks: at first, and at somebody who cannot be killed
_STUCK_AFTER = 0.5  # seconds after the first KILL


def stop_signal(name: str) -> signal.Signals:
    """SIGTERM, TERM or 15 as the signal. Raises EngineError."""
    try:
        if name.isdigit():
            return signal.Signals(int(name))
        return signal.Signals["SIG" + name.upper().removeprefix("SIG")]
    except (KeyError, ValueError):
        raise EngineError(
            f"stop_signal {name!r} is not a signal", "Such as SIGTERM, SIGINT or SIGQUIT.", kind="stop_signal"
        ) from None


async def end_tree(
    look: Callable[[], Awaitable[Sequence[Stat]]],
    ask: signal.Signals,
    grace: float,
    hurry: Hurry,
    stuck: Callable[[str], None] = lambda _: None,
) -> bool:
    """`ask` and CONT everybody `look` finds, KILL in every round after `grace` seconds, or from when there is a
    `hurry`, until it finds nobody.

    Whoever cannot be killed is named through `stuck` and waited for, ever more slowly. Returns whether force was used.
    """
    told: set[tuple[int, int]] = set()
    deadline, pause, forced = time.monotonic() + grace, ROUND, False
    while live := await look():
        if hurry.on:
            deadline = min(deadline, time.monotonic())
        late = time.monotonic() - deadline
        if late >= 0:
            forced = True
            _signal(live, signal.SIGKILL)
            if late > _STUCK_AFTER:
                pause = min(pause * 1.5, SLOW_ROUND)
                stuck(_named(live))
        else:
            new = [s for s in live if (s.pid, s.start_ticks) not in told]
            told.update((s.pid, s.start_ticks) for s in new)
            _signal(new, ask, signal.SIGCONT)  # a stopped process takes no TERM before it goes on
            pause = ROUND if new else min(pause * 1.5, 0.2)
        await any_exit(live, pause if late >= 0 else min(pause, -late))
    return forced


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Carry out what nobody else would do again; who is cancelled meanwhile hears of it when it is done."""
    task, cancelled = asyncio.create_task(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


def _signal(who: Iterable[Stat], *signals: signal.Signals) -> None:
    for there in who:
        fd = proctree.open_verified(_identity(there))
        if fd is not None:
            for number in signals:
                proctree.send(fd, number)
            os.close(fd)


def _identity(there: Stat) -> ProcessIdentity:
    return ProcessIdentity(there.pid, there.start_ticks, proctree.boot_id())


def _named(live: Sequence[Stat]) -> str:
    """The first that cannot be killed, for people: "PID 812 cannot be killed (uninterruptible, nfs_wait)"."""
    first = min(live, key=lambda s: s.state != "D")
    where = proctree.waits_in(first.pid)
    why = ", ".join(filter(None, ["uninterruptible" if first.state == "D" else f"state {first.state}", where]))
    more = f", and {len(live) - 1} more" if len(live) > 1 else ""
    return f"PID {first.pid} cannot be killed ({why}){more}"


async def any_exit(live: Sequence[Stat], timeout: float) -> None:  # noqa: ASYNC109
    """Until one of these ends, `timeout` seconds at most."""
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    pinned = [fd for s in live[:64] if (fd := proctree.open_verified(_identity(s))) is not None]
    try:
        if len(pinned) < len(live[:64]):
            return  # one of them ended meanwhile
        for fd in pinned:
            loop.add_reader(fd, wake)
        await asyncio.wait([woken], timeout=max(timeout, 0))
    finally:
        for fd in pinned:
            loop.remove_reader(fd)
            os.close(fd)
