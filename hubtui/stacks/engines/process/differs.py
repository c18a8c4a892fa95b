"""What a file asks of containers and a process on this host does not get, in a few clauses a service. Nothing of it is
refused: a service whose file says `x-hubtui.process` says with it that it can do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubtui.few import few
from hubtui.stacks.engines.base import Difference, Kind
from hubtui.stacks.spec.model import MountKind, Service, Stack
from hubtui.stacks.supervise.ages import Counted

# What stands for something else here, or is about containers as such: nobody misses it.
_FOR_CONTAINERS = (
    *("labels", "annotations", "container_name", "attach", "logging", "develop", "tty", "stdin_open", "runtime"),
    *("isolation", "cgroup_parent", "cgroup", "storage_opt", "mac_address", "pull_refresh_after"),
)
# Bounds that would keep the service from something.
_BOUNDS = (
    *("read_only", "cap_drop", "security_opt", "pids_limit", "ulimits", "cpuset", "userns_mode", "device_cgroup_rules"),
    *("cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares"),
    *("mem_reservation", "mem_swappiness", "memswap_limit", "oom_kill_disable", "oom_score_adj", "blkio_config"),
)
# What the service may well look for and not find.
_MISSING = (
    *("networks", "network_mode", "links", "external_links", "extra_hosts", "domainname", "dns", "dns_opt"),
    *("dns_search", "sysctls"),
    *("cap_add", "privileged", "group_add", "devices", "gpus", "shm_size", "pid", "ipc", "uts", "volumes_from"),
    *("credential_spec", "use_api_socket", "provider", "models", "pre_start", "post_start", "pre_stop"),
)
_HERE: dict[str, tuple[object, ...]] = {
    "networks": ({"default": None},),
    "network_mode": ("host", "bridge", "default"),
    **dict.fromkeys(("pid", "ipc", "uts", "userns_mode", "cgroup"), ("host",)),
}
# What a process is started and looked after by; its ports are only told.
_USED = (
    *("process", "process_build", "environment", "ports", "health", "health_disabled", "restart", "restart_attempts"),
    *("stop_signal", "stop_grace_period"),
)
COUNTED = Counted(own=lambda name: name in _USED, other=lambda key: False)
_SHOWN = 3  # of the places where nothing is mounted


def differences(stack: Stack, service: Service) -> Iterator[Difference]:
    """All clauses on one service."""
    if not service.process:
        yield Difference(Kind.REFUSED, "has no x-hubtui.process, and its image is not run on the host")
        return
    if places := _not_mounted(stack, service):
        yield Difference(Kind.OTHERWISE, f"nothing is mounted at {few(places, _SHOWN)}")
    if service.health and service.health is service.health_command and (service.image or service.build):
        yield Difference(Kind.OTHERWISE, "the command of its healthcheck is run on this host")
    if (replicas := service.replicas) != 1:
        yield Difference(Kind.OTHERWISE, f"it is one process, not {replicas} replicas")
    for port in service.ports:
        if port.published and port.published != port.target:
            said = f"it has to listen on {port.published} itself: nothing leads from there to {port.target}"
            yield Difference(Kind.OTHERWISE, said, quiet=True)
    if bounds := [*_limits(service), *_set(service, _BOUNDS)]:
        yield Difference(Kind.NOT_ENFORCED, f"{', '.join(bounds)}: not enforced")
    if missing := [*(["hostname"] if service.hostname else []), *_set(service, _MISSING)]:
        yield Difference(Kind.IGNORED, f"without effect: {', '.join(missing)}")
    if replaced := [*_replaced(service), *_set(service, _FOR_CONTAINERS)]:
        yield Difference(Kind.IGNORED, f"x-hubtui.process runs; not used: {', '.join(replaced)}", quiet=True)


def _not_mounted(stack: Stack, service: Service) -> list[str]:
    """Where a container would find files and this process does not. The project's own folder is where it runs."""
    mounts = [m.target for m in service.mounts if m.kind is not MountKind.BIND or m.source != str(stack.folder)]
    mounts += [mount.get("target", "") for mount in service.extra.get("volumes", ())]
    return [*mounts, *(grant.target for grant in (*service.secrets, *service.configs))]


def _limits(service: Service) -> Iterator[str]:
    wanted = [what for what, limit in (("cpu", service.limits.cpus), ("memory", service.limits.memory)) if limit]
    if wanted:
        yield f"its {' and '.join(wanted)} limit{'s' if len(wanted) > 1 else ''}"
    if service.user:
        yield f"user {service.user}"


def _replaced(service: Service) -> Iterator[str]:
    said = {
        "image": service.image,
        "build": service.build is not None,
        "entrypoint": service.entrypoint is not None,
        "command": service.command is not None,
        "working_dir": service.working_dir,
        "platform": service.platform,
        "pull_policy": service.pull_policy,
        "init": service.init is not None,
        "expose": service.expose,
    }
    return (key for key, there in said.items() if there)


def _set(service: Service, keys: Iterable[str]) -> Iterator[str]:
    """Those of the keys that the file sets to something else than what a process on this host has anyway."""
    for key in keys:
        value = service.extra.get(key)
        if value and value not in _HERE.get(key, ()):
            yield key
