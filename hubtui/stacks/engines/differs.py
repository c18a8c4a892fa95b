"""What each engine would do otherwise than a stack's files ask: told without an engine, before anything is started."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hubtui.stacks.engines.base import Difference, Kind
from hubtui.stacks.spec.model import Service, Stack


def of_stack(stack: Stack, engine: str, services: Sequence[str]) -> Iterator[tuple[str, Difference]]:
    """(service, clause) for each; what is refused comes first. `engine` is a word of a compose file."""
    found = [(name, d) for name in services for d in _of_service(stack, engine, stack.services[name])]
    yield from sorted(found, key=lambda pair: pair[1].kind is not Kind.REFUSED)


def _of_service(stack: Stack, engine: str, service: Service) -> Iterable[Difference]:
    if engine == "process":
        from hubtui.stacks.engines.process import differs

        return differs.differences(stack, service)
    if engine == "dagger":
        from hubtui.stacks.engines.dagger import refuse

        return refuse.differences(stack, service)
    if engine == "compose":
        from hubtui.stacks.engines.compose import refuse as on_docker

        return on_docker.differences(service)
    raise ValueError(engine)
