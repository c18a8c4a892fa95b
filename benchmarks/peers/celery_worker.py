"""Celery's side: `python -m benchmarks.peers.celery_worker BROKER SHEET POOL` is a worker, `task` what it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers.sheet import Sheet

WORKERS = 2  # as many at once as hubtui does


def task(broker: str, sheet: Sheet) -> Any:
    """An app's one task: notes in the sheet that it began. No result is kept: Celery has less to write than hubtui."""
    from celery import Celery

    app = Celery("bench", broker=broker)
    app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)

    def begin(place: int) -> None:
        sheet.write(place)

    register: Callable[..., Any] = app.task
    return register(name="begin")(begin)


def main() -> None:
    broker, sheet, pool = sys.argv[1:]
    app = task(broker, Sheet(Path(sheet))).app
    app.worker_main(
        [
            "worker",
            f"--pool={pool}",
            f"--concurrency={WORKERS}",
            "--loglevel=ERROR",
            "--without-gossip",
            "--without-mingle",
        ]
    )


if __name__ == "__main__":
    main()
