"""A log being read, as pictures: followed, merged, searched and filtered at once, one line whole."""

from __future__ import annotations

import json

import pytest

from hubtui.app import HubtuiApp
from tests.conftest import Clock
from tests.pilot.stage import Stage
from tests.snapshots.conftest import Ready
from tests.snapshots.test_snapshots import SMALL, WIDE, Compare, keys


def fill_logs(stage: Stage) -> None:
    """A project whose services have printed what services print."""
    stage.add("harbor")
    stage.up("harbor")
    paths = ("/api/orders", "/api/users", "/login")
    web = [f'10.0.0.{n % 9} "GET {paths[n % 3]}/{n * 37}" 200 {n % 50} ms' for n in range(120)]
    slow = {"level": "warn", "msg": "slow query", "table": "orders", "took_ms": 1840, "rows": 120000}
    core = [
        *(f"INFO  worker {n % 4} finished job {n}" for n in range(60)),
        "\x1b[31mERROR\x1b[0m timeout of /api/orders/740 after 30 s, giving it up; the peer closed the connection",
        "Traceback (most recent call last):",
        '  File "core/pool.py", line 88, in take',
        "TimeoutError: no connection within 30 s",
        json.dumps(slow),
        'time=2026-11-26T10:00:00Z level=error msg="timeout of /api/users/1" attempt=3',
        "INFO  worker 1 finished job 60",
    ]
    stage.say("harbor", "frontend", web)
    stage.say("harbor", "backend", core)


@pytest.mark.parametrize(
    ("pressed", "size"),
    [
        pytest.param(("l",), SMALL, id="merged"),
        pytest.param(("l", "3", "t"), WIDE, id="one-wide-dates"),
        pytest.param(
            ("l", "ampersand", *"timeout", "enter", "f", "c", "escape", "slash", *"giving", "enter"),
            SMALL,
            id="filter-search",
        ),
        pytest.param(
            ("l", "f", "l", "l", "l", "escape", "slash", *"timeout", "enter", "N"), WIDE, id="filter-search-wide"
        ),
        pytest.param(("l", "3", "f", "plus", *"worker", "enter", "minus", *"job 5"), SMALL, id="filters"),
        pytest.param(("l", "3", "k", "k", "enter"), SMALL, id="line"),
        pytest.param(("l", "s", "space"), SMALL, id="services"),
        pytest.param(("l", "3", "slash", *"time"), SMALL, id="typing"),
        pytest.param(("l", "k", "m", "k", "k", "k", "m", "k", "k", "k", "m", "apostrophe"), SMALL, id="marks"),
    ],
)
def test_logs(
    stage: Stage,
    clock: Clock,
    app: HubtuiApp,
    settled: Ready,
    snap_compare: Compare,
    pressed: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    fill_logs(stage)
    assert snap_compare(app, terminal_size=size, run_before=keys(*pressed, ready=settled))
