"""A service's log as one stream over its files, while it is written, rotated, removed; and any line of it at once."""

from __future__ import annotations

import itertools
import os
import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.files import counted
from hubtui.logs.lines import Lines
from hubtui.logs.opening import service_lines
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import LogReader, LogWriter, marks
from hubtui.stacks.logfiles.format import file_numbers, file_path
from tests.unit.logs.naive import Holds, all_lines, raws, read_on, soon

NOON = 1_795_348_800.0
SMALL = LogLimits(file_size=2000, files=3, line_size=100)
LARGE = LogLimits(file_size=64 << 20, files=3, line_size=100)


def writer(folder: Path, limits: LogLimits, run: int = 1, at: float = NOON) -> LogWriter:
    ticks = itertools.count()
    return LogWriter(folder, run, limits, clock=lambda: at + next(ticks) / 1000)


def big_log(folder: Path, lines: int = 120_000) -> LogWriter:
    """A log of one file of about 6 MB, still open."""
    log = writer(folder, LARGE)
    for n in range(0, lines, 500):
        log.write("out", b"".join(b"line %d of this\n" % k for k in range(n, n + 500)))
    return log


def at_once(lines: Lines, number: int) -> bytes:
    """The line with so many before it, without counting."""
    place = lines.at_number(number)
    assert place is not None and lines.number(place) == number
    return lines.read(place, 1, until=0.0).lines[0].raw


def test_no_log_yet_then_one(tmp_path: Path) -> None:
    lines = service_lines(tmp_path / "web", "web")
    assert lines.start == lines.end and all_lines(lines) == [] and lines.refresh() == ()
    assert lines.number(lines.end) == 0 and lines.count(soon()) == 1.0
    end = lines.end
    log = writer(tmp_path / "web", SMALL)
    log.write("out", b"hello\nwor")
    assert lines.refresh() == ()
    [line] = read_on(lines, end)
    assert (line.raw, line.stream, line.run, line.time) == (b"hello", "out", 1, NOON + 0.001)
    log.write("err", b"oops\n")
    log.note("restarted")
    lines.refresh()
    assert [(line.stream, line.raw) for line in all_lines(lines)[1:]] == [("err", b"oops"), ("hub", b"restarted")]
    log.close()
    lines.close()


