"""Times in anybody's lines, and going to a time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.forms import Anybodys
from hubtui.logs.files.times import copied, learn
from hubtui.logs.opening import open_lines
from hubtui.screens.log.goto import goal_of
from hubtui.workers.log.goals import ToTime
from tests.unit.logs.naive import all_lines, soon

WHEN = datetime(2026, 11, 26, 3, 4, 5, tzinfo=UTC).timestamp()
NOW = WHEN + 3600


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("line", "fraction"),
    [
        ("2026-11-26T03:04:05Z GET /", 0),
        ("2026-11-26T03:04:05.678Z GET /", 0.678),
        ("[2026-11-26T03:04:05.678901234+00:00] x", 0.678901),
        ("INFO 2026-11-26T08:34:05+0530 x", 0),
        ("2026-11-26 04:04:05,250 INFO x", 0.25),
        ("2026/11/26 04:04:05 [error] 17#17: x", 0),
        ("web-1  | 2026-11-25 22:04:05.5 -0500 x", 0.5),
        ("Nov 26 04:04:05 host sshd[1]: x", 0),
        ("<34>Nov 26 04:04:05 host su: x", 0),
        ('1.2.3.4 - - [26/Nov/2026:03:04:05 +0000] "GET /?at=2020-01-01T00:00:00Z"', 0),
        (f"{int(WHEN)} x", 0),
        (f"{int(WHEN)}.125 x", 0.125),
        (f"[{int(WHEN * 1000) + 250}] x", 0.25),
        (f'{{"level":"info","ts":{int(WHEN)}.5,"msg":"2020-01-01T00:00:00Z"}}', 0.5),
        (f'{{"msg":"since 2020-01-01T00:00:00Z","time":{int(WHEN * 1000)}}}', 0),
        ('{"@timestamp": "2026-11-26T03:04:05.125Z", "message": "x"}', 0.125),
        ("time=2026-11-26T03:04:05Z level=info msg=x", 0),
        ('level=info ts="2026-11-26 04:04:05" msg=x', 0),
    ],
)
def test_known_ways_to_write_a_time(line: str, fraction: float) -> None:
    text = line.encode()
    clock = learn(text + b"\nno time here\n", NOW)
    assert clock is not None
    assert clock(b"x\n" + text, 2, 2 + len(text)) == pytest.approx(WHEN + fraction, abs=1e-5)
    assert clock(b"no time here", 0, 12) is None


@pytest.mark.parametrize("line", ["", "hello", "12345", "2026-13-40T03:04:05Z", "Foo 26 03:04:05 x", "10.0.0.1 200 5"])
def test_what_names_no_time(line: str) -> None:
    assert learn(line.encode(), NOW) is None


def test_a_year_is_that_of_the_last_such_day_before_the_file_was_written() -> None:
    clock = learn(b"Dec 31 23:59:59 host x\n", datetime(2027, 1, 5, tzinfo=UTC).timestamp())
    assert clock is not None
    assert clock(b"Dec 31 23:59:59 host x", 0, 22) == datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC).timestamp()
    assert clock(b"Jan  2 01:00:00 host x", 0, 22) == datetime(2027, 1, 2, tzinfo=UTC).timestamp()
    assert clock(b"Feb 29 01:00:00 host x", 0, 22) == datetime(2024, 2, 29, tzinfo=UTC).timestamp()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_name_a_time_or_none(data: bytes) -> None:
    for text in (data, b"2026-" + data, b"Nov " + data, b'{"ts":' + data, b"17" + data):
        clock = learn(text, NOW)
        assert clock is None or clock(text, 0, len(text)) is not None or b"\n" in text


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=60),
    st.integers(10, 300),
    st.integers(20, 100),
    st.integers(-2, 200),
)
def test_going_to_a_time_is_going_to_the_first_line_not_before_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | None], block: int, piece: int, ahead: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "times.log"
    moment, text = int(WHEN), b""
    for step in steps:
        moment += step or 0
        text += b"  at x\n" if step is None else b"%d started\n" % moment
    path.write_bytes(text)
    lines = ChainLines("x", AnybodysFiles(path, piece=piece), Anybodys(), block=block)
    found = all_lines(lines)
    timed = [line for line in found if line.time is not None]
    wanted = next((line.place for line in timed if line.time >= WHEN + ahead), lines.end if timed else None)  # type: ignore[operator]
    assert lines.at_time(WHEN + ahead, soon()) == wanted
    lines.close()


def test_a_time_is_found_at_once_in_a_large_file_with_long_untimed_parts(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with path.open("wb") as file:
        for n in range(100_000):
            file.write(b"%d line\n" % (int(WHEN) + n))
            if n % 10_000 == 0:
                file.write(b"  trace\n" * 50_000)
    lines = open_lines([path])
    began = os.times().user
    for n in (0, 1, 40_000, 40_001, 77_777, 99_999):
        place = lines.at_time(WHEN + n, soon())
        assert place is not None and lines.read(place, 1, until=0.0).lines[0].time == WHEN + n
    assert os.times().user - began < 3.0


def test_a_file_whose_times_begin_late_is_learnt_when_they_come(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"banner\n")
    lines = open_lines([path])
    assert lines.at_time(0.0, soon()) is None
    with path.open("ab") as file:
        file.write(b"2026-11-26T03:04:05Z up\n")
    lines.refresh()
    place = lines.at_time(0.0, soon())
    assert place is not None and lines.read(place, 1, until=0.0).lines[0].time == WHEN


@pytest.mark.parametrize(
    "text",
    [
        "Nov 26 04:04:05",  # of this zone
        "<14>Nov 26 04:04:05 host app: x",
        "[26/Nov/2026:03:04:05 +0000]",
        "26/Nov/2026:03:04:05 +0000",
        " 2026/11/26 04:04:05 ",
        "2026-11-26 04:04:05,000",
        "2026-11-26T03:04:05.000Z GET / 200",
        "1795662245",
        "1795662245000",
    ],
)
def test_what_a_line_says_is_a_time_to_go_to(text: str) -> None:
    assert copied(text, NOW) == WHEN
    goal = goal_of(text)
    assert isinstance(goal, ToTime)


@pytest.mark.parametrize(
    "text", ["4711", "999999999", "Nov 31 04:04:05", "26/Foo/2026:03:04:05 +0000", "GET /", "9" * 20]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert copied(text, NOW) is None
