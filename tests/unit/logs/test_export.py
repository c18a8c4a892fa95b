"""What is exported is what was asked for, safe for any terminal, under its name only when it is whole."""

from __future__ import annotations

import errno
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.errors import HubtuiError
from hubtui.logs.export import Export, Words
from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters
from hubtui.logs.lines import Lines, Place
from hubtui.logs.new_file import NewFile
from hubtui.logs.opening import open_lines
from hubtui.logs.patterns import Pattern
from hubtui.safetext import MASK
from tests.doubles.memorylines import MemoryLines


@pytest.fixture(params=["any file system", "one without files that have no name", "one without links too"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder on a file system that can do all of it, or less."""
    opened = os.open

    def open_(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return opened(path, flags, mode)

    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    if "any" not in request.param:
        monkeypatch.setattr(os, "open", open_)
    if "links" in request.param:
        monkeypatch.setattr(os, "link", link)
    return tmp_path


def exported(
    lines: Lines, words: Words | None = None, begin: Place | None = None, end: Place | None = None, until: float = 0.0
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.log"
        with Export(lines, NewFile(out), words or Words(), begin, end) as export:
            parts = [export.part]
            while not export.go(until):
                parts.append(export.part)
        assert parts == sorted(parts) and export.part == 1.0
        assert export.written == out.read_bytes().count(b"\n")
        return out.read_bytes()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b"bc", b"", b"a c"]), max_size=30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 2),
    st.booleans(),
)
def test_a_part_a_filter_or_everything(rows: list[bytes], begin: int, end: int, context: int, hurried: bool) -> None:
    base = MemoryLines(rows)
    until = 0.0 if hurried else math.inf
    assert exported(base, until=until) == b"".join(row + b"\n" for row in rows)
    begin, end = min(begin, len(rows)), min(end, len(rows))
    assert exported(base, None, begin, end, until) == b"".join(row + b"\n" for row in rows[begin:end])
    filtered = Filtered(base, Filters().add(Pattern("a")), lambda raw: None, context)
    shown = filtered.read(0, 1000, until=math.inf).lines
    assert exported(filtered, until=until) == b"".join(line.raw + b"\n" for line in shown)


def test_it_is_safe_unless_raw_is_asked_for_and_no_secret_is_in_either() -> None:
    hostile = b"\x1b]52;c;QQ==\x07\x1b[2Jpass\tword=hunter2hunter2 \xff\x00\xe2\x80\xae"
    base = MemoryLines([hostile])
    safe = exported(base, Words(masked=["hunter2hunter2"], head=lambda line: "12:04 app | ")).decode()
    assert safe == f"12:04 app | pass    word={MASK} \ufffd␀<U+202E>\n"
    raw = exported(base, Words(raw=True, masked=["hunter2hunter2"]))
    assert raw == hostile.replace(b"hunter2hunter2", MASK.encode()) + b"\n"


def test_a_line_of_any_length_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_bytes(b"first\n" + b"\t\x01x" * 100_000 + b"\nlast\n")
    lines = open_lines([path])
    try:
        raw, safe = exported(lines, Words(raw=True)), exported(lines)
    finally:
        lines.close()
    assert raw == path.read_bytes()
    assert safe.count("␁x".encode()) == 100_000 and b"\x01" not in safe and "…".encode() not in safe


def test_a_file_appears_when_it_is_whole_for_its_owner_alone(disk: Path) -> None:
    target = disk / "out.log"
    base = MemoryLines([b"line"] * 1000)
    with Export(base, NewFile(target), Words()) as export:
        assert not export.go(0.0)
        assert not target.exists()
        assert export.go(math.inf)
    assert target.read_bytes() == b"line\n" * 1000
    assert target.stat().st_mode & 0o777 == 0o600
    assert os.listdir(disk) == ["out.log"]


def test_what_is_cancelled_leaves_nothing(disk: Path) -> None:
    export = Export(MemoryLines([b"line"] * 1000), NewFile(disk / "out.log"), Words())
    export.go(0.0)
    export.cancel()
    assert export.go(math.inf)
    assert os.listdir(disk) == []


def test_no_file_is_written_over_unless_that_is_said(disk: Path) -> None:
    target = disk / "out.log"
    target.write_text("mine")
    target.chmod(0o640)
    with pytest.raises(HubtuiError, match="is there already; nothing was written"):
        NewFile(target)
    with Export(MemoryLines([b"new"]), NewFile(target, overwrite=True), Words()) as export:
        assert target.read_text() == "mine"
        export.go(math.inf)
    assert target.read_text() == "new\n"
    assert target.stat().st_mode & 0o777 == 0o640
    assert os.listdir(disk) == ["out.log"]


def test_a_file_that_somebody_else_made_meanwhile_stays_his(disk: Path) -> None:
    target = disk / "out.log"
    export = Export(MemoryLines([b"ours"]), NewFile(target), Words())
    target.write_text("theirs")
    with pytest.raises(HubtuiError, match="is there already"):
        export.go(math.inf)
    assert target.read_text() == "theirs"
    assert os.listdir(disk) == ["out.log"]


def test_a_link_is_written_through(disk: Path) -> None:
    (disk / "link").symlink_to(disk / "real")
    with Export(MemoryLines([b"x"]), NewFile(disk / "link"), Words()) as export:
        export.go(math.inf)
    assert (disk / "real").read_text() == "x\n"
    assert (disk / "link").is_symlink()


@pytest.mark.parametrize(
    ("where", "told"),
    [("", "is a folder"), ("none/out.log", "there is no such folder"), ("x" * 300, "that name is too long")],
)
def test_what_cannot_be_written_is_a_sentence(tmp_path: Path, where: str, told: str) -> None:
    with pytest.raises(HubtuiError, match=told):
        NewFile(tmp_path / where)


def test_a_full_disk_is_a_sentence(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    export = Export(MemoryLines([b"line"]), NewFile(disk / "out.log"), Words())
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(HubtuiError, match=re.escape("out.log cannot be written: the disk is full.")):
        export.go(math.inf)
    assert export.over
    assert os.listdir(disk) == []


def test_a_file_that_no_room_is_left_for_leaves_nothing(tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk's: both are met in the middle of a write."""
    code = """if True:
        import math, resource, sys
        from pathlib import Path
        from hubtui.errors import HubtuiError
        from hubtui.logs.export import Export, Words
        from hubtui.logs.new_file import NewFile
        from tests.doubles.memorylines import MemoryLines
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            Export(MemoryLines([b"line"] * 100_000), NewFile(Path(sys.argv[1])), Words()).go(math.inf)
        except HubtuiError as error:
            print(error.message, error.hint)
    """
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out.log")], capture_output=True, text=True, timeout=60
    )
    assert "a file may not be that large here. Nothing of it was kept." in done.stdout, done
    assert os.listdir(tmp_path) == []
