"""One file as lines: the same as a plain reading of its bytes, from both directions, for any bytes and any blocks."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.files import counted
from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.forms import Anybodys
from hubtui.logs.lines import CUT, PIECE
from hubtui.logs.opening import open_lines
from tests.unit.logs.naive import Holds, all_lines, pieces, raws, soon

BYTES = st.lists(st.sampled_from([b"\n", b"a", b"b", b"\r\n", b"\0", b"\xff", b"aaaaaaaaa", b"x" * 40]), max_size=60)


def lines_of(path: Path, block: int, piece: int) -> ChainLines:
    return ChainLines(path.name, AnybodysFiles(path, piece=piece), Anybodys(), block=block)


@settings(max_examples=400, deadline=None)
@given(BYTES.map(b"".join), st.integers(1, 40), st.integers(1, 24), st.integers(1, 50))
def test_any_bytes_are_the_same_lines_from_both_directions(data: bytes, block: int, piece: int, counts: int) -> None:
    with NamedTemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(counted, "BLOCK", counts)
        patch.setattr(counted, "REACH", counts * 2)
        file.write(data)
        file.flush()
        os.utime(file.name, (1, 1))  # nobody has added to it for long
        lines = lines_of(Path(file.name), block, piece)
        plain = pieces(data, piece)
        found = all_lines(lines)
        assert [line.raw for line in found] == plain
        for needle in (b"a", b"\r", b"\xff", b"ab"):
            wanted = [line for line in plain if needle in line]
            assert raws(lines, Holds(needle)) == raws(lines, Holds(needle, quick=False)) == wanted
        for _ in range(2):
            for line in found:
                number = lines.number(line.place)
                assert number in (None, data[: line.place[1]].count(b"\n"))  # type: ignore[index]
            assert lines.count(soon()) == 1.0
        total = len(data.removesuffix(b"\n").split(b"\n")) if data else 0  # also one that no newline ends
        assert lines.number(lines.end) == total
        for number in range(total + 1):
            place = lines.at_number(number)
            assert place is not None and lines.number(place) == number
            starts = place == lines.start or data[place[1] - 1 : place[1]] == b"\n"  # type: ignore[index]
            assert starts or place == lines.end
        places = [line.place for line in found]
        for tenth in range(11):
            place = lines.at_fraction(tenth / 10)
            assert place in (*places, lines.end)
            assert lines.fraction(place) <= tenth / 10 + 1e-9
        lines.close()


def test_a_line_keeps_its_cr_and_its_nuls_and_a_lone_cr_ends_none(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"dos\r\nbar 10%\rbar 20%\nnul \0 here\n")
    assert raws(open_lines([path])) == [b"dos\r", b"bar 10%\rbar 20%", b"nul \0 here"]


def test_a_long_line_is_given_cut_and_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    long = b"0123456789" * (CUT // 5)
    path.write_bytes(b"one\n" + long + b"end\ntwo\n")
    lines = open_lines([path])
    one, two, _ = all_lines(lines)
    assert (two.raw, two.size) == (long[:CUT], len(long) + 3)
    assert lines.whole(two, 1 << 20) == long + b"end" and lines.whole(two, 5) == b"01234"
    assert lines.whole(one, 100) == b"one"
    assert raws(lines, Holds(b"9end")) == [long[:CUT]], "what a reader is not given is searched, too"


def test_reading_ends_in_time_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"".join(b"line %d\n" % n for n in range(50_000)))
    lines = open_lines([path])
    looks, place = 0, lines.start
    while not (chunk := lines.read(place, 5, match=Holds(b"nowhere", quick=False), until=0.0)).done:
        assert chunk.reached != place
        place, looks = chunk.reached, looks + 1
    assert looks > 5


@pytest.mark.parametrize("size", [PIECE, PIECE + 1, 3 * PIECE + 17])
def test_pieces_of_a_long_line_are_bounded(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"before\n" + b"y" * size + b"\nafter\n")
    found = all_lines(open_lines([path]))
    assert sum(line.size for line in found) == size + 11
    assert max(line.size for line in found) < 2 * PIECE and (len(found) == 3) == (size <= PIECE + 1)
