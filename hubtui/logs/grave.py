"""A quick look for lines that may be grave: what `levels.level_of` needs to call a line a warning or worse, wherever in
a line it stands. Most lines of most logs have none of it and need not be asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from hubtui.logs.levels import Level, words_of
from hubtui.logs.patterns import Pattern

# Letters (glog, Ruby, ...), letters as values, and numbers (syslog; pino and bunyan; monolog) from each level on.
_LETTERS = {Level.WARNING: "WEFCA", Level.ERROR: "EFCA", Level.FATAL: "FCA"}
_VALUES = {Level.WARNING: "wefc", Level.ERROR: "efc", Level.FATAL: "fc"}
_NUMBERS = {
    Level.WARNING: r"[0-4]|[4-9]\d|[3-9]\d\d",
    Level.ERROR: r"[0-3]|[5-9]\d|[4-9]\d\d",
    Level.FATAL: r"[0-2]|[6-9]\d|[5-9]\d\d",
}
# What begins a report of what went wrong; Error, Exception, panic and fatal are words anyway.
_REPORTS = r"exception|error|traceback|uncaught|terminate called|segmentation fault|killed|out of memory"
_KEYS = r"level_?name|level|lvl|severity_?text|severity|@l|priority"


def grave_offsets(block: bytes, least: int) -> Iterator[int] | None:
    """Where in a block of lines one may name a level of at least `least`; None: each must be asked."""
    if least < Level.WARNING:
        return None  # most lines do
    if block.count(b"\x1b") != block.count(b"\x1b["):
        return None  # what only a title or the like says is looked at by `level_of`, and not by a pattern
    return _look(Level(min(least, Level.FATAL))).candidates(block)


@lru_cache(maxsize=3)
def _look(least: Level) -> Pattern:
    letters, value = _LETTERS[least], rf"(?:0*(?:{_NUMBERS[least]})|[{_VALUES[least]}])\b"
    words = "|".join(word for level in Level if level >= least for word in words_of(level) if len(word) > 1)
    ways = [
        rf"(?i:{words}|{_REPORTS})",
        rf"(?i:(?:{_KEYS})[\"']?\s*[:=]\s*[\"']?{value})",
        rf'"s":"(?i:[{_VALUES[least]}])',
        rf"[{letters}](?:\d{{4,8}} \d\d:|/[\w.$-]| \(\d|, \[\d)",
        rf"\[[{letters}] \d",
        rf"[0-9Z] +[{letters}](?: |!)",
        rf"\d[+-]\d\d:?\d\d [{letters}](?: |!)",
        r"<\d{1,3}>",
        r"\*\*\* ",
    ]
    if least == Level.WARNING:
        ways.append(" # ")
    return Pattern("|".join(ways), regex=True, case=True)
