"""One service of a compose file.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

from hubtui.stacks.spec.build import read_build
from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.environment import service_environment
from hubtui.stacks.spec.fields import argv, boolean, cpus, duration, integer, kind, size, text
from hubtui.stacks.spec.grants import read_configs, read_secrets
from hubtui.stacks.spec.health import read_health
from hubtui.stacks.spec.model import Condition, Dependency, Limits, RestartPolicy, Service
from hubtui.stacks.spec.mounts import other_mounts, read_mounts
from hubtui.stacks.spec.ports import read_expose, read_ports
from hubtui.stacks.spec.project import Project
from hubtui.stacks.spec.resources import Resources

_NAME = re.compile(r"[a-zA-Z0-9._-]{1,128}")
_PULL_POLICY = re.compile(r"always|never|missing|if_not_present|build|refresh|daily|weekly|every_(?:[0-9]+[wdhms])+")
_REALTIME = re.compile(r"SIGRT(?:MIN(?:\+[0-9]{1,2})?|MAX(?:-[0-9]{1,2})?)")

# What the model holds; everything else goes to `extra`. `deploy`, `healthcheck` and `networks` are in both: they hold
# more than what is read of them.
_READ = frozenset(
    {"image", "build", "command", "entrypoint", "working_dir", "environment", "env_file", "ports", "depends_on"}
    | {"profiles", "restart", "stop_grace_period", "stop_signal", "mem_limit", "cpus", "user", "hostname", "init"}
    | {"volumes", "tmpfs", "secrets", "configs", "expose", "pull_policy", "platform"}
)


def read_service(name: str, place: Place, project: Project, resources: Resources) -> Service:
    """Build one Service. Raises StackError with file and line for whatever does not fit."""
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise place.error("is no service name", "Names have letters, digits, '.', '_' and '-', 128 at most.")
    own = place.get("x-hubtui")
    policy, attempts = _restart(place)
    build, image = place.get("build"), place.string("image")
    process = _argv(own, "process") or ()
    mark = place.document.mark(place.path)
    if not image and build is None and not process and place.get("provider") is None:
        raise place.error("has neither image nor build, nor x-hubtui.process")
    health, inside, disabled = read_health(place.get("healthcheck"), own.get("health") if own else None)
    return Service(
        name=name,
        image=image,
        build=read_build(build, project, resources.secrets) if build else None,
        command=_argv(place, "command"),
        entrypoint=_argv(place, "entrypoint"),
        environment=service_environment(place, project),
        ports=place.part("ports", read_ports, ()),
        expose=place.part("expose", read_expose, ()),
        mounts=read_mounts(place.get("volumes"), place.get("tmpfs"), project, resources.volumes),
        secrets=place.part("secrets", lambda p: read_secrets(p, resources.secrets), ()),
        configs=place.part("configs", lambda p: read_configs(p, resources.configs), ()),
        depends_on=place.part("depends_on", _depends_on, ()),
        health=health,
        health_command=inside,
        health_disabled=disabled,
        profiles=place.part("profiles", Place.strings, ()),
        restart=policy,
        restart_attempts=attempts,
        stop_grace_period=place.field("stop_grace_period", duration, 10.0),
        stop_signal=place.field("stop_signal", _signal, "SIGTERM"),
        limits=_limits(place),
        working_dir=place.string("working_dir"),
        user=place.string("user"),
        hostname=place.string("hostname"),
        aliases=place.part("networks", _aliases, ()),
        pull_policy=place.field("pull_policy", _pull_policy, ""),
        platform=place.string("platform"),
        init=place.field("init", boolean, None),
        process=process,
        process_build=_argv(own, "build") or (),
        file=Path(mark.file) if mark else None,
        line=mark.line if mark else None,
        extra=_extra(place, own),
    )


def _extra(place: Place, own: Place | None) -> dict[str, Any]:
    """The keys that the model has no field for; of `volumes` the `other_mounts`, of x-hubtui what is left of it."""
    extra = {k: v for k, v in place.mapping().items() if k not in _READ and k != "x-hubtui"}
    if others := other_mounts(place):
        extra["volumes"] = [other.value for other in others]
    rest = {k: v for k, v in own.mapping().items() if k not in ("process", "build", "health")} if own else {}
    return {**extra, "x-hubtui": rest} if rest else extra


def _argv(place: Place | None, key: str) -> tuple[str, ...] | None:
    value = place.get(key) if place else None
    return value.to(argv) if value else None


def _aliases(place: Place) -> tuple[str, ...]:
    """The `aliases` on all networks, each once; networks in a plain list have none."""
    if isinstance(place.value, list):
        return ()
    networks = [network for _, network in place.entries() if network.value is not None]
    return tuple(dict.fromkeys(a for n in networks for a in n.part("aliases", Place.strings, ())))


def _pull_policy(value: Any) -> str:
    """One of Compose's words, `if_not_present` as `missing`; "" stays (`${PULL:-}`)."""
    written = text(value)
    if written and not _PULL_POLICY.fullmatch(written):
        known = "always, never, missing, build, refresh, daily, weekly or every_DURATION"
        raise ValueError(f"must be {known}, not {written[:40]!r}")
    return "missing" if written == "if_not_present" else written


