"""A read file as plain values, and the places in it that errors point at."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hubtui.errors import StackError
from hubtui.stacks.spec.fields import kind, text
from hubtui.stacks.spec.marks import Key, Mark, find

T = TypeVar("T")
D = TypeVar("D")

__all__ = ["Document", "Key", "Place"]


@dataclass(frozen=True, slots=True)
class Document:
    """One compose file, or what several became: its mapping, whose Tables and Rows know where they were written.

    `resets` are the paths that carry `!reset` or `!override`: what other files say there does not count.
    """

    file: Path
    tree: dict[str, Any]
    resets: tuple[tuple[Key, ...], ...] = ()

    def mark(self, path: tuple[Key, ...]) -> Mark | None:
        """The place of the path, or of the nearest thing around it that has one."""
        return find(self.tree, path)

    def line(self, path: tuple[Key, ...]) -> int | None:
        """The line of the path, as `mark`."""
        mark = find(self.tree, path)
        return mark.line if mark else None

    def where(self, path: tuple[Key, ...]) -> str:
        """`file:line` of the path, for warnings."""
        mark = find(self.tree, path)
        return f"{mark.file}:{mark.line}" if mark else str(self.file)

    def error(self, message: str, path: tuple[Key, ...] = (), hint: str = "") -> StackError:
        """A StackError that names the file, line and column of `path`."""
        mark = find(self.tree, path)
        if mark is None:
            return StackError(message, hint, file=str(self.file))
        return StackError(message, hint, file=mark.file, line=mark.line, column=mark.column)

    @property
    def root(self) -> Place:
        """Where reading begins."""
        return Place(self, (), self.tree)


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a document together with where it stands: reading through it gives errors their line for free."""

    document: Document
    path: tuple[Key, ...]
    value: Any

    def __str__(self) -> str:
        """The path as people write it: `services.web.ports[0]`."""
        text = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in self.path)
        return text.lstrip(".")[:200] or "the file"

    def error(self, message: str, hint: str = "") -> StackError:
        """`services.web.ports[0] <message>`, with file and line."""
        return self.document.error(f"{self} {message}", self.path, hint)

    @contextlib.contextmanager
    def naming(self) -> Iterator[None]:
        """While a file is read that this value names: what has no line there is said of this one."""
        try:
            yield
        except StackError as error:
            if type(error) is not StackError or error.line is not None or not error.file:
                raise
            raise self.error(f"names {error}", error.hint) from None

    def at(self, key: Key, value: Any) -> Place:
        """The place of something in here whose value is already at hand."""
        return Place(self.document, (*self.path, key), value)

    def get(self, key: str) -> Place | None:
        """A key of this mapping; None where it is absent or null, which Compose takes for the same."""
        value = self.mapping().get(key)
        return None if value is None else self.at(key, value)

    def need(self, key: str) -> Place:
        """A key of this mapping that must be there."""
        value = self.get(key)
        if value is None:
            raise self.error(f"has no {key}")
        return value

    def field(self, key: str, convert: Callable[[Any], T], default: D) -> T | D:
        """A key of this mapping, converted as by `to`; `default` where it is absent."""
        value = self.get(key)
        return default if value is None else value.to(convert)

    def part(self, key: str, read: Callable[[Place], T], default: D) -> T | D:
        """A key of this mapping as `read` understands what stands there; `default` where it is absent."""
        value = self.get(key)
        return default if value is None else read(value)

    def known(self, keys: Mapping[str, Callable[[Any], T]]) -> dict[str, T]:
        """The keys of this mapping that are there, each converted as by `to`; any other is refused."""
        for key, value in self.mapping().items():
            if key not in keys:
                raise self.at(key, value).error(f"is none of {', '.join(keys)}")
        return {key: found.to(convert) for key, convert in keys.items() if (found := self.get(key)) is not None}

    def string(self, key: str) -> str:
        """A key of this mapping as a string; "" where it is absent."""
        return self.field(key, text, "")

    def mapping(self) -> dict[str, Any]:
        """This value, which must be a mapping."""
        if not isinstance(self.value, dict):
            raise self.error(f"must be a mapping, not {kind(self.value)}")
        return self.value

    def entries(self) -> Iterator[tuple[str, Place]]:
        """The entries of this mapping."""
        for key, value in self.mapping().items():
            yield key, self.at(key, value)

    def items(self) -> Iterator[Place]:
        """The items of this list."""
        if not isinstance(self.value, list):
            raise self.error(f"must be a list, not {kind(self.value)}")
        for n, value in enumerate(self.value):
            yield self.at(n, value)

    def to(self, convert: Callable[[Any], T]) -> T:
        """This value converted; a ValueError's sentence becomes an error that says where."""
        try:
            return convert(self.value)
        except ValueError as error:
            raise self.error(str(error)) from None

    def strings(self) -> tuple[str, ...]:
        """A list of strings; a single string counts as a list of one, as Compose allows in most places."""
        if isinstance(self.value, str):
            return (self.to(text),)
        return tuple(item.to(text) for item in self.items())
