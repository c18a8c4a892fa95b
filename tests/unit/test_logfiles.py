"""The durable log: what goes in comes out, whatever the chunks, rotations, crashes and disks."""

from __future__ import annotations

import errno
import itertools
import os
import random
import stat
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.models import LogLine
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import START, LogReader, LogWriter, Position, merge_tail, service_folder
from hubtui.stacks.logfiles.format import file_numbers, file_path, stamp

NOON = 1_795_348_800.0  # 2026-11-22T12:00:00Z
SMALL = LogLimits(file_size=2000, files=3, line_size=100)
ROOMY = LogLimits(file_size=1 << 20, files=3, line_size=100)


def writer(folder: Path, limits: LogLimits = ROOMY, secrets: Iterable[str] = (), at: float = NOON) -> LogWriter:
    ticks = itertools.count()
    return LogWriter(folder, 7, limits, secrets, clock=lambda: at + next(ticks) / 1000)


def stored(folder: Path) -> bytes:
    return b"".join(file_path(folder, number).read_bytes() for number in file_numbers(folder))


def bodies(folder: Path) -> list[bytes]:
    """What was stored, without times: `o text`."""
    return [line.split(b" ", 2)[2] for line in stored(folder).splitlines(keepends=True)]


def read_all(reader: LogReader, position: Position = START, max_bytes: int = 262144) -> list[LogLine]:
    lines: list[LogLine] = []
    while True:
        more, position = reader.read(position, max_bytes)
        if not more:
            return lines
        lines += more


def texts(lines: Iterable[LogLine], *streams: str) -> list[str]:
    return [line.line for line in lines if line.stream in (streams or ("out", "err"))]


# Format and folders


def test_a_line_on_disk_and_back(tmp_path: Path) -> None:
    w = writer(tmp_path / "web")
    w.write("out", b"hello\n\nlatin \xe9\r\n")
    w.write("err", b"oh\x0bno\x1c\n")
    w.note("restarted\nafter 1 s")
    w.close()
    first = stored(tmp_path / "web").splitlines()[0]
    assert first.startswith(b"2026-11-22T12:00:00.0") and first.endswith(b"Z 7 o hello")
    lines, _ = LogReader(tmp_path / "web", "web").tail(10)
    assert [(x.stream, x.run, x.line) for x in lines] == [
        ("out", 7, "hello"),
        ("out", 7, ""),
        ("out", 7, "latin \udce9\r"),
        ("err", 7, "oh\x0bno\x1c"),
        ("hub", 7, "restarted"),
        ("hub", 7, "after 1 s"),
    ]
    assert lines[0].time.replace(microsecond=0) == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_stamp_is_milliseconds_utc() -> None:
    assert stamp(NOON + 3723.1239) == b"2026-11-22T13:02:03.123Z"


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/b", "/etc", "x" * 300, "Web", "web", "a b", "ü\ud800", "a\0b", "-rf"]
)
def test_no_service_name_leaves_its_folder(name: str, tmp_path: Path) -> None:
    folder = service_folder(tmp_path, name)
    assert folder.parent == tmp_path and len(folder.name) < 60 and folder.name.isascii()
    assert folder.name[0] not in ".-"
    folder.mkdir()


def test_no_two_services_share_a_folder(tmp_path: Path) -> None:
    names = ["web", "Web", "WEB", "web ", "web-", "x" * 300, "x" * 301, "a/b", "a-b", "a.b"]
    assert len({service_folder(tmp_path, name) for name in names}) == len(names)
    assert service_folder(tmp_path, "web") == service_folder(tmp_path, "web")


def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    writer(tmp_path / "logs" / "web").note("x")
    assert stat.S_IMODE((tmp_path / "logs" / "web").stat().st_mode) == 0o700
    assert stat.S_IMODE(file_path(tmp_path / "logs" / "web", 1).stat().st_mode) == 0o600


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("keep")
    file_path(tmp_path, 1).symlink_to(tmp_path / "target")
    w = writer(tmp_path)
    w.write("out", b"x\n")
    w.close()
    assert (tmp_path / "target").read_text() == "keep"
    assert w.lost.lines == 1


