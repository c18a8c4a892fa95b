"""Of list entries that mean the same thing the last one counts, in the place of the first.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#unique-resources; the whole list of keys is
compose-go's (override/uncity.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hubtui.stacks.spec.marks import Row
from hubtui.stacks.spec.resolve.mounting import short_mount

Index = Callable[[Any], Any]


def enforce_unicity(tree: dict[str, Any], folder: Path | None = None) -> None:
    """Do so in all of the tree. Env files of a service in another file are absolute already: those in `folder` are the
    same as relative ones."""
    own = {**SERVICE, "env_file": _path if folder is None else _path_in(f"{folder}/")}
    for service in _tables(tree.get("services")):
        _each(service, own)
        for key, rules in NESTED.items():
            _each(service.get(key), rules)
        for network in _tables(service.get("networks")):
            _each(network, _NETWORK)
    for network in _tables(tree.get("networks")):
        _each(network, {"labels": _name})


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    return (v for v in value.values() if isinstance(v, dict)) if isinstance(value, dict) else iter(())


def _each(table: Any, rules: dict[str, Index]) -> None:
    for key in rules.keys() & table.keys() if isinstance(table, dict) else ():
        if isinstance(table[key], Row):
            table[key] = _unique(table[key], rules[key])


def _unique(row: Row, index: Index) -> Row:
    found = Row(row.mark)
    seen: dict[Any, int] = {}
    for number, item in enumerate(row):
        name = index(item)
        if name is not None and name in seen:
            found[seen[name]], found.marks[seen[name]] = item, row.at(number)
        else:
            seen[name] = len(found)
            found.add(item, row.at(number))
    return found


def _name(item: Any) -> Any:
    """The key of `key=value`. None, here and below: it is like nothing else."""
    return item.partition("=")[0] if isinstance(item, str) else None


def _target(item: Any) -> Any:
    """Where a volume is mounted."""
    if isinstance(item, str):
        item = short_mount(item)
    return _hashable(item.get("target")) if isinstance(item, dict) else None


def _device(item: Any) -> Any:
    """Where a device is in the container."""
    if isinstance(item, str):
        return item.split(":")[:2][-1]
    return _hashable(item.get("target")) if isinstance(item, dict) else None


def _path(item: Any) -> Any:
    return _hashable(item.get("path")) if isinstance(item, dict) else _hashable(item)


def _path_in(folder: str) -> Index:
    def index(item: Any) -> Any:
        path = _path(item)
        return path.removeprefix(folder) if path else path

    return index


def _as_text(item: Any) -> Any:
    return str(item) if isinstance(item, str | int) else None


def _grant(folder: str) -> Index:
    def index(item: Any) -> Any:
        if isinstance(item, dict):
            return _hashable(item.get("target") or f"{folder}/{item.get('source')}")
        return f"{folder}/{item}" if isinstance(item, str) else None

    return index


def _port(item: Any) -> Any:
    """Its address, published port, target and protocol in the long form; in the short one what is written."""
    if isinstance(item, dict):
        defaults = (("host_ip", "0.0.0.0"), ("published", None), ("target", None), ("protocol", "tcp"))  # noqa: S104
        values = [item.get(key, default) for key, default in defaults]
        number = isinstance(values[1], int)  # Compose does not see that 80 is "80"
        return (*(str(value) for value in values), number)
    return _as_text(item)


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str) else None


SERVICE: dict[str, Index] = {
    **dict.fromkeys(("annotations", "cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "environment"), _name),
    **dict.fromkeys(("labels", "links", "profiles", "sysctls", "tmpfs"), _name),
    "configs": _grant(""),
    "secrets": _grant("/run/secrets"),
    "expose": _as_text,
    "ports": _port,
    "devices": _device,
    "volumes": _target,
}
NESTED: dict[str, dict[str, Index]] = {
    "build": dict.fromkeys(("args", "additional_contexts", "tags", "labels"), _name),
    "deploy": {"labels": _name},
}
_NETWORK: dict[str, Index] = dict.fromkeys(("aliases", "link_local_ips"), _name)
