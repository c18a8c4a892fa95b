"""The critical chain and the time axis of an attempt, without a screen."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hubtui.criticalchain import AT_ONCE, chain, span
from hubtui.models import Step, StepState
from hubtui.timeaxis import cells, time_axis

ZERO = datetime(2026, 11, 22, 13, 40, tzinfo=UTC)
NOW = ZERO + timedelta(seconds=100)


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def step(
    number: int,
    name: str,
    begin: float | None,
    end: float | None = None,
    *,
    parent: int | None = None,
    state: StepState = StepState.DONE,
    key: str = "",
    message: str = "",
) -> Step:
    begun, ended = (None if x is None else at(x) for x in (begin, end))
    return Step(number, parent, name, state, False, begun, ended, message, 1, key or f"service:{name}")


START = (
    step(1, "build web", 0, 41, key="build:web"),
    step(2, "image redis", 0, 3, key="build:redis"),
    step(3, "infrastructure", 41, 43.1, key="stage:infrastructure"),
    step(4, "postgres", 41, 43.1, parent=3, message="healthy after 2.1 s"),
    step(5, "redis", 41, 41.8, parent=3),
    step(6, "core", 43.1, 49.1, key="stage:core"),
    step(7, "backend", 43.1, 49.1, parent=6),
    step(8, "edge", None, state=StepState.WAITING, key="stage:edge"),
)


def names(steps: list[Step]) -> list[str]:
    return [found.name for found in steps]


def test_the_chain_goes_back_from_what_ended_last() -> None:
    assert names(chain(START, NOW)) == ["build web", "postgres", "backend"]
    assert [round(took, 1) for _, took in time_axis(START, NOW).chain] == [41, 2.1, 6]


def test_a_step_that_others_are_below_counts_by_these() -> None:
    below = (step(11, "pull", 0, 3, parent=1, key="a"), step(12, "pip install", 3, 41, parent=1, key="b"))
    assert names(chain((*START, *below), NOW)) == ["pull", "pip install", "postgres", "backend"]


def test_of_those_that_ended_together_it_is_the_first_by_key() -> None:
    twins = (step(1, "b", 0, 2), step(2, "a", 0, 2), step(3, "last", 2, 4))
    assert names(chain(twins, NOW)) == ["a", "last"] == names(chain(twins[::-1], NOW))


def test_what_took_no_time_does_not_stand_in_for_what_took_long() -> None:
    steps = (step(1, "api", 0, 7), step(2, "worker", 7.01, 7.03), step(3, "web", 7.02, 7.5))
    assert names(chain(steps, NOW)) == ["api", "web"]


def test_a_failure_ends_the_chain_though_others_were_ended_after_it() -> None:
    failed = (
        step(1, "db", 0, 2),
        step(2, "web", 2, 3, state=StepState.FAILED),
        step(3, "slow", 0, 3.4, state=StepState.CANCELLED),
        step(4, "never", 3.4, 3.4, state=StepState.CANCELLED),
    )
    assert names(chain(failed, NOW)) == ["db", "web"]


def test_what_is_under_way_grows_and_what_waits_has_no_part() -> None:
    going = (step(1, "db", 0, 2), step(2, "web", 2, state=StepState.RUNNING), step(3, "edge", None))
    assert names(chain(going, NOW)) == ["db", "web"]
    found = time_axis(going, NOW)
    assert (found.seconds, [row.took for row in found.rows]) == (100, [2, 98, None])
    assert chain((), NOW) == [] and time_axis((), NOW).rows == ()


def test_a_clock_that_jumped_back_makes_no_negative_bar() -> None:
    jumped = (step(1, "db", 50, 10), step(2, "web", 10, state=StepState.RUNNING))
    found = time_axis(jumped, at(5))
    assert all(row.took is not None and row.took >= 0 and row.begin is not None for row in found.rows)
    for row in found.rows:
        assert all(count >= 0 for count in cells(row, found.seconds, 30))


def test_services_wait_for_their_gates_from_the_first_start_on() -> None:
    rows = {row.step.name: row for row in time_axis(START, NOW).rows}
    assert rows["postgres"].waited == 0 and rows["postgres"].gate is None
    assert round(rows["backend"].waited, 1) == 2.1
    for name in ("backend", "core"):  # a stage waited as its first service did
        gate = rows[name].gate
        assert gate is not None and gate.name == "postgres"
    assert rows["build web"].waited == 0


def test_a_wait_that_nothing_ended_has_no_name() -> None:
    rows = time_axis((step(1, "db", 0, 1), step(2, "web", 20, 21)), NOW).rows
    assert (rows[1].waited, rows[1].gate) == (20, None)


def test_the_steps_that_grew_most_are_found_by_name_and_only_those() -> None:
    earlier = (
        step(91, "build web", 0, 29, key="another"),
        step(92, "image redis", 0, 2.5, key="x"),
        step(93, "infrastructure", 29, 31, key="y"),
        step(94, "postgres", 29, 31, parent=93),
    )
    grew = {row.step.name: row.grew for row in time_axis(START, NOW, earlier).rows if row.grew is not None}
    assert grew == {"build web": 12}


times = st.one_of(st.none(), st.floats(0, 500))


@given(st.lists(st.tuples(times, times, st.sampled_from(list(StepState)), st.integers(0, 6)), max_size=14))
def test_whatever_the_times_are_the_chain_is_in_order_and_the_bars_fit(
    rows: list[tuple[float | None, float | None, StepState, int]],
) -> None:
    steps = [
        step(i + 1, f"s{i}", begin, end, state=state, parent=parent if 0 < parent <= i else None)
        for i, (begin, end, state, parent) in enumerate(rows)
    ]
    found = time_axis(steps, NOW)
    assert {row.step.id for row in found.rows} == {s.id for s in steps}
    on_chain = [span(s, NOW) for s, _ in found.chain]
    for first, second in itertools.pairwise(on_chain):
        assert first is not None and second is not None and first.end <= second.begin + AT_ONCE
    for row in found.rows:
        for width in (0, 1, 7, 40):
            blank, waits, works = cells(row, found.seconds, width)
            assert min(blank, waits, works) >= 0 and blank + waits + works <= width
            assert (works > 0) == (row.begin is not None and width > 0)