def test_rotated_files_are_one_stream_and_what_is_gone_is_counted(tmp_path: Path) -> None:
    log = writer(tmp_path / "web", SMALL)
    lines = service_lines(tmp_path / "web", "web")
    said: list[str] = []
    seen: list[bytes] = []
    place = lines.start
    for n in range(200):
        log.write("out", b"line %d\n" % n)
        said += lines.refresh()
        chunk = lines.read(place, 100, until=soon())
        seen += [line.raw for line in chunk.lines if line.stream == "out"]
        place = chunk.reached
    assert seen == [b"line %d" % n for n in range(200)], "a follower gets each line once"
    assert "Rotation removed the oldest file of the log of web." in said
    found = all_lines(lines)
    assert [line.raw.decode() for line in found] == [x.line for x in LogReader(tmp_path / "web", "web").tail(10**6)[0]]
    assert len(file_numbers(tmp_path / "web")) == 3
    total = lines.number(lines.end)
    assert total == 200 + file_numbers(tmp_path / "web")[-1] - 1, "with a marker at the beginning of each file"
    for n, line in enumerate(found, total - len(found)):
        assert lines.number(line.place) == n and lines.at_number(n) == line.place
    assert lines.at_number(0) == lines.start, "the nearest that is there"
    old = service_lines(tmp_path / "web", "web")
    assert [line.raw for line in all_lines(old)] == [line.raw for line in found]
    assert raws(old, Holds(b"line 19")) == [line.raw for line in found if b"line 19" in line.raw]
    wanted = found[len(found) // 2]
    assert wanted.time is not None and lines.at_time(wanted.time, soon()) == wanted.place
    log.close()


def test_a_place_in_a_file_that_rotation_took_is_the_oldest_there_is(tmp_path: Path) -> None:
    log = writer(tmp_path / "web", SMALL)
    log.write("out", b"first\n")
    lines = service_lines(tmp_path / "web", "web")
    place = lines.end
    for n in range(200):
        log.write("out", b"line %d\n" % n)
    lines.refresh()
    assert read_on(lines, place) == all_lines(lines)
    assert lines.number(place) == lines.number(lines.start) != 0
    log.close()


def test_a_file_that_goes_between_two_looks_is_passed_over(tmp_path: Path) -> None:
    log = writer(tmp_path / "web", SMALL)
    for n in range(100):
        log.write("out", b"line %d\n" % n)
    lines = service_lines(tmp_path / "web", "web")
    file_path(tmp_path / "web", file_numbers(tmp_path / "web")[0]).unlink()
    found = read_on(lines, lines.start)
    assert found[-1].raw == b"line 99" and [line.raw for line in read_on(lines, lines.end, back=True)][-1] == b"line 99"
    assert lines.at_time(NOON, soon()) is not None and lines.count(soon()) > 0
    log.close()


def test_removal_and_a_new_beginning_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    writer(folder, SMALL).write("out", b"one\n")
    lines = service_lines(folder, "web")
    shutil.rmtree(folder)
    assert lines.refresh() == ("The log of web was removed.",) and all_lines(lines) == []
    writer(folder, SMALL).write("out", b"two\n")
    assert lines.refresh() == () and raws(lines) == [b"two"]
    shutil.rmtree(folder)
    writer(folder, SMALL).write("out", b"three, and more than there was\n")
    assert lines.refresh() == ("The log of web was removed and began anew.",)
    assert raws(lines) == [b"three, and more than there was"]
    os.truncate(file_path(folder, 1), 0)
    assert lines.refresh() == ("The log of web was cut short from outside; its newest file is read again.",)
    assert raws(lines) == []


def test_few_descriptors_however_many_files(tmp_path: Path) -> None:
    log = writer(tmp_path / "web", LogLimits(file_size=300, files=60, line_size=100))
    for n in range(400):
        log.write("out", b"line %d\n" % n)
    log.close()
    assert len(file_numbers(tmp_path / "web")) == 60
    before = len(os.listdir("/proc/self/fd"))
    lines = service_lines(tmp_path / "web", "web")
    all_lines(lines)
    lines.at_time(NOON, soon())
    lines.count(soon())
    assert len(os.listdir("/proc/self/fd")) <= before + 2
    lines.close()
    assert len(os.listdir("/proc/self/fd")) == before


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["out", "err", "note", "restart", "look"]), st.integers(0, 60), st.integers(0, 3)),
        max_size=60,
    ),
    st.integers(200, 3000),
    st.integers(64, 500),
)
def test_any_log_reads_as_the_other_reader_reads_it(
    steps: list[tuple[str, int, int]], file_size: int, spacing: int
) -> None:
    with TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "SPACING", spacing)
        patch.setattr(counted, "BLOCK", spacing)
        patch.setattr(counted, "REACH", spacing * 8)
        folder = Path(home) / "web"
        limits = LogLimits(file_size=file_size, files=3, line_size=100)
        log = writer(folder, limits)
        lines = service_lines(folder, "web")
        for at, (what, size, newlines) in enumerate(steps):
            if what == "look":
                lines.refresh()
            elif what == "note":
                log.note(f"note {at}")
            elif what == "restart":
                log.close()
                log = writer(folder, limits, run=at + 2, at=NOON + at)
            else:
                log.write(what, b"x" * size + b"\n" * newlines)
        lines.refresh()
        expected = [
            (x.stream, x.run, x.line.encode(), x.time.timestamp()) for x in LogReader(folder, "web").tail(999)[0]
        ]
        for one in (lines, service_lines(folder, "web")):
            found = all_lines(one)
            assert [(x.stream, x.run, x.raw, x.time) for x in found] == expected
            one.count(soon())
            first = one.number(one.start)
            assert first is not None
            assert [one.number(x.place) for x in found] == list(range(first, first + len(found)))
            assert [one.at_number(first + n) for n in range(len(found))] == [x.place for x in found]
            one.close()
        log.close()


