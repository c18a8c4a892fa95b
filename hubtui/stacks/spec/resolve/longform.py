"""Short forms of a compose file as long ones, in place, so that everything after this knows one form.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md; the measure is compose-go's transform package.
What is in no known form stays as it is: the check says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hubtui.stacks.spec.marks import Mark, Row, Table
from hubtui.stacks.spec.resolve.merge import mapping
from hubtui.stacks.spec.resolve.mounting import short_mount
from hubtui.stacks.spec.resolve.publishing import short_port

MAX_SPELLED_OUT = 50_000
Change = Callable[[Any, Mark | None], Any]


def lengthen(tree: dict[str, Any]) -> None:
    """Do so in all of a stack."""
    ports = _Ports()
    for service in _values(tree.get("services")):
        _apply(service, _SERVICE)
        _apply(service, {"ports": ports.lengthen})
        _apply(service.get("build"), _BUILD)
        develop = service.get("develop")
        for watch in _items(develop.get("watch") if isinstance(develop, dict) else None):
            _apply(watch, _WATCH)
    for key in ("volumes", "networks", "secrets", "configs"):
        for resource in _values(tree.get(key)):
            _external(resource)


def set_defaults(tree: dict[str, Any]) -> None:
    """Write what a long form means where it says nothing (compose-go's transform/defaults.go)."""
    for service in _values(tree.get("services")):
        build = service.get("build")
        if isinstance(build, dict):
            build.setdefault("context", ".")
        for secret in _items(service.get("secrets")):
            secret.setdefault("target", f"/run/secrets/{secret.get('source')}")
        for port in _items(service.get("ports")):
            port.setdefault("protocol", "tcp")
            port.setdefault("mode", "ingress")
        devices: Any = service
        for key in ("deploy", "resources", "reservations", "devices"):
            devices = devices.get(key) if isinstance(devices, dict) else None
        for device in (*_items(devices), *_items(service.get("gpus"))):
            if "count" not in device and "device_ids" not in device:
                device["count"] = "all"


def _values(table: Any) -> list[Table]:
    return [v for v in table.values() if isinstance(v, Table)] if isinstance(table, dict) else []


def _items(row: Any) -> list[Table]:
    return [v for v in row if isinstance(v, Table)] if isinstance(row, list) else []


def _apply(table: Any, changes: dict[str, Change]) -> None:
    for key in changes.keys() & table.keys() if isinstance(table, Table) else ():
        table[key] = changes[key](table[key], table.at(key))


def _external(resource: Table) -> None:
    """`external: {name: x}`, the older way to say `external: true` and `name: x`."""
    external = resource.get("external")
    if isinstance(external, Table) and all(key == "name" or key.startswith("x-") for key in external):
        name, mark = external.get("name"), resource.at("external")
        resource["external"] = True
        if name is not None and "name" not in resource:
            resource.put("name", name, mark)


def _each(change: Callable[[str, Mark | None], Any]) -> Change:
    """A change of every string in a list; it may give several items or, for what it does not know, none."""

    def changed(value: Any, mark: Mark | None) -> Any:
        if not isinstance(value, Row):
            return value
        row = Row(value.mark)
        for number, item in enumerate(value):
            found = change(item, value.at(number)) if isinstance(item, str) else None
            for one in found if isinstance(found, list) else [item if found is None else found]:
                row.add(one, value.at(number))
        return row

    return changed


def _key(name: str) -> Change:
    """A string stands for a mapping that has it in one key."""
    return lambda value, mark: Table(mark, {name: value}) if isinstance(value, str) else value


def _listed(value: Any, mark: Mark | None) -> Any:
    return Row(mark, [value], [mark]) if isinstance(value, str) else value


def _env_files(value: Any, mark: Mark | None) -> Any:
    found = _each(lambda item, at: Table(at, {"path": item}))(_listed(value, mark), mark)
    for item in _items(found):
        item.setdefault("required", True)
    return found


def _depends_on(value: Any, mark: Mark | None) -> Any:
    found = mapping(value, {"condition": "service_started"}) if _are_names(value) else value
    for dependency in _values(found):
        dependency.setdefault("required", True)
    return found


def _gpus(value: Any, mark: Mark | None) -> Any:
    return Row(mark, [Table(mark, {"count": "all"})]) if value == "all" else value


def _equals(value: Any, mark: Mark | None) -> Any:
    """A list of `key=value` as a mapping, where all of it is that."""
    if not isinstance(value, Row) or not all(isinstance(item, str) and "=" in item for item in value):
        return value
    table = Table(value.mark)
    for number, item in enumerate(value):
        key, _, rest = item.partition("=")
        table.put(key, rest, value.at(number))
    return table


def _ssh(value: Any, mark: Mark | None) -> Any:
    """As `_equals`, but `default`, the agent, needs no path."""
    if isinstance(value, Row) and all(isinstance(i, str) and ("=" in i or i == "default") for i in value):
        table = Table(value.mark)
        for number, item in enumerate(value):
            key, equals, path = item.partition("=")
            table.put(key, path if equals else None, value.at(number))
        return table
    return value


def _device(written: str, mark: Mark | None) -> Any:
    parts = written.split(":")
    if len(parts) > 3:
        return None
    source, target, permissions = [*parts, *["", "rwm"][len(parts) - 1 :]][:3] if len(parts) < 3 else parts
    return Table(mark, {"source": source, "target": target or source, "permissions": permissions})


class _Ports:
    """The ports of all services, ranges spelled out up to MAX_SPELLED_OUT of them: they can be bombs, too."""

    def __init__(self) -> None:
        self.left = MAX_SPELLED_OUT

    def lengthen(self, value: Any, mark: Mark | None) -> Any:
        """The ports of one service; what is beyond the limit stays as it is, and the check refuses it."""
        if not isinstance(value, Row):
            return value
        row = Row(value.mark)
        for number, item in enumerate(value):
            at = value.at(number)
            plain = isinstance(item, str | int) and not isinstance(item, bool)
            found = short_port(str(item), self.left) if plain else None
            for port in [item] if found is None else found:
                row.add(port if found is None else Table(at, port), at)
            self.left -= 1 if found is None else len(found)
        return row


def _mount(written: str, mark: Mark | None) -> Any:
    found = short_mount(written)
    if found is None:
        return None
    return Table(mark, {k: Table(mark, v) if isinstance(v, dict) else v for k, v in found.items()})


def _names(value: Any, mark: Mark | None) -> Any:
    return mapping(value) if _are_names(value) else value


def _are_names(value: Any) -> bool:
    """Whether a list, if it is one, is of strings, each once."""
    plain = isinstance(value, Row) and all(isinstance(item, str) for item in value)
    return not isinstance(value, Row) or (plain and len(set(value)) == len(value))


_grants = _each(lambda item, mark: Table(mark, {"source": item}))
_SERVICE: dict[str, Change] = {
    "build": _key("context"),
    "extends": _key("service"),
    "depends_on": _depends_on,
    "env_file": _env_files,
    "label_file": _listed,
    "dns": _listed,
    "gpus": _gpus,
    "networks": _names,
    "models": _names,
    "volumes": _each(_mount),
    "devices": _each(_device),
    "secrets": _grants,
    "configs": _grants,
}
_BUILD: dict[str, Change] = {"secrets": _grants, "additional_contexts": _equals, "ssh": _ssh}
_WATCH: dict[str, Change] = {"ignore": _listed, "include": _listed}
