"""What the compose engine cannot do, and what it does otherwise than a compose file with hubtui's own words says."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.errors import EngineError
from hubtui.stacks.spec.model import Service, Stack


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
    """A clause for each."""
    said = []
    if service.process or service.process_build:
        said.append("x-hubtui.process is for the process engine: here its image runs")
    if service.health is not None and service.health.url and service.health_command is not None:
        said.append("Docker's own healthcheck counts, x-hubtui.health is not looked at")
    return said
