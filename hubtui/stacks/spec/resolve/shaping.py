"""Checking a merged stack and giving it the shape in which Compose prints it, in one pass.

A Kind says what a value may be and how it is printed. The tables of kinds (service_keys.py, resource_keys.py) are data:
they are the schema. Everything that is wrong is collected, with its place and the path of its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubtui.stacks.spec.document import Document, Key, Place
from hubtui.stacks.spec.fields import kind as said_kind
from hubtui.stacks.spec.mistakes import Collector
from hubtui.stacks.spec.scalars import Timestamp

NOTHING: Any = object()  # the shape of what is wrong: it is said, and left out


@dataclass(slots=True)
class Shaper:
    """The pass: where it is, what a bare KEY is filled from, and where mistakes go.

    `extensions` keeps the `x-` keys of all levels, as Compose's YAML has them and its JSON has not.
    """

    document: Document
    variables: Mapping[str, str]
    wrong: Collector
    extensions: bool = False
    path: list[Key] = field(default_factory=list)

    def refuse(self, message: str, hint: str = "") -> Any:
        """Note that what stands here `message`."""
        place = Place(self.document, tuple(self.path), None)
        self.wrong.add(place.error(message, hint))
        return NOTHING

    def at(self, key: Key, kind: Kind, value: Any) -> Any:
        """The shape of something in here."""
        self.path.append(key)
        try:
            if value is None:
                return None if kind.null else self.refuse(f"must be {kind.noun}, not empty")
            return kind.shape(self, value)
        except ValueError as error:
            return self.refuse(str(error))
        finally:
            self.path.pop()


@dataclass(frozen=True, slots=True)
class Kind:
    """What may stand at a key. `null`: it may be empty; `keep`: it is printed even when it is zero or empty."""

    noun: str
    shape: Callable[[Shaper, Any], Any]
    null: bool = False
    keep: bool = False


Keys = Mapping[str, Kind]
_NAME_HINT = "Names have letters, digits, '.', '_' and '-'."


def table(
    keys: Keys,
    *,
    need: tuple[str, ...] = (),
    always: Mapping[str, Any] | None = None,
    null: bool = False,
    keep: bool = True,
) -> Kind:
    """A mapping with these keys and `x-` ones. `need` must be there, `always` is printed where nothing is said."""

    def shape(shaper: Shaper, value: Any) -> Any:
        if not isinstance(value, dict):
            return shaper.refuse(f"must be a mapping, not {said_kind(value)}")
        found: dict[str, Any] = {}
        for key, item in value.items():
            kind = keys.get(key)
            if kind is not None:
                result = shaper.at(key, kind, item)
                if result is not NOTHING and result is not None and (kind.keep or not empty(result)):
                    found[key] = result
            elif key.startswith("x-"):
                if shaper.extensions:
                    found[key] = plain(item)
            else:
                _unknown(shaper, key, keys)
        for key in need:
            if key not in value:
                shaper.refuse(f"has no {key}")
        for key, default in always.items() if always else ():
            found.setdefault(key, plain(default))
        return found

    return Kind("a mapping", shape, null, keep)


def named(kind: Kind, *, null: bool = False, names: re.Pattern[str] | None = None) -> Kind:
    """A mapping from names, which are anybody's as far as `names` allows, to something of a kind."""

    def shape(shaper: Shaper, value: Any) -> Any:
        if not isinstance(value, dict):
            return shaper.refuse(f"must be a mapping, not {said_kind(value)}")
        shapes = {key: shaper.at(key, kind, item) for key, item in value.items()}
        for key in value if names else ():
            if names and not names.fullmatch(key):
                shaper.at(key, Kind("", lambda s, _: s.refuse("is no name", _NAME_HINT)), "")
        return {key: item for key, item in shapes.items() if item is not NOTHING}

    return Kind("a mapping", shape, null)


def listed(kind: Kind, *, unique: bool = False, null: bool = False) -> Kind:
    """A list of something of a kind; `unique`: nothing of it twice."""

    def shape(shaper: Shaper, value: Any) -> Any:
        if not isinstance(value, list):
            return shaper.refuse(f"must be a list, not {said_kind(value)}")
        found = []
        for number, item in enumerate(value):
            if unique and item in value[:number]:
                shaper.at(number, Kind("", lambda s, v: s.refuse(f"is {v!r} for the second time")), item)
                continue
            result = shaper.at(number, kind, item)
            if result is not NOTHING:
                found.append(result)
        return found

    return Kind("a list", shape, null)


def empty(value: Any) -> bool:
    """What Go's `omitempty` leaves out."""
    return value is None or value is False or (isinstance(value, str | int | float | list | dict) and not value)


def plain(value: Any) -> Any:
    """A copy as plain dicts and lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.json if isinstance(value, Timestamp) else value


def _unknown(shaper: Shaper, key: str, keys: Keys) -> None:
    """A key that is none, with the nearest one that is."""
    import difflib  # only for who made a mistake

    near = difflib.get_close_matches(key, keys, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(keys)}"
    said = f"is no key that Compose knows{f' ({near[0]} is)' if near else ''}"
    shaper.at(key, Kind("", lambda s, _: s.refuse(said, hint)), "")
