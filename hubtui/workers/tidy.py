"""Keeping the history within its bounds: a short transaction or two now and then, by whoever has a moment.

A dashboard does it once a minute, a runner when it idles and when it leaves; nobody has to.
"""

from __future__ import annotations

from dataclasses import dataclass

from hubtui.configfile import anything_set
from hubtui.store import connect, retention


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much is kept: finished jobs for so many days, and so many at most."""

    days: int = 30
    jobs: int = 1000


def keeping() -> Keeping:
    """What the settings say now. Raises HubtuiError for a file that cannot be used.

    Where nothing is set the defaults are taken unread: importing what reads a file takes 0.17 s.
    """
    if not anything_set("jobs"):
        return Keeping()
    from hubtui import config

    found = config.load().jobs
    return Keeping(found.keep_days, found.keep)


def slices(keep: Keeping) -> tuple[connect.Work[int], connect.Work[int]]:
    """Forget one slice of jobs, and one of events: a transaction each, which returns how many rows went."""
    return lambda con: retention.trim(con, keep.days, keep.jobs), retention.trim_events


def tidy(writer: connect.Writer, keep: Keeping) -> bool:
    """Carry out a slice of each. Whether there may be more."""
    went, let_go = (writer.run(work) for work in slices(keep))
    return went >= retention.SLICE_OF_JOBS or let_go >= retention.SLICE_OF_EVENTS
