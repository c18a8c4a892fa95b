"""What a single written value of YAML means.

Scalars mean what they mean to Compose, whose YAML library (go.yaml.in/yaml) reads YAML 1.2: `22:22`, `yes`, `no`, `on`
and `off` are strings. A date is a Timestamp, which is a string as it is written, but prints as Go prints a time.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import re
from typing import Any

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{w: float(w.replace(".", "")) for w in (".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN")},
}


_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ ])(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?(Z|[-+]\d\d:\d\d)?)?"
)


class Timestamp(str):
    """A date or time without quotes, as it is written. `shown` is what becomes of it as a value of an environment."""

    __slots__ = ("json", "shown")
    shown: str
    json: str


def _timestamp(text: str) -> str:
    """The formats that go.yaml.in/yaml tries; any other string stays one."""
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    spaced = match[4] is not None and " " in text
    if match[4] is not None and bool(match[8]) == spaced:  # with T there is a zone, with a space there is none
        return text
    try:
        datetime.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return text
    found = Timestamp(text)
    fraction = (match[7] or "").rstrip("0").rstrip(".")
    date, time = f"{year:04}-{month:02}-{day:02}", f"{hour:02}:{minute:02}:{second:02}{fraction}"
    zone = match[8] if match[8] not in (None, "Z", "+00:00", "-00:00") else None
    offset = zone.replace(":", "") if zone else "+0000"
    found.shown = f"{date} {time} {offset} {offset if zone else 'UTC'}"
    found.json = f"{date}T{time}{zone or 'Z'}"
    return found


def scalar(text: str, plain: bool, tag: str = "") -> Any:
    """What a scalar means: quoted, block and `!!str` ones are strings; plain ones follow YAML 1.2.

    Numbers are those of Compose's YAML library, which also knows `0o17`, `0x1f`, `0b1`, `1_000` and the old octal
    `017`.
    """
    explicit = tag.removeprefix(_TAG) in ("int", "float", "bool", "null") and tag.startswith(_TAG)
    if not (explicit or (plain and not tag)):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > 40 or text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(text) and len(digits) <= 20:
        with contextlib.suppress(ValueError):  # 08, 0x_ and the like
            return int(re.sub(r"^([-+]?)0([0-7]+)$", r"\g<1>0o\2", digits), 0)
    if _FLOAT.fullmatch(text) and not math.isinf(number := float(digits)):
        return number
    return _timestamp(text) if text[4:5] == "-" else text
