"""What of a line is seen: its bytes without escape sequences, and what a progress bar showed last.

The same rules as `safetext`, on bytes and for many lines at once: a search looks for what the user reads, also where a
colour begins in the middle of a word.
"""

from __future__ import annotations

import re

# As in safetext: strings (OSC, DCS, SOS, PM, APC) first, then CSI, then every other escape. C1 as UTF-8 writes them.
# Possessive and bounded, and no newline is ever part of one, so that lines keep their number.
_STRING = rb"(?:[^\x07\x18\x1a\x1b\xc2\n]|\xc2(?!\x9c)){0,4096}+(?:[\x07\x18\x1a]|\xc2\x9c|\x1b\\)?"
_CSI = rb"[0-?]{0,64}+[ -/]{0,8}+[@-~]"
_BY_ESC = rb"\x1b(?:[\]PX^_]" + _STRING + rb"|\[" + _CSI + rb"?|[ -/]{0,8}+[0-~]?)"
_BY_C1 = rb"\xc2(?:[\x90\x98\x9d-\x9f]" + _STRING + rb"|\x9b" + _CSI + rb")"
_ESC, _C1, _EITHER = re.compile(_BY_ESC), re.compile(_BY_C1), re.compile(_BY_ESC + rb"|" + _BY_C1)


def unescaped(block: bytes) -> bytes:
    """Lines without their escape sequences; the same object where there is none. As many newlines as before."""
    if b"\xc2" in block and _C1.search(block) is not None:  # hardly ever; each of the other two looks is quicker alone
        return _EITHER.sub(b"", block)
    return _ESC.sub(b"", block) if b"\x1b" in block else block


def seen(raw: bytes) -> bytes:
    """Of one line, without its newline: what is left to read of it."""
    raw = unescaped(raw)
    if b"\r" in raw:
        raw = next((frame for frame in reversed(raw.split(b"\r")) if frame.strip()), b"")
    return raw
