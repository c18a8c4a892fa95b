"""How grave a line is, as its program said it: read from the raw bytes, fast enough to ask millions of lines.

Known are JSON and logfmt fields, and level words, letters and numbers in what stands before a message. Words within a
sentence ("0 errors") say nothing.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache


class Level(IntEnum):
    """How grave: ordered, so that `level >= Level.WARNING` means what it says. `name.lower()` is its word."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4
    FATAL = 5

    @property
    def word(self) -> str:
        """trace, debug, info, warning, error, fatal."""
        return self.name.lower()


_T, _D, _I, _W, _E, _F = Level
_NAMES: dict[bytes, Level] = {
    name: level
    for level, names in (
        (_T, b"trace trc trce finest finer verbose vrb verb spam silly t v"),
        (_D, b"debug dbg dbug debu deb fine config d"),
        (_I, b"info inf information informational notice note log system default success i n"),
        (_W, b"warning warn wrn warnin w"),
        (_E, b"error err erro eror severe fail failure e"),
        (_F, b"fatal ftl fata crit critical crt panic pnc emerg emergency alert dpanic f c"),
    )
    for name in names.split()
}
_SYSLOG = (_F, _F, _F, _E, _W, _I, _I, _D)  # RFC 5424: emergency, alert, critical, error, warning, notice, info, debug
_REDIS = {b".": _T, b"-": _D, b"*": _I, b"#": _W}

HEAD = 240  # bytes of a line in which a level before its message is looked for
FIELDS = 8192  # bytes in which a field is looked for

_ESCAPES = re.compile(rb"\x1b\[[0-?]{0,64}[ -/]*[@-~]")

