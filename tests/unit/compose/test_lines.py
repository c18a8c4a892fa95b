"""What containers print, as it comes over the socket."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubtui.stacks.engines.compose.lines import Lines, Printed
from hubtui.stacks.engines.compose.stamps import LENGTH, Clock, since

AT = b"2026-11-26T03:14:22.921635516Z"
THEN = b"2026-11-26T03:14:23.000000001Z"


def frame(text: bytes, stream: int = 1, stamp: bytes = AT) -> bytes:
    body = stamp + b" " + text
    return bytes([stream, 0, 0, 0]) + len(body).to_bytes(4, "big") + body


@given(st.lists(st.integers(0, 200), max_size=20))
def test_however_it_is_cut_the_lines_are_the_same(cuts: list[int]) -> None:
    data = frame(b"one\n") + frame(b"oops\n", 2) + frame(b"x" * 50) + frame(b"y\n") + frame(b"\xff\x00\n", 1, THEN)
    lines, got, at = Lines(tty=False), list[Printed](), 0
    for cut in [*sorted(min(c, len(data)) for c in cuts), len(data)]:
        got += lines.feed(data[at:cut])
        at = cut
    assert got == [
        Printed(AT, "out", b"one"),
        Printed(AT, "err", b"oops"),
        Printed(AT, "out", b"x" * 50 + b"y"),
        Printed(THEN, "out", b"\xff\x00"),
    ]
    assert lines.end() == []


def test_what_has_no_end_yet_comes_at_the_end() -> None:
    lines = Lines(tty=False)
    assert lines.feed(frame(b"Password: ")) == []
    assert lines.end() == [Printed(AT, "out", b"Password: ")]


def test_an_end_without_a_newline_is_no_beginning_of_what_the_next_life_prints() -> None:
    lines = Lines(tty=False)
    got = lines.feed(frame(b"out of luck") + frame(b"here again", 1, THEN) + frame(b", and well\n", 1, THEN))
    assert got == [Printed(AT, "out", b"out of luck"), Printed(THEN, "out", b"here again, and well")]


def test_a_terminal_prints_bare_lines() -> None:
    lines = Lines(tty=True)
    assert lines.feed(AT + b" hello\r\n" + THEN + b" wor") == [Printed(AT, "out", b"hello")]
    assert lines.feed(b"ld") == []
    assert lines.end() == [Printed(THEN, "out", b"world")]


def test_whole_seconds_are_told_apart_by_their_order() -> None:
    """As Podman 4.3 stamps them: read once more from the beginning of a second, each line has the same stamp again."""
    at, then = b"2026-11-26T03:14:22Z", b"2026-11-26T03:14:23Z"
    answer = [frame(b"one\n", 1, at), frame(b"two ", 1, at), frame(b"ends\n", 1, at), frame(b"three\n", 2, then)]
    lines, again = Lines(tty=False), Lines(tty=False)
    got = lines.feed(b"".join(answer))
    assert [(p.stamp[-11:], p.stream, p.line) for p in got] == [
        (b".000000000Z", "out", b"one"),
        (b".000000001Z", "out", b"two ends"),
        (b".000000000Z", "err", b"three"),
    ]
    assert lines.coarse
    assert [p for piece in answer for p in again.feed(piece)] == got


def test_an_offset_is_reckoned_in() -> None:
    (got,) = Lines(tty=False).feed(frame(b"x\n", 1, b"2026-11-26T04:14:22.5+01:00"))
    assert got == Printed(b"2026-11-26T03:14:22.500000000Z", "out", b"x")


def test_stamps_keep_their_nanoseconds() -> None:
    assert len(AT) == LENGTH
    assert since(AT.decode()) == "1795662862.921635516"
    assert since("2026-11-26T03:14:22Z") == "1795662862.000000000"
    assert int(Clock().read(AT) * 1000) == 1795662862921
