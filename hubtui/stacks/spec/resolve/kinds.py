"""The kinds of values that compose files are made of.

What may be written is compose-spec.json's, what is printed is what `docker compose config --format json` prints.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

from hubtui.stacks.spec import durations, shellwords
from hubtui.stacks.spec.fields import boolean, kind, size, text
from hubtui.stacks.spec.resolve.shaping import NOTHING, Kind, Shaper, listed


def _text(shaper: Shaper, value: Any) -> Any:
    if not isinstance(value, str):
        return shaper.refuse(f"must be a string, not {kind(value)}", "Put it in quotes.")
    return text(value)


def _texts(shaper: Shaper, value: Any) -> Any:
    return [text(value)] if isinstance(value, str) else LIST.shape(shaper, value)


def _filled(shaper: Shaper, value: Any) -> Any:
    """As `_texts`, without what is empty."""
    found = _texts(shaper, value)
    return found if found is NOTHING else [item for item in found if item]


def _boolean(shaper: Shaper, value: Any) -> Any:
    if not isinstance(value, bool | str):
        shown = str(value) if isinstance(value, int | float) else kind(value)
        return shaper.refuse(f"must be true or false, not {shown}")
    return boolean(value)


def _integer(shaper: Shaper, value: Any) -> Any:
    number = _number(shaper, value)
    if number is NOTHING or isinstance(number, int):
        return number
    return shaper.refuse(f"must be a whole number, not {value!r}")


def _whole_part(shaper: Shaper, value: Any) -> Any:
    number = _number(shaper, value)
    return number if number is NOTHING else int(number)


def natural(most: int | None = None) -> Kind:
    """A whole number that is not negative, nor more than `most`."""

    def shape(shaper: Shaper, value: Any) -> Any:
        number = _integer(shaper, value)
        if number is NOTHING or isinstance(value, str) or (number >= 0 and (most is None or number <= most)):
            return number
        return shaper.refuse(f"must be {f'0 to {most}' if most else 'at least 0'}, not {number}")

    return Kind("a whole number", shape)


def _number(shaper: Shaper, value: Any) -> Any:
    """A number, or a string that is one; whole ones are int, others have the precision of Go's float32."""
    if isinstance(value, str):
        try:
            value = int(value) if value.lstrip("+-").isdecimal() and len(value) < 20 else float(value)
        except ValueError:
            return shaper.refuse(f"must be a number, not {value[:40]!r}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shaper.refuse(f"must be a number, not {kind(value)}")
    if not math.isfinite(value) or abs(value) >= 2**63:
        return shaper.refuse("is too large a number")
    return int(value) if value == int(value) else _short(value)


def _short(value: float) -> float:
    """The shortest decimal that is the same float32."""
    bits = struct.pack("f", value)
    return next((f for n in range(1, 10) if struct.pack("f", f := float(f"{value:.{n}g}")) == bits), value)


def _bytes(shaper: Shaper, value: Any) -> Any:
    """Printed as a string of digits, 0 as what is not said. `memswap_limit: -1` has no limit."""
    digits = _rate(shaper, value)
    return "" if digits == "0" or isinstance(value, float) else digits  # Compose takes no notice of 1.5


def _rate(shaper: Shaper, value: Any) -> Any:
    if isinstance(value, str):
        if value != value.strip():
            return shaper.refuse(f"must be a size such as 512M, not {value[:40]!r}")
        return str(size(value))
    number = _number(shaper, value)
    return NOTHING if number is NOTHING else str(int(number))


def _duration(shaper: Shaper, value: Any) -> Any:
    if not isinstance(value, str):
        shown = str(value) if isinstance(value, int | float) else kind(value)
        return shaper.refuse(f"must be a duration such as 10s or 1m30s, not {shown}")
    return durations.shown(durations.nanoseconds(value))


def _pause(shaper: Shaper, value: Any) -> Any:
    """Where 0 is the same as not said."""
    found = _duration(shaper, value)
    return "" if found == "0s" else found


def _command(shaper: Shaper, value: Any) -> Any:
    if isinstance(value, list):
        return LIST.shape(shaper, value)
    if isinstance(value, str):
        return shellwords.split(text(value))
    return shaper.refuse(f"must be a string or a list, not {kind(value)}")


def _pairs(shaper: Shaper, value: Any) -> Any:
    """A mapping to strings (None stays), or a list of `KEY=VALUE`, where a bare KEY is None."""
    if isinstance(value, dict):
        shapes = {key: shaper.at(key, _SCALAR, item) for key, item in value.items()}
        return {key: item for key, item in shapes.items() if item is not NOTHING}
    found: dict[str, Any] = {}
    for item in _list_of_pairs(shaper, value):
        if item is not NOTHING:
            key, equals, rest = item.partition("=")
            found[key] = rest if equals else None
    return found


def _list_of_pairs(shaper: Shaper, value: Any, items: Kind | None = None) -> Any:
    if isinstance(value, list):
        return (items or LIST).shape(shaper, value)
    shaper.refuse(f"must be a mapping, not {kind(value)}", "Or a list of KEY=VALUE.")
    return []


def _labels(shaper: Shaper, value: Any) -> Any:
    return {key: "" if item is None else item for key, item in _pairs(shaper, value).items()}


def _options(shaper: Shaper, value: Any) -> Any:
    """A mapping to strings, nothing being an empty one."""
    return _labels(shaper, value) if isinstance(value, dict) else shaper.refuse(f"must be a mapping, not {kind(value)}")


def _all_pairs(shaper: Shaper, value: Any) -> Any:
    """As `_labels`, but every item of a list must have a value."""
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str) and "=" not in item:
            shaper.at(number, Kind("", lambda s, v: s.refuse(f"must be KEY=VALUE, not {v[:40]!r}")), item)
    return _labels(shaper, value)


