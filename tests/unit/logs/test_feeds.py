"""Pipes, compressed files and UTF-16, read from anywhere."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.logs.files import spool
from hubtui.logs.lines import Lines
from hubtui.logs.opening import open_lines, pipe_lines
from tests.doubles.waiting import eventually
from tests.unit.logs.naive import all_lines, raws, read_on, soon

TEXT = b"".join(b"2026-11-26T03:04:%02dZ line %d\n" % (n % 60, n) for n in range(30_000))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_reads_as_what_is_in_it(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "old.log.z"
    path.write_bytes(pack(TEXT[:500_000]) + pack(TEXT[500_000:] + b"unfinished"))
    lines = open_lines([path])
    assert [line.raw for line in read_on(lines, lines.start, n=1000)] == (TEXT + b"unfinished").splitlines()
    assert raws(lines)[-1] == b"unfinished"
    assert lines.refresh() == () and lines.count(soon()) == 1.0
    place = lines.at_number(20_000)
    assert place is not None and lines.read(place, 1, until=0.0).lines[0].raw.endswith(b"line 20000")


def test_a_damaged_one_gives_what_is_before_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(TEXT)[:-1000])
    lines = open_lines([path])
    found = read_on(lines, lines.start, n=1000)
    assert len(found) > 1000 and TEXT.startswith(b"\n".join(line.raw for line in found))
    [said] = lines.refresh()
    assert said.startswith("x.gz is damaged and can be read no further") and lines.refresh() == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_as_utf_8_also_what_is_added(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.log"
    path.write_bytes("\ufeffgrüße\r\n𝄞 done\n".encode(encoding))
    lines = open_lines([path])
    assert raws(lines) == ["grüße\r".encode(), "𝄞 done".encode()]
    with path.open("ab") as file:
        file.write("more\n".encode(encoding))
    lines.refresh()
    assert raws(lines)[2:] == [b"more"]


def piped(lines: Lines) -> list[bytes]:
    lines.refresh()
    return raws(lines)


def test_a_pipe_is_read_as_it_comes_and_its_end_is_said() -> None:
    reads, writes = os.pipe()
    lines = pipe_lines(reads, "input")
    assert all_lines(lines) == []
    os.write(writes, b"one\ntw")
    assert piped(lines) == [b"one"]
    os.write(writes, b"o\nthree")
    assert piped(lines) == [b"one", b"two"]
    os.close(writes)
    assert lines.refresh() == ("input has ended.",)
    assert raws(lines) == [b"one", b"two", b"three"] and lines.refresh() == ()
    lines.close()


def test_a_flood_through_a_pipe_loses_nothing_and_each_look_is_short() -> None:
    reads, writes = os.pipe()
    lines = pipe_lines(reads, "input")

    def flood() -> None:
        with os.fdopen(writes, "wb") as file:
            for _ in range(20):
                file.write(TEXT)

    writer = threading.Thread(target=flood)
    writer.start()
    longest = 0.0
    while True:
        began = time.monotonic()
        said = lines.refresh()
        longest = max(longest, time.monotonic() - began)
        if said:
            break
    writer.join()
    assert said == ("input has ended.",) and longest < 1.0
    lines.count(soon())
    assert lines.number(lines.end) == 20 * 30_000
    lines.close()


def test_a_full_disk_stops_a_pipe_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_SPARE", 1 << 60)
    monkeypatch.setattr(spool, "_SPARE_PART", 1.0)
    reads, writes = os.pipe()
    lines = pipe_lines(reads, "input")
    os.write(writes, b"waits\n")
    assert lines.refresh() == ("input waits at 0 bytes: the disk has no room for more of it.",)
    assert lines.refresh() == () and raws(lines) == []
    monkeypatch.undo()
    assert piped(lines) == [b"waits"]
    os.close(writes)
    lines.close()


def test_a_named_pipe_stays_open_for_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    lines = open_lines([path])
    for n in range(2):
        path.write_bytes(b"writer %d\n" % n)
        assert piped(lines)[-1] == b"writer %d" % n
    lines.close()


def test_a_file_that_the_kernel_makes_up_while_it_is_read_is_read(tmp_path: Path) -> None:
    path = Path("/proc/self/status")
    assert path.stat().st_size == 0
    lines = open_lines([path])
    found = piped(lines)
    assert found[0].startswith(b"Name:") and len(found) > 10
    lines.close()


def test_a_file_of_sys_is_not_as_long_as_it_says() -> None:
    path = next(iter(sorted(Path("/sys/kernel/mm").glob("*/enabled"))), None)
    if path is None or path.stat().st_size <= len(path.read_bytes()):
        pytest.skip("no such file here")
    lines = open_lines([path])
    assert piped(lines) == path.read_bytes().splitlines()
    lines.close()


def test_a_spool_leaves_no_file_and_no_descriptor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = len(os.listdir("/proc/self/fd"))
    reads, writes = os.pipe()
    lines = pipe_lines(reads, "input")
    assert os.listdir(tmp_path) == []
    lines.close()
    os.close(writes)
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_cannot_be_opened_is_an_error_and_nothing_stays_open(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\n")
    before = len(os.listdir("/proc/self/fd"))
    for bad in (tmp_path, tmp_path / "missing"):
        with pytest.raises(OSError):
            open_lines([tmp_path / "a", bad])
    eventually(lambda: len(os.listdir("/proc/self/fd")) == before)
