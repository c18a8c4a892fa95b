"""Files that somebody else writes, rotates, cuts, removes and replaces while they are read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.logs.files import anybodys
from hubtui.logs.lines import Lines
from hubtui.logs.opening import open_lines
from tests.unit.logs.naive import all_lines, raws, read_on


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "web.log"
    path.write_bytes(b"one\ntwo\n")
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def added(lines: Lines) -> tuple[tuple[str, ...], list[bytes]]:
    """(what was said, lines behind what was the end)"""
    end = lines.end
    said = lines.refresh()
    return said, [line.raw for line in read_on(lines, end)]


def test_growth_says_nothing(path: Path) -> None:
    lines = open_lines([path])
    assert added(lines) == ((), [])
    append(path, b"three\nfo")
    assert added(lines) == ((), [b"three"])
    append(path, b"ur\n")
    assert added(lines) == ((), [b"four"])
    assert raws(lines) == [b"one", b"two", b"three", b"four"]
    assert lines.number(lines.end) == 4


def test_an_unfinished_line_counts_when_nothing_comes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = open_lines([path])
    append(path, b"Password: ")
    assert added(lines) == ((), [])
    monkeypatch.setattr(anybodys, "SETTLED", 0.0)
    assert added(lines) == ((), [b"Password: "])
    append(path, b"ok\nnext\n")
    assert added(lines) == ((), [b"ok", b"next"])


def test_rotation_by_rename_goes_on_with_the_new_file(path: Path) -> None:
    lines = open_lines([path])
    first = all_lines(lines)[0]
    path.rename(path.with_suffix(".log.1"))
    said, more = added(lines)
    assert said == ("web.log was moved away; what was in it can be read until this view is closed.",) and not more
    append(path.with_suffix(".log.1"), b"late\n")
    path.write_bytes(b"new\n")
    said, more = added(lines)
    assert said == ("web.log was rotated; the new file follows.",) and more == [b"late", b"new"]
    append(path.with_suffix(".log.1"), b"later\n")
    assert added(lines) == ((), [])
    assert raws(lines) == [b"one", b"two", b"late", b"later", b"new"]
    assert lines.number(lines.end) == 5 and all_lines(lines)[0] == first
    place = lines.at_number(4)
    assert place is not None and lines.read(place, 1, until=0.0).lines[0].raw == b"new"


def test_rotation_is_said_once_per_file_and_old_ones_that_were_removed_are_let_go(path: Path) -> None:
    lines = open_lines([path])
    for n in range(5):
        path.rename(path.with_name("old"))  # the one before it is removed by that
        path.write_bytes(b"file %d\n" % n)
        assert added(lines)[0] == ("web.log was rotated; the new file follows.",)
    assert raws(lines)[-2:] == [b"file 3", b"file 4"]
    held = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if fd.isdigit() and _is_open(fd)}
    assert len([name for name in held if str(path.parent) in name]) <= 3
    lines.close()


def _is_open(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")


def test_cutting_in_place_begins_anew(path: Path) -> None:
    lines = open_lines([path])
    last = all_lines(lines)[-1]
    os.truncate(path, 0)
    said, more = added(lines)
    assert said == ("web.log was cut short; it is read from its beginning again.",) and not more
    append(path, b"1\n")
    assert added(lines) == ((), [b"1"])
    assert raws(lines) == [b"1"] and lines.number(lines.end) == 1
    assert [line.raw for line in read_on(lines, last.place)] == [b"1"], "a place that is gone is the nearest there is"


def test_cutting_and_growing_between_two_looks_is_seen(path: Path) -> None:
    lines = open_lines([path])
    path.write_bytes(b"something else entirely\n")
    said, more = added(lines)
    assert said == ("web.log was written anew; it is read from its beginning again.",)
    assert more == [b"something else entirely"]


def test_removal_is_said_once_and_what_was_read_stays(path: Path) -> None:
    lines = open_lines([path])
    path.unlink()
    said, more = added(lines)
    assert said == ("web.log was removed; what was in it can be read until this view is closed.",) and not more
    assert added(lines) == ((), [])
    path.write_bytes(b"again\n")
    assert added(lines) == (("web.log is there again.",), [b"again"])
    assert raws(lines) == [b"one", b"two", b"again"]


def test_replacement_shows_the_new_one_only(path: Path) -> None:
    lines = open_lines([path])
    other = path.with_name("other")
    other.write_bytes(b"one\ntwo\nthree\n")
    other.replace(path)
    said, more = added(lines)
    assert said == ("web.log was replaced by another file, which is read from its beginning.",)
    assert raws(lines) == more == [b"one", b"two", b"three"]


FLAT = """
import resource, sys, time
from pathlib import Path
from hubtui.logs.opening import open_lines
lines = open_lines([Path(sys.argv[1])])
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
lines.count(time.monotonic() + 60)
for back in (False, True):
    place = lines.end if back else lines.start
    total = 0
    while True:
        chunk = lines.read(place, 8, back=back, until=time.monotonic() + 60)
        total += sum(line.size for line in chunk.lines)
        place = chunk.reached
        if chunk.done:
            break
    assert total == lines.size, total
middle = lines.read(lines.at_fraction(0.5), 1, until=time.monotonic() + 60).lines[0]
assert middle.size == 1 << 20
print(peak() - before)
"""


def test_a_gigabyte_without_a_newline_is_read_flat(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    os.utime(path, (1, 1))
    grown = subprocess.run([sys.executable, "-c", FLAT, path], capture_output=True, text=True, check=True).stdout
    assert int(grown) < 24 << 20


def test_what_is_no_file_in_its_place_is_said_once(path: Path) -> None:
    lines = open_lines([path])
    path.rename(path.with_name("old"))
    path.mkdir()
    assert lines.refresh() == ("Another file took the place of web.log, but it cannot be read: it is not a file.",)
    assert lines.refresh() == () and raws(lines) == [b"one", b"two"]
    path.rmdir()
    path.write_bytes(b"back\n")
    assert added(lines) == (("web.log was rotated; the new file follows.",), [b"back"])