_UPPER = (
    rb"(?:TRACE|TRC|FINEST|FINER|VERBOSE|VRB|DEBUG|DBG|INFORMATION|INFO|INF|NOTICE|WARNING|WARN|WRN|ERROR|ERR|SEVERE"
    rb"|FAILURE|FAIL|FATAL|FTL|CRITICAL|CRIT|EMERGENCY|EMERG|ALERT|PANIC|PNC)"
)
_ANY = (
    rb"(?i:trace|trce|trc|verbose|debug|dbug|dbg|information|info|inf|notice|warning|warn|wrn|error|err|severe|failure"
    rb"|fail|fatal|critical|crit|emergency|emerg|alert|panic)"
)
# What may stand before a level: marks; numbers and times; days, months and zones; names that are no words of a
# sentence (dots, digits, slashes, capitals in them); words that a mark follows; all of [a few words]. Each is taken
# whole or not at all, so no line makes this worse than linear.
_BEFORE = (
    rb"(?>[\](){}>|,;:*#@!?=/~\s\x80-\xff-]++|[<\[]"
    rb"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,Z+]*+ ?"
    rb"|[+]?\d(?:[\w:.+#]|[,/-](?![A-Za-z]))*+"
    rb"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|UTC|[AP]M|main|npm)\b"
    rb"|(?<=\d )(?:[A-Z]{2,4}T\b|[A-Za-z]\w*+(?= \w[\w.-]*(?:\[\d+\])?: ))"
    rb"|(?=[\w$.:/@-]*?(?:[\d._/$:@-]|[a-z][A-Z]))[A-Za-z_$./][\w$.:/@-]*+"
    rb"|[A-Za-z_]\w*+(?=\[\d+\]| \w[\w.-]*\[\d+\]:| *[\]|)]| +-+ | +" + _UPPER + rb"(?:  |:|\t| [\[-]))"
    rb"|(?<=\[)[A-Za-z][\w =]{0,30}+(?=[]:/]))"
)
_WORD = re.compile(
    rb"(?!\d{1,6} [A-Z])" + _BEFORE + rb"{0,24}?(?=[A-Za-z<\[])(?<![\w.])(?:"
    rb"(?<!\b0 )(?P<upper>" + _UPPER + rb")(?:\d(?=:)|(?![\w=]|\.\w| /))"
    rb"|[<\[](?:[\w.-]+:)?(?P<mark>" + _ANY + rb"|Note|System) *[]>]"
    rb"|(?:fatal )?(?P<said>" + _ANY + rb")(?:\[\w+\]| [A-Z]{1,4}\d{2,6})?:(?=\s|$)"
    rb"|(?:[A-Z][a-z]+){1,3}(?P<warned>Warning): "
    rb"|(?<=[ \t])(?P<low>" + _ANY + rb")[ \t]"
    rb"|\w+\.(?P<channel>" + _UPPER + rb"): "
    rb"|(?P<other>LOG|FINE|CONFIG)(?:: | \[)"
    rb")"
)
# Letters, numbers and marks of programs that have their own way, and what begins a report of what went wrong.
_START = re.compile(
    rb"(?P<glog>[DIWEFC])\d{4,8} \d\d:\d\d"
    rb"|<(?P<priority>\d{1,3})>"
    rb"|(?P<android>[VDIWEF])(?:/[\w.$-]+ *[(:]| \(\d+\) )"
    rb"|\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+ +\d+ (?P<logcat>[VDIWEF]) "
    rb"|\[(?P<tornado>[DIWEC]) \d"
    rb"|(?P<ruby>[DIWEFA]), \[\d{4}-"
    rb"|\d{1,10}:[XCSM] \d\d \w{3} \d{4} [\d:.]+ (?P<redis>[.*#-]) "
    rb"|\d{4}-\d\d-\d\dT[\d:.Z+-]+ (?P<mongo>[DIWEF])(?: +[A-Z-]{2,}|! )"
    rb"|npm (?P<npm>error|warn|notice|info) "
    rb"|(?P<yarn>error|warning|warn|info|fatal)(?: +- | (?=[A-Z\"']))"
    rb"|(?P<broke>Traceback \(most recent call last\)|[A-Za-z_][\w.$]{0,80}(?:Error|Exception)(?::|$)"
    rb"|Exception in thread |Unhandled exception|Uncaught |Error response from daemon|make(?:\[\d+\])?: \*\*\* )"
    rb"|(?P<died>panic: |fatal error: |terminate called after |thread '[^']{0,80}'(?: \(\d+\))? panicked at "
    rb"|Segmentation fault|Killed$|Out of memory)"
)
_KUBERNETES = re.compile(rb"\d{4}-\d\d-\d\dT\S{1,30} std(?:out|err) [FP] ")  # before each line of a container's file
_CLOCK = re.compile(rb"\d\d:\d\d[\d:.,Z+-]*\]?\s+\Z")

_KEYS = (b'"level"', b'"severity"', b'"lvl"')
_KEY = re.compile(
    rb'"(?:level_?name|level|severity(?:_?text)?|log[._]?level|@level|@l|priority)"\s*+:\s*+"?(\w+)', re.IGNORECASE
)
_VALUE = re.compile(rb'\s*+:\s*+"?(\w+)')
_PAIR = re.compile(rb"(?<![\w.])(?:log\.)?(?:level|lvl|severity|levelname|loglevel)=[\"']?(\w+)")


