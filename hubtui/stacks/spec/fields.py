"""Single values of a compose file into what the model holds. Each raises ValueError with the end of a sentence."""

from __future__ import annotations

import math
import posixpath
import re
from typing import Any

from hubtui.stacks.spec import shellwords
from hubtui.stacks.spec.scalars import Timestamp

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION_PART = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(ns|us|µs|ms|s|m|h|d|w)")
_BYTES = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,20})?) ?([kmgtp]?)i?b?", re.IGNORECASE)
MAX_DURATION = 2.0**63 / 1e9  # seconds, what Compose can count: 292 years
_TRUE = frozenset({"true", "yes", "on", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "0"})


def text(value: Any) -> str:
    """A string; numbers and booleans are written as Compose writes them (`1.10` is the number 1.1, as it is there)."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("contains a NUL character")
        return value.shown if isinstance(value, Timestamp) else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _go_float(value)
    if isinstance(value, int):
        return str(value)
    raise ValueError(f"must be a string, not {kind(value)}")


def _go_float(value: float) -> str:
    """A float as Go's %v prints it: no `.0`, and an exponent only from 1e21 on."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def boolean(value: Any) -> bool:
    """true or false; the old words count too, because `${FLAG}` arrives as a string (compose-go, `toBoolean`)."""
    if isinstance(value, bool):
        return value
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"must be true or false, not {_shown(value)}")


def integer(value: Any) -> int:
    """A whole number of at least 0."""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", str(value)):
        raise ValueError(f"must be a whole number, not {_shown(value)}")
    return int(value)


def duration(value: Any) -> float:
    """Seconds from Compose's `{value}{unit}` notation: `10s`, `1m30s`, `1.5h`, `500ms`; `0` needs no unit.

    https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-durations
    """
    written = str(value).strip()
    if written == "0":
        return 0.0
    end, total = 0, 0.0
    while match := _DURATION_PART.match(written, end):
        total += float(match[1]) * _UNITS[match[2]]
        end = match.end()
    if not written or end != len(written):
        raise ValueError(f"must be a duration such as 10s or 1m30s, not {_shown(value)}")
    if total > MAX_DURATION:
        raise ValueError(f"is too long: {_shown(value)}")
    return total


def seconds(value: Any) -> float:
    """More than 0 seconds as hubtui's own settings take them: a duration, or a number of seconds."""
    number = not isinstance(value, bool) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", str(value).strip())
    found = float(number[0]) if number else duration(value)
    if not found:
        raise ValueError("must be more than 0")
    return found


def size(value: Any) -> int:
    """Bytes from Compose's notation: `512M`, `1.5g`, `64kb`, a plain number; units are powers of 1024.

    https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-byte-values
    """
    match = None if isinstance(value, bool) else _BYTES.fullmatch(text(value).strip())
    if match is None:
        raise ValueError(f"must be a size such as 512M or 1g, not {_shown(value)}")
    total = int(float(match[1]) * 1024 ** " kmgtp".index(match[2].lower() or " "))
    if total >= 2**63:
        raise ValueError(f"is too large: {_shown(value)}")
    return total


def cpus(value: Any) -> float:
    """A number of cores; a string is the same (`deploy.resources.limits.cpus`, `cpus`)."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        number = -1.0
    if not 0 <= number < 1e6:  # also refuses nan
        raise ValueError(f"must be a number of cores such as 0.5, not {_shown(value)}")
    return number


def container_path(value: Any) -> str:
    """An absolute path in a container, cleaned of `//`, `.` and `..`, to mount at."""
    written = text(value)
    path = posixpath.normpath(f"/{written.lstrip('/')}")
    if not written.startswith("/") or path == "/":
        raise ValueError(f"must mount at an absolute path such as /data, not at {_shown(written)}")
    return path


def mode(value: Any) -> int:
    """Permission bits: a number as it is (YAML has read `0440` as octal already), a string as octal.

    https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs
    """
    octal = isinstance(value, str) and re.fullmatch(r"[0-7]{1,5}", value) is not None
    bits = int(value, 8) if octal else value if isinstance(value, int) and not isinstance(value, bool) else -1
    if not 0 <= bits <= 0o7777:
        raise ValueError(f"must be permissions such as 0440, not {_shown(value)}")
    return bits


def argv(value: Any) -> tuple[str, ...]:
    """A command: a list as it is, a string split as a shell would split it but run without one.

    https://github.com/compose-spec/compose-spec/blob/main/05-services.md#command
    """
    if isinstance(value, str):
        return tuple(shellwords.split(text(value)))
    if isinstance(value, list):
        return tuple(text(item) for item in value)
    raise ValueError(f"must be a string or a list, not {kind(value)}")


def kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a mapping"


def _shown(value: Any) -> str:
    """A value in an error: itself while it is short, else what it is."""
    return repr(value) if isinstance(value, str | int | float) and len(repr(value)) <= 40 else kind(value)
