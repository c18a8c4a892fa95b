"""What an estimate says in cases that a person can follow."""

from __future__ import annotations

import pytest

from hubtui.models import StepState, Timeline
from hubtui.workers.runner.estimate import Estimator, Seen, Usual
from tests.unit.estimate.making import chain, job, moment, step

RUNNING, WAITING, DONE, CACHED = StepState.RUNNING, StepState.WAITING, StepState.DONE, StepState.CACHED


def left(past: list[Timeline], seen: list[Seen], elapsed: float) -> float:
    found = Estimator(past).at(seen, elapsed).left
    assert found is not None
    return found


def service(name: str, state: StepState, began: float | None = None, ended: float | None = None) -> Seen:
    return Seen(f"service:{name}", f"service:{name}", "stage:one", state, began, ended)


def test_without_a_past_nothing_is_claimed() -> None:
    estimator = Estimator([])
    found = estimator.at([service("a", RUNNING, 0)], 5)
    assert (found.percent, found.left, found.late, found.basis) == (None, None, None, "first run, no estimate")
    assert estimator.usual("service:a", "a", None) is None


@pytest.mark.parametrize(
    ("count", "what", "basis"),
    [(1, "start", "one earlier start"), (12, "start", "12 earlier starts"), (2, "restart", "2 earlier restarts")],
)
def test_it_says_what_it_rests_on(count: int, what: str, basis: str) -> None:
    assert Estimator([chain(1)] * count, what).at([], 0).basis == basis


def test_before_anything_is_seen_the_whole_is_left() -> None:
    found = Estimator([chain(10, 20, 30)]).at([], 0)
    assert (found.percent, found.left) == (0, 60)


def test_services_side_by_side_take_as_long_as_the_slowest_chain() -> None:
    past = job(
        step("service:a", 0, 10), step("service:b", 10, 12), step("service:c", 0, 3), step("service:d", 3, 8), tail=1
    )
    assert left([past], moment(past, 4), 4) == pytest.approx(9)  # a 6 more, then b 2, then the tail


def test_one_that_was_slow_once_does_not_move_the_estimate() -> None:
    past = [chain(10, 20), chain(10, 21), chain(500, 20), chain(11, 20), chain(10, 20)]
    estimator = Estimator(past)
    found = estimator.at([service("a", RUNNING, 0), service("b", WAITING)], 1)
    assert found.left == pytest.approx(30)
    assert found.late == pytest.approx(519)


def test_nine_in_ten_is_not_spoken_of_where_few_are_known() -> None:
    assert Estimator([chain(10, 20)] * 4).at([], 0).late is None
    assert Estimator([chain(10, 20)] * 5).at([], 0).late == 30


def test_what_is_beyond_the_quick_ones_is_told_by_the_slow_ones() -> None:
    past = [chain(0.2), chain(60), chain(0.2), chain(0.3), chain(62)]
    assert left(past, [service("a", RUNNING, 0)], 0.1) < 1
    assert left(past, [service("a", RUNNING, 0)], 5) == pytest.approx(55)


def test_what_is_beyond_all_of_them_has_ever_more_left() -> None:
    past = [chain(10), chain(12)]
    estimates = [left(past, [service("a", RUNNING, 0)], elapsed) for elapsed in (12.5, 15, 30, 300)]
    assert estimates == sorted(estimates)
    assert 0 < estimates[0] < 2  # it may as well be over soon
    assert estimates[-1] > 200


def test_a_step_that_took_no_time_and_hangs_now_has_something_left() -> None:
    assert left([chain(0)], [service("a", RUNNING, 0)], 7) == pytest.approx(7)


def layers(install: float, compile_: float, *, web: float = 2.0) -> Timeline:
    """A build of two layers, each cached where it took no time, and a service."""
    middle, end = install, install + compile_
    return job(
        step("build:web", 0, end),
        step("span:1", 0, middle, parent="build:web", cached=not install, name="RUN install"),
        step("span:2", middle, end, parent="build:web", cached=not compile_, name="RUN compile"),
        step("service:web", end, end + web, parent="stage:one"),
    )


def test_what_was_cached_most_of_the_time_is_expected_so_until_this_job_shows_otherwise() -> None:
    past = [layers(0, 0), layers(0, 0), layers(100, 50), layers(0, 0)]
    build = Seen("build:web", "build:web", None, RUNNING, 0)
    assert left(past, [build], 0) == 2
    install = Seen("span:x", "RUN install", "build:web", RUNNING, 0)
    assert left(past, [build, install], 10) == pytest.approx(90 + 50 + 2)
    built = Seen("span:x", "RUN install", "build:web", DONE, 0, 100)
    assert left(past, [build, built], 100) == pytest.approx(50 + 2)


