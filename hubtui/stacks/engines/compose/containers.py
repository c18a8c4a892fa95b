"""A container as its daemon describes it, and what several of them say of their service. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hubtui.models import Health, ServiceState
from hubtui.stacks.causes import endings
from hubtui.stacks.engines.compose.labels import HASH, NUMBER, SERVICE, VERSION
from hubtui.stacks.engines.compose.program import parse_version

_HEALTH = {"starting": Health.STARTING, "healthy": Health.HEALTHY, "unhealthy": Health.UNHEALTHY}
_NANOSECONDS = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Container:
    """One container. `status` is Docker's word (created, running, paused, restarting, removing, exited, dead), `health`
    NONE where it has no check, `said` what its last probe printed, `ended` its exit code where it has ended."""

    id: str
    name: str
    service: str
    number: int = 1
    status: str = "created"
    health: Health = Health.NONE
    said: str = ""
    code: int | None = None
    out_of_memory: bool = False
    error: str = ""
    restarts: int = 0
    started: str = ""  # RFC 3339, as Docker prints it; "" where it never did
    finished: str = ""
    tty: bool = False
    policy: str = ""  # its restart policy
    attempts: int = 0
    config_hash: str = ""
    made_by: tuple[int, ...] = ()  # the version of Compose; () where that is not said

    @property
    def runs(self) -> bool:
        """Whether it has a process."""
        return self.status in ("running", "paused")

    @property
    def lives(self) -> bool:
        """Whether it has a process, or will have one again by its restart policy."""
        return self.runs or self.status == "restarting"

    @property
    def how(self) -> str:
        """How it ended: "exited with code 2", "exited with code 137 (out of memory)"."""
        return endings.ended(self.code, self.out_of_memory)

    @property
    def lived(self) -> float | None:
        """Seconds between its last start and its end, by the daemon's clock."""
        try:
            return max(0.0, (_moment(self.finished) - _moment(self.started)).total_seconds())
        except ValueError:
            return None


def parse(found: Mapping[str, Any]) -> Container:
    """From the answer of /containers/ID/json; what is missing counts as not said (Podman leaves some out)."""
    state, config, host = found.get("State") or {}, found.get("Config") or {}, found.get("HostConfig") or {}
    labels = config.get("Labels") or {}
    policy = host.get("RestartPolicy") or {}
    health = state.get("Health") or {}
    log = health.get("Log") or [{}]
    status = str(state.get("Status") or "created")
    ended = status in ("exited", "dead", "restarting")
    return Container(
        id=str(found.get("Id")),
        name=str(found.get("Name", "")).lstrip("/"),
        service=str(labels.get(SERVICE, "")),
        number=_number(labels.get(NUMBER)),
        status=status,
        health=_HEALTH.get(str(health.get("Status")), Health.NONE) if status == "running" else Health.NONE,
        said=_probe(log[-1]),
        code=int(state.get("ExitCode") or 0) if ended else None,
        out_of_memory=bool(state.get("OOMKilled")),
        error=str(state.get("Error") or ""),
        restarts=int(found.get("RestartCount") or 0),
        started=_time(state.get("StartedAt")),
        finished=_time(state.get("FinishedAt")),
        tty=bool(config.get("Tty")),
        policy=str(policy.get("Name") or ""),
        attempts=int(policy.get("MaximumRetryCount") or 0),
        config_hash=str(labels.get(HASH, "")),
        made_by=parse_version(str(labels.get(VERSION, ""))),
    )


@dataclass(frozen=True, slots=True)
class View:
    """What the containers of one service say of it together. `state` None: there is none."""

    state: ServiceState | None
    health: Health = Health.NONE
    message: str = ""
    code: int | None = None
    restarts: int = 0
    said: str = ""
    checked: bool = False
    out_of_memory: bool = False
    error: str = ""  # why Docker could not even start it
    tries: str = ""  # "given up after 3 restarts"


def view(found: Iterable[Container], told_to_end: bool = False) -> View:
    """The service is as well as the worst of its containers. `told_to_end`: somebody stopped or killed them."""
    all_of_it = sorted(found, key=lambda c: c.number)
    if not all_of_it:
        return View(None)
    live = [c for c in all_of_it if c.lives]
    restarts = sum(c.restarts for c in all_of_it)
    if not live:
        return _ended(all_of_it, restarts, told_to_end)
    if again := next((c for c in live if c.status == "restarting"), None):
        message = f"restarts ({again.how})"
        return View(ServiceState.RESTARTING, message=message, code=again.code, restarts=restarts, checked=False)
    checked = [c for c in live if c.health is not Health.NONE]
    health, said = _worst(checked)
    return View(ServiceState.RUNNING, health, _running(all_of_it, live), None, restarts, said, bool(checked))


def _worst(checked: Sequence[Container]) -> tuple[Health, str]:
    for health in (Health.UNHEALTHY, Health.STARTING, Health.HEALTHY):
        if first := next((c for c in checked if c.health is health), None):
            return health, first.said
    return Health.NONE, ""


def _running(all_of_it: Sequence[Container], live: Sequence[Container]) -> str:
    said = []
    if paused := [c.name for c in live if c.status == "paused"]:
        said.append(f"paused: {', '.join(paused)}")
    if len(live) > 1 and len(live) == len(all_of_it):
        said.append(f"{len(live)} containers")
    if down := [c for c in all_of_it if not c.lives]:
        said.append(f"{len(live)} of {len(all_of_it)} containers run, {down[0].name} {down[0].how}")
    return "; ".join(said)


def _ended(found: Sequence[Container], restarts: int, told_to_end: bool) -> View:
    if all(c.status == "created" for c in found) and not any(c.error for c in found):
        return View(ServiceState.STOPPED, message="created, not started", restarts=restarts)
    worst = max(found, key=lambda c: (bool(c.code) or bool(c.error and not c.started), c.number))
    if told_to_end:
        return View(ServiceState.STOPPED, message="was stopped outside hubtui", code=worst.code, restarts=restarts)
    tries = ""
    if worst.policy == "on-failure" and worst.attempts and worst.restarts >= worst.attempts and worst.code:
        tries = f"given up after {worst.attempts} restart{'s' * (worst.attempts != 1)}"
    failed = bool(worst.code or worst.error) or worst.code is None
    state = ServiceState.FAILED if failed else ServiceState.EXITED
    return View(
        state,
        message=worst.how,
        code=worst.code,
        restarts=restarts,
        out_of_memory=worst.out_of_memory,
        error=worst.error,
        tries=tries,
    )


def _probe(entry: Mapping[str, Any]) -> str:
    said, code = " ".join(str(entry.get("Output") or "").split()), entry.get("ExitCode")
    if code in (0, None):
        return said[-200:]
    return f"its check exited with code {code}" + (f": {said[-200:]}" if said else "")


def _number(text: Any) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        return 1


def _time(text: Any) -> str:
    return "" if not text or str(text).startswith("0001-") else str(text)


def _moment(text: str) -> datetime:
    """Docker's nanoseconds are more than Python takes."""
    return datetime.fromisoformat(_NANOSECONDS.sub(r"\1", text))