def level_of(raw: bytes) -> Level | None:
    """The level of one line, with or without colours; None where it names none."""
    if b"\x1b" in raw[:HEAD]:
        raw = uncoloured(raw[: FIELDS // 4])
    if b" std" in raw[:48] and (found := _KUBERNETES.match(raw)):
        raw = raw[found.end() :]
    head = raw[:HEAD].lstrip()
    if head[:1] == b"{":
        return _of_json(raw)
    found = _START.match(head)
    if found is not None:
        return _of_start(found)
    found = _word(head)
    if found is not None:
        return _NAMES[found[found.lastgroup or 0].lower()]
    if b"=" in raw:
        level = _of_pairs(raw)
        if level is not None:
            return level
    at = raw.find(b'{"', 0, HEAD)
    return _of_json(raw[at:]) if at > 0 else None


def uncoloured(lines: bytes) -> bytes:
    """Lines without colours, of which a level may be read; the same object where there are none."""
    return _ESCAPES.sub(b"", lines) if b"\x1b" in lines else lines


def level_span(text: str) -> tuple[Level, int, int] | None:
    """The level of a line of safe text and where its word stands in it; None where there is no word to point at."""
    head = text[: 2 * HEAD].encode("ascii", "replace")  # as many bytes as characters; tabs are spaces now
    kubernetes = _KUBERNETES.match(head)
    first = kubernetes.end() if kubernetes else 0
    first += len(head) - first - len(head[first:].lstrip())
    head = head[first : first + HEAD]
    if head[:1] == b"{":
        return None
    found = _START.match(head)
    if found is not None:
        level = _of_start(found)
    else:
        found = _word(head)
        level = _NAMES[found[found.lastgroup or 0].lower()] if found else None
    if found is not None and level is not None:
        start, end = found.span(found.lastgroup or 0)
        return level, first + start, first + end
    return None


def level_named(word: str) -> Level | None:
    """The level that a program calls so: any case, one letter, or a number of syslog (0 to 7), pino and bunyan (10 to
    60) or monolog (100 to 600)."""
    word = word.strip().lower()
    return _numbered(int(word)) if word.isdecimal() and len(word) < 4 else _NAMES.get(word.encode("utf-8", "replace"))


def words_of(level: Level) -> tuple[str, ...]:
    """The words, in small letters, that programs call a level by."""
    return tuple(word.decode() for word, named in _NAMES.items() if named is level)


def _word(head: bytes) -> re.Match[bytes] | None:
    """The level's word, if there is one; one in small letters without a mark counts only right behind a time of day."""
    found = _WORD.match(head)
    if found is None or found.lastgroup != "low":
        return found
    return found if _CLOCK.search(head[: found.start("low")]) else None


def _numbered(n: int) -> Level | None:
    if n >= 100:
        return _D if n < 200 else _I if n < 300 else _W if n < 400 else _E if n < 500 else _F
    return Level(min(n // 10 - 1, _F)) if n >= 10 else _SYSLOG[n] if n < 8 else None


def _of_start(found: re.Match[bytes]) -> Level | None:
    way = found.lastgroup
    if way == "broke":
        return _E
    if way == "died":
        return _F
    said = found[way or 0]
    if way == "redis":
        return _REDIS[said]
    if way == "priority":
        return _SYSLOG[int(said) & 7]  # the rest of the number is the facility
    if way in ("android", "logcat") and said == b"V":
        return _T
    return _F if said == b"A" else _NAMES[said.lower()]


def _of_json(raw: bytes) -> Level | None:
    """The level that an object names itself, rather than one that an object within it names."""
    if raw.startswith(b'{"t":{"$date"'):  # MongoDB
        at = raw.find(b'"s":"', 0, 80)
        return _NAMES.get(raw[at + 5 : at + 6].lower()) if at > 0 else None
    within = None
    for key in _KEYS:
        at, tries = raw.find(key, 0, FIELDS), 0
        while at > 0 and tries < 8:
            at += len(key)
            found = _VALUE.match(raw, at)
            level = _valued(found[1]) if found else None
            if level is not None:
                if raw.count(b"{", 0, at) - raw.count(b"}", 0, at) <= 1:
                    return level
                within = level if within is None else within
            at, tries = raw.find(key, at, FIELDS), tries + 1
    if within is None:
        found = _KEY.search(raw, 0, FIELDS // 4)
        within = _valued(found[1]) if found else None
    return within


@lru_cache(maxsize=256)
def _valued(value: bytes) -> Level | None:
    return level_named(value.decode("ascii", "replace"))


def _of_pairs(raw: bytes) -> Level | None:
    """level=... among other pairs, or first; not in a quoted value."""
    found = _PAIR.search(raw, 0, FIELDS // 4)
    if found is None or (found.start() and (raw.count(b"=") < 2 or raw.count(b'"', 0, found.start()) % 2)):
        return None
    return _valued(found[1])
