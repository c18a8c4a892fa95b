"""What filters leave is what asking each line says, read in either direction, in looks of any size and length."""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubtui.logs.filtered import Filtered, Gap, gap
from hubtui.logs.filters import Filters, TextFilter
from hubtui.logs.inherited import SPREAD
from hubtui.logs.lines import Line, Lines
from hubtui.logs.opening import merge_lines, open_lines, service_lines
from hubtui.logs.patterns import Pattern
from hubtui.logs.search import Search
from tests.doubles.memorylines import MemoryLines, naive

WORDS = (b"alpha", b"beta", b"gamma", b"", b"E bad", b"I good", b"E alpha", b"W beta", b"  at alpha()")
LEVELS = {b"I": 1, b"W": 2, b"E": 3}

texts = st.sampled_from(["alpha", "beta", "gamma", "a", "zeta"])
some_filters = st.builds(
    Filters,
    st.lists(st.builds(TextFilter, st.builds(Pattern, texts), st.booleans(), st.booleans()), max_size=3).map(tuple),
    st.sampled_from([None, None, 1, 2, 3]),
    st.booleans(),
    st.sampled_from([frozenset(), frozenset({"b"}), frozenset({"a", "b"})]),
    st.booleans(),
    st.just(None),
)


def level_of(raw: bytes) -> int | None:
    return LEVELS.get(raw[:1])


def effective(lines: list[Line], n: int) -> int | None:
    for m in range(n, max(n - SPREAD, 0) - 1, -1):
        if lines[m].source == lines[n].source and (level := level_of(lines[m].raw)) is not None:
            return level
    return None


def kept(base: MemoryLines, filters: Filters, n: int) -> bool:
    """Asked the obvious way."""
    line = base.lines[n]
    on = [one for one in filters.texts if one.on]
    shows = [one.pattern.typed.encode() for one in on if not one.hides]
    hides = [one.pattern.typed.encode() for one in on if one.hides]
    if filters.level is not None and filters.level_on and (effective(base.lines, n) or 0) < filters.level:
        return False
    if filters.hidden_on and base.sources[line.source].name in filters.hidden:
        return False
    return (not shows or any(t in line.raw for t in shows)) and not any(t in line.raw for t in hides)


def read_all(lines: Lines, place: object, n: int, back: bool, until: float) -> list[Line]:
    """Look after look, until nothing is left."""
    found: list[Line] = []
    for _ in range(10_000):
        chunk = lines.read(place, n, back=back, until=until)
        assert len(chunk.lines) <= n
        found = [*chunk.lines, *found] if back else [*found, *chunk.lines]
        place = chunk.reached
        if chunk.done:
            return found
    raise AssertionError("it never ends")


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 2)), max_size=60),
    some_filters,
    st.integers(0, 4),
    st.integers(1, 9),
    st.integers(1, 7),
    st.booleans(),
    st.booleans(),
    st.integers(0, 60),
)
def test_it_is_what_asking_every_line_says(
    rows: list[tuple[bytes, int]],
    filters: Filters,
    context: int,
    n: int,
    slice_: int,
    hurried: bool,
    back: bool,
    at: int,
) -> None:
    base = MemoryLines([raw for raw, _ in rows], [source for _, source in rows], ("a", "b", "c"))
    base.slice_ = slice_
    lines = Filtered(base, filters, level_of, context)
    place = min(at, len(rows))
    expected = naive(base.lines, lambda i: kept(base, filters, i), context)
    there = [one for one in expected if (base.number(one.place) or 0) < place] if back else None
    if there is None:
        there = [one for one in expected if (base.number(one.place) or 0) >= place]
    assert read_all(lines, place, n, back, 0.0 if hurried else math.inf) == there


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40), st.integers(0, 3), st.integers(1, 5), st.booleans())
def test_a_search_in_it_finds_what_is_shown_also_as_context(
    rows: list[bytes], context: int, n: int, back: bool
) -> None:
    base = MemoryLines(rows)
    lines = Filtered(base, Filters().add(Pattern("alpha")), level_of, context)
    shown = naive(base.lines, lambda i: b"alpha" in rows[i], context)
    found: list[Line] = []
    place, done = lines.end if back else lines.start, False
    while not done:
        chunk = lines.read(place, n, back=back, match=Pattern("beta"), until=math.inf)
        found = [*chunk.lines, *found] if back else [*found, *chunk.lines]
        place, done = chunk.reached, chunk.done
    assert found == [line for line in shown if b"beta" in line.raw]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8), max_size=8), st.integers(0, 3))
def test_following_it_gives_each_line_once_and_in_order(growth: list[list[bytes]], context: int) -> None:
    base = MemoryLines([])
    lines = Filtered(base, Filters(level=3).add(Pattern("a")), level_of, context)
    place, found = lines.start, list[Line]()
    for rows in growth:
        for raw in rows:
            base.add(raw)
        chunk = lines.read(place, 1000, until=math.inf)
        assert chunk.done
        found += chunk.lines
        place = chunk.reached
    whole = naive(base.lines, lambda i: b"a" in base.lines[i].raw and (effective(base.lines, i) or 0) >= 3, context)
    assert [line.place for line in found] == [line.place for line in whole]


def test_a_stack_trace_is_shown_with_its_error_and_no_further_than_one_is_long() -> None:
    rows = [b"I start", b"E broke", *[b"  at frame"] * (SPREAD + 20), b"I end"]
    lines = Filtered(MemoryLines(rows), Filters(level=3), level_of)
    for back in (False, True):
        assert len(read_all(lines, lines.end if back else lines.start, 50, back, math.inf)) == 1 + SPREAD
    middle = lines.read(300, 10, until=math.inf).lines
    assert [line.place for line in middle] == list(range(300, 310))


