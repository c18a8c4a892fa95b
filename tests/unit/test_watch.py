"""What is said of a job that takes long: pure, with times passed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubtui.models import JobState
from hubtui.workers.runner import retry
from hubtui.workers.runner.watch import Doing, Limits, Watch, span

CLOCK = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUILDING, RUNNING = JobState.BUILDING, JobState.RUNNING
PIP = Doing("pip install", 100.0, (180.0, 240.0), build=True)


def said(watch: Watch, at: float, sign: float, *doing: Doing, phase: JobState = BUILDING) -> dict[str, str]:
    return {n.kind: n.message for n in watch.notices(at, CLOCK, phase, sign, doing)}


def test_nothing_is_said_of_a_job_that_moves() -> None:
    assert said(Watch(Limits(), 100.0), 130.0, 129.0, PIP) == {}


def test_the_soft_limit_is_only_said_and_the_hard_one_ends() -> None:
    watch = Watch(Limits(soft_limit=60, hard_limit=120), 100.0)
    assert said(watch, 161.0, 161.0)["soft_limit"] == "over its soft limit of 60 s; it goes on, until 2 min at most"
    assert not watch.too_long(219.0)
    assert watch.too_long(221.0)


def test_earlier_attempts_count_the_waiting_between_them_does_not() -> None:
    watch = Watch(Limits(hard_limit=120), began=10_000.0, before=100.0)
    assert not watch.too_long(10_019.0)
    assert watch.too_long(10_021.0)


def test_still_building_after_ten_minutes_or_earlier_where_history_knows() -> None:
    watch = Watch(Limits(), 100.0)
    unknown = Doing("pip install", 100.0, None, build=True)
    assert said(watch, 699.0, 699.0, unknown) == {}
    assert said(watch, 701.0, 701.0, unknown) == {"still_building": "still building after 10 min: pip install"}
    assert said(watch, 101.0 + 480, 580.0, PIP) == {"still_building": "pip install takes 8 min by now, usually 3 min"}
    assert said(watch, 701.0, 701.0, unknown, phase=RUNNING) == {}


def test_silent_for_five_minutes_is_possibly_stuck() -> None:
    watch = Watch(Limits(still_building_after=9999), 100.0)
    unknown = Doing("pip install", 100.0, None, build=True)
    assert said(watch, 399.0, 100.0, unknown) == {}
    assert said(watch, 402.0, 100.0, unknown) == {"stuck": "possibly stuck in pip install 5 min, silent for 5 min"}
    assert said(watch, 402.0, 101.5, unknown) == {"stuck": "possibly stuck in pip install 5 min, silent for 5 min"}
    assert said(watch, 402.0, 103.0, unknown) == {}


def test_history_makes_it_earlier_or_later() -> None:
    watch = Watch(Limits(still_building_after=9999), 100.0)
    quick, slow = Doing("ports", 100.0, (0.1, 0.2)), Doing("model", 100.0, (400.0, 600.0))
    assert "stuck" in said(watch, 131.0, 100.0, quick), "never usual within half a minute, whatever it took before"
    assert "stuck" not in said(watch, 129.0, 100.0, quick)
    assert "stuck" not in said(watch, 1800.0, 100.0, slow)
    assert said(watch, 1960.0, 100.0, slow)["stuck"] == "possibly stuck in model 31 min, usually 7 min"


def test_a_person_who_waits_on_is_told_again_only_after_as_long_again() -> None:
    watch = Watch(Limits(), 100.0)
    assert "stuck" in said(watch, 500.0, 100.0)
    watch.be_patient(500.0)
    assert "stuck" not in said(watch, 799.0, 100.0)
    assert "stuck" in said(watch, 801.0, 100.0)


def test_a_notice_keeps_the_time_since_when_it_holds_and_goes_when_it_does_not() -> None:
    watch = Watch(Limits(), 0.0)
    (first,) = watch.notices(400.0, CLOCK, RUNNING, 0.0, ())
    (later,) = watch.notices(460.0, CLOCK + timedelta(minutes=1), RUNNING, 0.0, ())
    assert first.since == later.since == CLOCK
    assert watch.notices(461.0, CLOCK, RUNNING, 461.0, ()) == ()


@pytest.mark.parametrize(("seconds", "told"), [(8, "8 s"), (600, "10 min"), (3600, "60 min"), (7200, "2 h")])
def test_durations_for_people(seconds: float, told: str) -> None:
    assert span(seconds) == told


@given(st.integers(1, 50), st.floats(-0.1, 0.1))
def test_delays_double_up_to_an_hour(attempt: int, spread: float) -> None:
    found = retry.delay(60.0, attempt, spread)
    assert 0.9 * min(60 * 2.0 ** (attempt - 1), 3600) <= found <= 1.1 * 3600


def test_delays_are_spread() -> None:
    assert len({retry.delay(60.0, 1) for _ in range(20)}) > 1
