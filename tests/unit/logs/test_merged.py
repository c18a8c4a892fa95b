"""Several files merged by time: the same as a plain stable sort, from both directions, for any times."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.forms import Anybodys
from hubtui.logs.merge.merged import MergedLines
from hubtui.logs.opening import open_lines
from tests.unit.logs.naive import Holds, all_lines, read_on, soon

NEVER = float("-inf")
# Steps of time between lines, in seconds; None: a line without a time.
STEPS = st.lists(st.one_of(st.none(), st.sampled_from([0, 0, 1, 2, 7, 3600])), max_size=25)


def file_text(name: str, steps: list[int | None]) -> bytes:
    moment, lines = 1_795_651_200, []
    for n, step in enumerate(steps):
        moment += step or 0
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
        lines.append(f"  at {name} {n % 3}\n" if step is None else f"{stamp} {name} {n % 3}\n")
    return "".join(lines).encode()


def by_time(steps: list[int | None]) -> list[float]:
    """The time that each line counts as."""
    moment, times, known = 1_795_651_200, [], False
    for step in steps:
        moment += step or 0
        known = known or step is not None
        times.append(float(moment) if known else NEVER)
    lead = next((x for x in times if x != NEVER), NEVER)
    return [lead if x == NEVER else x for x in times]


def sorted_lines(files: list[list[int | None]]) -> list[tuple[int, bytes]]:
    keyed = []
    for source, steps in enumerate(files):
        texts = file_text(f"f{source}", steps).splitlines()
        keyed += [(moment, source, n, texts[n]) for n, moment in enumerate(by_time(steps))]
    return [(source, text) for _, source, _, text in sorted(keyed)]


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=4), st.integers(20, 200))
def test_merged_is_sorted_from_both_directions(files: list[list[int | None]], block: int) -> None:
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        parts = []
        for n, steps in enumerate(files):
            path = Path(folder) / f"f{n}"
            path.write_bytes(file_text(f"f{n}", steps))
            parts.append(ChainLines(f"f{n}", AnybodysFiles(path), Anybodys(), block=block))
        merged = MergedLines(parts)
        stack.callback(merged.close)
        found = all_lines(merged)
        assert [(line.source, line.raw) for line in found] == sorted_lines(files)
        for match in (Holds(b" 1"), Holds(b"f1"), Holds(b"at", quick=False)):
            assert all_lines(merged, match) == [line for line in found if match(line)], "with the same places"
        assert merged.number(merged.end) == len(found)
        for n, line in enumerate(found):
            assert merged.number(line.place) == n
            assert merged.at_number(n) == line.place
            if line.time is not None:
                place = merged.at_time(line.time, soon())
                assert place == next(x.place for x in found if x.time == line.time or place == x.place)
        assert merged.at_fraction(0) == merged.start and merged.at_fraction(1) == merged.end
        assert merged.fraction(merged.at_fraction(0.5)) <= 0.5


def test_searching_goes_on_where_time_ended_it(tmp_path: Path) -> None:
    for name, step in (("a", 1), ("b", 50)):
        (tmp_path / name).write_bytes(file_text(name, [step] * (20_000 // step)))
    merged = MergedLines([open_lines([tmp_path / "a"]), open_lines([tmp_path / "b"])])
    match = Holds(b"b 2", quick=False)
    wanted = [line for line in read_on(merged, merged.start, n=5000) if match(line)]
    for back in (False, True):
        place = merged.end if back else merged.start
        assert read_on(merged, place, n=50, back=back, match=match, slice_=0.0) == wanted


class Unlike(Holds):
    """One that no search that went before asked for, so that each look begins at its place alone."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


WILD = st.lists(st.one_of(st.none(), st.integers(-100, 100)), max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.lists(WILD, min_size=1, max_size=3), st.integers(1, 5))
def test_no_line_is_lost_or_given_twice_where_times_go_back(files: list[list[int | None]], n: int) -> None:
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for name, steps in enumerate(files):
            (Path(folder) / f"f{name}").write_bytes(file_text(f"f{name}", steps))
        merged = MergedLines([open_lines([Path(folder) / f"f{name}"]) for name in range(len(files))])
        stack.callback(merged.close)
        texts = [file_text(f"f{name}", steps).splitlines() for name, steps in enumerate(files)]
        for match in (None, Holds(b" 1"), Unlike(b" 1")):
            for back in (False, True):
                found = read_on(merged, merged.end if back else merged.start, n=n, back=back, match=match, slice_=0.0)
                for source, text in enumerate(texts):
                    wanted = [line for line in text if match is None or match.needle in line]
                    assert [line.raw for line in found if line.source == source] == wanted


def test_following_gives_each_new_line_once(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b", tmp_path / "untimed"]
    for path in paths:
        path.write_bytes(file_text(path.name, [1, 1]) if path.name != "untimed" else b"x\ny\n")
    merged = MergedLines([open_lines([path]) for path in paths])
    end = merged.end
    for path in paths:
        with path.open("ab") as file:
            file.write(b"2026-11-26T00:00:00Z old but new %s\n" % path.name.encode())
    assert merged.refresh() == ()
    assert {line.raw[-3:] for line in read_on(merged, end)} == {b"w a", b"w b", b"med"}
    os.truncate(paths[1], 0)
    assert merged.refresh() == ("b was cut short; it is read from its beginning again.",)
    assert len(read_on(merged, merged.start)) == 6


def test_whole_reads_from_the_right_file(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"2026-11-26T00:00:00Z " + name.encode() * 100_000 + b"\n")
    merged = MergedLines([MergedLines([open_lines([tmp_path / name])]) for name in "ab"])
    for line, letter in zip(all_lines(merged), (b"a", b"b"), strict=True):
        assert line.raw.endswith(letter) and merged.whole(line, 1 << 20) == b"2026-11-26T00:00:00Z " + letter * 100_000


@pytest.mark.parametrize("n", [0, -1])
def test_nothing_asked_is_nothing_read(tmp_path: Path, n: int) -> None:
    (tmp_path / "a").write_bytes(b"x\n")
    merged = MergedLines([open_lines([tmp_path / "a"])])
    assert merged.read(merged.start, n, match=Holds(b"x"), until=soon()).lines == ()
