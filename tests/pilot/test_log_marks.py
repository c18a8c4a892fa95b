"""Marks in `hubtui view` and in the log of a project: keys, what is painted and said, filters, files that change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubtui.widgets.log.view import LogView
from tests.pilot.conftest import board
from tests.pilot.stage import Stage
from tests.pilot.test_log_view import Reader, reading, write

STAR = "★"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write(tmp_path / "app.log", [f"2026-11-20T10:{i // 60:02}:{i % 60:02}Z request {i}." for i in range(3000)])


def starred(it: Reader) -> list[str]:
    """The rows with a mark, without it."""
    return [row[1:].strip() for row in it.rows if row.startswith(STAR)]


async def go_to(it: Reader, number: int) -> None:
    await it.press("colon")
    await it.type(str(number + 1))
    await it.press("enter")
    await it.until(lambda: at_cursor(it).endswith(f"request {number}."))


def at_cursor(it: Reader) -> str:
    current = it.app.query_one(LogView).page.current
    return current.raw.decode() if current is not None else ""


async def mark(it: Reader, *numbers: int) -> None:
    for number in numbers:
        await go_to(it, number)
        await it.press("m")
        await it.until(lambda number=number: any(row.endswith(f"request {number}.") for row in starred(it)))  # type: ignore[misc]


async def test_lines_are_marked_gone_to_in_their_order_and_unmarked(log: Path) -> None:
    async with reading(log) as it:
        before = it.rows[1]
        await mark(it, 1500, 100, 2900)
        assert it.rows[1][1:].startswith(before[:10]), "all lines make room for the column"
        await it.press("apostrophe")
        await it.shows("mark 1 of 3", "Went on from the top.", "request 100.")
        await it.press("apostrophe")
        await it.shows("mark 2 of 3", "request 1500.")
        await it.press("j", "j", "apostrophe")
        await it.shows("mark 3 of 3", "request 2900.")
        await it.press("quotation_mark")
        await it.shows("mark 2 of 3", "request 1500.")
        assert starred(it) == [at_cursor(it)]
        await it.press("j")
        await it.gone("mark 2 of 3")
        await it.press("k", "m")
        await it.gone(STAR)
        await it.press("quotation_mark")
        await it.shows("mark 1 of 2", "request 100.")
        await it.press("C")
        await it.shows("2 marks removed.")
        await it.gone(STAR)
        await it.press("apostrophe")
        await it.shows("No line is marked; m marks the one under the cursor.")
        assert at_cursor(it).endswith("request 100.")


async def test_a_mark_stays_on_its_line_while_more_is_followed(log: Path) -> None:
    async with reading(log) as it:
        await it.shows("follow")
        await it.press("m")
        await it.shows(STAR)
        with log.open("a") as more:
            more.write("".join(f"later {n}\n" for n in range(5000)))
        await it.shows("later 4999", "follow")
        await it.gone(STAR)
        await it.press("m", "quotation_mark")
        await it.shows("mark 1 of 2")
        await it.until(lambda: starred(it) == ["2026-11-20T10:49:59Z request 2999."])


async def test_the_column_stays_with_wrapped_lines_those_looked_at_sideways_and_times(tmp_path: Path) -> None:
    lines = [f"2026-11-20T10:00:{i:02}Z {'x' * 100} end {i}" for i in range(5)]
    async with reading(write(tmp_path / "long.log", lines)) as it:
        await it.press("k", "m")
        await it.shows(STAR)
        await it.press("w")
        await it.shows("end 3")
        assert [row[0] for row in it.rows[1:11]] == [" ", "x"] * 3 + [STAR, "x", " ", "x"]
        await it.press("w", "l", "l", "l", "l")
        await it.shows("end 3")
        assert [row[0] for row in it.rows[1:6]] == [" "] * 3 + [STAR, " "]
        await it.press("t")
        await it.until(lambda: it.rows[4].startswith(f"{STAR}1"))
        assert len({row.index("x") for row in it.rows[1:6]}) == 1


async def test_marks_of_merged_files_are_on_their_own_lines(tmp_path: Path) -> None:
    web = write(
        tmp_path / "web.log", [f"2026-11-20T10:{i // 60:02}:{i % 60:02}Z web says {i}" for i in range(0, 600, 2)]
    )
    core = write(
        tmp_path / "core.log", [f"2026-11-20T10:{i // 60:02}:{i % 60:02}Z core says {i}" for i in range(1, 600, 2)]
    )
    async with reading(web, core) as it:
        await it.shows("core says 599")
        await it.press("m", "k", "m", "g")
        await it.shows("web says 0")
        await it.press("m", "j", "m")
        await it.until(lambda: [row.split("Z ")[1] for row in starred(it)] == ["web says 0", "core says 1"])
        assert starred(it)[0].startswith("● web.log  │") and starred(it)[1].startswith("■ core.log │")
        await it.press("apostrophe")
        await it.shows("mark 3 of 4", "web says 598")
        await it.press("apostrophe")
        await it.shows("mark 4 of 4")
        assert [row.split("Z ")[1] for row in starred(it)] == ["web says 598", "core says 599"]
        os.truncate(core, 0)
        await it.shows("2 marked lines are gone.", "core.log was cut short")
        assert [row.split("Z ")[1] for row in starred(it)] == ["web says 598"]
        await it.press("quotation_mark")
        await it.shows("mark 2 of 2", "web says 598")
        await it.press("quotation_mark")
        await it.shows("mark 1 of 2", "web says 0")


async def test_marks_that_filters_hide_are_passed_over_and_said(log: Path) -> None:
    async with reading(log) as it:
        await mark(it, 1500, 77, 1777)
        await it.press("ampersand")
        await it.type("77.")
        await it.press("enter")
        await it.shows("FILTER")
        await it.press("apostrophe")
        await it.shows("mark 1 of 3, 1 hidden by the filters")
        await it.press("apostrophe")
        await it.shows("mark 3 of 3, 1 hidden by the filters")
        assert at_cursor(it).endswith("request 1777.")
        await it.press("f", "D", "plus")
        await it.type("t 1778.")
        await it.press("enter", "escape")
        await it.shows("show t 1778.")
        await it.until(lambda: at_cursor(it).endswith("request 1778."))
        await it.press("apostrophe")
        await it.shows("3 marks, all hidden by the filters.")
        await it.press("f", "D", "plus")
        await it.type("nowhere")
        await it.press("enter", "escape")
        await it.shows("No line passes the filters.")
        await it.press("apostrophe")
        await it.shows("3 marks, not among what is shown.")


async def test_marks_of_a_file_that_was_cut_or_replaced_are_dropped_and_those_of_a_rotated_one_kept(log: Path) -> None:
    async with reading(log) as it:
        await mark(it, 1500, 100)
        os.truncate(log, 0)
        await it.shows("2 marked lines are gone.", "app.log was cut short", "request 100.")
        assert STAR not in it.text
        await it.press("m")
        await it.shows("1 marked line is gone.")
        assert STAR not in it.text, "of what one still sees nothing is there"
        with log.open("a") as more:
            more.write("".join(f"2026-11-20T10:{i // 60:02}:{i % 60:02}Z request {i}.\n" for i in range(3000)))
        await it.shows("of 3,000")
        await go_to(it, 100)
        assert STAR not in it.text
        await it.press("apostrophe")
        await it.shows("No line is marked")
        await mark(it, 200)
        log.rename(log.with_suffix(".1"))
        write(log, ["in a new file"])
        await it.shows("rotated")
        await it.press("G")
        await it.shows("in a new file")
        await it.press("m", "quotation_mark")
        await it.shows("mark 1 of 2", "request 200.")


@pytest.mark.parametrize("filtered", [False, True])
async def test_the_marked_lines_are_written_to_a_file(
    log: Path, filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = log.parent / "out.log"
    monkeypatch.chdir(log.parent)
    async with reading(log) as it:
        await it.press("e", "ctrl+t", "ctrl+t")
        await it.shows("everything, whatever is filtered")
        assert "marked" not in it.text
        await it.press("escape")
        await mark(it, 1500, 100, 2900)
        if filtered:
            await it.press("ampersand")
            await it.type("77.")
            await it.press("enter")
            await it.shows("FILTER")
        await it.press("e", "ctrl+t", "ctrl+t", *(("ctrl+t",) if filtered else ()))
        await it.shows("the marked lines, whatever is filtered")
        await it.press("ctrl+u")
        await it.type(target.name)
        await it.press("enter")
        await it.until(target.exists)
        await it.shows("Wrote 3 lines")
    assert [line.rsplit(" ", 1)[1] for line in target.read_text().splitlines()] == ["100.", "1500.", "2900."]


async def test_letters_that_are_typed_mark_nothing_and_the_keys_are_told(log: Path) -> None:
    async with reading(log, size=(100, 60)) as it:
        await it.press("slash")
        await it.type("m'C")
        await it.press("escape")
        assert STAR not in it.text
        await it.press("question_mark")
        await it.shows(
            "Mark the line under the cursor", 'The next marked line; " the one before.', "Take all marks away."
        )


async def test_marks_go_with_the_log_that_they_were_made_in(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "redis", ["from redis"])
    stage.say("alpha", "backend", ["from backend"])
    async with board(stage.home) as it:
        await it.press("l")
        await it.shows("from redis", "from backend")
        await it.press("m")
        await it.shows(STAR)
        await it.press("3")
        await it.shows("1 mark removed: each belongs to the log that it was made in.")
        await it.until(lambda: "from redis" not in it.text and "from backend" in it.text)
        assert STAR not in it.text
        await it.press("m")
        await it.shows(STAR)