def _depends_on(place: Place) -> tuple[Dependency, ...]:
    if isinstance(place.value, list):
        return tuple(dict.fromkeys(Dependency(item.to(text)) for item in place.items()))
    found = []
    for name, item in place.entries():
        if item.value is None:
            found.append(Dependency(name))
            continue
        condition, required, restart = item.get("condition"), item.get("required"), item.get("restart")
        found.append(
            Dependency(
                name,
                condition.to(_condition) if condition else Condition.STARTED,
                required.to(boolean) if required else True,
                restart.to(boolean) if restart else False,
            )
        )
    return tuple(found)


def _condition(value: Any) -> Condition:
    try:
        return Condition(value)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Condition)}, not {kind(value)}") from None


def _restart(place: Place) -> tuple[RestartPolicy, int | None]:
    """`restart`, else `deploy.restart_policy`."""
    if written := place.get("restart"):
        return written.to(_policy)
    deploy = place.get("deploy")
    policy = deploy.get("restart_policy") if deploy else None
    if policy is None:
        return RestartPolicy.NO, None
    condition, attempts = policy.get("condition"), policy.get("max_attempts")
    word = condition.to(text) if condition else "any"
    words = {"any": RestartPolicy.ALWAYS, "on-failure": RestartPolicy.ON_FAILURE, "none": RestartPolicy.NO}
    words |= {word.value: word for word in RestartPolicy}  # people write those of `restart`, and Compose takes them
    if word not in words:
        raise policy.error(f"has the condition {word!r}; known are any, on-failure and none")
    return words[word], attempts.to(integer) if attempts else None


def _policy(value: Any) -> tuple[RestartPolicy, int | None]:
    word, colon, attempts = (value if isinstance(value, str) else "").partition(":")
    if colon and word != RestartPolicy.ON_FAILURE:
        word = ""
    if value == "":  # `${RESTART:-}`
        return RestartPolicy.NO, None
    try:
        return RestartPolicy(word), integer(attempts) if colon else None
    except ValueError:
        known = '"no", always, on-failure, on-failure:N or unless-stopped'
        shown = repr(value) if isinstance(value, str) and len(value) < 40 else kind(value)
        raise ValueError(f"must be {known}, not {shown}") from None


def _signal(value: Any) -> str:
    """A signal by name, with or without SIG, or by number; as a name that begins with SIG where it has one."""
    said = text(value).strip()
    written = said.upper()
    if written.isdecimal() and len(written) < 3 and 0 < int(written) <= 64:
        return signal.Signals(int(written)).name if int(written) in list(signal.Signals) else written
    name = written if written.startswith("SIG") else f"SIG{written}"
    if name not in signal.Signals.__members__ and not _REALTIME.fullmatch(name):
        raise ValueError(f"must be a signal such as SIGTERM or SIGINT, not {said[:20]!r}")
    return name


def _limits(place: Place) -> Limits:
    """`deploy.resources.limits`, else the older `cpus` and `mem_limit`; 0 means no limit, as in Docker."""
    limits: Place | None = place
    for key in ("deploy", "resources", "limits"):
        limits = limits.get(key) if limits else None
    cores = limits.get("cpus") if limits else None
    memory = limits.get("memory") if limits else None
    cores, memory = cores or place.get("cpus"), memory or place.get("mem_limit")
    return Limits(
        cpus=(cores.to(cpus) or None) if cores else None,
        memory=(memory.to(size) or None) if memory else None,
    )
