"""Compose documents for Hypothesis: mostly valid, in every form that people write, and what is nearly right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

one_of = st.sampled_from
WORDS = [
    "a",
    "b=c",
    "x y",
    "",
    "0",
    "${A}",
    "${NO:-d}",
    "${NO-}",
    "${A:+yes}",
    "$$",
    "${EMPTY:-e}",
    "é",
    "n: o",
    "true",
]
words = one_of(WORDS)
names = one_of(["front", "back"])
services_ = one_of(["web", "db", "job"])
durations = one_of(["10s", "1m30s", "1h", "500ms", "0s", "1.5h", "2m0s"])
sizes = one_of(["64m", "1g", "1.5gb", "512k", "100b", 1048576, "0"])
booleans = one_of([True, False, "true", "false", "${YES}"])
numbers = one_of([0, 1, 3, "5", "${ONE}"])
ports = one_of(
    [
        *("80", "8080:80", "127.0.0.1:81:81", "53:53/udp", "90-92:90-92", "93-94", "${PORT:-8088}:88", "[::1]:85:85"),
        3000,
    ]
) | st.fixed_dictionaries(
    {"target": one_of([80, 81, "82"])},
    optional={
        "published": one_of(["8080", 8081, "9000-9005"]),
        "protocol": one_of(["tcp", "udp"]),
        "host_ip": one_of(["127.0.0.1", "::1"]),
        "mode": one_of(["host", "ingress"]),
    },
)
mounts = one_of(
    ["data:/data", "./src:/app", "./conf:/conf:ro", "/cache", "~/x:/x:z", "../up:/up:rw", "data:/data:nocopy"]
) | one_of(
    [
        {"type": "bind", "source": "./b", "target": "/b", "bind": {"create_host_path": True, "propagation": "rslave"}},
        {"type": "volume", "source": "data", "target": "/v", "volume": {"nocopy": True, "subpath": "s"}},
        {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "10m", "mode": 0o700}},
        {"type": "volume", "target": "/anonymous", "read_only": True},
    ]
)


def some(items: Strategy, least: int = 0) -> Strategy:
    return st.lists(items, min_size=least, max_size=3)


def table(keys: Iterable[str], values: Strategy) -> Strategy:
    return st.dictionaries(one_of(list(keys)), values, max_size=3)


pairs = table(["A", "B", "LONG_NAME", "com.example.x"], words | one_of([1, 1.5, True, None, 0.1, 1000000])) | some(
    one_of(["A=1", "B", "C=x=y", "D=", "A=2", "com.example.x=é", "E=${A}"])
)
grants = some(one_of(["token", {"source": "token", "target": "t", "mode": 0o440, "uid": "1"}]))
depends = some(one_of(["db", "job"])) | table(
    ["db", "job"],
    st.fixed_dictionaries(
        {"condition": one_of(["service_started", "service_healthy", "service_completed_successfully"])},
        optional={"required": st.booleans(), "restart": st.booleans()},
    ),
)
networks = st.lists(names, unique=True) | table(
    ["front", "back"],
    st.none()
    | st.fixed_dictionaries(
        {},
        optional={"aliases": some(one_of(["x", "y"])), "priority": one_of([1, 2]), "ipv4_address": st.just("10.0.0.2")},
    ),
)
limits = st.fixed_dictionaries(
    {}, optional={"cpus": one_of(["0.5", 1, "1.25"]), "memory": sizes, "pids": one_of([1, 100])}
)
deploy = st.fixed_dictionaries(
    {},
    optional={
        "replicas": one_of([1, 2]),
        "labels": pairs,
        "resources": st.fixed_dictionaries({}, optional={"limits": limits, "reservations": limits}),
        "restart_policy": st.fixed_dictionaries({}, optional={"condition": st.just("any"), "delay": durations}),
        "update_config": st.fixed_dictionaries({}, optional={"parallelism": one_of([0, 1]), "delay": durations}),
    },
)
health = st.fixed_dictionaries(
    {"test": one_of(["curl x", ["CMD", "a", "b"], ["CMD-SHELL", "a || b"], ["NONE"]])},
    optional={"interval": durations, "timeout": durations, "retries": one_of([0, 3, "4"]), "disable": booleans},
)
build = one_of([".", "./app"]) | st.fixed_dictionaries(
    {"context": one_of([".", "app", "https://example.com/a.git"])},
    optional={
        "dockerfile": one_of(["Other", "d/Dockerfile"]),
        "args": pairs,
        "target": st.just("t"),
        "labels": pairs,
        "cache_from": some(words, least=1),
        "extra_hosts": some(one_of(["a:1.2.3.4", "a=::1"]), least=1),
        "no_cache": booleans,
        "shm_size": sizes,
    },
)
# Not tried: an empty list where docker compose 2.26.1 takes no notice of it in one file, and in two says that it "must
# be a mapping" (extra_hosts) or "a list" (cache_from).
# Nor a tmpfs where a volume is: later versions refuse that, and so does hubtui.
KEYS: dict[str, Strategy] = {
    "command": words | some(words) | st.just("sh -c \"a b\" 'c d'"),
    "entrypoint": words | some(words) | st.none(),
    "environment": pairs,
    "env_file": one_of(["one.env", ["one.env", "two.env"], [{"path": "gone.env", "required": False}]]),
    "labels": pairs,
    "annotations": pairs,
    "ports": some(ports),
    "expose": some(one_of(["80", 81, "82-83", "84/udp"])),
    "volumes": some(mounts),
    "tmpfs": one_of(["/w", ["/w", "/u:size=1m"]]),
    "secrets": grants,
    "configs": grants,
    "networks": networks,
    "depends_on": depends,
    "deploy": deploy,
    "healthcheck": health,
    "build": build,
    "restart": one_of(["no", "always", "on-failure:3", "unless-stopped"]),
    "profiles": some(one_of(["p", "q"])),
    "stop_grace_period": durations,
    "stop_signal": one_of(["SIGINT", "TERM"]),
    "mem_limit": sizes,
    "shm_size": sizes,
    "cpus": one_of([0.5, "1.5", 2]),
    "init": booleans,
    "tty": booleans,
    "read_only": booleans,
    "privileged": booleans,
    "cap_add": some(one_of(["ALL", "NET_ADMIN"])),
    "dns": one_of(["1.1.1.1", ["1.1.1.1", "8.8.8.8"]]),
    "extra_hosts": some(one_of(["a:1.2.3.4", "a=::1", "b=::1", "c:host-gateway"]), least=1)
    | table(["a", "b"], st.just("1.2.3.4")),
    "ulimits": table(["nofile", "nproc"], one_of([5, {"soft": 1, "hard": 2}])),
    "sysctls": pairs,
    "logging": st.fixed_dictionaries({"driver": words}, optional={"options": table(["max-size", "x"], words)}),
    "user": one_of(["1000:1000", "${A}"]),
    "hostname": words,
    "working_dir": one_of(["/app", "rel"]),
    "pull_policy": one_of(["always", "missing", "build", "if_not_present"]),
    "platform": st.just("linux/amd64"),
    "scale": one_of([1, 2]),
    "devices": some(one_of(["/dev/a:/dev/b", "/dev/a:/dev/b:r", "/dev/c"])),
    "pids_limit": one_of([10, -1]),
    "x-own": words,
    "links": some(one_of(["db", "job:alias"])),
    "network_mode": one_of(["host", "none", "service:db"]),
    "extends": one_of([{"service": "base"}, {"service": "job"}, {"service": "shared", "file": "shared.yaml"}]),
}


@st.composite
def services(draw: st.DrawFn, image: bool) -> dict[str, Any]:
    """One service with up to six keys; the first file's have an image."""
    keys = draw(st.lists(one_of(sorted(KEYS)), max_size=6, unique=True))
    found = {key: draw(KEYS[key]) for key in keys}
    if image:
        found["image"] = draw(one_of(["alpine", "app:${A}", "a/b@sha256:" + "0" * 64]))
    return found


TOP: dict[str, Any] = {
    "networks": {"front": {"driver": "bridge"}, "back": {"internal": True}},
    "volumes": {"data": None},
    "secrets": {"token": {"file": "./token"}},
    "configs": {"token": {"file": "./token"}},
}


@st.composite
def documents(draw: st.DrawFn, first: bool = True) -> dict[str, Any]:
    """A compose file; a second one may lack what the first has."""
    found = {name: draw(services(first)) for name in ("web", "db", "job") if first or draw(st.booleans())}
    if first:
        found["base"] = {"image": "base", "environment": {"A": "base"}, "ports": ["70:70"], "labels": ["l=base"]}
    return {"services": found, **(TOP if first else {})}
