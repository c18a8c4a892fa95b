"""A service's image: pulled, taken from the local store, or built, and what it says about running it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.session import Session
from hubtui.stacks.spec.model import Build, HealthCheck, Service, Stack

if TYPE_CHECKING:
    import dagger

    from hubtui.stacks.engines.dagger.sources.select import Selection

_CONFIG = 'entrypoint defaultArgs user exposedPorts{port protocol} exists(path:"/bin/sh")'
_HEALTH = " dockerHealthcheck{args shell interval timeout startPeriod retries}"  # since 0.20.1
_INLINE = ".hubtui.Dockerfile"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is there, and its configuration. `ports` are what it exposes, as (number, "tcp" or "udp")."""

    container: dagger.Container
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    ports: tuple[tuple[int, str], ...]
    shell: bool
    health: HealthCheck | None


async def pull(session: Session, service: Service, *, local: bool) -> Image:
    """The image by its name; from this host's own store where `local` and it is there."""
    import dagger

    platform = dagger.Platform(service.platform) if service.platform else None
    if local and service.pull_policy != "always" and await asyncio.to_thread(_in_docker, service.image):
        container = session.client.host().container_image(service.image)
    else:
        container = session.client.container(platform=platform).from_(service.image)
    return await inspect(session, await container.sync())


async def build(
    session: Session, stack: Stack, service: Service, context: dagger.Directory, selection: Selection
) -> Image:
    """Build it from an uploaded context."""
    import dagger

    assert service.build is not None
    spec, dockerfile = service.build, service.build.dockerfile
    if inline := _inline(spec, selection):
        context, dockerfile = context.with_new_file(_INLINE, inline), _INLINE
    options: dict[str, Any] = {}
    if service.platform:
        options["platform"] = dagger.Platform(service.platform)
    if spec.secrets:
        options["secrets"] = [
            session.client.set_secret(g.target.rpartition("/")[2], secret_value(stack, g.source)) for g in spec.secrets
        ]
    if spec.ssh:
        options["ssh"] = session.client.host().unix_socket(_ssh_socket(spec.ssh))
    arguments = [dagger.BuildArg(name=name, value=value) for name, value in spec.args.items()]
    built = context.docker_build(dockerfile=dockerfile, build_args=arguments, target=spec.target, **options)
    return await inspect(session, await built.sync())


def _inline(spec: Build, selection: Selection) -> str:
    """The text of a Dockerfile that is not a file of the context; "" where it is one."""
    if spec.dockerfile_inline:
        return spec.dockerfile_inline
    if selection.dockerfile_outside is None:
        return ""
    try:
        return selection.dockerfile_outside.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"{selection.dockerfile_outside} cannot be read: {error}", kind="dockerfile") from error


async def inspect(session: Session, container: dagger.Container) -> Image:
    """What the image says, in one query of our own: the SDK would send one for each answer."""
    identity = await container.id()
    modern = session.modern
    fields = _CONFIG + (_HEALTH if hasattr(container, "docker_healthcheck") else "")
    if modern:
        text = f"{{node(id:{json.dumps(identity)}){{... on Container{{{fields}}}}}}}"
        found = (await session.query(text))["node"]
    else:
        text = f"{{loadContainerFromID(id:{json.dumps(identity)}){{{fields}}}}}"
        found = (await session.query(text))["loadContainerFromID"]
    ports = tuple((int(p["port"]), str(p["protocol"]).lower()) for p in found["exposedPorts"] or ())
    return Image(
        container=container,
        entrypoint=tuple(found["entrypoint"] or ()),
        command=tuple(found["defaultArgs"] or ()),
        user=found["user"] or "",
        ports=ports,
        shell=bool(found["exists"]),
        health=_health(found.get("dockerHealthcheck")),
    )


async def owner(image: Image, user: str) -> str:
    """The user that a container runs as, as uid:gid; "" is root. Names are looked up in the image, where that can be
    read; a group that is not given or not a number is the user's own."""
    import dagger

    name, _, group = user.partition(":")
    uid, gid = name, group if group.isdigit() else name
    if name and not name.isdigit():
        try:
            entries = (line.split(":") for line in (await image.container.file("/etc/passwd").contents()).splitlines())
            uid, own = next((entry[2], entry[3]) for entry in entries if entry[0] == name and len(entry) > 3)
        except (dagger.QueryError, StopIteration):
            return user  # the engine knows it, or says what is wrong with it
        gid = group if group.isdigit() else own
    return "" if uid in ("", "0") else f"{uid}:{gid}"


def _health(found: Mapping[str, Any] | None) -> HealthCheck | None:
    if not found or not found.get("args"):
        return None
    command = ("/bin/sh", "-c", " ".join(found["args"])) if found.get("shell") else tuple(found["args"])
    return HealthCheck(
        command=command,
        interval=_seconds(found.get("interval")) or 30.0,  # Docker's own defaults
        timeout=_seconds(found.get("timeout")) or 30.0,
        retries=found.get("retries") or 3,
        start_period=_seconds(found.get("startPeriod")),
    )


def _seconds(written: str | None) -> float | None:
    """A Go duration as Dagger prints it, such as 1m30s."""
    from hubtui.stacks.spec.fields import duration

    return duration(written) if written and written != "0s" else None


def secret_value(stack: Stack, name: str) -> str:
    """The value of a secret of the stack. Raises EngineError."""
    source = stack.secret_sources[name]
    if source.value is not None:
        return source.value
    if source.file is None:
        raise EngineError(
            f"the secret {name} has no value here: it is external, or its variable is not set",
            f"Set its variable, or give secrets.{name} a file in the compose file.",
            kind="dagger_cannot",
        )
    return read_text(source.file, f"the secret {name}")


def read_text(file: Path, what: str) -> str:
    """A small file's text. Raises EngineError."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"{what} cannot be read: {file}: {error}", "Make the file, then start again.", kind="secret"
        ) from error


def _ssh_socket(wanted: tuple[str, ...]) -> str:
    import os

    _, _, path = wanted[0].partition("=")
    path = path or os.environ.get("SSH_AUTH_SOCK", "")
    if not path:
        raise EngineError("build.ssh wants an SSH agent, and there is none (SSH_AUTH_SOCK)", kind="ssh_agent")
    return path


def _in_docker(image: str) -> bool:
    argv = ["docker", "image", "inspect", image]
    try:
        return subprocess.run(argv, capture_output=True, timeout=5).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
