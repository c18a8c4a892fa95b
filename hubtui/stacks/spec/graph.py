"""What services say about each other: dependencies that exist, without circles."""

from __future__ import annotations

from collections.abc import Mapping

from hubtui.stacks.spec.document import Document
from hubtui.stacks.spec.model import Service

MAX_CHAIN = 100  # services one after the other; keeps every walk over the graph shallow


def check_dependencies(document: Document, services: Mapping[str, Service]) -> None:
    """Raise StackError for a dependency on nobody, and for a circle, which is named in full."""
    for name, service in services.items():
        for dependency in service.depends_on:
            if dependency.service not in services and dependency.required:
                path = ("services", name, "depends_on")
                known = ", ".join(n for n in services if n != name) or "none"
                raise document.error(
                    f"service {name!r} depends on {dependency.service!r}, which is not a service of this file",
                    (*path, dependency.service),
                    f"The other services: {known}",
                )
    done: set[str] = set()
    for name in services:
        _walk(name, [], done, document, services)


def _walk(name: str, chain: list[str], done: set[str], document: Document, services: Mapping[str, Service]) -> None:
    """Depth first; `chain` is the way here."""
    path = ("services", name, "depends_on")
    if name in chain:
        circle = " -> ".join([*chain[chain.index(name) :], name])
        raise document.error(f"services depend on each other in a circle: {circle}", path)
    if name in done:
        return
    if len(chain) >= MAX_CHAIN:
        raise document.error(f"more than {MAX_CHAIN} services depend on each other in a row", path)
    for dependency in services[name].depends_on:
        if dependency.service in services:
            _walk(dependency.service, [*chain, name], done, document, services)
    done.add(name)
