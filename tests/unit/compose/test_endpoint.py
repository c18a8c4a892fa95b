"""Which daemon it is: as `docker` itself finds it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from hubtui.stacks.engines.compose import program
from hubtui.stacks.engines.compose.api import endpoint


def context(folder: Path, name: str, host: str) -> None:
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def test_docker_host_comes_first(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    environ = {"DOCKER_HOST": "unix:///run/x.sock", "DOCKER_CONTEXT": "far", "DOCKER_CONFIG": str(tmp_path)}
    found = endpoint.find(environ)
    assert (found.path, found.why) == ("/run/x.sock", "DOCKER_HOST")


def test_then_the_context_that_is_named_then_the_current_one(tmp_path: Path) -> None:
    context(tmp_path, "far", "ssh://build@far")
    context(tmp_path, "near", "unix:///run/near.sock")
    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    found = endpoint.find({"DOCKER_CONFIG": str(tmp_path)})
    assert (found.url, found.path, found.why) == ("ssh://build@far", "", "the current context far")
    assert endpoint.find({"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "near"}).path == "/run/near.sock"


def test_without_any_of_it_the_usual_socket(tmp_path: Path) -> None:
    for text in ("", "no json", '{"currentContext": "default"}', "[]"):
        (tmp_path / "config.json").write_text(text)
        assert endpoint.find({"DOCKER_CONFIG": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}).path.endswith(".sock")


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_which_compose_it_is(tmp_path: Path) -> None:
    docker, podman = executable(tmp_path / "a" / "docker"), executable(tmp_path / "b" / "podman")
    plugin = executable(tmp_path / "cfg" / "cli-plugins" / "docker-compose")
    environ = {"PATH": f"{docker.parent}:{podman.parent}", "DOCKER_CONFIG": str(tmp_path / "cfg")}
    assert program.find(environ) == program.Program((str(docker), "compose"), (str(docker),))
    assert program.find({**environ, "PATH": str(podman.parent)}).shown == "podman compose"
    alone = executable(tmp_path / "c" / "docker-compose")
    assert program.find({**environ, "PATH": str(alone.parent)}).argv == (str(alone),)
    assert program.plugin(environ) == plugin


def test_versions() -> None:
    assert program.parse_version("2.26.1-4") == (2, 26, 1)
    assert program.parse_version("Docker Compose version v2.40.0") == (2, 40, 0)
    assert program.parse_version("nonsense") == ()
    assert program.parse_version("2.26.1-4") < program.JSON_SINCE <= program.parse_version("2.29.0")
