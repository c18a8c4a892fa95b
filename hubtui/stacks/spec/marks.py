"""Values of a compose file that know where they were written, whatever is later done to them.

Mappings and lists keep the place of each of their entries. Merging moves entries together with their places, so that an
error about a merged stack still points into the file that a person can mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Key = str | int


class Mark(NamedTuple):
    """A place in a file; line and column begin at 1."""

    file: str
    line: int
    column: int


class Table(dict[str, Any]):
    """A mapping. `mark` is where it begins, `marks` is where its keys stand, as far as they were written."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark | None, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(values or ())
        self.mark = mark
        self.marks: dict[str, Mark] = {}

    def put(self, key: str, value: Any, mark: Mark | None) -> None:
        """Set a key together with its place."""
        self[key] = value
        if mark is not None:
            self.marks[key] = mark

    def at(self, key: str) -> Mark | None:
        """Where a key stands; where the mapping does, for one that nobody wrote."""
        return self.marks.get(key, self.mark)


class Row(list[Any]):
    """A list. `mark` is where it begins, `marks` has the place of each item."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark | None, values: Iterable[Any] = (), marks: Iterable[Mark | None] = ()) -> None:
        super().__init__(values)
        self.mark = mark
        self.marks: list[Mark | None] = list(marks)

    def add(self, value: Any, mark: Mark | None) -> None:
        """Append an item together with its place."""
        self.append(value)
        self.marks.append(mark)

    def at(self, number: int) -> Mark | None:
        """Where an item stands."""
        return self.marks[number] if number < len(self.marks) else self.mark


def clone(value: Any) -> Any:
    """A copy that shares nothing but places."""
    if isinstance(value, Table):
        copy = Table(value.mark, {k: clone(v) for k, v in value.items()})
        copy.marks = dict(value.marks)
        return copy
    if isinstance(value, Row):
        return Row(value.mark, [clone(v) for v in value], value.marks)
    return value


def find(tree: Any, path: Iterable[Key]) -> Mark | None:
    """The place of a path, or of the nearest thing around it that has one."""
    mark: Mark | None = getattr(tree, "mark", None)
    for key in path:
        if isinstance(tree, Table) and isinstance(key, str) and key in tree:
            mark, tree = tree.marks.get(key, mark), tree[key]
        elif isinstance(tree, Row) and isinstance(key, int) and key < len(tree):
            mark, tree = tree.at(key) or mark, tree[key]
        else:
            break
    return mark
