"""Marks are on the lines they were put on, in the order of the log, and never on another line, whatever files do."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.export import Export, Words
from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.forms import Anybodys
from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters
from hubtui.logs.levels import Level, level_of
from hubtui.logs.lines import Line, Lines
from hubtui.logs.marks import Mark, Marked, find, in_order
from hubtui.logs.merge.merged import MergedLines
from hubtui.logs.new_file import NewFile
from hubtui.logs.opening import merge_lines, open_lines, service_lines
from hubtui.logs.patterns import Pattern
from hubtui.stacks.logfiles.format import file_numbers
from tests.unit.logs.naive import Holds, all_lines, read_on, soon
from tests.unit.logs.test_merged import STEPS, file_text
from tests.unit.logs.test_service_lines import SMALL, writer


def marks_of(lines: Lines, *raws: bytes) -> list[Mark]:
    """Marks of the lines that read so, in this order."""
    by_raw = {line.raw: Mark(lines.origin(line), line.place) for line in all_lines(lines)}
    return [by_raw[raw] for raw in raws]


def marked(lines: Lines, marks: list[Mark]) -> list[bytes]:
    """The lines that a view paints as marked."""
    origins = {mark.origin for mark in marks}
    return [line.raw for line in all_lines(lines) if lines.origin(line) in origins]


def found(lines: Lines, marks: list[Mark]) -> list[bytes]:
    """The lines that jumps go to, in their order."""
    return [line.raw for mark in in_order(lines, marks) if (line := find(lines, mark)) is not None]


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=4), st.integers(20, 200), st.randoms())
def test_a_line_is_known_by_the_same_however_it_is_found(
    files: list[list[int | None]], block: int, chance: Random
) -> None:
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        parts: list[Lines] = []
        for n, steps in enumerate(files):
            path = Path(folder) / f"f{n}"
            path.write_bytes(file_text(f"f{n}", steps))
            parts.append(ChainLines(f"f{n}", AnybodysFiles(path), Anybodys(), block=block))
        merged = MergedLines([MergedLines(parts[:2]), *parts[2:]])  # files, and what comes through a pipe
        stack.callback(merged.close)
        every = all_lines(merged)
        marks = [Mark(merged.origin(line), line.place) for line in every]
        assert len({mark.origin for mark in marks}) == len(every)
        known = {mark.origin: (line.source, line.raw) for mark, line in zip(marks, every, strict=True)}
        ways = [read_on(merged, mark.place, n=3) for mark in marks[:: max(len(marks) // 4, 1)]]
        ways += [read_on(merged, merged.end, back=True, match=Holds(b" 1")), read_on(merged, merged.at_fraction(0.5))]
        for line in (line for way in ways for line in way):
            assert known[merged.origin(line)] == (line.source, line.raw)
        shuffled = list(marks)
        chance.shuffle(shuffled)
        assert in_order(merged, shuffled) == marks
        assert found(merged, shuffled) == [line.raw for line in every]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "web.log"
    path.write_bytes(b"".join(b"line %d\n" % n for n in range(10)))
    return path


def cut(path: Path) -> None:
    os.truncate(path, 0)


def write_anew(path: Path) -> None:
    path.write_bytes(b"".join(b"LINE %d\n" % n for n in range(20)))


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"".join(b"LINE %d\n" % n for n in range(20)))
    other.replace(path)


@pytest.mark.parametrize("harm", [cut, write_anew, replace])
@pytest.mark.parametrize("several", [False, True])
def test_marks_of_lines_that_are_gone_are_on_no_other(path: Path, harm: Callable[[Path], None], several: bool) -> None:
    other = path.with_name("core.log")
    other.write_bytes(b"core\n")
    lines = open_lines([path, other] if several else [path])
    marks = marks_of(lines, b"line 7", b"line 0")
    harm(path)
    assert len(lines.refresh()) == 1
    assert not in_order(lines, marks) and found(lines, marks) == marked(lines, marks) == []
    with path.open("ab") as more:
        more.write(b"".join(b"more %d\n" % n for n in range(20)))
    lines.refresh()
    assert not in_order(lines, marks) and found(lines, marks) == marked(lines, marks) == []
    assert all(find(lines, mark) is None for mark in marks)


@pytest.mark.parametrize("several", [False, True])
def test_marks_stay_on_lines_of_a_file_that_was_renamed_or_removed_and_can_still_be_read(
    path: Path, several: bool
) -> None:
    other = path.with_name("core.log")
    other.write_bytes(b"core\n")
    lines = open_lines([path, other] if several else [path])
    marks = marks_of(lines, b"line 7", b"line 0")
    path.rename(path.with_suffix(".1"))
    path.write_bytes(b"anew 0\nanew 1\n")
    lines.refresh()
    marks += marks_of(lines, b"anew 0")
    assert found(lines, marks) == [b"line 0", b"line 7", b"anew 0"] == marked(lines, marks)
    path.unlink()
    lines.refresh()
    assert found(lines, marks) == [b"line 0", b"line 7", b"anew 0"]


def test_an_unfinished_line_keeps_its_mark_when_it_goes_on(path: Path) -> None:
    path.write_bytes(b"one\nPassword: ")
    os.utime(path, (0, 0))
    lines = open_lines([path])
    marks = marks_of(lines, b"Password: ")
    with path.open("ab") as more:
        more.write(b"accepted\nthree\n")
    lines.refresh()
    assert found(lines, marks) == marked(lines, marks) == [b"Password: accepted"]


def test_rotation_takes_the_marks_of_its_files_and_no_other(tmp_path: Path) -> None:
    log = writer(tmp_path / "web", SMALL)
    lines = service_lines(tmp_path / "web", "web")
    kept: dict[bytes, Mark] = {}
    for n in range(200):
        log.write("out", b"line %d\n" % n)
        lines.refresh()
        last = lines.read(lines.end, 1, back=True, until=soon()).lines[0]
        kept[last.raw] = Mark(lines.origin(last), last.place)
    log.close()
    every = all_lines(lines)  # with the markers at the beginning of files, which nobody marked
    there = [line.raw for line in every if line.stream == "out"]
    assert 10 < len(there) < 150 and len(file_numbers(tmp_path / "web")) == 3
    assert found(lines, list(kept.values())) == marked(lines, list(kept.values())) == there
    first = every[0]
    assert find(lines, Mark(lines.origin(first), first.place)) == first
    shutil.rmtree(tmp_path / "web")
    writer(tmp_path / "web", SMALL).write("out", b"x\n" * 50)
    lines.refresh()
    assert found(lines, list(kept.values())) == marked(lines, list(kept.values())) == []


def test_a_mark_is_found_though_another_file_began_anew_with_older_lines(path: Path) -> None:
    stamp = "2026-11-20T10:00:{:02}Z {} {}\n"
    other = path.with_name("core.log")
    path.write_text("".join(stamp.format(n, "web", n) for n in range(20, 40)))
    other.write_text("".join(stamp.format(n, "core", n) for n in range(20, 40)))
    lines = open_lines([path, other])
    marks = marks_of(lines, b"2026-11-20T10:00:30Z web 30")
    other.write_text("".join(stamp.format(n, "core", n) for n in range(1, 20)))
    lines.refresh()
    assert found(lines, marks) == marked(lines, marks) == [b"2026-11-20T10:00:30Z web 30"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters().add(Pattern("7")),
        Filters().add(Pattern("line 1"), hides=True),
        Filters(level=Level.ERROR),
        Filters(level=Level.ERROR).add(Pattern("7")),
    ],
    ids=["show", "hide", "level", "show and level"],
)
@pytest.mark.parametrize("context", [0, 1, 3])
def test_whether_a_filter_shows_a_line(tmp_path: Path, filters: Filters, context: int) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"{'ERROR ' if n % 25 == 12 else 'INFO ' if n % 5 else ''}line {n}\n" for n in range(100)))
    base = open_lines([path])
    filtered = Filtered(base, filters, level_of, context)
    shown = {line.place for line in read_on(filtered, filtered.start)}
    assert 1 < len(shown) < 100
    assert {line.place for line in all_lines(base) if filtered.shows(line.place)} == shown


def test_ten_gigabytes_between_two_marks_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.log"
    with path.open("wb") as file:
        file.write(b"first\n" * 1000)
        file.seek(10 << 30)
        file.write(b"\n" + b"last %d\n" * 1000 % tuple(range(1000)))
    lines = open_lines([path])
    top, end = (
        lines.read(lines.start, 900, until=soon()).lines,
        lines.read(lines.end, 900, back=True, until=soon()).lines,
    )
    chosen: list[Line] = [*end[::-1], *top]
    marks = [Mark(lines.origin(line), line.place) for line in chosen]
    before, began = _bytes_read(), time.monotonic()
    order = in_order(lines, marks)
    assert _bytes_read() - before < 100_000, "only to be asked for"
    assert [find(lines, order[n]) for n in (0, 899, 900, 1799)] == [top[0], top[-1], end[0], end[-1]]
    assert _bytes_read() - before < 500_000
    assert time.monotonic() - began < 2


def _bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def test_what_is_marked_is_written_in_order_whatever_was_marked_first_and_whole(tmp_path: Path) -> None:
    path, other = tmp_path / "web.log", tmp_path / "core.log"
    path.write_text(f"2026-11-20T10:00:01Z a\n2026-11-20T10:00:03Z {'long ' * 20_000}end\n2026-11-20T10:00:05Z c\n")
    other.write_text("2026-11-20T10:00:02Z x\n2026-11-20T10:00:04Z y\n")
    lines = merge_lines([open_lines([path]), open_lines([other])])
    texts = [path.read_text().splitlines(), other.read_text().splitlines()]
    every = all_lines(lines)
    marks = [Mark(lines.origin(every[n]), every[n].place) for n in (4, 2, 1)]
    assert written(lines, marks) == [texts[1][0], texts[0][1], texts[0][2]]
    os.truncate(other, 0)
    lines.refresh()
    assert written(lines, marks) == [texts[0][1], texts[0][2]]
    assert written(lines, []) == []


def written(lines: Lines, marks: list[Mark]) -> list[str]:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out.log"
        with Export(Marked(lines, marks), NewFile(out), Words()) as export:
            parts = [export.part]
            while not export.go(0.0):
                parts.append(export.part)
        assert parts == sorted(parts) and export.part == 1.0
        return out.read_text().splitlines()
