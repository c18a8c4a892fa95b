"""One compose file over another, by Compose's rules.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md; in doubt the measure is compose-go's override
package: mappings are merged, lists appended, all else replaced, and the exceptions are in RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.fields import kind, text
from hubtui.stacks.spec.marks import Mark, Row, Table
from hubtui.stacks.spec.mistakes import Collector

Pattern = tuple[str, ...]
Rule = Callable[["Merger", Any, Any, Pattern], Any]

SERVICE: Pattern = ("services", "*")
# Mappings whose keys are names: in a pattern they are "*".
NAMED = frozenset(
    [("services",), ("networks",), ("volumes",), ("secrets",), ("configs",), ("models",)]
    + [(*SERVICE, key) for key in ("ulimits", "networks", "depends_on", "models")]
)


class Merger:
    """Merges into its first argument; what does not go together is put into `wrong`, with the later file's place."""

    def __init__(self, wrong: Collector, path: tuple[str, ...] = ()) -> None:
        self.wrong = wrong
        self.path = list(path)  # where it is, for messages

    def merge(self, base: Any, over: Any, pattern: Pattern, mark: Mark | None = None) -> Any:
        """What `over` makes of `base`, both what stands at `pattern`."""
        if (rule := RULES.get(pattern)) is not None:
            return rule(self, base, over, pattern)
        if over is None:
            return base
        if isinstance(base, Table):
            if not isinstance(over, Table):
                return self._refuse(base, over, mark)
            return self.tables(base, over, pattern)
        if isinstance(base, Row):
            if not isinstance(over, Row):
                return self._refuse(base, over, mark)
            return appended(base, over)
        return over

    def tables(self, base: Any, over: Any, pattern: Pattern) -> Any:
        """Two mappings, key by key."""
        if not isinstance(base, Table) or not isinstance(over, Table):
            return base if over is None else over  # what it is instead is for the check to say
        for key, value in over.items():
            if key in base and not key.startswith("x-"):
                below = (*pattern, "*" if pattern in NAMED else key)
                self.path.append(key)
                value = self.merge(base[key], value, below, over.at(key))
                self.path.pop()
            base.put(key, value, over.at(key))
        return base

    def _refuse(self, base: Any, over: Any, mark: Mark | None) -> Any:
        message = f"{'.'.join(self.path)} cannot be {kind(over)} here: a file before it has {kind(base)}"
        file, line, column = mark or ("", None, None)
        self.wrong.add(StackError(message, file=file, line=line, column=column))
        return base


def appended(base: Row, over: Row) -> Row:
    """Two lists, one after the other."""
    return Row(base.mark, [*base, *over], [*_marks(base), *_marks(over)])


def sequence(value: Any) -> Row:
    """A list as it is, a mapping as `key=value` in the order of the keys, a string as a list of one."""
    if isinstance(value, Row):
        return value
    row = Row(getattr(value, "mark", None))
    if isinstance(value, Table):
        for written, mark in sorted(_pairs(value), key=lambda pair: pair[0]):
            row.add(written, mark)
    elif isinstance(value, str):
        row.add(value, None)
    return row


def mapping(value: Any, default: dict[str, Any] | None = None) -> Any:
    """A list of names as a mapping of each to (a copy of) `default`; anything else as it is."""
    if not isinstance(value, Row):
        return value
    table = Table(value.mark)
    for number, name in enumerate(value):
        if isinstance(name, str):
            mark = value.at(number)
            table.put(name, None if default is None else Table(mark, default), mark)
    return table


def _pairs(table: Table) -> Iterator[tuple[str, Mark | None]]:
    for key, value in table.items():
        if value is None:
            yield key, table.at(key)
        elif isinstance(value, Row):
            yield from ((f"{key}={_text(item)}", table.at(key)) for item in value)
        else:
            yield f"{key}={_text(value)}", table.at(key)


def _text(value: Any) -> str:
    return text(value) if isinstance(value, str | int | float) else ""


def _marks(row: Row) -> list[Mark | None]:
    return [row.at(number) for number in range(len(row))]


def _sequences(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    return appended(sequence(base), sequence(over))


def _hosts(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    """A host may have several addresses, but none of them twice."""
    known, more = sequence(base), sequence(over)
    new = Row(more.mark)
    for number, item in enumerate(more):
        if item not in known:
            new.add(item, more.at(number))
    return appended(known, new)


def _later(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    return over


def _build(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    longer = [Table(None, {"context": value}) if isinstance(value, str) else value for value in (base, over)]
    return merger.tables(longer[0], longer[1], pattern)


def _depends_on(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    default = {"condition": "service_started", "required": True}
    return merger.tables(mapping(base, default), mapping(over, default), pattern)


def _names(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    return merger.tables(mapping(base), mapping(over), pattern)


def _logging(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    """Options belong to a driver: another driver begins anew."""
    if isinstance(base, Table) and isinstance(over, Table):
        drivers = [t["driver"] for t in (base, over) if "driver" in t]
        if len(drivers) == 2 and drivers[0] != drivers[1]:
            return over
    return merger.tables(base, over, pattern)


def _pools(merger: Merger, base: Any, over: Any, pattern: Pattern) -> Any:
    """Address pools are told apart by their subnet."""
    if not isinstance(base, Row) or not isinstance(over, Row):
        return over
    found: dict[Any, Table] = {}
    for original in base:
        for other in over:
            if not isinstance(original, Table) or not isinstance(other, Table):
                continue
            if other.get("subnet") != original.get("subnet") and other.get("subnet") not in found:
                found[other.get("subnet")] = other
                continue
            merged = merger.tables(original, other, pattern)
            found[merged.get("subnet")] = merged
    return Row(base.mark, found.values())


RULES: dict[Pattern, Rule] = {
    ("networks", "*", "ipam", "config"): _pools,
    ("networks", "*", "labels"): _sequences,
    ("volumes", "*", "labels"): _sequences,
    **{
        (*SERVICE, key): _sequences
        for key in ("annotations", "dns", "dns_opt", "dns_search", "env_file", "label_file", "environment")
    },
    **{(*SERVICE, key): _sequences for key in ("labels", "sysctls", "tmpfs")},
    **{(*SERVICE, "build", key): _sequences for key in ("args", "additional_contexts", "labels")},
    (*SERVICE, "extra_hosts"): _hosts,
    (*SERVICE, "build", "extra_hosts"): _hosts,
    (*SERVICE, "deploy", "labels"): _sequences,
    (*SERVICE, "build"): _build,
    (*SERVICE, "depends_on"): _depends_on,
    (*SERVICE, "networks"): _names,
    (*SERVICE, "models"): _names,
    (*SERVICE, "logging"): _logging,
    (*SERVICE, "ulimits", "*"): _later,
    (*SERVICE, "command"): _later,
    (*SERVICE, "entrypoint"): _later,
    (*SERVICE, "healthcheck", "test"): _later,
}
