"""Text from outside (logs, names, errors) made safe for any terminal, and secret values kept out of it.

Every string that hubtui did not write itself passes `safe_text` on its way to the screen: nothing in it can then move
the cursor, answer on stdin, reorder or hide text, or break the column count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

LIMIT = 8192  # characters of one line that a view ever needs
MASK = "••••••"
SHORTEST_SECRET = 6  # shorter values stand in ordinary text too often

_SCAN = 65536  # characters looked at, at least: more than a stored log line has
_MARKS = 3  # combining marks kept on one character

# Strings (OSC, DCS, SOS, PM, APC) first, then CSI, then every other escape. What has no end yet goes as well, except
# a lone C1 byte, which is shown. Possessive and bounded: no input makes this worse than linear.
_SEQUENCE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x9c\n]{0,4096}+(?:[\x07\x18\x1a\x9c]|\x1b\\)?"
    r"|\x1b\[[0-?]{0,64}+[ -/]{0,8}+[@-~]?"
    r"|\x9b[0-?]{0,64}+[ -/]{0,8}+[@-~]"
    r"|\x1b[ -/]{0,8}+[0-~]?"
)
_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]*)m")
# Blocks without combining marks or invisible letters: text of these alone needs no look at each character.
_ODD = (
    "[^ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u2bff"
    "\u3001-\u3029\u3030-\u3098\u309b-\u3163\u3165-\ua66e\uac00-\ud7a3\uf900-\ufaff\uff01-\uff9f\U0001f300-\U0001faff]"
)
_DROPPED = "\ufe0e\ufe0f"  # text or emoji style: means nothing in a grid of cells and makes widths differ
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0")

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET = re.compile(
    r"(?:password|passwd|secret|credential)|.*(?:password|passwd|passphrase|secret|token|credential|key|dsn)s?\Z|pass\Z"
)
_NOT_SECRET = re.compile(r"(?:secretar|.*(?:monkey|donkey|turkey|hockey|jockey|whiskey|hotkey)s?\Z)")


def safe_text(s: str, limit: int = LIMIT) -> str:
    """One line of at most `limit` characters (more ends in …) that any terminal can show. Idempotent, never raises.

    Escape sequences are removed; of text overwritten by carriage returns the last that is not blank stays; tabs become
    spaces; what else is invisible or would act is shown (␀, ␊, <9B>, <U+202E>); a lone surrogate becomes U+FFFD.
    """
    if _plain(s):
        return s if len(s) <= limit else s[: max(limit - 1, 0)] + "…"
    scan = max(4 * limit, _SCAN)
    return _neutral(_SEQUENCE.sub("", s[:scan]), limit, len(s) > scan, [])


def safe_coloured(s: str, limit: int = LIMIT) -> tuple[str, list[tuple[int, str]]]:
    """`safe_text` of it, and the colour sequences (SGR) that were in it: the character before which each stands, in
    order, and its parameters ("1;31"). What they mean is for `logs.sgr` to say."""
    if "\x1b[" not in s and "\x9b" not in s:
        return safe_text(s, limit), []
    scan = max(4 * limit, _SCAN)
    cut = len(s) > scan
    places: list[int] = []
    said: list[str] = []
    text = _neutral(_without_sequences(s[:scan], places, said), limit, cut, places)
    return text, [(min(place, len(text)), params) for place, params in zip(places, said, strict=True)]


def safe_bytes(b: bytes, limit: int = LIMIT) -> str:
    """Bytes of one line, read as UTF-8 (what is not becomes U+FFFD), as `safe_text`."""
    return safe_text(b.decode("utf-8", "replace"), limit)


def safe_block(s: str) -> str:
    """Several lines, each as `safe_text`, still separated by newlines; nothing but a newline separates."""
    return "\n".join(map(safe_text, s.split("\n")))


def mask(text: str, secrets: Iterable[str]) -> str:
    """`text` with every one of these values replaced by ••••••. Values of fewer than 6 characters are left alone."""
    for value in sorted({v for v in secrets if len(v) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret: password, secret, token, key, credential, dsn and their kin."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if len(words) > 1 and ("pwd" in words or "pw" in words):  # MYSQL_PWD, DB_PW; PWD alone is the working folder
        return True
    return any(_SECRET.match(word) and not _NOT_SECRET.match(word) for word in words)


def _plain(s: str) -> bool:
    return s.isprintable() and (s.isascii() or not _odd().search(s))


@cache
def _odd() -> re.Pattern[str]:
    return re.compile(_ODD)  # takes 4 ms, which a CLI call may never need


# Each step below makes text longer or shorter; `places` are characters of it, ascending, and move along.


def _neutral(s: str, limit: int, cut: bool, places: list[int]) -> str:
    """Text without sequences as `safe_text` gives it. `cut`: there was more of it."""
    if "\r" in s:
        s = _last_frames(s, places)
    if "\t" in s:
        s = _expanded(s, places)
    if len(s) > limit:
        s, cut = s[:limit], True
    if not _plain(s):
        s = _shown(s, places)
    if cut or len(s) > limit:
        s = s[: max(limit - 1, 0)] + "…"
    return s


def _without_sequences(s: str, places: list[int], said: list[str]) -> str:
    out: list[str] = []
    length = done = 0
    for found in _SEQUENCE.finditer(s):
        out.append(s[done : found.start()])
        length += found.start() - done
        done = found.end()
        colour = _SGR.fullmatch(s, found.start(), done)
        if colour:
            places.append(length)
            said.append(colour[1])
    out.append(s[done:])
    return "".join(out)


def _last_frames(s: str, places: list[int]) -> str:
    """Of each line what a progress bar showed last; a frame of blanks only wiped the line."""
    out: list[str] = []
    start = length = k = 0
    for line in s.split("\n"):
        first = end = start + len(line)
        frame = ""
        for frame in reversed(line.split("\r")):
            first -= len(frame)
            if frame.strip():
                break
            first, frame = first - 1, ""
        while k < len(places) and places[k] <= end:
            places[k] = length + min(max(places[k] - first, 0), len(frame))
            k += 1
        out.append(frame)
        length += len(frame) + 1
        start = end + 1
    return "\n".join(out)


def _expanded(s: str, places: list[int]) -> str:
    """Tabs become spaces, up to the next multiple of eight characters."""
    if not places:
        return s.expandtabs()
    out: list[str] = []
    length = column = done = 0
    for k, place in enumerate([*places, len(s)]):
        lead = column % 8
        piece = (" " * lead + s[done:place]).expandtabs()[lead:]
        newline = piece.rfind("\n")
        column = len(piece) - newline - 1 + (column if newline < 0 else 0)
        out.append(piece)
        length += len(piece)
        done = place
        if k < len(places):
            places[k] = length
    return "".join(out)


def _shown(s: str, places: list[int]) -> str:
    out: list[str] = []
    marks = length = done = 0
    for k, place in enumerate([*places, len(s)]):
        first = len(out)
        for c in s[done:place]:
            text, is_mark = _character(c)
            if not is_mark:
                marks = marks if not text else 0
            elif not out:
                text = _code(c)  # it would sit on whatever the screen has to the left
            else:
                marks += 1
                if marks > _MARKS:
                    continue
            if text:
                out.append(text)
        done = max(place, done)
        if k < len(places):
            length += sum(map(len, out[first:]))
            places[k] = length
    return "".join(out)


@lru_cache(maxsize=4096)
def _character(c: str) -> tuple[str, bool]:
    """How one character is shown, and whether it sits on the one before it."""
    o = ord(c)
    if o < 0x20:
        return chr(0x2400 + o), False
    if o == 0x7F:
        return "␡", False
    if 0x80 <= o < 0xA0:
        return f"<{o:02X}>", False
    if c in _DROPPED:
        return "", False
    category = unicodedata.category(c)
    if category == "Cs":
        return "\ufffd", False
    if c in _INVISIBLE or category in ("Cf", "Co", "Cn", "Zl", "Zp") or 0xFE00 <= o < 0xFE0E or o >= 0xE0000:
        return _code(c), False
    # Vowels and finals of decomposed Hangul take no cell of their own either.
    return c, category in ("Mn", "Me") or 0x1161 <= o <= 0x11FF or 0xD7B0 <= o <= 0xD7FF


def _code(c: str) -> str:
    return f"<U+{ord(c):04X}>"
