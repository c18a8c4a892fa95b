"""The waterfall as lines."""

from __future__ import annotations

from dataclasses import replace

from hubtui.models import Job, JobState, JobType, StepState
from hubtui.timeaxis import time_axis
from hubtui.widgets.jobs import axis_words
from hubtui.widgets.jobs.waterfall import waterfall
from hubtui.widgets.plain import lines
from tests.unit.test_timeaxis import NOW, START, at, step

JOB = Job(42, "alpha", 1, JobType.START, JobState.SUCCESS, "", at(0), started_at=at(0), finished_at=at(50))
GOOD = replace(JOB, id=41, started_at=at(0), finished_at=at(38))


def test_it_has_names_bars_offsets_durations_and_the_chain() -> None:
    rows = [row.plain for row in waterfall(START, NOW, 90)]
    assert rows[0].split() == ["STEP", "0:00", "0:24", "0:49", "FROM", "TOOK"]
    assert rows[1].startswith("◆✓ build web ") and rows[1].split()[-3:] == ["0:00", "41", "s"]
    assert rows[2].startswith(" ✓ image redis ") and "▓" in rows[2]
    assert "waited 2.1 s for postgres to be healthy" in rows[6] and rows[6].split()[-2:] == ["6.0", "s"]
    assert rows[7].startswith("◆✓   backend ") and "░▓" in rows[7]
    assert rows[8].startswith(" ○ edge") and "waiting" in rows[8]
    assert rows[9] == "◆ critical chain: build web 41 s > postgres 2.1 s > backend 6.0 s = 49 s of 49 s"
    assert rows[10].rstrip() == "▓ at work  ░ waits for what it depends on"


def test_bars_stand_where_their_time_is() -> None:
    halves = (step(1, "a", 0, 50, key="a"), step(2, "b", 50, 100, key="b"))
    head, first, second, *_ = (row.plain for row in waterfall(halves, NOW, 60))
    axis = head.index("0:00"), head.index("1:40") + 4
    middle = (axis[0] + axis[1]) // 2
    assert first[axis[0] : middle].strip("▓") == "" and first[middle:].count("▓") == 0
    assert second[axis[0] : middle].strip() == "" and second[middle : axis[1]].strip("▓") == ""


def test_it_fits_any_width() -> None:
    for width in (36, 38, 58, 77, 118, 200):
        assert all(row.cell_length <= width for row in waterfall(START, NOW, width, START))


def test_what_grew_is_at_the_right() -> None:
    earlier = tuple(replace(s, finished_at=at(20)) if s.name == "build web" else s for s in START)
    rows = [row.plain.rstrip() for row in waterfall(START, NOW, 90, earlier)]
    assert rows[1].endswith("41 s +21 s") and not rows[2].endswith("s +0 s")


def test_nothing_begun_is_said_plainly() -> None:
    waiting = [step(1, "web", None, state=StepState.WAITING)]
    assert "waiting" in lines(waterfall(waiting, NOW, 60)).plain
    assert axis_words.chain_words(time_axis(waiting, NOW)) == ""


def test_a_stage_says_what_it_was_told_of_its_gate() -> None:
    story = "1 of 1 ready after 6.0 s, waited 2.0 s for postgres"
    told = [replace(s, message=story) if s.name == "core" else s for s in START]
    row = waterfall(told, NOW, 90)[6].plain
    assert " waited 2.0 s for postgres " in row and "ready" not in row
    at_once = [replace(s, message="1 of 1 ready after 6.0 s") if s.name == "core" else s for s in START]
    assert "──" in waterfall(at_once, NOW, 90)[6].plain
    failed = [replace(s, state=StepState.FAILED) if s.name == "core" else s for s in told]
    assert " 1 of 1 ready after 6.0 s, waited" in waterfall(failed, NOW, 90)[6].plain


def test_beside_the_last_good_one() -> None:
    assert axis_words.compared(JOB, GOOD, 50) == "50 s, 12 s longer than the last good one (#41)"
    assert axis_words.compared(JOB, GOOD, 30) == "30 s, 8.0 s shorter than the last good one (#41)"
    assert axis_words.compared(JOB, GOOD, 38.2) == "38 s, like the last good one (#41)"
    assert axis_words.compared(replace(JOB, state=JobState.FAILURE), GOOD, 50) == "50 s"
    assert axis_words.compared(JOB, None, 50) == "50 s"


def test_foreign_names_are_safe_and_never_markup() -> None:
    nasty = "[@click=app.exit]x[/] \x1b[31mred\x1b[0m\x9b"
    steps = [replace(s, name=nasty, message=nasty) for s in START]
    for row in waterfall(steps, NOW, 150, steps):
        assert not set("\x1b\x9b") & set(row.plain)
        assert all("@click" not in str(span.style) for span in row.spans)
    assert "[@click=app.exit]x[/]" in lines(waterfall(steps, NOW, 150)).plain
