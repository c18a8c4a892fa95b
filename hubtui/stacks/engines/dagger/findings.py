"""What `hubtui doctor` says about Dagger: which program and engine, why these, and what to know before relying on them.

No session is opened, for that could start an engine. Two seconds at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hubtui.models import Finding
from hubtui.stacks.engines.dagger import cli, probe
from hubtui.stacks.engines.dagger.host import CONTAINER, VARIABLE, RunnerHost, choose
from hubtui.stacks.engines.dagger.probe import Presence
from hubtui.stacks.engines.dagger.settings import DaggerSettings

CHECK, ENGINE = "dagger", "dagger engine"
_CHANGE = f"Another one: dagger.runner_host in the settings, or ${VARIABLE}."


def examine(settings: DaggerSettings, cgroups: Path = Path("/sys/fs/cgroup")) -> Iterator[Finding]:
    """The findings, most important first. Raises EngineError for a `dagger.cli` that is no program."""
    found = cli.find(settings)
    version = cli.read_version(found.path, 1.0) if found else f"v{cli.sdk_version()}"
    host = choose(settings, version)
    if found is None and host.provisions:
        message = f"no dagger program; at the first start dagger-io downloads its own, {cli.sdk_version()}"
        yield Finding(CHECK, "ok", message, "The other engines need none.")
        return
    yield _program(found, version)
    yield from _engine(host)
    yield Finding(
        "dagger ports",
        "warn",
        "Dagger's tunnels, behind the ports that hubtui publishes, listen on spare ports of all interfaces.",
        "On a host that others can reach, let a firewall close the ports that nobody published.",
    )
    on_this_host = host.local_images or host.scheme == "unix"
    if on_this_host and not (cgroups / "cgroup.controllers").exists():
        message = (
            "This host has cgroups v1: an engine on it tells no CPU and memory figures; they are shown as unknown."
        )
        yield Finding("dagger figures", "warn", message)


def _program(found: cli.Cli | None, version: str) -> Finding:
    sdk = cli.sdk_version()
    if found is None:
        return Finding(CHECK, "ok", f"no dagger program; at the first start dagger-io downloads its own, {sdk}")
    shown = f"{found.path} ({found.found}), {version or 'which tells no version'}; dagger-io {sdk}"
    if problem := cli.mismatch(sdk, version):
        return Finding(CHECK, "warn", f"{problem} ({found.path}, {found.found}).", f"Install a Dagger CLI {sdk}.")
    return Finding(CHECK, "ok" if version else "warn", shown)


def _engine(host: RunnerHost) -> Iterator[Finding]:
    found = probe.look(host)
    makes = "; the first start makes it" if host.provisions and found.presence is Presence.ABSENT else ""
    shown = f"{host.url} ({host.why}): {found.words}{makes}"
    bad = found.presence is Presence.DOWN or (found.presence is Presence.ABSENT and not host.provisions)
    if bad and host.container:
        hint = f"`{probe.program(host)} logs --tail 20 {host.container}` may say more. {_CHANGE}"
    elif bad:
        hint = f"Start that engine. {_CHANGE}"
    else:
        hint = _CHANGE
    yield Finding(ENGINE, "warn" if bad else "ok", shown, hint)
    if others := [name for name in probe.other_engines() if name != host.container]:
        message = f"Other Dagger engines run here and are not used: {', '.join(others)}."
        hint = f'To use one instead of {host.container or host.url}: dagger.runner_host = "container://{others[0]}"'
        yield Finding(ENGINE, "ok", message, hint)


def running(settings: DaggerSettings, patience: float = 0.8) -> str:
    """Why a project may be run on Dagger here: an engine is named, or hubtui's own runs. "" where there is none."""
    host = choose(settings, "")
    if not host.provisions:
        return f"a Dagger engine is named ({host.why})"
    if probe.look(host, patience).presence is Presence.RUNNING:
        return f"hubtui's own Dagger engine is running ({CONTAINER})"
    return ""
