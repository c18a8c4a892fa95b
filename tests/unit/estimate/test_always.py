"""What holds of every estimate, whatever was recorded and whatever is seen."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.models import Timeline
from hubtui.workers.runner.estimate import Estimate, Estimator, Seen
from tests.unit.estimate.making import any_moment, anything, moment, seconds, timelines

pasts = st.lists(anything() | timelines(), min_size=1, max_size=6)


def sound(found: Estimate) -> None:
    assert found.percent is not None
    assert 0 <= found.percent <= 99
    assert found.left is not None
    assert math.isfinite(found.left)
    assert found.left >= 0
    assert found.late is None or found.late >= found.left


@given(pasts, any_moment(), seconds, st.floats(0, 1e9))
@settings(deadline=None, max_examples=300)
def test_percent_and_time_left_are_sound_and_stay_so_however_long_it_takes(
    past: list[Timeline], seen: list[Seen], elapsed: float, longer: float
) -> None:
    estimator = Estimator(past)
    sound(estimator.at(seen, elapsed))
    sound(estimator.at(seen, elapsed + longer))


@given(timelines(), st.integers(1, 7), st.floats(0, 1))
@settings(deadline=None, max_examples=300)
def test_a_job_that_goes_like_all_before_it_is_told_exactly(past: Timeline, count: int, share: float) -> None:
    elapsed = past.seconds * share
    found = Estimator([past] * count).at(moment(past, elapsed), elapsed)
    assert found.left is not None
    assert abs(found.left - (past.seconds - elapsed)) < 0.01
    if past.seconds > 1:
        assert found.percent is not None
        assert abs(found.percent - min(99, 100 * share)) <= 2


@given(timelines(), st.integers(0, 3))
@settings(deadline=None)
def test_random_keys_make_no_difference(past: Timeline, salt: int) -> None:
    def renamed(number: int) -> Timeline:
        keys = (f"{s.key}/{salt + number}" if s.key.startswith("span:") else s.key for s in past.steps)
        return replace(past, steps=tuple(replace(s, key=key) for s, key in zip(past.steps, keys, strict=True)))

    elapsed = past.seconds / 2
    same = Estimator([past, past]).at(moment(past, elapsed), elapsed)
    assert Estimator([renamed(1), renamed(2)]).at(moment(renamed(3), elapsed), elapsed) == same
