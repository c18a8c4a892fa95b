"""Next, previous and the count are what looking at every line says, however far the counting got."""

from __future__ import annotations

import math
import tempfile
import tracemalloc
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.counting import Counter
from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters
from hubtui.logs.lines import Line
from hubtui.logs.opening import open_lines, service_lines
from hubtui.logs.patterns import Pattern
from hubtui.logs.search import Hunt, Search, Tally
from hubtui.stacks.logfiles import service_folder
from tests.doubles.memorylines import MemoryLines

rows_of = st.lists(st.sampled_from([b"hit", b"other", b"other", b"a hit too"]), max_size=60)


def over(hunt: Hunt, until: float = math.inf) -> Line | None:
    """The end of a hunt, which comes."""
    for _ in range(10_000):
        if hunt.go(until):
            return hunt.found
    raise AssertionError("it never ends")


@settings(max_examples=500, deadline=None)
@given(rows_of, st.integers(0, 60), st.booleans(), st.integers(1, 7), st.integers(0, 30), st.booleans())
def test_the_next_hit_is_the_next_one_and_else_it_goes_round(
    rows: list[bytes], at: int, back: bool, slice_: int, counts: int, hurried: bool
) -> None:
    base = MemoryLines(rows)
    base.slice_ = slice_
    search = Search(base, Pattern("hit"))
    for _ in range(counts):
        search.count(0.0)
    place = min(at, len(rows))
    hits = [n for n, raw in enumerate(rows) if b"hit" in raw]
    ahead = [n for n in hits if (n < place if back else n >= place)]
    expected = [None, *hits, *ahead][-1] if back else next(iter(ahead or hits), None)

    hunt = search.hunt(place, back=back)
    found = over(hunt, 0.0 if hurried else math.inf)
    assert (found and found.place) == expected
    assert hunt.wrapped is not bool(ahead)


@settings(max_examples=300, deadline=None)
@given(st.lists(rows_of, max_size=6), st.integers(1, 9))
def test_the_count_grows_with_the_lines_and_is_exact_once_all_are_counted(
    parts: list[list[bytes]], slice_: int
) -> None:
    base = MemoryLines([])
    base.slice_ = slice_
    search = Search(base, Pattern("hit"))
    before = 0
    for rows in parts:
        for raw in rows:
            base.add(raw)
        while not (tally := search.count(0.0)).exact:
            assert 0 <= tally.part < 1 and tally.hits >= before
            before = tally.hits
        hits = [line for line in base.lines if b"hit" in line.raw]
        assert tally == Tally(len(hits), 1.0, True)
        for number, line in enumerate(hits, 1):
            assert search.ordinal(line, math.inf) == number


@settings(max_examples=300, deadline=None)
@given(
    rows_of, st.integers(1, 9), st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 5)), max_size=9)
)
def test_hunts_in_between_do_not_change_the_count(
    rows: list[bytes], slice_: int, hunts: list[tuple[int, bool, int]]
) -> None:
    base = MemoryLines(rows)
    base.slice_ = slice_
    search = Search(base, Pattern("hit"))
    for at, back, counts in hunts:
        over(search.hunt(min(at, len(rows)), back=back), 0.0)
        for _ in range(counts):
            search.count(0.0)
    while not search.count(0.0).exact:
        pass
    hits = [line for line in base.lines if b"hit" in line.raw]
    assert search.tally == Tally(len(hits), 1.0, True)
    assert [search.ordinal(line, math.inf) for line in hits] == list(range(1, len(hits) + 1))


def test_what_a_hunt_found_empty_is_not_counted_again() -> None:
    base = MemoryLines([b"other"] * 5000)
    base.slice_ = 100
    search = Search(base, Pattern("hit"))
    ahead, before = search.hunt(3000), search.hunt(3000, back=True)
    while not (ahead.go(0.0) or ahead.wrapped):
        pass
    while not (before.go(0.0) or before.wrapped):
        pass
    assert not search.count(0.0).exact
    assert search.count(0.0) == Tally(0, 1.0, True), "two short looks do for 50 looks' worth of lines"


def test_which_one_a_hit_is_stays_unknown_until_it_is_counted() -> None:
    base = MemoryLines([b"hit"] * 10)
    base.slice_ = 3
    search = Search(base, Pattern("hit"))
    search.count(0.0)
    assert [search.ordinal(line, math.inf) for line in base.lines[:5]] == [1, 2, 3, None, None]


def test_what_is_counted_as_empty_is_not_looked_at_again() -> None:
    base = MemoryLines([b"hit", *[b"other"] * 5000])
    base.slice_ = 100
    search = Search(base, Pattern("hit"))
    while not search.count(0.0).exact:
        pass
    hunt = search.hunt(1)
    assert hunt.go(0.0) or hunt.go(0.0), "two short looks do for 50 looks' worth of lines"
    assert hunt.found is not None and hunt.found.place == 0 and hunt.wrapped
    back = search.hunt(base.end, back=True)
    assert back.go(0.0) and back.found == hunt.found


def test_a_search_keeps_little_of_many_hits_and_still_knows_each() -> None:
    base = MemoryLines([b"hit", b"other"] * 20_000)
    base.slice_ = 4
    search = Search(base, Pattern("hit"))
    tracemalloc.start()
    try:
        while not search.count(0.0).exact:  # 10,000 looks
            pass
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000, held
    assert search.tally.hits == 20_000
    assert search.ordinal(base.lines[30_000], math.inf) == 15_001
    found = over(search.hunt(30_001))
    assert found is not None and found.place == 30_002


def test_a_search_in_filtered_lines_counts_what_is_shown() -> None:
    base = MemoryLines([b"a hit", b"b hit", b"a other", b"a hit"])
    search = Search(Filtered(base, Filters().add(Pattern("a ")), lambda raw: None), Pattern("hit"))
    assert search.count(math.inf) == Tally(2, 1.0, True)
    assert over(search.hunt(1)) == base.lines[3]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["hit\n", "other\n", "\x1b[1mhi\x1b[0mt\n", "hit\rover\n", "Hit hit\n"]), max_size=30),
    st.sampled_from(["hit", "h\\w+t", "^hit", "t$", "o", "[0-9] "]),
    st.booleans(),
)
def test_counting_without_making_lines_counts_the_same(rows: list[str], typed: str, stored: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        head = "2026-11-22T13:40:02.123Z 7 o " if stored else ""
        path = service_folder(Path(folder), "app") / "00000001.log"
        path.parent.mkdir()
        path.write_text("".join(head + row for row in rows * 100), newline="")
        lines = service_lines(path.parent, "app") if stored else open_lines([path])
        try:
            pattern = Pattern(typed, regex=True)
            hits = len(lines.read(lines.start, 10**9, match=pattern, until=math.inf).lines)
            counter = Counter(pattern)
            assert lines.read(lines.start, 1, match=counter, until=math.inf).done
            assert counter.hits == hits
            search = Search(lines, pattern)
            while not search.count(0.0).exact:
                pass
            assert search.tally.hits == hits
        finally:
            lines.close()
