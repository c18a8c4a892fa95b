"""What an engine would do otherwise than a file asks is said without it: a few clauses, only on what is set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubtui.stacks import templates
from hubtui.stacks.engines import differs
from hubtui.stacks.engines.base import Kind
from hubtui.stacks.engines.process.differs import differences
from hubtui.stacks.spec.load import ENGINES, load_stack
from tests.doubles import stacks
from tests.doubles.host import Host

TOP = {
    "networks": {"front": {}},
    "volumes": {"data": {}},
    "secrets": {"token": {"file": "./token"}},
    "configs": {"conf": {"content": "x"}},
}


def told(folder: Path, quiet: bool = False, **keys: Any) -> list[str]:
    """What the process engine says of a service with these keys."""
    own = keys.pop("own", {"process": ["sleep", "1"]})
    document = {"services": {"web": {"x-hubtui": own, **keys}}, **TOP}
    (folder / "compose.yaml").write_text(json.dumps(document))
    stack = load_stack(folder, environ={})
    return [d.said for d in differences(stack, stack.services["web"]) if d.quiet is quiet]


SAID: list[tuple[dict[str, Any], list[str]]] = [
    ({"mem_limit": "1g"}, ["its memory limit: not enforced"]),
    (
        {"deploy": {"resources": {"limits": {"cpus": "1", "memory": "5m"}}}, "read_only": True, "user": "app"},
        ["its cpu and memory limits, user app, read_only: not enforced"],
    ),
    (
        {"cap_add": ["NET_ADMIN"], "hostname": "a", "networks": ["front"]},
        ["without effect: hostname, networks, cap_add"],
    ),
    ({"volumes": ["data:/data", "./src:/app/src"]}, ["nothing is mounted at /data, /app/src"]),
    ({"tmpfs": ["/1", "/2", "/3", "/4", "/5"]}, ["nothing is mounted at /1, /2, /3 and 2 more"]),
    ({"secrets": ["token"], "configs": ["conf"]}, ["nothing is mounted at /run/secrets/token, /conf"]),
    ({"scale": 3}, ["it is one process, not 3 replicas"]),
    ({"image": "x", "healthcheck": {"test": "true"}}, ["the command of its healthcheck is run on this host"]),
    ({"network_mode": "none"}, ["without effect: network_mode"]),
]
NOTHING: list[dict[str, Any]] = [
    {"ports": ["80:80"], "environment": {"A": "1"}, "restart": "always", "stop_grace_period": "3s", "profiles": []},
    {"healthcheck": {"test": "true"}, "depends_on": [], "stop_signal": "SIGINT"},
    {"volumes": [".:/app:ro"]},  # its own folder is where it runs
    {"network_mode": "host", "pid": "host"},
    {"networks": ["default"], "cap_add": [], "read_only": False},
]


@pytest.mark.parametrize(("keys", "said"), SAID)
def test_what_a_process_does_not_get_is_said(tmp_path: Path, keys: dict[str, Any], said: list[str]) -> None:
    assert told(tmp_path, **keys) == said


@pytest.mark.parametrize("keys", NOTHING)
def test_nothing_is_said_of_what_a_process_has(tmp_path: Path, keys: dict[str, Any]) -> None:
    assert told(tmp_path, **keys) == []


def test_what_goes_without_saying_is_told_only_to_who_asks(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"image": "x", "command": ["a"], "labels": {"a": "b"}, "ports": ["8080:80"]}
    assert told(tmp_path, **keys) == []
    assert told(tmp_path, quiet=True, **keys) == [
        "it has to listen on 8080 itself: nothing leads from there to 80",
        "x-hubtui.process runs; not used: image, command, labels",
    ]


@pytest.mark.parametrize("template", ["demo", "demo-reef"])
def test_of_the_ready_projects_little_is_said(tmp_path: Path, template: str) -> None:
    templates.install(template, tmp_path / "it", [])
    stack = load_stack(tmp_path / "it", environ={})
    said = [d.said for s in stack.services.values() for d in differences(stack, s) if not d.quiet]
    assert said in ([], ["its cpu and memory limits: not enforced"])


def test_each_engine_says_what_it_refuses(tmp_path: Path) -> None:
    services = {"web": {"image": "x", "pid": "host"}, "own": {"x-hubtui": {"process": ["sleep", "1"]}}}
    (tmp_path / "compose.yaml").write_text(json.dumps({"services": services}))
    stack = load_stack(tmp_path, environ={})
    found = {e: [n for n, d in differs.of_stack(stack, e, ["own", "web"]) if d.kind is Kind.REFUSED] for e in ENGINES}
    assert found == {"process": ["web"], "dagger": ["own", "web"], "compose": ["own"]}


def test_a_run_shows_it_and_a_changed_file_takes_it_back(tmp_path: Path) -> None:
    service = {"process": stacks.SLEEPER, "mem_limit": "1g", "image": "x"}
    folder = stacks.write(tmp_path / "shop", {"web": service})
    host = Host(tmp_path / "state")
    try:
        project = host.add(folder)
        host.start(project)
        assert [s.notes for s in host.view(project).services] == [("its memory limit: not enforced",)]
        host.stop(project)
        stacks.write(folder, {"web": {"process": stacks.SLEEPER}})
        host.start(project)
        assert [s.notes for s in host.view(project).services] == [()]
    finally:
        host.close()
