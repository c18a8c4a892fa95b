"""What `config` lists of a stack instead of printing it: one name a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hubtui.errors import UsageError
from hubtui.stacks.spec.project import Project
from hubtui.stacks.spec.resolve.hashing import service_hash
from hubtui.stacks.spec.resolve.variables import Variable, wanted_variables

Shape = dict[str, Any]


def images(shape: Shape) -> list[str]:
    """The image of every service: PROJECT-SERVICE where it is only built."""
    return sorted(s.get("image") or f"{shape['name']}-{name}" for name, s in shape["services"].items())


def hashes(shape: Shape, wanted: str) -> list[str]:
    """`SERVICE HASH` of the services that `wanted` names, with commas; `*` means all. Raises UsageError for a name that
    is none."""
    services = shape["services"]
    names = sorted(services if wanted == "*" else wanted.split(","))
    for name in names:
        if name not in services:
            raise UsageError(f"There is no service {name!r}.", f"The services: {', '.join(services) or 'none'}")
    return [f"{name} {service_hash(services[name])}" for name in names]


def variables(project: Project) -> list[str]:
    """A table of the variables that the files ask for, by name."""
    found: dict[str, Variable] = {}
    for path in project.files:
        for document in project.documents(path):
            found |= {variable.name: variable for variable in wanted_variables(document.tree)}
    rows: Iterable[tuple[str, str, str, str]] = [
        ("NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"),
        *((v.name, str(v.required).lower(), v.default, v.alternate) for _, v in sorted(found.items())),
    ]
    return ["".join(cell.ljust(20) if len(cell) < 18 else f"{cell}   " for cell in row) for row in rows]