def test_a_marker_of_hubtui_takes_no_level_from_the_line_before_it() -> None:
    base = MemoryLines([b"E broke", b"run 4 begins", b"  at frame"])
    base.lines[1] = replace(base.lines[1], stream="hub")
    shown = Filtered(base, Filters(level=3), level_of).read(0, 9, until=math.inf).lines
    assert [line.place for line in shown] == [0, 2]


def test_what_is_left_out_is_known_in_lines() -> None:
    base = MemoryLines([b"hit", *[b"other"] * 214, b"hit", b"hit"])
    first, second, third = Filtered(base, Filters().add(Pattern("hit")), level_of).read(0, 9, until=math.inf).lines
    assert gap(base, first, second) == Gap(214)
    assert gap(base, second, third) is None


def test_a_filter_that_is_switched_off_is_kept_and_one_that_is_asked_for_twice_is_there_once() -> None:
    filters = Filters(level=2).add(Pattern("a")).add(Pattern("b"), hides=True).add(Pattern("a"))
    assert [(one.pattern.typed, one.hides) for one in filters.texts] == [("b", True), ("a", False)]
    off = replace(filters.switch(0).switch(1), level_on=False)
    assert filters.active and not off.active and len(off.texts) == 2
    assert off.switch(1).match(()) is not None
    assert filters.remove(0).texts == filters.texts[1:]


def test_only_one_run_is_shown_when_that_is_asked() -> None:
    base = MemoryLines([])
    for n in range(6):
        base.add(b"line", run=n // 2)
    shown = Filtered(base, Filters(run=1), level_of).read(0, 9, until=math.inf).lines
    assert [line.place for line in shown] == [2, 3]


def test_a_look_for_what_is_nowhere_ends_in_time_and_goes_on_where_it_was() -> None:
    base = MemoryLines([b"x"] * 1000)
    base.slice_ = 10
    lines = Filtered(base, Filters().add(Pattern("nowhere")), level_of, 2)
    chunk = lines.read(0, 5, until=time.monotonic())
    assert (chunk.lines, chunk.done, chunk.reached) == ((), False, 10)


def test_what_is_far_behind_in_a_long_line_is_found_by_every_way_of_looking(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_bytes(b"E start\n" + b"x" * 100_000 + b" needle\nother\n")
    base = open_lines([path])
    needle = Filters().add(Pattern("needle"))
    try:
        for filters in (needle, replace(needle, level=3)):
            for context in (0, 1):
                lines = Filtered(base, filters, level_of, context)
                for back in (False, True):
                    shown = read_all(lines, lines.end if back else lines.start, 9, back, math.inf)
                    assert [line.size for line in shown if line.hit] == [100_007]
        around = Filtered(base, Filters().add(Pattern("other")), level_of, 1)
        found = around.read(around.start, 9, match=Pattern("needle"), until=math.inf).lines
        assert [(line.size, line.hit) for line in found] == [(100_007, False)]
    finally:
        base.close()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 1), st.booleans()), max_size=40),
    some_filters,
    st.integers(0, 3),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
@example([(b"alpha", 1, False), (b"E bad", 0, False), (b"alpha", 1, False)], Filters(level=3), 1, 9, False, True)
def test_of_logs_that_are_merged_or_rotated_the_same_is_left(
    rows: list[tuple[bytes, int, bool]], filters: Filters, context: int, n: int, hurried: bool, back: bool
) -> None:
    """Rows of two services, each in two files of its own, the second begun where a row says so."""
    with tempfile.TemporaryDirectory() as root:
        services = [service_lines(_stored(Path(root), name, which, rows), name) for which, name in enumerate("ab")]
        base = merge_lines(services)
        try:
            every = base.read(base.start, 1000, until=math.inf).lines
            plain = MemoryLines([line.raw for line in every], [line.source for line in every], ("a", "b"))
            expected = naive(plain.lines, lambda i: kept(plain, filters, i), context)
            lines = Filtered(base, filters, level_of, context)
            shown = read_all(lines, lines.end if back else lines.start, n, back, 0.0 if hurried else math.inf)
            assert [(line.raw, line.source, line.hit) for line in shown] == [
                (line.raw, line.source, line.hit) for line in expected
            ]
            search = Search(lines, Pattern("beta"))
            while not search.count(0.0 if hurried else math.inf).exact:
                pass
            assert search.tally.hits == sum(b"beta" in line.raw for line in expected)
        finally:
            base.close()


def _stored(root: Path, name: str, which: int, rows: list[tuple[bytes, int, bool]]) -> Path:
    folder = root / name
    folder.mkdir()
    number, text = 1, [b""]
    for second, (raw, owner, rotate) in enumerate(rows):
        if owner != which:
            continue
        if rotate and number == 1 and text[0]:
            number = 2
            text.append(b"")
        text[-1] += b"2026-11-22T13:40:%02d.000Z 1 o " % second + raw + b"\n"
    for number, data in enumerate(text, 1):
        (folder / f"{number:08d}.log").write_bytes(data)
    return folder


def test_a_hidden_service_is_not_in_what_is_merged(tmp_path: Path) -> None:
    rows = [(b"alpha", 0, False), (b"alpha too", 1, False), (b"beta", 0, False)]
    base = merge_lines([service_lines(_stored(tmp_path, name, n, rows), name) for n, name in enumerate("ab")])
    try:
        for hidden, left in (("a", [b"alpha too"]), ("b", [b"alpha", b"beta"]), ("", [raw for raw, _, _ in rows])):
            lines = Filtered(base, Filters(hidden=frozenset(hidden)).add(Pattern("a")), level_of)
            for back in (False, True):
                shown = read_all(lines, lines.end if back else lines.start, 2, back, math.inf)
                assert [line.raw for line in shown] == left
    finally:
        base.close()
