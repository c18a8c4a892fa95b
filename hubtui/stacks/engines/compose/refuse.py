"""What the compose engine cannot do, and what it does otherwise than a compose file with hubtui's own words says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubtui.errors import EngineError
from hubtui.stacks.engines.base import Difference, Kind
from hubtui.stacks.spec.model import Service, Stack
from hubtui.stacks.supervise.ages import Counted

_NOT_USED = ("process", "process_build", "pull_policy")
COUNTED = Counted(
    own=lambda name: name not in _NOT_USED,
    other=lambda key: key != "develop",  # followed as it is written now
    applies={"build": "rebuild"},  # a restart takes the image that is there
)


def check(stack: Stack, services: Sequence[str]) -> None:
    """Raises EngineError for a service that Docker could not run."""
    for name in services:
        service = stack.services[name]
        if not service.image and service.build is None:
            raise EngineError(
                f"{name} has neither an image nor a build: Docker has nothing to run.",
                f"Add services.{name}.image or .build in the compose file, or use the process engine.",
                kind="no_image",
                service=name,
            )


def notes(service: Service) -> list[str]:
    """A clause for each difference that does not go without saying."""
    return [difference.said for difference in differences(service) if not difference.quiet]


def differences(service: Service) -> Iterator[Difference]:
    """All clauses on one service, as far as they can be told without Docker: what is refused, too."""
    if not service.image and service.build is None:
        yield Difference(Kind.REFUSED, "has neither an image nor a build")
    if service.process or service.process_build:
        yield Difference(Kind.IGNORED, "x-hubtui.process is for the process engine: here its image runs")
    if service.health is not None and service.health.url and service.health_command is not None:
        said = "Docker's own healthcheck counts, x-hubtui.health is not looked at"
        yield Difference(Kind.IGNORED, said)
