"""`x-hubtui.stages`: ranks with names, each a list of its services or a mapping that says more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import integer, seconds, text
from hubtui.stacks.spec.model import Service, Stage


def read_stages(place: Place, services: Mapping[str, Service]) -> tuple[Stage, ...]:
    """Names, each with its services, in the order of start.

    Raises StackError for a service that is not there, is in two stages, or depends on one of a later stage.
    """
    rank: dict[str, int] = {}
    titles = list(place.mapping())
    stages: list[Stage] = []
    for number, (title, stage) in enumerate(place.entries()):
        members, more = _long(stage) if isinstance(stage.value, dict) else (stage, {})
        for member in members.items():
            name = member.to(text)
            if name not in services:
                raise member.error(f"names {name!r}, which is not a service of this file")
            if name in rank:
                raise member.error(f"names {name!r}, which is already in stage {titles[rank[name]]!r}")
            rank[name] = number
        stages.append(Stage(title, members.strings(), **more))
    for name, number in rank.items():
        for dependency in services[name].depends_on:
            if rank.get(dependency.service, -1) > number:
                raise place.error(
                    f"puts {name!r} into {titles[number]!r}, before {dependency.service!r}, on which it depends"
                )
    return tuple(stages)


def _long(stage: Place) -> tuple[Place, dict[str, Any]]:
    """The list of services of a stage that is a mapping, and what else it says."""
    keys = {"services": _as_it_is, "retries": integer, "retry_delay": seconds, "timeout": seconds}
    more = stage.known(keys)
    more.pop("services", None)
    return stage.need("services"), more


def _as_it_is(value: Any) -> Any:
    return value
