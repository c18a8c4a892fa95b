"""Pure functions over a stack: which services a start means, and in which order they come up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hubtui.errors import UsageError
from hubtui.stacks.spec.model import Service, Stack, Stage


def select(stack: Stack, services: Sequence[str] = (), profiles: Iterable[str] = ()) -> tuple[str, ...]:
    """The services that starting `services` (empty: all) with `profiles` brings up, dependencies first. The stack's
    own profiles are always active.

    As in Compose: a service without profiles always belongs, one with profiles only when one of them is active or it is
    named itself; dependencies of what is selected come along (`required: false` ones only if they are enabled).
    Raises UsageError for a name that is not in the stack.
    """
    active = {*profiles, *stack.profiles}
    for name in services:
        if name not in stack.services:
            known = ", ".join(stack.services) or "none"
            raise UsageError(f"{stack.name} has no service {name!r}", f"Its services: {known}")
    enabled = {n for n, s in stack.services.items() if not s.profiles or active & set(s.profiles) or "*" in active}
    chosen: dict[str, None] = {}

    def visit(name: str, service: Service) -> None:
        if name in chosen:
            return
        for dependency in service.depends_on:
            other = stack.services.get(dependency.service)
            if other is not None and (dependency.required or dependency.service in enabled):
                visit(dependency.service, other)
        chosen[name] = None

    for name in services or [n for n in stack.services if n in enabled]:
        visit(name, stack.services[name])
    return tuple(chosen)


def ranks(stack: Stack, services: Sequence[str]) -> list[tuple[str, ...]]:
    """Services grouped so that each depends only on earlier groups. The loader has already refused cycles."""
    wanted = set(services)
    rank: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in rank:
            below = [of(d.service) for d in stack.services[name].depends_on if d.service in wanted]
            rank[name] = 1 + max(below, default=-1)
        return rank[name]

    groups: list[list[str]] = []
    for name in services:
        level = of(name)
        groups.extend([] for _ in range(level + 1 - len(groups)))
        groups[level].append(name)
    return [tuple(g) for g in groups]


def stages(stack: Stack, services: Sequence[str]) -> tuple[Stage, ...]:
    """The stages to show for these services: the stack's own names, else its ranks as "stage 1", "stage 2", ..."""
    if not stack.stages:
        return tuple(Stage(f"stage {n}", group) for n, group in enumerate(ranks(stack, services), 1))
    named = [replace(s, services=tuple(n for n in s.services if n in services)) for s in stack.stages]
    placed = {n for s in named for n in s.services}
    rest = tuple(n for n in services if n not in placed)
    return tuple(s for s in [*named, Stage("other", rest)] if s.services)