# Chunks, cuts, secrets


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from([b"\n", b"a", b"bc" * 20, b"x" * 99, b"y" * 130, b"s3cr3t-value", b"s3cr3t", b"\xff"])),
    st.lists(st.integers(1, 150), max_size=30),
    st.booleans(),
)
def test_stored_lines_do_not_depend_on_chunks(pieces: list[bytes], cuts: list[int], redact: bool) -> None:
    data = b"".join(pieces)
    secrets = ["s3cr3t-value", "s3cr3t"] if redact else []
    with TemporaryDirectory() as name:
        whole, split = Path(name, "whole"), Path(name, "split")
        w = writer(whole, secrets=secrets)
        w.write("out", data)
        w.close()
        w = writer(split, secrets=secrets)
        at = 0
        for size in [*cuts, len(data)]:
            w.write("out", data[at : at + size])
            at += size
        w.close()
        assert bodies(split) == bodies(whole)
        if redact:
            assert b"s3cr3t" not in stored(whole)
        short = [b"o " + line + b"\n" for line in data.split(b"\n") if len(line) <= 100]
        if not redact:
            kept = [line for line in bodies(whole) if line.startswith(b"o ") and b"[cut]" not in line]
            assert kept == (short if data and not data.endswith(b"\n") else short[:-1] if data else [])


@pytest.mark.parametrize("size", [99, 100, 101, 102, 150, 151, 5000])
@pytest.mark.parametrize("step", [1, 7, 100, 100_000])
def test_a_long_line_is_cut_and_counted(size: int, step: int, tmp_path: Path) -> None:
    w = writer(tmp_path)
    data = b"before\n" + b"x" * size + b"\nafter\n"
    for at in range(0, len(data), step):
        w.write("out", data[at : at + step])
    w.close()
    long = [b"o " + b"x" * size + b"\n"]
    if size > 100:
        marker = b"h line cut at 100 bytes, %d dropped\n" % (size - 100)
        long = [b"o " + b"x" * 100 + " …[cut]\n".encode(), marker]
    assert bodies(tmp_path) == [b"o before\n", *long, b"o after\n"]


