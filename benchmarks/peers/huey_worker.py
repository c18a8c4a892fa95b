"""huey's side: `python -m benchmarks.peers.huey_worker STORE SHEET [POLL]` is a consumer, `task` what it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers.sheet import Sheet

WORKERS = 2  # as many at once as hubtui does


def task(store: str, sheet: Sheet) -> Any:
    """A queue's one task: notes in the sheet that it began. Each commit is synced (synchronous=FULL) like hubtui's."""
    from huey import SqliteHuey

    huey = SqliteHuey("bench", filename=store, fsync=True)

    def begin(place: int) -> None:
        sheet.write(place)

    begin.__module__ = "bench"  # a task is found by it, and the worker runs this file under another name

    register: Callable[..., Any] = huey.task
    return register()(begin)


def main() -> None:
    store, sheet, *poll = sys.argv[1:]
    # huey's own defaults: 0.1 s, longer by 1.15 after each look that found nothing, up to 10 s
    often = {"initial_delay": float(poll[0]), "max_delay": float(poll[0]), "backoff": 1.0} if poll else {}
    task(store, Sheet(Path(sheet))).huey.create_consumer(workers=WORKERS, periodic=False, **often).run()


if __name__ == "__main__":
    main()
