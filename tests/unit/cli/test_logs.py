"""`logs`: which lines, in which form, where to, and how it goes on when its files do not."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest

from hubtui.paths import Home
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import LogWriter, service_folder
from tests.doubles.waiting import eventually
from tests.unit.cli.support import call, refused, said

BEGAN = 1e9  # 2001-09-09 01:46:40 UTC


class Service:
    """A service of harbor that prints, at times that are told."""

    def __init__(self, name: str, run: int = 1, limits: LogLimits | None = None) -> None:
        self.now = BEGAN
        self.folder = service_folder(Home.default().logs("harbor"), name)
        self._writer = LogWriter(self.folder, run, limits or LogLimits(), clock=lambda: self.now)

    def prints(self, *lines: str | bytes, at: float = 0) -> None:
        self.now = BEGAN + at
        for line in lines:
            self._writer.write("out", (line.encode() if isinstance(line, str) else line) + b"\n")

    def ends(self) -> None:
        self._writer.close()


def texts(*words: str) -> list[str]:
    """What is printed, without times."""
    return [line.partition(" | ")[2] if " | " in line else line for line in said("logs", *words).splitlines()]


@pytest.mark.usefixtures("harbor")
class TestChoosing:
    @pytest.fixture(autouse=True)
    def written(self, harbor: Path) -> None:
        store, web = Service("store"), Service("web", run=2)
        store.prints("INFO ready", "ERROR disk full", at=1)
        store.prints("  at write.c:7", "INFO goes on", at=2)
        web.prints("GET /a", "GET /b", "get /c", at=1.5)
        web.prints("WARNING slow /b", at=3)
        store.ends()
        web.ends()

    def test_texts_to_show_and_to_hide(self) -> None:
        assert texts("harbor", "--grep", "GET") == ["GET /a", "GET /b"]
        assert texts("harbor", "--grep", "get", "-i") == ["GET /a", "GET /b", "get /c"]
        assert texts("harbor", "--grep", "disk", "--grep", "/b") == ["ERROR disk full", "GET /b", "WARNING slow /b"]
        assert texts("harbor", "--grep", "/b", "--hide", "slow") == ["GET /b"]
        assert texts("harbor", "--grep", "GET /[bc]$", "-E") == ["GET /b"]
        assert texts("harbor", "--grep", "/[bc]") == []

    def test_a_line_of_another_day_has_its_date(self) -> None:
        store = Service("store")
        store.prints("right now", at=time.time() - BEGAN)
        store.ends()
        old, new = said("logs", "harbor/web", "-n", "1"), said("logs", "harbor/store", "-n", "1")
        assert re.fullmatch(r"2001-09-\d\d \d\d:\d\d:43 web \| WARNING slow /b\n", old)
        assert re.fullmatch(r"\d\d:\d\d:\d\d store \| right now\n", new)

    @pytest.mark.parametrize("form", ["--json", "--raw", "-C0"])
    def test_where_stdout_is_full_that_is_what_is_said(self, form: str) -> None:
        with open("/dev/full", "wb") as full:
            words = [sys.executable, "-m", "hubtui", "logs", "harbor", "-n", "1", form, "--grep", "a"]
            ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
        assert ended.returncode == 1
        assert ended.stderr.splitlines()[0] == "hubtui: stdout cannot be written to: No space left on device."

    def test_no_line_is_asked_for_and_none_is_missed(self) -> None:
        ended = call("logs", "harbor", "-n", "0")
        assert ended.exit_code == 0 and ended.output == ""

    def test_a_trace_is_as_grave_as_its_error(self) -> None:
        assert texts("harbor", "--level", "error") == ["ERROR disk full", "  at write.c:7"]
        assert texts("harbor", "--level", "WARN", "--hide", "disk") == ["  at write.c:7", "WARNING slow /b"]

    def test_runs(self) -> None:
        assert texts("harbor", "--run", "2", "-n", "1") == ["WARNING slow /b"]
        assert len(texts("harbor", "--run", "#1")) == 4

    def test_times_are_included_at_both_ends(self) -> None:
        first, last = "2001-09-09T01:46:41.500Z", "2001-09-09T01:46:42Z"
        wanted = ["GET /a", "GET /b", "get /c", "  at write.c:7", "INFO goes on"]
        assert texts("harbor", "--since", first, "--until", last) == wanted
        assert texts("harbor", "--until", last, "-n", "2") == wanted[-2:]
        assert texts("harbor", "--since", last, "-n", "9") == [*wanted[-2:], "WARNING slow /b"]
        assert texts("harbor", "--since", first, "--until", last, "--grep", "o") == ["INFO goes on"]
        assert texts("harbor", "--since", "1h") == []

    def test_the_last_of_those_that_match(self) -> None:
        assert texts("harbor", "--grep", "/", "-n", "2") == ["get /c", "WARNING slow /b"]
        assert texts("harbor/web", "--grep", "GET", "--tail", "1") == ["GET /b"]

    def test_lines_around_each(self) -> None:
        assert texts("harbor/web", "--grep", "/b", "-C", "1") == ["GET /a", "GET /b", "get /c", "WARNING slow /b"]
        assert texts("harbor/store", "--grep", "O", "-C", "0") == ["INFO ready", "ERROR disk full", "INFO goes on"]

    def test_a_gap_between_groups_is_shown(self) -> None:
        store = Service("store")
        store.prints(*map(str, range(9)), at=9)
        store.ends()
        assert texts("harbor/store", "--grep", "[258]", "-E", "-C", "1", "--since", "2001-09-09T01:46:49Z") == (
            ["1", "2", "3", "4", "5", "6", "7", "8"]
        )
        assert texts("harbor/store", "--grep", "[28]", "-E", "-C", "1", "--since", "2001-09-09T01:46:49Z") == (
            ["1", "2", "3", "--", "7", "8"]
        )

    def test_nothing_that_matches_is_no_failure(self) -> None:
        result = call("logs", "harbor", "--grep", "never")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No line matches.\n")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--grep", "(", "-E"), "a ) is missing"),
            (("--level", "loud"), "warning, error, fatal"),
            (("--run", "last"), "no run's number"),
            (("--since", "soon"), "no time"),
            (("--since", "1h", "--until", "2h"), "later than"),
            (("-C", "3"), "--grep"),
            (("--raw", "--json"), "exclude"),
            (("-f", "-o", "x"), "> FILE"),
        ],
    )
    def test_wrong_use_says_what_is_right(self, words: tuple[str, ...], told: str) -> None:
        assert told in refused("logs", "harbor", *words)


@pytest.mark.usefixtures("harbor")
class TestForms:
    HOSTILE = b"\x1b]52;c;ZXZpbA==\x07\x1b[2Jred \x1b[31malert\x1b[0m \xff\xc3\x28\x00 caf\xc3\xa9"

    @pytest.fixture(autouse=True)
    def written(self, harbor: Path) -> None:
        web = Service("web")
        web.prints(self.HOSTILE, "x" * 40_000, at=1)
        web.ends()

    def raw(self, *words: str) -> bytes:
        return call("logs", "harbor", *words).stdout_bytes

    def test_text_is_safe(self) -> None:
        assert texts("harbor", "--grep", "alert") == ["red alert \ufffd\ufffd(␀ café"]
        assert b"\x1b" not in self.raw() and b"\x00" not in self.raw()

    def test_raw_is_every_byte_and_nothing_else(self) -> None:
        assert self.raw("--raw", "--grep", "alert") == self.HOSTILE + b"\n"
        longest = self.raw("--raw").splitlines()[1]
        assert longest.startswith(b"x" * 32_768)
        assert b"line cut" in self.raw() and b"line cut" not in self.raw("--raw")

    def test_json_has_every_byte_too(self) -> None:
        (line,) = self.raw("--json", "--grep", "alert").splitlines()
        assert line.isascii() and b"\x1b" not in line and b"\x7f" not in line
        assert json.loads(line)["line"].encode("utf-8", "surrogateescape") == self.HOSTILE

    def test_a_file_is_whole_and_new_and_private(self, here: Path) -> None:
        file = here / "out.log"
        assert said("logs", "harbor", "--raw", "-o", str(file)) == ""
        assert file.read_bytes() == self.raw("--raw")
        assert file.stat().st_mode & 0o777 == 0o600
        assert "is there already" in refused("logs", "harbor", "-o", str(file), code=1)
        assert file.read_bytes() == self.raw("--raw")
        assert "no such folder" in refused("logs", "harbor", "-o", str(here / "no" / "out.log"), code=1)


class Following:
    """`hubtui logs -f` as a program of its own, and the lines it prints."""

    def __init__(self, *words: str) -> None:
        code = (
            "from hubtui.workers import spawn\nspawn.start_guard = lambda *_: None\n"
            f"from hubtui.cli import cli\ncli.main({['logs', '-f', *words]!r})"
        )
        self.program = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.told: list[str] = []
        self._lines: Queue[str] = Queue()
        Thread(target=self._take, daemon=True).start()
        Thread(target=self._hear, daemon=True).start()

    def _take(self) -> None:
        assert self.program.stdout
        for line in self.program.stdout:
            self._lines.put(line.rstrip("\n").partition(" | ")[2])

    def _hear(self) -> None:
        assert self.program.stderr
        self.told += self.program.stderr

    def lines(self, count: int) -> list[str]:
        try:
            return [self._lines.get(timeout=20) for _ in range(count)]
        except Empty:
            raise AssertionError(f"no line within 20 s; it said {self.told}") from None


@pytest.mark.usefixtures("harbor")
class TestFollowing:
    @pytest.fixture
    def follow(self) -> Iterator[list[Following]]:
        running: list[Following] = []
        yield running
        for one in running:
            one.program.kill()
            one.program.wait()

    def test_it_goes_on_over_rotation_removal_and_a_new_run(self, follow: list[Following]) -> None:
        web = Service("web", limits=LogLimits(file_size=4096, files=3))
        web.prints("one")
        following = Following("harbor")
        follow.append(following)
        assert following.lines(1) == ["one"]
        for turn in range(6):  # each of these fills a file
            web.prints(*(f"{turn} {n} {'x' * 90}" for n in range(40)))
            found = [line for line in self.upto(following, f"{turn} 39 ") if not line.startswith("log file")]
            assert [line[:-91] for line in found] == [f"{turn} {n}" for n in range(40)]
        web.ends()
        shutil.rmtree(web.folder)
        eventually(lambda: "The log of web was removed.\n" in following.told, 20)
        again = Service("web", run=2)
        again.prints("after")
        assert following.lines(1) == ["after"]
        again.ends()
        third = Service("store", run=3)
        third.prints("a service that printed nothing before")
        assert following.lines(1) == ["a service that printed nothing before"]
        third.ends()
        assert following.program.poll() is None

    def test_only_what_matches_follows(self, follow: list[Following]) -> None:
        web = Service("web")
        web.prints("ERROR a", "INFO b")
        following = Following("harbor", "--level", "error", "-n", "5")
        follow.append(following)
        assert following.lines(1) == ["ERROR a"]
        web.prints("INFO c", "ERROR d")
        web.prints("  at e.py:1")
        assert following.lines(2) == ["ERROR d", "  at e.py:1"]
        web.ends()

    def upto(self, following: Following, last: str) -> list[str]:
        found = following.lines(1)
        while not found[-1].startswith(last):
            found += following.lines(1)
        return found

    def test_what_went_before_it_was_read_is_counted(self, follow: list[Following]) -> None:
        web = Service("web", limits=LogLimits(file_size=4096, files=2))
        web.prints("one")
        following = Following("harbor")
        follow.append(following)
        assert following.lines(1) == ["one"]
        following.program.send_signal(signal.SIGSTOP)
        web.prints(*(f"{n} {'x' * 90}" for n in range(1000)))
        following.program.send_signal(signal.SIGCONT)
        read = [line for line in self.upto(following, "999 ") if not line.startswith("log file")]
        (said,) = eventually(lambda: [line for line in following.told if "before they were read" in line])
        lost = int(said.split()[0])
        assert said == f"{lost} lines of web were removed by rotation before they were read.\n"
        assert [line.split()[0] for line in read] == [str(n) for n in range(1000 - len(read), 1000)]
        assert 1000 <= len(read) + lost <= 1100  # the markers that begin files are lines, too

    def test_it_ends_by_itself_when_its_time_is_over(self) -> None:
        web = Service("web")
        web.prints("once")
        web.ends()
        assert said("logs", "harbor", "-f", "--until", "now").count("once") == 1


@pytest.mark.usefixtures("harbor")
def test_services_of_many_files_merge_in_order_whatever_their_sizes() -> None:
    limits = LogLimits(file_size=65536, files=8)
    store, web = Service("store", limits=limits), Service("web", limits=limits)
    for n in range(3000):
        store.prints(f"{2 * n:05}", at=2 * n)
        if n % 3 == 0:
            web.prints(f"{2 * n + 1:05}", at=2 * n + 1)
    store.ends()
    web.ends()
    found = [line for line in texts("harbor") if not line.startswith("log file")]
    assert found == sorted(found) and len(found) == 4000
    assert texts("harbor", "-n", "7") == found[-7:]
