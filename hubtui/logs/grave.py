"""A quick look for lines that may name a level: what `levels.level_of` needs to call a line a warning or worse, or to
see any level in it, wherever in a line it stands. Most lines of most logs have none of it and need not be asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from hubtui.logs.block import Block, starts_of
from hubtui.logs.finders import Regex
from hubtui.logs.levels import FIELDS, HEAD, Level, level_of, uncoloured, words_of

LevelOf = Callable[[bytes], int | None]

_LONG = FIELDS // 4  # bytes behind which a level may be cut in two; of such a line not every byte is read
# Letters (glog, Ruby, ...), letters as values, and numbers (syslog; pino and bunyan; monolog) from each level on.
_LETTERS = {Level.WARNING: "WEFCA", Level.ERROR: "EFCA", Level.FATAL: "FCA"}
_VALUES = {Level.WARNING: "wefc", Level.ERROR: "efc", Level.FATAL: "fc"}
_NUMBERS = {
    Level.WARNING: r"[0-4]|[4-9]\d|[3-9]\d\d",
    Level.ERROR: r"[0-3]|[5-9]\d|[4-9]\d\d",
    Level.FATAL: r"[0-2]|[6-9]\d|[5-9]\d\d",
}
_SOME_WORDS = (  # as many letters of each as tell it from others
    "trace|trce|trc|verbose|vrb|finest|finer|debug|dbg|dbug|inf|notice|warn|wrn|err|severe|fail|fatal|ftl|crit|emerg"
    "|alert|panic|pnc"
)
_RARE_WORDS = (r"[<\[](?:[\w.-]+:)?(?i:note|system)", r"(?:LOG|FINE|CONFIG)(?:: | \[)")
# What begins a report of what went wrong; panic and fatal are words anyway.
_BROKE = r"exception|error|traceback|uncaught|error response|"
_DIED = r"terminate called|segmentation fault|killed|out of memory"
_KEYS = r"level_?name|level|lvl|severity_?text|severity|@l|priority"


class Look:
    """At one block. Lines have numbers in it, from 0."""

    def __init__(self, block: Block, named: LevelOf) -> None:
        self._block, self._named = block, named
        self._quick = named is level_of and block.cuts is None

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return self._block.starts

    def next(self, n: int, least: int) -> int | None:
        """The first line from `n` on that may name a level of at least `least`."""
        if n and n >= len(self.starts):
            return None
        if not self._quick:
            return n
        offset = _finder(_kind(least)).first(self._text, self._beginnings[n] if n else 0)
        found = bisect_right(self._beginnings, offset) - 1 if offset >= 0 else None
        if not self._odd:
            return found
        odd = bisect_left(self._odd, n)
        return min((m for m in (found, *self._odd[odd : odd + 1]) if m is not None), default=None)

    def every(self, least: int, n: int = 0) -> Iterator[int]:
        """All such lines from `n` on."""
        at = self.next(n, least)
        while at is not None:
            yield at
            at = self.next(at + 1, least)

    def behind(self, n: int) -> int | None:
        """The line behind line `n`."""
        return n + 1 if n + 1 < len(self.starts) else None

    def level(self, n: int) -> int | None:
        """The level that a line names itself."""
        text = self._block.text(self.starts[n])
        return None if text is None else self._named(text)

    def is_marker(self, n: int) -> bool:
        """Whether it is one of hubtui's own."""
        return self._block.heads.head(self._block.data, self.starts[n])[1] == "hub"

    @cached_property
    def _text(self) -> bytes:
        return uncoloured(self._block.data)

    @cached_property
    def _beginnings(self) -> list[int]:
        """Where each line begins in the text."""
        return self.starts if self._text is self._block.data else starts_of(self._text)

    @cached_property
    def _odd(self) -> list[int]:
        """Lines of which `level_of` does not read what the text says: colours far behind their beginning are left in,
        and what is far behind is left out."""
        data = self._block.data
        odd = {*_long(data)}
        at = data.find(b"\x1b")
        while at >= 0:
            start, after = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
            if at - start >= HEAD:
                odd.add(start)
            at = data.find(b"\x1b", after) if after >= 0 else -1
        return [bisect_left(self.starts, start) for start in sorted(odd)]


def _long(data: bytes) -> Iterator[int]:
    start, size = 0, len(data)
    while size - start > _LONG:
        newline = data.rfind(b"\n", start, start + _LONG + 1)
        if newline < 0:
            yield start
            newline = data.find(b"\n", start)
            if newline < 0:
                return
        start = newline + 1


def _kind(least: int) -> Level | None:
    """None: of any level, which most lines name anyway."""
    return Level(min(least, Level.FATAL)) if least >= Level.WARNING else None


@lru_cache(maxsize=4)
def _finder(least: Level | None) -> Regex:
    letters, reports = "VDIWEFCA", _BROKE + _DIED
    if least is None:
        ways = [*_RARE_WORDS, rf"(?i:(?:{_KEYS})[\"']?\s*[:=]\s*[\"']?\w)", r'"s":"\w', r":[XCSM] \d\d \w"]
        words = _SOME_WORDS
    else:
        letters, value = _LETTERS[least], rf"(?:0*(?:{_NUMBERS[least]})|[{_VALUES[least]}])\b"
        words = "|".join(word for level in Level if level >= least for word in words_of(level) if len(word) > 1)
        ways = [rf"(?i:(?:{_KEYS})[\"']?\s*[:=]\s*[\"']?{value})", rf'"s":"(?i:[{_VALUES[least]}])']
        if least == Level.WARNING:
            ways.append(r"[\d:.] # ")
        if least == Level.FATAL:
            reports = _DIED
    ways += [
        rf"(?i:{words}|{reports})",
        rf"[{letters}](?:\d{{4,8}} \d\d:|/[\w.$-]| \(\d|, \[\d)",
        rf"\[[{letters}] \d",
        rf"[\d:.Z+-] +[{letters}](?: |!)",
        r"<\d{1,3}>",
        r"\*\*\* ",
    ]
    return Regex("|".join(ways), folds=False)