def _written_bytes(shaper: Shaper, value: Any) -> Any:
    return _bytes(shaper, value) if isinstance(value, str) else _text(shaper, value)


def _environment(shaper: Shaper, value: Any) -> Any:
    """What has no value gets that of the variables, and stays None where they have none."""
    found = _pairs(shaper, value)
    return {key: shaper.variables.get(key) if item is None else item for key, item in found.items()}


def _args(shaper: Shaper, value: Any) -> Any:
    return {key: item for key, item in _environment(shaper, value).items() if item is not None}


def _hosts(shaper: Shaper, value: Any) -> Any:
    """`host=address` or `host:address`, or a mapping to one or more addresses; printed as a sorted list."""
    found = []
    if isinstance(value, dict):
        for host, addresses in value.items():
            for address in addresses if isinstance(addresses, list) else [addresses]:
                shown = shaper.at(host, TEXT, address)
                found += [(host, shown or "")] if shown is not NOTHING else []
    else:
        for item in _list_of_pairs(shaper, value, SET):
            if item is not NOTHING:
                host, between, address = item.partition("=" if "=" in item else ":")
                if not between:
                    shaper.refuse(f"has {item[:40]!r}, which names no address", "Write HOST=ADDRESS.")
                found += [(host, part) for part in address.split(",")]
    for host, _ in found:
        if not host or ":" in host or "=" in host:
            shaper.refuse(f"has {host[:40]!r}, which is no name of a host")
    return sorted(f"{host}={_unbracketed(address)}" for host, address in found)


def _unbracketed(address: str) -> str:
    return address[1:-1] if address.startswith("[") and address.endswith("]") and len(address) > 2 else address


def _mode(shaper: Shaper, value: Any) -> Any:
    """Permission bits, printed as a decimal number. YAML has read 0440 as octal already, "0440" is octal here."""
    if isinstance(value, str):
        try:
            return int(value, 8)
        except ValueError:
            return shaper.refuse(f"must be permissions such as 0440, not {value[:40]!r}")
    if isinstance(value, bool) or not isinstance(value, int):
        return shaper.refuse(f"must be permissions such as 0440, not {kind(value)}")
    return value


def _scalar(shaper: Shaper, value: Any) -> Any:
    if not isinstance(value, str | int | float):
        return shaper.refuse(f"must be a string, not {kind(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        return shaper.refuse("must be a number that ends")
    return text(value)


def _either(*words: str) -> Callable[[Shaper, Any], Any]:
    def shape(shaper: Shaper, value: Any) -> Any:
        if value not in words:
            shown = repr(value) if isinstance(value, str) else kind(value)
            return shaper.refuse(f"must be one of {', '.join(words)}, not {shown}")
        return value

    return shape


def either(*words: str) -> Kind:
    """One of these words."""
    return Kind(f"one of {', '.join(words)}", _either(*words))


_WHOLE = "must be a whole number, without quotes"
TEXT = Kind("a string", _text)
KEPT = Kind("a string", _text, keep=True)  # "" is not the same as not said
TEXT_OR_NULL = Kind("a string", _text, null=True)
LIST = listed(TEXT)
SET = listed(TEXT, unique=True)
TEXTS = Kind("a string or a list of strings", _texts)
FILLED = Kind("a string or a list of strings", _filled)
BOOLEAN = Kind("true or false", _boolean)
CHOICE = Kind("true or false", _boolean, keep=True)  # false is not the same as not said
WHOLE = Kind("a whole number", lambda s, v: v if type(v) is int else s.refuse(_WHOLE))
INTEGER = Kind("a whole number", _integer)
WHOLE_PART = Kind("a number", _whole_part)  # 1.5 is 1
COUNT = Kind("a whole number", _integer, keep=True)  # 0 is not the same as not said
NUMBER = Kind("a number", _number)
BYTES = Kind("a size such as 512M", _bytes)
RATE = Kind("a size such as 12mb", _rate)
DURATION = Kind("a duration such as 10s", _duration, keep=True)
PAUSE = Kind("a duration such as 10s", _pause)
COMMAND = Kind("a string or a list of strings", _command, null=True, keep=True)
LABELS = Kind("a mapping or a list", _labels)
ENVIRONMENT = Kind("a mapping or a list", _environment)
ARGS = Kind("a mapping or a list", _args)
HOSTS = Kind("a mapping or a list", _hosts)
ALL_PAIRS = Kind("a mapping", _all_pairs)
WRITTEN_BYTES = Kind("a size such as 512M", _written_bytes)
PLAIN_OPTIONS = Kind("a mapping", _options)
MODE = Kind("permissions such as 0440", _mode, keep=True)
_SCALAR = Kind("a string, number or boolean", _scalar, null=True)
SCALAR = Kind("a string, number or boolean", _scalar)
SCALARS = listed(SCALAR, unique=True)
