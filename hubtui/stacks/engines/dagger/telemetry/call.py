"""The arguments of an API call, from a span's `dag.call`: a base64 protobuf message, of which little is wanted.

callpbv1.Call (dagql/call/callpbv1/call.proto): field 3 is the called field's name, 4 an Argument{1: name, 2: Literal};
a Literal's 7 is a string, 8 a List of Literals (1). Read by the wire format
(https://protobuf.dev/programming-guides/encoding/), so that nothing is imported for it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

_ARGUMENT, _NAME, _VALUE, _STRING, _LIST, _ITEM = 4, 1, 2, 7, 8, 1


def strings(call: str, argument: str) -> tuple[str, ...]:
    """The strings that an argument holds, one or a list of them; () where it has none or the call cannot be read."""
    try:
        message = base64.b64decode(call)
        for field, content in _fields(message):
            if field == _ARGUMENT and isinstance(content, bytes):
                parts = dict(_fields(content))
                name, value = parts.get(_NAME), parts.get(_VALUE)
                if isinstance(name, bytes) and name.decode() == argument and isinstance(value, bytes):
                    return tuple(_literals(value))
    except (binascii.Error, IndexError, ValueError):
        pass
    return ()


def _literals(literal: bytes) -> Iterator[str]:
    for field, content in _fields(literal):
        if isinstance(content, bytes):
            if field == _STRING:
                yield content.decode("utf-8", "replace")
            elif field == _LIST:
                for item, inner in _fields(content):
                    if item == _ITEM and isinstance(inner, bytes):
                        yield from _literals(inner)


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """(number, content) of each field. Raises IndexError, ValueError for what is no message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint(message, at)
            yield key >> 3, number
        elif kind == 2:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise IndexError
            yield key >> 3, message[at : at + length]
            at += length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
