"""What services say about each other: dependencies that exist, without circles; stages that fit them."""

from __future__ import annotations

from collections.abc import Mapping

from hubtui.stacks.spec.document import Document, Place
from hubtui.stacks.spec.fields import text
from hubtui.stacks.spec.model import Service, Stage

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
                    (*path, dependency.service) if (*path, dependency.service) in document.lines else path,
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


def read_stages(place: Place, services: Mapping[str, Service]) -> tuple[Stage, ...]:
    """`x-hubtui.stages`: names, each with its services, in the order of start.

    Raises StackError for a service that is not there, is in two stages, or depends on one of a later stage.
    """
    rank: dict[str, int] = {}
    titles = list(place.mapping())
    stages: list[Stage] = []
    for number, (title, members) in enumerate(place.entries()):
        for member in members.items():
            name = member.to(text)
            if name not in services:
                raise member.error(f"names {name!r}, which is not a service of this file")
            if name in rank:
                raise member.error(f"names {name!r}, which is already in stage {titles[rank[name]]!r}")
            rank[name] = number
        stages.append(Stage(title, members.strings()))
    for name, number in rank.items():
        for dependency in services[name].depends_on:
            if rank.get(dependency.service, -1) > number:
                raise place.error(
                    f"puts {name!r} into {titles[number]!r}, before {dependency.service!r}, on which it depends"
                )
    return tuple(stages)
