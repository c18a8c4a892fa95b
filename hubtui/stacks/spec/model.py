"""A stack as the engines see it: frozen values, already interpolated, validated and free of YAML.

The words are the Compose Specification's (https://github.com/compose-spec/compose-spec/blob/main/spec.md); what it has
no word for is hubtui's own `x-hubtui`. The loader fills these in; nothing here reads a file.
Durations are seconds, memory is bytes, and keys that hubtui does not use are kept in `extra`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Condition(StrEnum):
    """When a dependency counts as there (`depends_on.<name>.condition`)."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of `depends_on`."""

    service: str
    condition: Condition = Condition.STARTED
    required: bool = True
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    """One published or exposed port. `published` is None where the engine may choose."""

    target: int
    published: int | None = None
    protocol: str = "tcp"
    address: str = ""  # host address to bind; "" = `ports.address` of the settings

    @property
    def host_port(self) -> int:
        """The port on the host, for engines that translate nothing."""
        return self.published or self.target


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How a service shows that it works; None = the settings' default. Exactly one of url and command is set.

    `url` is `http://`, `https://` or `tcp://host:port`; `command` is argv (a shell string becomes `/bin/sh -c`).
    """

    url: str = ""
    command: tuple[str, ...] = ()
    interval: float | None = None
    timeout: float | None = None
    retries: int | None = None
    start_period: float | None = None


class RestartPolicy(StrEnum):
    """What happens when a service ends by itself (`restart`)."""

    NO = "no"
    ALWAYS = "always"
    ON_FAILURE = "on-failure"
    UNLESS_STOPPED = "unless-stopped"


@dataclass(frozen=True, slots=True)
class Limits:
    """`deploy.resources.limits`: cpus as a number of cores, memory in bytes; None = no limit."""

    cpus: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """`build`: context is absolute. Arguments that have no value were to be taken from the environment."""

    context: Path
    dockerfile: str = "Dockerfile"
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a stack. `process` and `process_build` come from `x-hubtui` (`process:`, `build:`): the commands
    that stand for the image's and for `build` when the process engine runs the stack."""

    name: str
    image: str = ""
    build: Build | None = None
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)  # env_file already merged below it
    ports: tuple[Port, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    health: HealthCheck | None = None
    profiles: tuple[str, ...] = ()
    restart: RestartPolicy = RestartPolicy.NO
    restart_attempts: int | None = None  # on-failure:N
    stop_grace_period: float = 10.0
    stop_signal: str = "SIGTERM"
    limits: Limits = Limits()
    working_dir: str = ""
    process: tuple[str, ...] = ()
    process_build: tuple[str, ...] = ()
    line: int | None = None  # where the service begins in its file, for messages
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """A named rank of services shown and gated together (`x-hubtui.stages`, else derived from depends_on)."""

    name: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """A whole stack, profiles not yet applied: `plan.select` does that.

    `engine` is `x-hubtui.engine` or "". `secrets` are the values to mask wherever hubtui shows, stores or logs them.
    `warnings` are sentences about what is probably not as meant (variables that are not set, keys not read yet).
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    services: Mapping[str, Service]
    engine: str = ""
    stages: tuple[Stage, ...] = ()  # as written; () = derive
    secrets: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