def test_long_lines_are_found_at_every_place_of_a_chunk(tmp_path: Path) -> None:
    for offset in range(0, 220, 3):
        folder = tmp_path / str(offset)
        w = writer(folder)
        w.write("out", b"a" * (offset % 90) + b"\n" + b"bb\n" * (offset // 3) + b"x" * 101 + b"\n" + b"c\n" * 80)
        assert stored(folder).count(b"[cut]") == 1


def test_an_endless_line_takes_little_memory(tmp_path: Path) -> None:
    w = writer(tmp_path)
    for _ in range(1000):
        w.write("out", b"x" * 65536)
        assert len(w._streams["out"].held) <= 100
    w.flush_partial("out")
    assert bodies(tmp_path)[-1] == b"h line cut at 100 bytes, %d dropped\n" % (65536 * 1000 - 100)


def test_streams_are_kept_apart_until_their_newlines(tmp_path: Path) -> None:
    w = writer(tmp_path)
    w.write("out", b"half ")
    w.write("err", b"error\nrest")
    w.write("out", b"line\n")
    assert bodies(tmp_path) == [b"e error\n", b"o half line\n"]
    w.flush_partial("out")
    assert bodies(tmp_path)[2:] == []
    w.flush_partial()
    assert bodies(tmp_path)[2:] == [b"e rest\n"]


def test_secrets_are_never_stored(tmp_path: Path) -> None:
    pem = "-----BEGIN KEY-----\nMIIBVgIBADANBg\n-----END KEY-----\n"
    w = writer(tmp_path, secrets=["hunter2", "pässwort", "abc", pem, "\ud800 odd", "raw\udcff byte"])
    w.write("out", b"a hunter2 b p\xc3\xa4sswort abc\n" + pem.encode() + b"hun")
    w.write("out", b"ter2\n")
    w.write("err", b"x" * 97 + b"hunter2\n" + b"x" * 97 + b"hunt")
    w.write("err", b"er2 and more\n")
    w.note("left with hunter2")
    w.write("out", b"raw\xff byte\n")
    w.close()
    text = stored(tmp_path)
    for part in (b"hunt", b"p\xc3\xa4ss", b"MIIB", b"ter2", b"\xff byte"):
        assert part not in text
    assert bodies(tmp_path)[0] == "o a •••••• b •••••• abc\n".encode()


# Rotation and reading


def fill(folder: Path, count: int, limits: LogLimits = SMALL) -> LogWriter:
    w = writer(folder, limits)
    for i in range(count):
        w.write("out", b"line %d\n" % i)
    return w


def test_rotation_keeps_within_its_bounds_and_counts(tmp_path: Path) -> None:
    w = writer(tmp_path, SMALL)
    w.write("out", b"".join(b"line %d\n" % i for i in range(300)))
    for i in range(300, 500):
        w.write("out", b"line %d\n" % i)
        assert len(file_numbers(tmp_path)) <= 3
    numbers = file_numbers(tmp_path)
    sizes = [file_path(tmp_path, n).stat().st_size for n in numbers]
    assert len(numbers) == 3 and numbers[0] > 1 and max(sizes) <= 2000 and min(sizes[:2]) > 1900
    lines = read_all(LogReader(tmp_path, "s"))
    left = texts(lines, "out")
    assert left == [f"line {i}" for i in range(500 - len(left), 500)]
    newest = file_path(tmp_path, numbers[-1]).read_bytes().splitlines()[0].decode()
    markers = numbers[0] - 2  # files that went, less the first, which has none
    assert f"h log file {numbers[-1]} begins: " in newest
    assert f"rotation removed {500 - len(left) + markers} lines, 2026-11-22T12:00:00." in newest


def test_counting_goes_on_over_writers(tmp_path: Path) -> None:
    for i in range(100):
        w = writer(tmp_path, SMALL)
        w.write("out", b"".join(b"writer %d line %d\n" % (i, j) for j in range(5)))
        w.close()
    lines = read_all(LogReader(tmp_path, "s"))
    first = file_numbers(tmp_path)[0]
    marker = next(line.line for line in lines if line.stream == "hub")
    gone = 500 - len(texts(lines, "out")) + first - 2
    assert marker.startswith(f"log file {first} begins: {gone} lines before it, 2026-11-22T12:00:00.")


def test_one_file_is_enough(tmp_path: Path) -> None:
    fill(tmp_path, 200, LogLimits(file_size=500, files=1, line_size=100)).close()
    assert len(file_numbers(tmp_path)) == 1
    lines, _ = LogReader(tmp_path, "s").tail(1)
    assert texts(lines) == ["line 199"]


def test_a_file_smaller_than_its_lines_still_takes_one(tmp_path: Path) -> None:
    fill(tmp_path, 20, LogLimits(file_size=1, files=4, line_size=100)).close()
    assert texts(read_all(LogReader(tmp_path, "s"))) == [f"line {i}" for i in range(16, 20)]


@pytest.mark.parametrize("n", [0, 1, 5, 40, 60, 100, 10_000])
def test_tail_counts_from_the_end_over_files(n: int, tmp_path: Path) -> None:
    w = fill(tmp_path, 400)
    w.write("out", b"unfinished")
    reader = LogReader(tmp_path, "s")
    everything = read_all(reader)
    lines, position = reader.tail(n)
    assert lines == everything[len(everything) - min(n, len(everything)) :]
    assert reader.read(position) == ([], position)
    w.write("out", b" business\n")
    assert texts(reader.read(position)[0]) == ["unfinished business"]


def test_tail_reads_over_its_blocks(tmp_path: Path) -> None:
    w = writer(tmp_path, LogLimits())
    lines = [f"{i} " + "x" * (i % 3000) for i in range(400)]
    w.write("out", "\n".join(lines).encode() + b"\n")
    for n in (1, 20, 21, 60, 399, 400, 401):
        assert texts(LogReader(tmp_path, "s").tail(n)[0]) == lines[-n:]


@pytest.mark.parametrize("max_bytes", [1, 50, 333, 4096])
def test_reading_in_small_bites_gives_the_same(max_bytes: int, tmp_path: Path) -> None:
    fill(tmp_path, 300)
    reader = LogReader(tmp_path, "s")
    assert read_all(reader, START, max_bytes) == read_all(reader)


def test_nothing_there_is_no_lines(tmp_path: Path) -> None:
    reader = LogReader(tmp_path / "none", "s")
    assert reader.tail(5) == ([], START)
    assert reader.read(START) == ([], START)
    fill(tmp_path / "none", 2)
    assert texts(reader.read(START)[0]) == ["line 0", "line 1"]


def test_a_reader_that_is_overtaken_says_so(tmp_path: Path) -> None:
    w = fill(tmp_path, 10)
    reader = LogReader(tmp_path, "s")
    _, position = reader.tail(1)
    for i in range(10, 400):
        w.write("out", b"line %d\n" % i)
    lines = read_all(reader, position)
    first = file_numbers(tmp_path)[0]
    assert lines[0].stream == "hub"
    assert lines[0].line.startswith(f"skipped the rest of log files 1 to {first - 1}: removed by rotation")
    left = texts(lines, "out")
    assert left == [f"line {i}" for i in range(400 - len(left), 400)]
    assert f"(at most {400 - len(left) + first - 2} lines)" in lines[0].line
    assert "at most" not in LogReader(tmp_path, "s").read(position)[0][0].line  # it never saw that file


def test_a_log_that_was_removed_begins_anew(tmp_path: Path) -> None:
    fill(tmp_path, 200).close()
    reader = LogReader(tmp_path, "s")
    _, position = reader.tail(1)
    for number in file_numbers(tmp_path):
        file_path(tmp_path, number).unlink()
    assert reader.read(position) == ([], position)
    fill(tmp_path, 1).close()
    assert texts(reader.read(position)[0], "hub", "out") == ["the log was removed and began anew", "line 0"]
    short, _ = reader.read(Position(1, 9999))
    assert "cut short from outside" in short[0].line and short[1].line == "line 0"


def test_a_torn_line_is_closed_and_said(tmp_path: Path) -> None:
    fill(tmp_path, 2).close()
    with file_path(tmp_path, 1).open("ab") as file:
        file.write(b"2026-11-22T12:00:00.000Z 7 o torn he")
    reader = LogReader(tmp_path, "s")
    before, position = reader.tail(9)
    assert texts(before) == ["line 0", "line 1"]
    w = writer(tmp_path)
    w.write("out", b"next\n")
    w.close()
    lines, _ = reader.read(position)
    assert texts(lines, "out") == ["torn he", "next"]
    assert "the line above is torn" in lines[1].line


def test_a_torn_line_at_the_end_of_a_full_file_is_a_line(tmp_path: Path) -> None:
    fill(tmp_path, 2).close()
    with file_path(tmp_path, 1).open("ab") as file:
        file.write(b"2026-11-22T12:00:00.000Z 7 o torn " + b"x" * 2000)
    fill(tmp_path, 1).close()
    reader = LogReader(tmp_path, "s")
    expected = ["line 0", "line 1", "torn " + "x" * 2000, "line 0"]
    assert texts(read_all(reader)) == texts(reader.tail(99)[0]) == expected


def test_lines_not_in_our_format_are_given_as_they_are(tmp_path: Path) -> None:
    good = b"2026-11-22T12:00:00.500Z 7 e fine\n"
    odd = [b"", b"foreign", b"2026-11-22T12:00:00.50099 7 o x", b"9999-99-99T99:99:99.999Z 7 o x"]
    odd += [b"2026-11-22T12:00:00.500Z 7 z x", b"2026-11-22T12:00:00.500Z %s o x" % (b"1" * 5000)]
    file_path(tmp_path, 1).write_bytes(good + b"\n".join(odd) + b"\n")
    lines = read_all(LogReader(tmp_path, "s"))
    assert [x.line.encode() for x in lines[1:]] == odd
    assert {(x.time, x.run, x.stream) for x in lines[1:]} == {(lines[0].time, None, "out")}


def test_tails_are_merged_by_time(tmp_path: Path) -> None:
    for name, offset in (("a", 0.0), ("b", 0.0005), ("c", 5.0)):
        w = writer(tmp_path / name, at=NOON + offset)
        for i in range(4):
            w.write("out", b"%s%d\n" % (name.encode(), i))
    readers = [LogReader(tmp_path / name, name) for name in ("a", "b", "c", "missing")]
    lines, positions = merge_tail(readers, 8)
    assert texts(lines) == ["a2", "b2", "a3", "b3", "c0", "c1", "c2", "c3"]
    assert list(positions) == ["a", "b", "c", "missing"] and positions["missing"] == START
    assert all(reader.read(positions[reader.service])[0] == [] for reader in readers)
    assert merge_tail(readers, 0)[0] == [] and merge_tail([], 5) == ([], {})


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_or_doubled_while_writing_and_rotating(seed: int, tmp_path: Path) -> None:
    """The reader sees every line once and in order; where rotation overtakes it, it says so."""
    rng = random.Random(seed)
    total = 20_000
    limits = LogLimits(file_size=50_000, files=4, line_size=100)

    def produce() -> None:
        data = b"".join(b"line %d\n" % i for i in range(total))
        w = LogWriter(tmp_path, 1, limits)
        at = 0
        while at < len(data):
            size = rng.randrange(1, 3000)
            w.write("out", data[at : at + size])
            at += size
        w.close()

    thread = threading.Thread(target=produce)
    thread.start()
    reader, position = LogReader(tmp_path, "s"), START
    seen: list[LogLine] = []
    while not seen or seen[-1].line != f"line {total - 1}":
        alive = thread.is_alive()
        lines, position = reader.read(position, rng.randrange(1, 20_000))
        seen += lines
        assert lines or alive, "the writer has ended and its last line was not read"
    thread.join()
    expected = 0
    overtaken = False
    for line in seen:
        if line.stream == "hub":
            overtaken = overtaken or line.line.startswith("skipped") or not expected
            continue
        number = int(line.line.removeprefix("line "))
        assert number == expected or (number > expected and overtaken)
        expected, overtaken = number + 1, False


# A disk that refuses


class Disk:
    """Stands before os.write and os.writev: takes `room` bytes more, then refuses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int = 1 << 40, error: int = errno.ENOSPC) -> None:
        self.room, self.error = room, error
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "writev", lambda fd, parts: self.write(fd, b"".join(parts)))

    def write(self, fd: int, data: bytes) -> int:
        if not self.room:
            raise OSError(self.error, os.strerror(self.error))
        taken = self._write(fd, data[: self.room])
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", [0, 1, 20, 35, 36, 40, 72, 100])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_is_counted_and_said(
    room: int, error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = writer(tmp_path)
    w.write("out", b"before\n")
    disk = Disk(monkeypatch, room, error)
    w.write("out", b"lost 1\nlost 2\n")
    w.write("err", b"lost 3\n")
    lost = w.lost.lines
    assert lost == 3 - room // 36  # a stored line here has 36 bytes
    assert w.lost.size == 7 * lost and w.lost.reason == os.strerror(error)
    disk.room = 1 << 20
    w.write("out", b"after\n")
    w.close()
    lines = read_all(LogReader(tmp_path, "s"))
    assert texts(lines) == ["before", *["lost 1", "lost 2"][: 3 - lost], "after"]
    (marker,) = texts(lines, "hub")
    assert marker.startswith(f"lost {lost} lines ({7 * lost} bytes), 2026-11-22T12:00:00.")
    assert marker.endswith(f": {os.strerror(error)}")
    assert w.lost.lines == lost


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 12)), min_size=1, max_size=12), st.booleans())
def test_every_line_is_stored_or_counted(steps: list[tuple[int, int]], truncates: bool) -> None:
    """However often the disk fills and wherever it stops: lines read + lines lost = lines written."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch)
        if not truncates:
            patch.setattr(os, "ftruncate", lambda fd, size: disk_error())
        w = writer(Path(name), LogLimits(file_size=1000, files=1000, line_size=100))
        count = 0
        for room, lines in steps:
            disk.room = room
            w.write("out", b"".join(b"line %d\n" % i for i in range(count, count + lines)))
            count += lines
        disk.room = 1 << 20
        w.write("out", b"line %d\n" % count)
        w.close()
        lines_read = read_all(LogReader(Path(name), "s"))
        got = texts(lines_read, "out")
        assert got[-1] == f"line {count}"
        if truncates:  # else torn lines stay among them
            numbers = [int(text.removeprefix("line ")) for text in got]
            assert numbers == sorted(set(numbers)) and len(numbers) + w.lost.lines == count + 1
            said = [int(text.split()[1]) for text in texts(lines_read, "hub") if text.startswith("lost ")]
            assert sum(said) == w.lost.lines


def disk_error() -> None:
    raise OSError(errno.EIO, "no")


def test_a_log_folder_that_cannot_be_made_loses_lines_but_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file is in the way")
    w = writer(tmp_path / "logs" / "web")
    w.write("out", b"one\ntwo\n")
    assert w.lost.lines == 2 and w.lost.reason
    (tmp_path / "logs").unlink()
    w.write("out", b"three\n")
    w.close()
    w.write("out", b"too late\n")
    assert w.lost.lines == 3
    lines = read_all(LogReader(tmp_path / "logs" / "web", "web"))
    assert texts(lines) == ["three"] and texts(lines, "hub")[0].startswith("lost 2 lines (8 bytes)")
