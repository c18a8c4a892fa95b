"""`hubtui view` on real files: search, filters, going to, merging, one line, writing to a file, files that change."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.worker import WorkerState

from hubtui.log_app import LogApp
from hubtui.logs.lines import Lines
from hubtui.logs.opening import open_lines
from hubtui.screens.log import panel
from hubtui.screens.log.panel import LogPanel
from hubtui.widgets.log.view import LogView
from tests.pilot.conftest import board
from tests.pilot.stage import Stage


class Reader:
    """A running view and what a person sees of it."""

    def __init__(self, app: LogApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def rows(self) -> list[str]:
        return self.text.splitlines()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        names = {" ": "space", ":": "colon", "/": "slash", "%": "percent_sign", ".": "full_stop", "-": "minus"}
        await self.press(*(names.get(c, c) for c in text))

    async def until(self, look: Callable[[], object], seconds: float = 8.0) -> None:
        for _ in range(int(seconds / 0.02)):
            if look():
                return
            await self.pilot.pause(0.02)
        toasts = [note.message for note in self.app._notifications]
        raise AssertionError(f"not within {seconds:g} s; the screen:\n{self.text}\n{toasts}")

    async def shows(self, *words: str) -> None:
        await self.until(lambda: all(word in self.text for word in words))

    async def gone(self, *words: str) -> None:
        await self.until(lambda: not any(word in self.text for word in words))


@asynccontextmanager
async def reading(*files: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Reader]:
    app = LogApp(files)
    async with app.run_test(size=size, notifications=True) as pilot:
        it = Reader(app, pilot)
        await it.until(lambda: app.query_one(LogPanel).view.opened)
        yield it
        broken = [w for w in app.workers if w.state is WorkerState.ERROR]
        assert not broken, [w.error for w in broken]


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """20,000 lines, one a second from 10:00:00 on; every 1000th is an error with two lines behind it."""
    lines = []
    for i in range(20_000):
        clock = f"2026-11-20T{10 + i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z"
        if i % 1000 == 500:
            lines += [
                f"{clock} ERROR timeout of request {i}",
                '  File "app.py", line 7, in handle',
                "    raise Slow",
            ]
        else:
            lines.append(f"{clock} INFO request {i} took {i % 97} ms")
    return write(tmp_path / "app.log", lines)


async def test_the_first_hit_comes_while_one_types_and_all_are_counted(log: Path) -> None:
    async with reading(log) as it:
        await it.shows("request 19999 ", "follow")
        await it.press("slash")
        await it.type("timeout")
        await it.shows("timeout of request 19500")
        await it.press("enter")
        await it.shows("/timeout", "20 of 20", "paused")
        await it.press("N")
        await it.shows("timeout of request 18500", "19 of 20")
        await it.press("n")
        await it.shows("timeout of request 19500", "20 of 20")
        await it.press("n")
        await it.shows("timeout of request 500", "1 of 20", "Went on from the top.")
        await it.press("escape")
        await it.gone("1 of 20")
        assert "timeout of request 500" in it.text


async def test_escape_while_typing_comes_back_to_where_one_was(log: Path) -> None:
    async with reading(log) as it:
        await it.press("g")
        await it.shows("request 0 took")
        await it.press("slash")
        await it.type("request 15000 ")
        await it.shows("request 15000 took")
        await it.press("escape")
        await it.shows("request 0 took")
        await it.press("G", "slash")
        await it.type("request 15000 ")
        await it.shows("request 15000 took")
        await it.press("escape")
        await it.shows("request 19999 took", "follow")


async def test_a_pattern_that_means_nothing_is_said_and_case_and_regex_are_switched(log: Path) -> None:
    async with reading(log) as it:
        await it.press("slash")
        await it.type("error")
        await it.press("ctrl+t")
        await it.shows("exact case", "nothing found")
        await it.press("ctrl+t")
        await it.shows("any case", "timeout of request 19500")
        await it.press("ctrl+t", "ctrl+r", "backspace", *"(", "enter")
        await it.shows("missing")
        await it.press("backspace")
        await it.type("r .* of request 1.500$")
        await it.press("enter")
        await it.shows("of 10", "timeout of request 19500")


async def test_filters_show_hide_and_keep_lines_around_and_are_always_said(log: Path) -> None:
    async with reading(log) as it:
        await it.press("ampersand")
        await it.type("timeout")
        await it.press("enter")
        await it.shows("FILTER", "timeout of request 500", "timeout of request 19500")
        assert "INFO" not in it.text
        await it.press("f", "c", "escape")
        await it.shows("1 line around", "request 19499 took", 'File "app.py"')
        assert "raise Slow" not in it.text
        groups = [y for y in range(len(it.rows)) if underlined(it, y)]
        assert [it.rows[y + 2].strip() for y in groups] == ['File "app.py", line 7, in handle'] * len(groups) and len(
            groups
        ) > 5
        await it.press("f", "D")
        await it.shows("No filter")
        await it.press("l", "l", "l", "l", "minus")
        await it.type("request 19500")
        await it.press("enter", "escape")
        await it.shows("error and above", "hide request 19500", "timeout of request 18500", "raise Slow")
        assert "INFO" not in it.text and "timeout of request 19500" not in it.text
        await it.press("f", "space", "escape")
        await it.shows("timeout of request 19500")
        await it.press("f", "D", "escape")
        await it.gone("FILTER")
        await it.shows("request 19999 took")


async def test_where_no_line_passes_it_says_what_to_press(log: Path) -> None:
    async with reading(log) as it:
        await it.press("ampersand")
        await it.type("nowhere")
        await it.press("enter")
        await it.shows("No line passes the filters. f changes them.")
        with log.open("a") as more:
            more.write("somebody is nowhere\n")
        await it.shows("somebody is nowhere")


@pytest.mark.parametrize("keys", [("g",), ("slash", "r", "e", "q", "enter"), ("k", "g")])
async def test_what_comes_is_counted_wherever_the_reader_has_gone(log: Path, keys: tuple[str, ...]) -> None:
    async with reading(log) as it:
        await it.press(*keys)
        await it.shows("paused")
        with log.open("a") as more:
            more.write("INFO new\n" * 3)
        await it.shows("+3 new lines, End to follow")
        await it.press("g")
        await it.shows("line 1 of", "+3 new lines, End to follow")
        with log.open("a") as more:
            more.write("INFO new\n" * 2)
        await it.shows("+5 new lines, End to follow")
        await it.press("end")
        await it.shows("follow")
        await it.gone("new lines")


async def test_that_files_cannot_be_read_stands_as_long_as_it_is_so(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "NOTED", 0.2)
    mended = False

    def opened() -> Lines:
        if not mended:
            raise OSError(24, "Too many open files")
        return open_lines([log])

    async with reading(log) as it:
        it.app.query_one(LogPanel).show(opened, Content("log"))
        await it.shows("The log cannot be read: Too many open files.", "Nothing to show: why is said below.")
        await it.pilot.pause(0.5)
        assert "Too many open files" in it.text
        mended = True
        await it.shows("The log can be read again.", "request 19999 took")
        await it.gone("can be read again")


async def test_a_reader_that_dies_leaves_a_word_that_stays(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "NOTED", 0.2)

    def opened() -> Lines:
        raise ValueError("of our own")

    app = LogApp([log])
    async with app.run_test(size=(80, 24)) as pilot:
        it = Reader(app, pilot)
        await it.shows("request 19999 took")
        app.query_one(LogPanel).show(opened, Content("log"))
        await it.shows("A mistake in hubtui has ended the reading of this log")
        await pilot.pause(0.5)
        assert "has ended the reading" in it.text


async def test_of_what_comes_only_what_passes_the_filters_counts_as_new(log: Path) -> None:
    async with reading(log) as it:
        await it.press("ampersand")
        await it.type("timeout")
        await it.press("enter")
        await it.shows("FILTER", "follow")
        await it.press("k")
        await it.shows("paused")
        with log.open("a") as more:
            more.write("INFO nothing\n" * 100 + "ERROR timeout A\n" + "INFO nothing\n" * 5000 + "ERROR timeout B\n")
        await it.shows("+2 new lines, End to follow")
        await it.press("end")
        await it.shows("ERROR timeout B", "follow")


async def test_a_filter_leaves_the_reader_near_where_he_was(log: Path) -> None:
    async with reading(log) as it:
        await it.press("colon")
        await it.type("7000")
        await it.press("enter")
        await it.shows("request 6985 took")
        await it.press("ampersand")
        await it.type("took 5 ms")
        await it.press("enter")
        await it.shows("FILTER", "request 6989 took 5 ms")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("4711", "request 4700 took"),
        ("50%", "request 10109 took"),
        ("12:04", "request 7440 took"),
        ("2026-11-20T10:00:30", "request 30 took"),
        ("99999999", "request 19999 took"),
        ("99999999", "There are only 20,040 lines."),
        ("09:00", "2026-11-20 09:00:00 is before the first line."),
        ("2027-01-01", "2027-01-01 00:00:00 is after the last line."),
    ],
)
async def test_going_to_a_line_a_part_or_a_time(log: Path, typed: str, expected: str) -> None:
    async with reading(log) as it:
        await it.press("colon")
        await it.type(typed)
        await it.press("enter")
        await it.shows(expected)


@pytest.mark.parametrize("typed", ["nonsense", "nan%", "-5%", "1e3"])
async def test_what_is_no_place_is_said_and_can_be_mended(log: Path, typed: str) -> None:
    async with reading(log) as it:
        await it.press("colon")
        await it.type(typed)
        await it.press("enter")
        await it.shows("is no time")
        await it.press("escape")
        await it.gone("is no time")


async def test_who_follows_goes_on_with_it_where_nothing_is_found(log: Path) -> None:
    async with reading(log) as it:
        for key, typed, told in (("slash", "nowhere", "/nowhere  nothing found"), ("colon", "12:04", "names a time")):
            if key == "colon":
                log.write_text("no time\n" * 40)
                await it.shows("40 lines")
            await it.press(key)
            await it.type(typed)
            await it.press("enter")
            await it.shows(told, "follow")
            with log.open("a") as more:
                more.write("came\n")
            await it.shows("came", told, "follow")
            await it.press("k")
            await it.shows("paused")
            await it.press("n")
            await it.shows("Nothing like it anywhere.", "paused")
            await it.press("escape")
            await it.gone("Nothing like it anywhere.")
            await it.press("slash", "0", "enter", "end")  # found, or not
        await it.shows("follow")


async def test_a_hit_beside_the_screen_is_brought_on_it(tmp_path: Path) -> None:
    long = write(tmp_path / "long.log", [f"begin{n} {'.' * 150} needle{n} {'.' * 200} far{n}" for n in range(50)])
    async with reading(long) as it:
        for typed in ("needle20", "far40", "begin5"):
            await it.press("slash")
            await it.type(typed)
            await it.press("enter")
            await it.until(lambda: typed in "\n".join(it.rows[:-2]))  # noqa: B023


async def test_of_a_line_that_is_longer_than_its_page_nothing_is_cut(tmp_path: Path) -> None:
    words = "".join(f"<{n}>" for n in range(3000))
    async with reading(write(tmp_path / "one.log", [words])) as it:
        await it.press("enter")
        await it.shows("AS PRINTED", "<80>")
        rows = [row.split("│")[1].strip() for row in it.rows if row.count("│") == 2]
        assert rows[-1].startswith("y copy  c copy fields")
        page = "".join(rows[rows.index("AS PRINTED") + 1 :])
        assert page.startswith(words[: words.find("<80>")])


async def test_several_files_are_one_by_time_each_with_its_name_and_glyph(tmp_path: Path) -> None:
    web = write(tmp_path / "web.log", [f"2026-11-20T10:00:{i:02}Z web says {i}" for i in range(0, 20, 2)])
    core = write(tmp_path / "core.log", [f"2026-11-20T10:00:{i:02}Z core says {i}" for i in range(1, 20, 2)])
    async with reading(web, core) as it:
        await it.shows("core says 19")
        said = [row for row in it.rows if " says " in row]
        assert [int(row.rsplit(" ", 1)[1]) for row in said] == list(range(20))
        assert "● web.log" in said[0] and "■ core.log" in said[1]


async def test_one_line_is_shown_whole_with_its_fields(tmp_path: Path) -> None:
    told = {"level": "warn", "msg": "slow", "nested": {"a": 1}, "long": "x" * 300 + "END"}
    path = write(tmp_path / "j.log", ["first", json.dumps(told)])
    async with reading(path, size=(100, 30)) as it:
        await it.shows("WARN", "slow")
        await it.press("J")
        await it.shows('"level": "warn"', "raw")
        await it.press("J", "enter")
        await it.shows("One line", "FIELDS", "nested", "line 2", "AS PRINTED")
        await it.press("escape")
        await it.gone("FIELDS")


async def test_copying_is_safe_text_on_the_clipboard_of_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil.log"
    path.write_bytes(b"\x1b]52;c;RVZJTA==\x07plain \x1b[31mred\x1b[0m\x9b text\n")
    async with reading(path) as it:
        await it.press("y")
        await it.until(lambda: it.app.clipboard)
        assert it.app.clipboard == "plain red\ufffd text"


@pytest.mark.parametrize(
    ("keys", "count"), [((), 2 + 20_000 + 38), (("ctrl+t",), None), (("ctrl+t", "ctrl+t"), 21)], ids=str
)
async def test_what_is_written_to_a_file(log: Path, keys: tuple[str, ...], count: int | None) -> None:
    target = log.parent / "out.log"
    async with reading(log) as it:
        if len(keys) == 2:  # with a filter it is the first choice, everything the second, the screen the third
            await it.press("ampersand")
            await it.type("request 1.500")
            await it.press("ctrl+r", "enter")
            await it.shows("FILTER")
        shown = [row.strip() for row in it.rows[1:-1] if "request" in row]
        await it.press("e")
        await it.shows("Write to a file")
        for _ in range(40):
            await it.press("backspace")
        await it.press(*(() if len(keys) == 2 else keys))
        await it.type(str(target))
        await it.press("enter")
        await it.until(target.exists)
        await it.shows("Wrote")
    lines = target.read_text().splitlines()
    if len(keys) == 2:
        assert lines and all("request 1" in line and "500" in line for line in lines) and len(lines) == 10
    elif count is None:
        assert 15 < len(lines) < 24 and lines == shown
    else:
        assert lines == log.read_text().splitlines()


async def test_a_file_that_is_there_is_never_written_over_unasked(log: Path) -> None:
    target = log.parent / "out.log"
    target.write_text("precious")
    async with reading(log) as it:
        await it.press("e")
        await it.shows("Write to a file")
        for _ in range(40):
            await it.press("backspace")
        await it.type(str(target))
        await it.press("enter")
        await it.until(lambda: any("there already; nothing was written. e asks again." in n.message for n in notes(it)))
        assert target.read_text() == "precious"
        await it.press("e")
        await it.shows("Write to a file", target.name)
        await it.press("ctrl+o", "enter")
        await it.until(lambda: target.read_text() != "precious")


def notes(it: Reader) -> list:  # type: ignore[type-arg]
    return list(it.app._notifications)


async def test_rotation_truncation_and_removal_are_said_and_the_view_goes_on(log: Path) -> None:
    async with reading(log) as it:
        await it.shows("request 19999 took")
        os.truncate(log, 0)
        with log.open("a") as more:
            more.write("after the cut\n")
        await it.shows("after the cut", "cut short")
        log.rename(log.with_suffix(".1"))
        write(log, ["in a new file"])
        await it.shows("in a new file")
        log.unlink()
        await it.shows("removed")
        write(log, ["born again"])
        await it.shows("born again", "follow")


async def test_the_first_line_of_a_file_that_was_written_anew_is_the_new_one(tmp_path: Path) -> None:
    path = write(tmp_path / "small.log", ["of the first file"])
    async with reading(path) as it:
        path.rename(tmp_path / "small.log.1")
        write(path, ["first one"])
        await it.shows("was rotated", "of the first file", "first one")
        with path.open("r+") as file:
            file.write("first two")
        await it.shows("written anew", "first two")
        assert "first one" not in it.text


async def test_a_last_line_that_goes_on_is_whole_where_it_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "part.log"
    path.write_text("one\ntwo")
    async with reading(path) as it:
        await it.shows("two", "2 lines")
        with path.open("a") as more:
            more.write(" and a half\nthree\n")
        await it.shows("three")
        for keys in (("g",), ("end",)):
            await it.press(*keys)
            await it.shows("two and a half", "three", "3 lines" if "end" in keys else "of 3")


async def test_what_is_wrong_with_a_filter_leaves_room_for_what_is_typed(log: Path) -> None:
    async with reading(log) as it:
        await it.press("ampersand", "ctrl+r")
        await it.type("worker[(abc")
        await it.press("enter")
        await it.shows("worker[(abc", "The pattern cannot be read")


async def test_an_empty_file_says_so_and_shows_what_comes(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.log", [])
    async with reading(path) as it:
        await it.shows("Nothing was printed yet.")
        with path.open("a") as more:
            more.write("here\n")
        await it.shows("here", "follow")


async def test_the_keys_are_told(log: Path) -> None:
    async with reading(log) as it:
        await it.press("question_mark")
        await it.shows("Keys of a log", "The end, and follow it", "esc back")
        await it.press("escape")
        await it.gone("Keys of a log")


async def test_the_mouse_scrolls_puts_the_cursor_and_holds_the_scroll_bar(log: Path) -> None:
    async with reading(log) as it:
        view = it.app.query_one(LogView)
        await it.shows("20,040 lines", "follow")
        await it.pilot.click(LogView, offset=(79, 11))
        await it.shows("52 %", "paused")
        await it.pilot.click(LogView, offset=(10, 5))
        assert view.page.cursor == view.page.top + 5
        top, fourth = it.rows[1], it.rows[4]
        view.post_message(wheel(view, down=True))
        await it.until(lambda: it.rows[1] == fourth)
        view.post_message(wheel(view, down=False))
        await it.until(lambda: it.rows[1] == top)
        await it.pilot.click(LogView, offset=(79, 21))
        await it.shows("request 19999 took", "follow")
        bar = next(i for i, row in enumerate(it.rows) if "/ search" in row)
        await it.pilot.click(offset=(it.rows[bar].index("f filter"), bar))
        await it.shows("Filters of this log")


def underlined(it: Reader, y: int) -> bool:
    """Whether a line is drawn below this row of the log."""
    strip = it.app.query_one(LogView).render_line(y)
    return any(segment.style is not None and segment.style.underline for segment in strip)


def wheel(view: LogView, *, down: bool) -> events.MouseEvent:
    kind = events.MouseScrollDown if down else events.MouseScrollUp
    return kind(view, 5, 5, 0, 0, 0, False, False, False)


async def test_times_are_absolute_relative_or_off(log: Path) -> None:
    async with reading(log, size=(110, 24)) as it:
        await it.shows("request 19999 took")
        for expected in ("request 19999 took", "2026-11-20 ", "ago 2026-11-20T15:33:19Z"):
            await it.press("t")
            await it.shows(expected)
        await it.press("t")
        await it.gone(" ago ")


async def test_what_a_service_printed_is_written_with_its_time_and_who_said_it(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "redis", ["from redis"])
    stage.say("alpha", "backend", ["from \x1b[31mbackend"])
    target = stage.home.root / "out.log"
    async with board(stage.home) as it:
        await it.press("l")
        await it.shows("from redis", "from backend")
        await it.press("e")
        await it.shows("Write to a file")
        await it.press(*["backspace"] * 50, *(c if c.isalnum() else ODD[c] for c in str(target)), "enter")
        await it.until(target.exists)
    told = [line.partition("Z ")[2] for line in target.read_text().splitlines()]
    assert told == ["redis    | from redis", "backend  | from backend"]


ODD = {"/": "slash", ".": "full_stop", "-": "minus", "_": "underscore"}
