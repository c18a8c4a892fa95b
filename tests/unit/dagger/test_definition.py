"""What a service runs, and the names and ports that it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.definition import define, ports
from hubtui.stacks.spec.model import HealthCheck
from tests.unit.dagger.defining import CLIENT, IMAGE, calls, defined, wanted


@pytest.mark.parametrize(
    ("body", "argv"),
    [
        ("", ["/entry", "serve", "--all"]),
        ("command: [work]", ["/entry", "work"]),
        ("command: work 'two words'", ["/entry", "work", "two words"]),
        ("command: []", ["/entry"]),
        ("entrypoint: [/own]", ["/own"]),
        ("entrypoint: [/own], command: [work]", ["/own", "work"]),
        ("entrypoint: [], command: [work]", ["work"]),
    ],
)
def test_entrypoint_and_command_are_combined_as_docker_does(tmp_path: Path, body: str, argv: list[str]) -> None:
    assert defined(tmp_path, body)["asService"] == [{"args": argv}]


@pytest.mark.parametrize("body", ["entrypoint: []", "command: [], entrypoint: ''"])
def test_a_service_without_any_command_is_an_error_that_says_what_to_add(tmp_path: Path, body: str) -> None:
    with pytest.raises(EngineError, match="web has no command") as caught:
        define(CLIENT, wanted(tmp_path, body))
    assert (caught.value.kind, caught.value.service) == ("no_command", "web")
    assert caught.value.hint == "Add services.web.command to the compose file."


def test_an_image_with_a_shell_gets_its_command_looked_after(tmp_path: Path) -> None:
    image, check = replace(IMAGE, shell=True), HealthCheck(command=("look", "twice"))
    [made] = defined(tmp_path, "volumes: ['data:/data', '/anonymous']", image, check=check)["asService"]
    assert made["args"][:2] == ["/bin/sh", "-c"]
    assert made["args"][4:] == ["/entry", "serve", "--all"]
    assert "look twice" in made["args"][2]
    assert "say full data" in made["args"][2]
    assert "anonymous" not in made["args"][2]
    assert defined(tmp_path, "", image)["asService"] == [{"args": ["/entry", "serve", "--all"]}]


def test_ports_are_those_of_the_file_and_of_the_image_that_speak_tcp(tmp_path: Path) -> None:
    asked = wanted(tmp_path, "ports: ['80:3000', '5353:5353/udp', 3001], expose: [9000, '3000']")
    assert ports(asked.service, asked.image) == {3000, 3001, 8080, 9000}
    exposed = [a for name, a in calls(define(CLIENT, asked)) if name == "withExposedPort"]
    assert [a["port"] for a in exposed] == [3000, 3001, 8080, 9000]
    assert all(a["experimentalSkipHealthcheck"] for a in exposed)  # a start that waits cannot be cancelled


def test_a_service_is_known_by_its_name_whatever_else_it_says(tmp_path: Path) -> None:
    made = defined(tmp_path, "user: '5:6', working_dir: /srv, init: false, privileged: true, hostname: other")
    assert made["withHostname"] == [{"hostname": "web"}]
    assert (made["withUser"], made["withWorkdir"]) == ([{"name": "5:6"}], [{"path": "/srv"}])
    options = {"noInit": True, "insecureRootCapabilities": True}
    assert made["asService"] == [{"args": ["/entry", "serve", "--all"], **options}]
    bare = defined(tmp_path, "init: true")
    assert not {"withUser", "withWorkdir"} & bare.keys()
    assert "noInit" not in bare["asService"][0]
