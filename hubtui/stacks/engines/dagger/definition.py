"""From a service of the Compose model to a service of Dagger: its container with everything that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubtui.errors import EngineError
from hubtui.safetext import is_secret_name
from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.engines.dagger import inside
from hubtui.stacks.engines.dagger.images import Image, read_text, secret_value
from hubtui.stacks.engines.dagger.volumes import Identity, cache_key, volume_name
from hubtui.stacks.proctree import MARKER
from hubtui.stacks.spec.model import FileGrant, HealthCheck, MountKind, Service, Stack

if TYPE_CHECKING:
    import dagger


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one life of a service is made of, beside its image. `snapshots` are uploaded bind mounts by target;
    `volumes` say how each named one is mounted; `expected` are those that must not be empty; `token` marks what its
    helper prints."""

    stack: Stack
    service: Service
    image: Image
    project: str
    marker: str
    token: str
    check: HealthCheck | None
    defaults: HealthDefaults
    snapshots: Mapping[str, dagger.Directory | dagger.File]
    volumes: Mapping[str, Identity]
    expected: Sequence[str]


def define(client: dagger.Client, wanted: Wanted) -> dagger.Service:
    """The service, ready to be started. Its ports are exposed without Dagger's own check: a start that waits for a
    port cannot be cancelled, so hubtui looks itself. Raises EngineError."""
    service, container = wanted.service, wanted.image.container
    if client_has_healthchecks(container):
        container = container.without_docker_healthcheck()
    container = _environment(client, wanted, container)
    container = _mounts(client, wanted, container)
    container = _files(client, wanted, container)
    if service.working_dir:
        container = container.with_workdir(service.working_dir)
    if service.user:
        container = container.with_user(service.user)
    for number in sorted(ports(wanted.service, wanted.image)):
        container = container.with_exposed_port(number, experimental_skip_healthcheck=True)
    options = {"insecure_root_capabilities": True} if service.extra.get("privileged") else {}
    if service.init is False:
        options["no_init"] = True
    return container.as_service(args=list(_argv(wanted)), **options).with_hostname(service.name)


def client_has_healthchecks(container: dagger.Container) -> bool:
    """Whether this Dagger knows Docker's health checks (since 0.20.1); an image's own would replace our looking."""
    return hasattr(container, "without_docker_healthcheck")


def ports(service: Service, image: Image) -> set[int]:
    """The tcp ports that the service listens on, as its file and its image say."""
    found = {p.target for p in service.ports if p.protocol == "tcp"} | set(service.expose)
    return found | {number for number, protocol in image.ports if protocol == "tcp"}


def _argv(wanted: Wanted) -> tuple[str, ...]:
    """The command with what looks after it. As in Docker an entrypoint of the file's own drops the image's command."""
    service, image = wanted.service, wanted.image
    entrypoint = image.entrypoint if service.entrypoint is None else service.entrypoint
    command = image.command if service.entrypoint is None else ()
    argv = (*entrypoint, *(command if service.command is None else service.command))
    if not argv:
        raise EngineError(
            f"{service.name} has no command: neither the compose file nor its image names one",
            f"Add services.{service.name}.command to the compose file.",
            kind="no_command",
            service=service.name,
        )
    if not image.shell:
        return argv
    volumes = {m.source: m.target for m in service.mounts if m.kind is MountKind.VOLUME and m.source}
    return inside.command(argv, wanted.token, wanted.check, wanted.defaults, volumes, wanted.expected)


def _environment(client: dagger.Client, wanted: Wanted, container: dagger.Container) -> dagger.Container:
    service = wanted.service
    for name, value in service.environment.items():
        if value and (is_secret_name(name) or any(secret in value for secret in wanted.stack.secrets)):
            secret = client.set_secret(f"{wanted.project}/{service.name}/{name}", value)
            container = container.with_secret_variable(name, secret)
        else:
            container = container.with_env_variable(name, value)
    # By this mark a container's processes are found on this host where an engine that died left them.
    container = container.with_env_variable(MARKER, wanted.marker)
    # And services that are alike in all else are told apart: 0.19 gives the output of all of them to the first.
    container = container.with_env_variable("HUBTUI_SERVICE", service.name)
    # Dagger points every OpenTelemetry SDK at its own stream; a service's telemetry does not belong there.
    for name, value in {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}.items():
        if name not in service.environment:
            container = container.with_env_variable(name, value)
    return container


def _mounts(client: dagger.Client, wanted: Wanted, container: dagger.Container) -> dagger.Container:
    import dagger

    for mount in wanted.service.mounts:
        if mount.kind is MountKind.TMPFS:
            container = container.with_mounted_temp(mount.target, size=mount.size)
        elif mount.kind is MountKind.VOLUME:
            name = volume_name(wanted.service, mount)
            identity = wanted.volumes[name]
            # a lock would keep the second of its services waiting for ever
            sharing = dagger.CacheSharingMode.SHARED if identity.shared else dagger.CacheSharingMode.LOCKED
            container = container.with_mounted_cache(
                mount.target,
                client.cache_volume(cache_key(wanted.project, name)),
                sharing=sharing,
                owner=identity.owner,
            )
        elif isinstance(snapshot := wanted.snapshots[mount.target], dagger.Directory):
            container = container.with_mounted_directory(mount.target, snapshot)
        else:
            container = container.with_mounted_file(mount.target, snapshot)
    return container


def _files(client: dagger.Client, wanted: Wanted, container: dagger.Container) -> dagger.Container:
    stack, service = wanted.stack, wanted.service
    for grant in service.secrets:
        secret = client.set_secret(f"{wanted.project}/secrets/{grant.source}", secret_value(stack, grant.source))
        container = container.with_mounted_secret(grant.target, secret, owner=_owner(grant), mode=_mode(grant))
    for grant in service.configs:
        source = stack.config_sources[grant.source]
        text = source.value if source.file is None else read_text(source.file, f"the config {grant.source}")
        if text is None:
            raise EngineError(
                f"{service.name}: the config {grant.source} has no text here (external, or a variable that is not set)",
                f"Give configs.{grant.source} a file or content in the compose file.",
                kind="dagger_cannot",
                service=service.name,
            )
        container = container.with_new_file(grant.target, text, permissions=_mode(grant), owner=_owner(grant))
    return container


def _mode(grant: FileGrant) -> int:
    return 0o444 if grant.mode is None else grant.mode


def _owner(grant: FileGrant) -> str:
    """As Dagger takes it; a group alone is that of a file of root's."""
    return f"{grant.uid or 0}:{grant.gid}" if grant.gid else grant.uid or ""
