"""What is said of a job under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubtui.models import EndReason, FirstAndLater, Job, JobState, JobType, Notice, Priority, Project, Runner, RunState
from hubtui.widgets import words
from hubtui.widgets.jobs import words as job_words
from hubtui.widgets.plain import lines
from tests.unit.test_presentation import PROJECT, RUN

NOW = datetime(2026, 11, 22, 13, 40, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


JOB = Job(42, "alpha", 1, JobType.START, JobState.BUILDING, "building", ago(80), started_at=ago(70), progress=63)
PENDING = replace(JOB, state=JobState.PENDING, started_at=None, message="waits for its runner")
RETRY = replace(
    JOB,
    state=JobState.RETRY,
    attempt=1,
    max_attempts=3,
    retry_at=ago(-48),
    message="try 1 of 3 failed: network: registry gave 503",
)
STUCK = replace(JOB, notices=(Notice("stuck", "possibly stuck in pip install 14 min, usually 3 min", ago(3)),))


def head(job: Job, width: int = 80, now: datetime = NOW) -> list[str]:
    return [row.plain.rstrip() for row in job_words.job_head(job, now, width)]


def test_the_job_line_fits_and_keeps_its_figures() -> None:
    for job in (JOB, PENDING, RETRY, STUCK):
        for width in (30, 51, 80, 140):
            line = job_words.job_line(job, NOW, width)
            assert line.cell_length <= width
            assert "start #42" in line.plain
    text = job_words.job_line(JOB, NOW, 51).plain
    assert "BUILDING" in text and "63 %" in text and "1:10" in text


def test_a_queued_job_says_its_place_and_for_whom_it_waits() -> None:
    job = replace(PENDING, queue_position=2, waits_for=("performia", "veria"), message="waits for a slot: x")
    assert head(job) == [
        f"start #42  PENDING{'asked 1:20 ago':>62}",
        "2nd in line, waits for a slot: performia, veria",
    ]
    assert "high priority" in head(replace(job, priority=Priority.HIGH))[0]
    assert head(PENDING)[1] == "waits for its runner"
    many = replace(job, waits_for=tuple(f"project-{n}" for n in range(40)))
    assert len(head(many, 51)) == 3 and head(many, 51)[-1].endswith("…")


@pytest.mark.parametrize(
    ("left", "told"),
    [(48, "in 48 s"), (47.2, "in 48 s"), (1, "in 1 s"), (0.3, "in 1 s"), (0, "now"), (-5, "now"), (150, "in 2:30")],
)
def test_the_next_try_is_counted_down(left: float, told: str) -> None:
    job = replace(RETRY, retry_at=ago(-left))
    assert head(job)[1:] == [f"try 2 of 3 {told}: network: registry gave 503", "n retry now  c give up"]
    assert words.project_mark(Project("a", Path("/"), "process", "", job=job), NOW).word == (f"retry {told}")


def test_a_try_that_is_due_waits_for_its_slot_like_any_job_and_has_no_keys() -> None:
    job = replace(RETRY, retry_at=None, message="is tried again", queue_position=1, waits_for=("veria",))
    assert head(job)[1:] == ["try 2 of 3: 1st in line, waits for a slot: veria"]


@pytest.mark.parametrize(
    ("left", "late", "told"),
    [
        (3, 60, "a few seconds left"),
        (38, 60, "about 40 s left"),
        (62, 90, "about 1 min left"),
        (260, 400, "about 4 min left"),
        (8000, 9000, "about 2 h left"),
        (-5, 10, "should end any moment"),
        (-100, -1, "longer than usual (9 of 10 took at most 2 min)"),
    ],
)
def test_the_estimate_is_coarse_and_says_when_it_was_wrong(left: float, late: float, told: str) -> None:
    job = replace(JOB, eta_at=ago(-left), eta_late_at=ago(-late), basis="12 earlier starts")
    assert head(job)[2] == f"{told}  from 12 earlier starts"
    assert len(head(job, 51)[2]) <= 51


def test_no_estimate_is_said_and_an_unknown_basis_takes_no_line() -> None:
    assert head(replace(JOB, basis="first run, no estimate"))[2] == "first run, no estimate"
    assert len(head(JOB)) == 2


def test_what_seems_stuck_has_its_keys_and_no_estimate() -> None:
    job = replace(STUCK, eta_at=ago(100), eta_late_at=ago(50), basis="12 earlier starts")
    assert head(job)[2:] == [
        "! possibly stuck in pip install 14 min, usually 3 min",
        "c cancel  r restart  w wait on",
    ]
    assert not words.is_stuck(replace(job, state=JobState.SUCCESS))


def test_other_notices_are_told_and_ask_for_nothing() -> None:
    job = replace(
        JOB,
        notices=(
            Notice("soft_limit", "over its soft limit of 60 min; it goes on, until 2 h at most", ago(1)),
            Notice("still_building", "still building after 12 min: build web", ago(1)),
        ),
    )
    assert head(job, 90)[2:] == [
        "! over its soft limit of 60 min; it goes on, until 2 h at most",
        "! still building after 12 min: build web",
    ]


def test_dead_silent_and_stuck_look_different() -> None:
    dead = replace(PROJECT, run=replace(RUN, state=RunState.ENDED, end_reason=EndReason.LOST))
    silent = replace(PROJECT, run=replace(RUN, runner=Runner(7, True, False)), job=STUCK)
    stuck = replace(PROJECT, job=STUCK)
    marks = [words.project_mark(project, NOW) for project in (dead, silent, stuck)]
    assert [(m.glyph, m.word) for m in marks] == [("✗", "lost"), ("?", "unresponsive"), ("!", "stuck?")]


@pytest.mark.parametrize(
    ("first", "later", "count", "told"),
    [
        (130.0, 34.0, 12, "first start 2:10, later 34 s (median of 12)"),
        (130.0, 34.0, 1, "first start 2:10, later 34 s"),
        (130.0, None, 0, ""),
        (None, None, 0, ""),
    ],
)
def test_what_starts_took(first: float | None, later: float | None, count: int, told: str) -> None:
    assert job_words.starts_line(FirstAndLater(first, later, count)).plain == told


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_ordinals(number: int, word: str) -> None:
    assert words.ordinal(number) == word


@pytest.mark.parametrize(
    ("seconds", "guess", "bound"),
    [
        (2, "a few seconds", "a few seconds"),
        (41, "about 40 s", "50 s"),
        (58, "about 1 min", "1 min"),
        (250, "about 4 min", "5 min"),
        (5300, "about 88 min", "89 min"),
        (7300, "about 2 h", "3 h"),
    ],
)
def test_guesses_are_coarse_and_bounds_hold(seconds: float, guess: str, bound: str) -> None:
    assert (words.about(seconds), words.about(seconds, at_most=True)) == (guess, bound)


def test_foreign_words_are_safe_and_never_markup() -> None:
    nasty = "[@click=app.exit]x[/] \x1b[31mred\x1b[0m\x9b"
    for job in (
        replace(JOB, message=nasty, basis=nasty, notices=(Notice("stuck", nasty, NOW),)),
        replace(PENDING, waits_for=(nasty,), services=(nasty,)),
        replace(RETRY, message=nasty),
        replace(JOB, basis=nasty, eta_at=NOW),
    ):
        content = lines(job_words.job_head(job, NOW, 120))
        assert "[@click=app.exit]x[/]" in content.plain
        assert not set("\x1b\x9b") & set(content.plain)
        assert all("@click" not in str(span.style) for span in content.spans)
