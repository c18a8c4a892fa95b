"""What Dagger cannot do is refused by name, what it does not enforce is noted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger import refuse
from hubtui.stacks.engines.dagger.volumes import DANGER
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Stack


def stack(folder: Path, service: str, top: str = "") -> Stack:
    (folder / "data").mkdir(exist_ok=True)
    indented = "\n".join(f"    {line}" for line in service.splitlines())
    (folder / "compose.yaml").write_text(f"name: s\nservices:\n  web:\n{indented}\n{top}\n")
    return load_stack(folder)


REFUSED = [
    ("image: x\nnetwork_mode: host", "network_mode"),
    ("image: x\ndevices: ['/dev/kvm']", "devices"),
    ("image: x\npid: host", "pid"),
    ("image: x\nports: ['53:53/udp']", "53/udp"),
    ("image: x\nvolumes: ['/var/run/docker.sock:/var/run/docker.sock']", "docker.sock"),
    ("image: x\nvolumes: ['./missing:/x']", "which does not exist"),
    ("image: x\ndeploy: {replicas: 3}", "3 replicas"),
    ("image: x\nextra_hosts: ['a:1.2.3.4']", "extra_hosts"),
    ("build: https://github.com/a/b.git", "a/b.git"),
]


@pytest.mark.parametrize(("service", "said"), REFUSED)
def test_what_would_do_harm_is_refused_with_its_place(tmp_path: Path, service: str, said: str) -> None:
    with pytest.raises(EngineError) as found:
        refuse.check(stack(tmp_path, service), ["web"])
    assert found.value.kind == "dagger_cannot"
    assert said in found.value.message
    assert "compose.yaml:3" in found.value.message


def test_what_is_refused_is_named_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "db.yaml").write_text("\n\nservices:\n  db:\n    image: x\n    pid: host\n")
    found = stack(tmp_path, "image: x", "include: [parts/db.yaml]")
    with pytest.raises(EngineError) as error:
        refuse.check(found, ["web", "db"])
    assert error.value.message.startswith("parts/db.yaml:4: ")


def test_an_ssh_agent_for_a_build_takes_the_newer_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = stack(tmp_path, "build: {context: ., ssh: [default]}")
    monkeypatch.setattr(refuse, "sdk_version", lambda: "0.21.11")
    refuse.check(found, ["web"])
    monkeypatch.setattr(refuse, "sdk_version", lambda: "0.19.4")
    with pytest.raises(EngineError, match=r"build.ssh \(dagger-io 0.19.4 cannot"):
        refuse.check(found, ["web"])


def test_an_external_volume_is_refused(tmp_path: Path) -> None:
    found = stack(tmp_path, "image: x\nvolumes: ['keep:/x']", "volumes: {keep: {external: true}}")
    with pytest.raises(EngineError, match="external volume keep"):
        refuse.check(found, ["web"])


@pytest.mark.parametrize(
    "service",
    [
        "image: x",
        "build: .",
        "image: x\nprivileged: true",
        "image: x\nvolumes: ['./data:/data']",
        "image: x\nports: ['80']",
    ],
)
def test_what_it_can_do_passes(tmp_path: Path, service: str) -> None:
    refuse.check(stack(tmp_path, service), ["web"])


NOTED: list[tuple[str, str, dict[str, Any]]] = [
    ("image: x\nmem_limit: 1g", "limits are not enforced", {}),
    ("image: x\ncap_add: [NET_ADMIN]\nread_only: true", "without effect: cap_add, read_only", {}),
    ("image: x\nstop_signal: SIGINT", "stopped with SIGTERM", {}),
    ("image: x\nvolumes: ['./data:/data']", "/data is a snapshot", {}),
    ("image: x\nvolumes: ['/data']", "the volume at /data is a cache of the engine", {}),
    ("image: x\nhealthcheck: {test: [CMD, x]}", "no /bin/sh", {"shell": False}),
]


@pytest.mark.parametrize(("service", "said", "more"), NOTED)
def test_what_is_not_enforced_is_noted(tmp_path: Path, service: str, said: str, more: dict[str, Any]) -> None:
    assert said in "; ".join(refuse.notes(stack(tmp_path, service).services["web"], **more))


def test_a_volume_is_said_to_be_a_cache_once(tmp_path: Path) -> None:
    service = "image: x\nvolumes: ['pgdata:/data', 'pgdata:/more']"
    noted = refuse.notes(stack(tmp_path, service, "volumes: {pgdata: {}}").services["web"])
    assert noted == [f"the volume pgdata is a cache of the engine: {DANGER}"]


def test_nothing_is_noted_where_all_is_done(tmp_path: Path) -> None:
    assert refuse.notes(stack(tmp_path, "image: x\nvolumes: ['./data:/data:ro']").services["web"]) == []