# Marks


def test_any_line_at_once_without_counting_also_after_restarts(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    log = big_log(folder)
    assert marks.path_of(folder, 1).stat().st_size >= 20 * marks.SIZE
    lines = service_lines(folder, "web")
    assert at_once(lines, 100_123) == b"line 100123 of this"
    log.close()
    log = writer(folder, LARGE, run=2)
    for _ in range(20):
        log.write("out", b"again\n" * 5_000)
    lines.refresh()
    assert at_once(lines, 190_000) == b"again" and lines.number(lines.end) == 220_000
    assert at_once(service_lines(folder, "web"), 119_999) == b"line 119999 of this"
    log.close()


@pytest.mark.parametrize("harm", ["torn", "shifted", "stale", "missing", "noise", "empty", "another"])
def test_marks_that_do_not_fit_cost_a_count_and_nothing_else(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "web"
    big_log(folder).close()
    path = marks.path_of(folder, 1)
    good = path.read_bytes()
    half = len(good) // marks.SIZE // 2 * marks.SIZE
    if harm == "torn":
        path.write_bytes(good[: half + 7])
    elif harm == "shifted":
        path.write_bytes(good[:half] + b"x" + good[half:])
    elif harm == "stale":
        log = file_path(folder, 1)
        log.write_bytes(log.read_bytes()[19:])
    elif harm == "missing":
        path.unlink()
    elif harm == "noise":
        path.write_bytes(random.Random(1).randbytes(len(good)))
    elif harm == "empty":
        path.write_bytes(b"")
    else:
        big_log(tmp_path / "other", 200_000).close()
        path.write_bytes(marks.path_of(tmp_path / "other", 1).read_bytes()[half:])
    lines = service_lines(folder, "web")
    assert lines.number(lines.end) in (None, 120_000)
    assert lines.count(soon()) == 1.0
    assert at_once(lines, 100_123) == b"line 100123 of this" and lines.number(lines.end) == 120_000
    log2 = writer(folder, LARGE, run=2)
    log2.write("out", b"".join(b"%d\n" % n for n in range(100_000)))
    log2.close()
    lines = service_lines(folder, "web")
    lines.count(soon())
    assert at_once(lines, 219_999) == b"99999" and at_once(lines, 5) == b"line 5 of this"


def test_marks_that_lie_about_numbers_are_found_out_where_they_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    big_log(folder).close()
    path = marks.path_of(folder, 1)
    records = [path.read_bytes()[at : at + marks.SIZE] for at in range(0, path.stat().st_size, marks.SIZE)]
    forged = [marks.packed(mark.offset, mark.lines + 3, mark.stamp) for mark in map(marks.unpacked, records) if mark]
    path.write_bytes(b"".join(forged))
    lines = service_lines(folder, "web")
    assert lines.at_number(2_000) is None, "counted, since what is written down does not fit"
    lines.count(soon())
    assert at_once(lines, 2_000) == b"line 2000 of this"


def test_rotation_removes_the_marks_with_their_file(tmp_path: Path) -> None:
    log = writer(tmp_path / "web", LogLimits(file_size=600_000, files=2, line_size=100))
    for n in range(100):
        log.write("out", b"line of some length, %d\n" % n * 500)
    log.close()
    numbers = file_numbers(tmp_path / "web")
    assert len(numbers) == 2
    assert {path.name for path in (tmp_path / "web").iterdir()} == {
        f"{number:08d}.{kind}" for number in numbers for kind in ("log", "marks")
    }


def test_a_log_is_written_also_where_marks_cannot_be(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    marks.path_of(folder, 1).mkdir()
    big_log(folder).close()
    lines = service_lines(folder, "web")
    lines.count(soon())
    assert at_once(lines, 100_123) == b"line 100123 of this"
