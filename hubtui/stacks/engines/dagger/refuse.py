"""What Dagger cannot do, said before anything starts: refused where ignoring it would do harm, else noted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hubtui.errors import EngineError
from hubtui.stacks.engines.base import Difference, Kind
from hubtui.stacks.engines.dagger.cli import sdk_version
from hubtui.stacks.engines.dagger.volumes import DANGER
from hubtui.stacks.spec.model import Mount, MountKind, Service, Stack
from hubtui.stacks.supervise.ages import Counted

# Keys of a service that change what it can reach or see: a service that asked for them would do something else.
_NEEDED = {
    "network_mode": "services of a Dagger session share one network of their own",
    "devices": "Dagger gives a container no devices",
    "gpus": "the engine decides about GPUs, not a service",
    "pid": "a container's processes are always its own",
    "ipc": "a container's shared memory is always its own",
    "volumes_from": "name the volume on both services instead",
    "extra_hosts": "a container's hosts file cannot be added to",
    "external_links": "containers of Docker cannot be reached by name",
    "use_api_socket": "there is no Docker to hand on",
    "provider": "programs of Docker Compose are not asked for services",
    "models": "there is nothing here that runs models",
    **dict.fromkeys(("pre_start", "post_start", "pre_stop"), "hooks are not run"),
}
# Keys that are without effect; what the service does stays the same.
_WITHOUT_EFFECT = (
    *("cap_add", "cap_drop", "security_opt", "read_only", "ulimits", "sysctls", "shm_size", "pids_limit", "cpuset"),
    *("oom_score_adj", "dns", "dns_search", "logging", "container_name", "group_add", "cgroup_parent", "mac_address"),
    *(
        "oom_kill_disable",
        "blkio_config",
        "cgroup",
        "cpu_count",
        "cpu_percent",
        "cpu_period",
        "cpu_quota",
        "cpu_shares",
    ),
    *(
        "cpu_rt_period",
        "cpu_rt_runtime",
        "mem_reservation",
        "mem_swappiness",
        "memswap_limit",
        "storage_opt",
        "dns_opt",
    ),
    *("device_cgroup_rules", "credential_spec", "isolation", "runtime", "userns_mode", "uts", "domainname", "tty"),
    *("stdin_open", "annotations"),
)
_FOR_DOCKER = ("labels", "attach", "develop")
_NOT_USED = ("process", "process_build", "limits", "aliases", "hostname", "pull_policy")
COUNTED = Counted(own=lambda name: name not in _NOT_USED, other=lambda key: key == "privileged")
_HARMFUL = {None, False, "", "bridge", "default"}
_HOST_ONLY = ("/var/run", "/run", "/proc", "/sys", "/dev")


def check(stack: Stack, services: Sequence[str]) -> None:
    """Raises EngineError (`dagger_cannot`) naming everything that these services ask for in vain."""
    problems = [(name, said) for name in services for said in _problems(stack, stack.services[name])]
    if not problems:
        return
    said = "; ".join(f"{name}: {problem}" for name, problem in problems)
    first = stack.services[problems[0][0]]
    where = f"{os.path.relpath(first.file, stack.folder)}:{first.line}: " if first.file else ""
    hint = "Take it out of the compose file, or run the project on another engine."
    raise EngineError(f"{where}Dagger cannot run this: {said}", hint, kind="dagger_cannot", service=first.name)


def _problems(stack: Stack, service: Service) -> Iterable[str]:
    if not service.image and service.build is None:
        yield "has neither image nor build"
    for key, why in _NEEDED.items():
        value = service.extra.get(key)
        if value and (isinstance(value, list | dict) or value not in _HARMFUL):
            yield f"{key} ({why})"
    if service.build is not None and "context" in service.build.extra:
        yield f"a build context at {service.build.extra['context']} (only folders here are read)"
    if service.build is not None and service.build.ssh and _minor(sdk := sdk_version()) < 21:
        yield f"build.ssh (dagger-io {sdk} cannot lend a build an SSH agent, 0.21 can)"
    for port in service.ports:
        if port.published and port.protocol != "tcp":
            yield f"publishes {port.published}/{port.protocol} (Dagger's tunnels carry tcp alone)"
    for mount in service.mounts:
        yield from _mount_problems(stack, mount)
    if (replicas := service.replicas) != 1:
        yield f"{replicas} replicas (a service of a session is one container)"


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def _mount_problems(stack: Stack, mount: Mount) -> Iterable[str]:
    if mount.kind is MountKind.VOLUME and mount.subpath:
        yield f"the folder {mount.subpath} of a volume at {mount.target} (a cache volume is mounted whole)"
    if mount.kind is MountKind.VOLUME and (volume := stack.volumes.get(mount.source)) and volume.external:
        yield f"the external volume {mount.source} (its data is in another engine)"
    if mount.kind is not MountKind.BIND:
        return
    source = Path(mount.source)
    if any(source == Path(top) or Path(top) in source.parents for top in _HOST_ONLY):
        yield f"{mount.source} of this host (a bind mount is a snapshot here, not the thing itself)"
    elif not source.exists():
        yield f"mounts {mount.source}, which does not exist"


def differences(stack: Stack, service: Service) -> Iterator[Difference]:
    """All clauses on one service, as far as they can be told without an engine: what is refused, too."""
    yield from (Difference(Kind.REFUSED, said) for said in _problems(stack, service))
    yield from _unlike(service)


def notes(service: Service, *, shell: bool = True) -> list[str]:
    """Clauses on what may become of its data, on what is asked for and not enforced, or means something else. `shell`:
    whether its image has one."""
    return [difference.said for difference in _unlike(service, shell=shell) if not difference.quiet]


def _unlike(service: Service, *, shell: bool = True) -> Iterator[Difference]:
    volumes = dict.fromkeys(m.source or f"at {m.target}" for m in service.mounts if m.kind is MountKind.VOLUME)
    for volume in volumes:
        yield Difference(Kind.OTHERWISE, f"the volume {volume} is a cache of the engine: {DANGER}")
    if service.limits.cpus or service.limits.memory:
        said = "its cpu and memory limits are not enforced (only the whole engine has limits)"
        yield Difference(Kind.NOT_ENFORCED, said)
    if without := [key for key in _WITHOUT_EFFECT if service.extra.get(key)]:
        yield Difference(Kind.IGNORED, f"without effect: {', '.join(without)}")
    if service.stop_signal not in ("SIGTERM", "SIGKILL"):
        yield Difference(Kind.OTHERWISE, f"it is stopped with SIGTERM, not with {service.stop_signal}")
    for mount in service.mounts:
        if mount.kind is MountKind.BIND and not mount.read_only:
            said = f"{mount.target} is a snapshot of {mount.source}: what it writes there is not kept"
            yield Difference(Kind.OTHERWISE, said)
    if not shell and (service.health_command or any(m.kind is MountKind.VOLUME for m in service.mounts)):
        said = "its image has no /bin/sh: its health command is not run, lost volumes are not noticed"
        yield Difference(Kind.OTHERWISE, said)
    if service.aliases:
        said = f"it is known as {service.name} alone, not as {', '.join(service.aliases)}"
        yield Difference(Kind.OTHERWISE, said)
    if list(service.extra.get("networks") or ["default"]) != ["default"]:
        yield Difference(Kind.OTHERWISE, "all services of the stack are on one network", quiet=True)
    if process := _for_processes(service):
        yield Difference(Kind.IGNORED, f"its image runs; not used: {', '.join(process)}", quiet=True)
    if quiet := [key for key in _FOR_DOCKER if service.extra.get(key)]:
        yield Difference(Kind.IGNORED, f"only Docker reads {', '.join(quiet)}", quiet=True)


def _for_processes(service: Service) -> list[str]:
    own = {"x-hubtui.process": service.process, "x-hubtui.build": service.process_build}
    return [key for key, there in own.items() if there]