def test_what_is_cached_below_one_step_says_nothing_of_another() -> None:
    def both(one: Timeline, two: Timeline) -> Timeline:
        other = (step(f"{s.key}b", s.began, s.ended, parent="build:api", cached=s.cached) for s in two.steps[1:3])
        return job(*one.steps[:3], step("build:api", 0, two.steps[0].ended), *other)

    past = [both(layers(0, 0), layers(30, 30)), both(layers(100, 50), layers(30, 30))] * 2
    seen = [
        Seen("build:web", "", None, RUNNING, 0),
        Seen("build:api", "", None, RUNNING, 0),
        Seen("span:x", "RUN install", "build:web", CACHED, 0, 0),
    ]
    assert left(past, seen, 0) == pytest.approx(60)  # web is cached, as in half of them; api is as ever


def test_a_cached_layer_that_must_be_made_now_though_it_never_was_counts_nothing_before_it_runs() -> None:
    past = [layers(0, 0), layers(0, 0)]
    install = Seen("span:x", "RUN install", "build:web", RUNNING, 0)
    found = left(past, [Seen("build:web", "build:web", None, RUNNING, 0), install], 10)
    assert found == pytest.approx(10 + 2)  # beyond all: as long again; then the service


def test_a_layer_that_still_waits_though_the_next_one_runs_takes_no_time() -> None:
    past = [layers(100, 50)] * 2
    seen = [
        Seen("build:web", "build:web", None, RUNNING, 0),
        Seen("span:x", "RUN install", "build:web", WAITING),
        Seen("span:y", "RUN compile", "build:web", RUNNING, 0),
    ]
    assert left(past, seen, 10) == pytest.approx(40 + 2)


def test_a_service_that_was_not_there_before_counts_when_it_runs() -> None:
    past = [chain(20, 20)] * 3
    waiting = [service("a", RUNNING, 0), service("b", WAITING), service("new", WAITING)]
    assert left(past, waiting, 0) == 40
    running = [service("a", DONE, 0, 20), service("b", DONE, 20, 40), service("new", RUNNING, 40)]
    assert left(past, running, 41) == pytest.approx(19)  # like the others of its kind


def test_a_build_that_was_not_there_before_holds_up_what_always_came_after_builds() -> None:
    past = job(step("build:a", 0, 40), step("service:a", 40, 45, parent="stage:one"))
    seen = [Seen("build:a", "build:a", None, DONE, 0, 1), Seen("build:new", "build:new", None, RUNNING, 0)]
    assert left([past], seen, 1) == pytest.approx(39 + 5)


def test_a_service_that_is_no_longer_there_is_not_waited_for() -> None:
    past = [chain(10, 500, 20)]
    assert left(past, [service("a", RUNNING, 0), service("c", WAITING)], 0) == 30


def test_what_is_told_only_as_it_begins_is_expected_from_the_newest_job() -> None:
    past = job(step("stop:a", 0, 4), step("stop:b", 4, 9))
    assert left([past], [Seen("stop:a", "stop a", None, RUNNING, 0)], 1) == pytest.approx(8)


def test_a_second_pull_of_the_same_image_is_another_step() -> None:
    def pulls(first: float, second: float, salt: str) -> Timeline:
        one = step(f"span:{salt}1", 0, first, parent="build:a", name="pull box")
        two = step(f"span:{salt}2", first, first + second, parent="build:a", name="pull box")
        return job(step("build:a", 0, first + second), one, two)

    past = [pulls(30, 1, "x"), pulls(30, 1, "y")]
    now = pulls(30, 1, "z")
    assert left(past, moment(now, 30.5), 30.5) == pytest.approx(0.5)


def test_usual_is_what_a_step_takes_when_it_is_not_cached() -> None:
    past = [layers(d, 0) for d in (180, 170, 0, 190, 175, 0, 185)]
    estimator = Estimator(past)
    assert estimator.usual("span:whatever", "RUN install", "build:web") == Usual(180, 190, 5)
    assert estimator.usual("span:whatever", "RUN compile", "build:web") is None  # always cached
    assert estimator.usual("span:whatever", "RUN install", "build:other") is None
    assert estimator.usual("service:web", "web", "stage:one") == Usual(2, 2, 7)
