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


class MountKind(StrEnum):
    """What is mounted: a path of the host, a volume of the engine, or memory."""

    BIND = "bind"
    VOLUME = "volume"
    TMPFS = "tmpfs"


@dataclass(frozen=True, slots=True)
class Mount:
    """One entry of `volumes` or `tmpfs`. Options only Docker can act on (`z`, `rshared`, `nocopy`) are not kept."""

    kind: MountKind
    target: str  # absolute path in the container
    source: str = ""  # bind: absolute path on the host; volume: its key in `Stack.volumes`, "" = anonymous; tmpfs: ""
    read_only: bool = False
    size: int | None = None  # of a tmpfs, in bytes; None = the engine's default
    subpath: str = ""  # of a volume: mount only this folder of it, relative
    create_host_path: bool = True  # of a bind: make the folder where the host has none


@dataclass(frozen=True, slots=True)
class FileGrant:
    """One entry of `secrets` or `configs` of a service or build: which file it gets, and where.

    `target` is an absolute path in the container; for a build it is the id that `RUN --mount=type=secret` names.
    """

    source: str  # key in `Stack.secret_sources` or `Stack.config_sources`
    target: str
    uid: str | None = None
    gid: str | None = None
    mode: int | None = None  # permission bits


@dataclass(frozen=True, slots=True)
class FileSource:
    """One entry of the top-level `secrets` or `configs`: where its content comes from.

    At most one of `file` (absolute, perhaps not there) and `value` is set; neither where it is `external`, where a
    driver has it, and where its variable is not set.
    """

    name: str  # `name`, which is what an external one is called outside, else its key
    file: Path | None = None
    value: str | None = None
    external: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """One entry of the top-level `volumes`. `name` is Docker's: `name`, else PROJECT_KEY (the key if external)."""

    key: str
    name: str
    external: bool = False
    driver: str = ""  # "" = the engine's default


@dataclass(frozen=True, slots=True)
class Build:
    """`build`: context is absolute. Arguments that have no value were to be taken from the environment."""

    context: Path
    dockerfile: str = "Dockerfile"
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    dockerfile_inline: str = ""  # the Dockerfile itself; stands instead of `dockerfile`
    secrets: tuple[FileGrant, ...] = ()
    ssh: tuple[str, ...] = ()  # "default" (the agent) or "id=path", the path absolute
    no_cache: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a stack. `process` and `process_build` come from `x-hubtui` (`process:`, `build:`): the commands
    that stand for the image's and for `build` when the process engine runs the stack.

    `health` is the check that counts: `x-hubtui.health` where there is one, else `healthcheck`. `health_command` is
    always the one of `healthcheck`, which runs inside the container; `health_disabled` says that it is switched off,
    so that the image's own must not run either.
    """

    name: str
    image: str = ""
    build: Build | None = None
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)  # env_file already merged below it
    ports: tuple[Port, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    expose: tuple[int, ...] = ()  # ports without their protocol, ranges spelled out
    mounts: tuple[Mount, ...] = ()
    secrets: tuple[FileGrant, ...] = ()
    configs: tuple[FileGrant, ...] = ()
    health: HealthCheck | None = None
    health_command: HealthCheck | None = None
    health_disabled: bool = False
    profiles: tuple[str, ...] = ()
    restart: RestartPolicy = RestartPolicy.NO
    restart_attempts: int | None = None  # on-failure:N
    stop_grace_period: float = 10.0
    stop_signal: str = "SIGTERM"
    limits: Limits = Limits()
    working_dir: str = ""
    user: str = ""
    hostname: str = ""
    aliases: tuple[str, ...] = ()  # other names on any of its networks
    pull_policy: str = ""  # always, never, missing, build, refresh, daily, weekly, every_DURATION; "" = not said
    platform: str = ""
    init: bool | None = None
    process: tuple[str, ...] = ()
    process_build: tuple[str, ...] = ()
    file: Path | None = None  # where the service begins, for messages: its own file, which may be an included one
    line: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def replicas(self) -> int:
        """How many of it there are to be: `scale`, else `deploy.replicas`, else 1."""
        deploy = self.extra.get("deploy")
        written = self.extra.get("scale") or (deploy.get("replicas") if isinstance(deploy, dict) else None)
        return int(written) if isinstance(written, int | str) and str(written).isdigit() else 1


@dataclass(frozen=True, slots=True)
class Stage:
    """A named rank of services shown and gated together (`x-hubtui.stages`, else derived from depends_on).

    A service of it that fails to become ready is tried again `retries` times, `retry_delay` seconds later at first and
    twice as late each time; it has `timeout` seconds for all of them to be ready, None = no limit.
    """

    name: str
    services: tuple[str, ...]
    retries: int = 0
    retry_delay: float = 2.0
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class ReadFrom:
    """What a stack was read with, as whoever else reads it has to be told: the files laid over one another (included
    ones are not among them), the env files that were named (none: Compose's own `.env`), the active profiles."""

    files: tuple[Path, ...] = ()
    env_files: tuple[Path, ...] = ()
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stack:
    """A whole stack, profiles not yet applied: `plan.select` does that.

    `engine` is `x-hubtui.engine` or "". `profiles` are active whatever a start says (COMPOSE_PROFILES, a named
    environment's). `secrets` are the values to mask wherever hubtui shows, stores or logs them.
    `secret_sources` and `config_sources` are the top-level `secrets` and `configs`. What these and `volumes` hold
    beyond their fields (`driver_opts`, `labels`) is in `extra`, as written.
    `warnings` are sentences about what is probably not as meant (variables that are not set, keys not read yet).
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    services: Mapping[str, Service]
    engine: str = ""
    stages: tuple[Stage, ...] = ()  # as written; () = derive
    profiles: tuple[str, ...] = ()
    jobs: Mapping[str, float] = field(default_factory=dict)  # `x-hubtui.jobs`: those settings of jobs that it names
    secrets: frozenset[str] = frozenset()
    volumes: Mapping[str, Volume] = field(default_factory=dict)
    secret_sources: Mapping[str, FileSource] = field(default_factory=dict)
    config_sources: Mapping[str, FileSource] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    read: ReadFrom = ReadFrom()
    extra: Mapping[str, Any] = field(default_factory=dict)
