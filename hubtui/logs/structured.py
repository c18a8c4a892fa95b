"""Lines that are fields: a JSON object, alone or after other text, or logfmt (level=info msg="..." port=80).

Bounded, whatever is in the line: FIELDS fields, LENGTH characters; where nesting is deeper than Python's decoder goes,
the line is text like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from hubtui.logs.levels import Level, level_named, level_of

FIELDS = 200
LENGTH = 65536
MORE = "…"  # the key of what has no room among the fields

_BEFORE = 512  # characters of other text before an object
_ROLES = {
    "time": "time ts timestamp @timestamp datetime asctime @t t date eventtime created_at",
    "level": "level lvl severity levelname level_name log.level log_level loglevel @level @l severitytext",
    "message": "msg message @message event @m @mt short_message log text body textpayload",
    "logger": "logger logger_name log.logger name component module channel @module category",
    "caller": "caller source src file location",
}
# Key in small letters -> what it is, and how sure: of several the first in the list above is it, the others are fields.
_KNOWN = {key: (role, i) for role, keys in _ROLES.items() for i, key in enumerate(keys.split())}

_ESCAPES = re.compile(rb"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]")
_OBJECT = re.compile(r'\{\s{0,8}"')
_SPACE = re.compile(r"[ \t\r\n]*+")
_SCALAR = re.compile(r"(?:true|false|null|NaN|-?Infinity|-?\d[\d.eE+-]*+)(?=[\s,}\]]|$)")
_SIMPLE = re.compile(  # a field without escapes or nesting, and the comma behind it: most are such
    r'"([^"\\]*+)"[ ]?:[ ]?(?:"([^"\\]*+)"|(true|false|null|-?\d[\d.]*+)),\s*+(?=")'
).match
_PAIR = re.compile(r'([A-Za-z_@][\w.@/-]*+)=("(?:[^"\\]|\\.)*+"(?=\s|$)|\S*+)', re.DOTALL)
_WORD = re.compile(r"\S++")
_string: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]
_NESTED = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)


class Field(NamedTuple):
    """One field as it was printed; what is nested, as JSON. `text`: the value was a string. A word among
    pairs has no key."""

    key: str
    value: str
    text: bool = True


@dataclass(frozen=True, slots=True)
class Structured:
    """What a line of fields says. Strings are not yet safe text; "" where it says nothing."""

    kind: str  # json, logfmt
    every: tuple[Field, ...]  # all fields, in order, doubled keys too
    before: str = ""  # text before the object
    time: str = ""  # as printed
    level: Level | None = None
    message: str = ""
    logger: str = ""
    caller: str = ""
    fields: tuple[Field, ...] = ()  # those that are none of the above


def structured(raw: bytes) -> Structured | None:
    """What a line says in fields; None where it is no line of fields. Never raises."""
    if b'"' not in raw and b"=" not in raw:
        return None
    if b"\x1b" in raw:
        raw = _ESCAPES.sub(b"", raw)
    text = raw[:LENGTH].decode("utf-8", "replace")
    start = text[:1] == "{"
    found = None if start else _OBJECT.search(text, 0, _BEFORE)
    if start or found:
        at = found.start() if found else 0
        fields = _object(text, at)
        if fields and (start or text[at - 1] == "\t" or any(_role(f.key) in ("message", "level") for f in fields)):
            return _made("json", text[:at].rstrip(), fields, raw)
        if start:
            return None
    fields = _pairs(text)
    return _made("logfmt", "", fields, raw) if fields else None


def _role(key: str) -> str:
    return _KNOWN.get(key.lower(), ("", 0))[0]


def _made(kind: str, before: str, fields: list[Field], raw: bytes) -> Structured:
    chosen: dict[str, tuple[int, int]] = {}  # what it is -> how sure, which field
    for i, field in enumerate(fields):
        role, rank = _KNOWN.get(field.key.lower(), ("", 0))
        if role and field.value[:1] not in "{[" and (role not in chosen or rank < chosen[role][0]):
            chosen[role] = rank, i
    taken = {i for _, i in chosen.values()}
    said = {role: fields[i].value for role, (_, i) in chosen.items()}
    level = level_named(said["level"]) if "level" in said else level_of(raw)
    if "level" in said and level is None:  # a word that is no level is not lost
        taken.discard(chosen["level"][1])
    return Structured(
        kind,
        tuple(fields),
        before,
        said.get("time", ""),
        level,
        said.get("message", "").rstrip("\r\n"),
        said.get("logger", ""),
        said.get("caller", ""),
        tuple(field for i, field in enumerate(fields) if i not in taken),
    )


def _object(text: str, at: int) -> list[Field] | None:
    """The fields of an object that begins there and ends with the line; None: it is none."""
    fields: list[Field] = []
    skip = _SPACE.match
    try:
        at = _end(skip(text, at + 1))
        while text[at] == '"':
            simple = _SIMPLE(text, at)
            if simple and len(fields) < FIELDS - 1:
                key, value, scalar, at = simple[1], simple[2], simple[3], simple.end()
                fields.append(Field(key, value, True) if scalar is None else Field(key, scalar, False))
                continue
            key, at = _string(text, at + 1, False)
            at = _end(skip(text, at))
            if text[at] != ":":
                return None
            field, at = _value(text, key, _end(skip(text, at + 1)))
            fields.append(field)
            at = _end(skip(text, at))
            if text[at] != ",":
                break
            at = _end(skip(text, at + 1))
            if len(fields) == FIELDS:
                return [*fields, Field(MORE, text[at:].rstrip(), False)]
        return fields if text[at] == "}" and _end(skip(text, at + 1)) == len(text) else None
    except (ValueError, IndexError, RecursionError):
        return None


def _value(text: str, key: str, at: int) -> tuple[Field, int]:
    if text[at] == '"':
        value, at = _string(text, at + 1, False)
        return Field(key, value), at
    scalar = _SCALAR.match(text, at)
    if scalar:
        return Field(key, scalar[0], False), scalar.end()
    if text[at] not in "{[":
        raise ValueError
    _, end = _NESTED.raw_decode(text, at)
    return Field(key, text[at:end], False), end


def _end(found: re.Match[str] | None) -> int:
    assert found is not None  # it matches nothing at all, too
    return found.end()


def _pairs(text: str) -> list[Field] | None:
    """The fields of a line that is pairs: it begins with one, and has few other words."""
    fields: list[Field] = []
    pairs, at, length = 0, _end(_SPACE.match(text)), len(text)
    while at < length:
        pair = _PAIR.match(text, at)
        if pair:
            pairs += 1
            fields.append(Field(pair[1], _unquoted(pair[2]), pair[2][:1] == '"'))
        else:
            word = _WORD.match(text, at)
            if not pairs or word is None or len(fields) - pairs > 3:
                return None
            fields.append(Field("", word[0], False))
        at = _end(_SPACE.match(text, (pair or word).end()))  # type: ignore[union-attr]
        if len(fields) == FIELDS and at < length:
            fields.append(Field(MORE, text[at:].rstrip(), False))
            break
    known = any(_role(f.key) in ("message", "level", "time") for f in fields)
    return fields if pairs > 1 and (known or (pairs > 2 and len(fields) == pairs)) else None


def _unquoted(value: str) -> str:
    if value[:1] != '"' or len(value) < 2 or value[-1] != '"':
        return value
    if "\\" not in value:
        return value[1:-1]
    try:
        return _string(value, 1, False)[0]
    except ValueError:
        return value[1:-1].replace('\\"', '"')
