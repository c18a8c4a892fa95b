"""Every error that a person meets says what it is and what to do; texts are those that Docker and Compose print."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.stacks.causes import is_transient
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.errors import explain, of_api, reason

RECORDINGS = Path(__file__).parents[2] / "recordings" / "compose"
DAEMON = "Error response from daemon: "
SAID = [  # what is printed last, kind, a part of the sentence, a part of the hint
    (
        f"{DAEMON}driver failed programming external connectivity on endpoint x-b-1 (0f3): Bind for 0.0.0.0:8080"
        " failed: port is already allocated",
        "port_taken",
        "port 8080 is taken",
        "publish another port",
    ),
    (
        f"{DAEMON}driver failed programming external connectivity on endpoint x-b-1 (0f3): Error starting userland"
        " proxy: listen tcp4 127.0.0.1:18090: bind: address already in use",
        "port_taken",
        "port 18090 is taken",
        "publish another port",
    ),
    (
        f'{DAEMON}Conflict. The container name "/p1-web-1" is already in use by container "f00". You have to remove (or'
        " rename) that container to be able to reuse that name.",
        "name_conflict",
        "a container named p1-web-1 is there already",
        "docker rm -f p1-web-1",
    ),
    (
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get"
        ' "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json": dial unix /var/run/docker.sock: connect:'
        " permission denied",
        "docker_permission",
        "may not talk to the Docker daemon",
        "usermod -aG docker",
    ),
    (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "engine_unreachable",
        "does not answer",
        "systemctl start docker",
    ),
    ("docker: 'compose' is not a docker command.", "compose_missing", "no compose plugin", "docker-compose-plugin"),
    (f"{DAEMON}No such image: shop:9", "image_not_found", "no image shop:9", "docker login"),
    (
        f"{DAEMON}pull access denied for shop, repository does not exist or may require 'docker login': denied:"
        " requested access to the resource is denied",
        "image_not_found",
        "no image shop",
        "docker login",
    ),
    (f"{DAEMON}manifest for postgres:99 not found: manifest unknown", "image_not_found", "postgres:99", "Correct"),
    (f'{DAEMON}Get "https://r.example/v2/": unauthorized: authentication required', "registry_denied", "", "login"),
    (
        f'{DAEMON}Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such'
        " host",
        "registry_unknown",
        "no registry registry-1.docker.io",
        "DNS",
    ),
    (f"{DAEMON}remove x_data: volume is in use - [0f3]", "volume_in_use", "in use", "docker ps -a --filter"),
    ("write /var/lib/docker/tmp/x: no space left on device", "no_space", "no space", "docker system df"),
    ("network outside declared as external, but could not be found", "network_missing", "outside", "network create"),
    ('external volume "outside" not found', "volume_missing", "outside", "docker volume create outside"),
    (
        f'{DAEMON}failed to create shim task: OCI runtime create failed: runc create failed: exec: "nosuch": executable'
        " file not found in $PATH: unknown",
        "cannot_run",
        "its command nosuch cannot be run",
        "command",
    ),
    ("yaml: line 3: mapping values are not allowed", "compose_failed", "yaml: line 3", "hubtui"),
]


@pytest.mark.parametrize(("said", "kind", "sentence", "hint"), SAID, ids=[row[1] for row in SAID])
def test_it_is_told_with_what_to_do(said: str, kind: str, sentence: str, hint: str) -> None:
    error = explain([" Container x-b-1  Starting", said], "b could not be started", "b")
    assert (error.kind, error.service) == (kind, "b")
    assert error.message.startswith("b could not be started: ")
    assert sentence in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    "said",
    [
        f'{DAEMON}Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused',
        f"{DAEMON}toomanyrequests: You have reached your pull rate limit.",
        f'{DAEMON}Get "https://r.example/v2/": net/http: TLS handshake timeout',
        f"{DAEMON}received unexpected HTTP status: 503 Service Unavailable",
    ],
)
def test_a_registry_that_does_not_answer_may_do_so_later(said: str) -> None:
    assert is_transient(explain([said], "b could not be pulled"))


def test_a_build_that_failed_by_itself_is_no_network() -> None:
    error = explain((RECORDINGS / "build-failed.txt").read_text().splitlines(), "api could not be built", "api")
    assert error.kind == "build_failed"
    assert "exit code: 3" in error.message


def test_a_build_whose_tool_says_that_the_network_failed_may_pass() -> None:
    lines = [
        "#8 [api 2/2] RUN pip install x",
        "#8 1.1 ERROR: Could not install packages due to an OSError: ReadTimeoutError",
        'failed to solve: process "/bin/sh -c pip install x" did not complete successfully: exit code: 1',
    ]
    assert is_transient(explain(lines, "api could not be built"))


def test_rows_of_progress_are_no_reason() -> None:
    assert reason([" Container a  Starting", "#8 0.1 boom", "it broke", " Container a  Error"]) == "it broke"
    assert reason([]) == "it said nothing"


def test_what_the_socket_says() -> None:
    assert of_api(Unreachable("Permission denied"), "unix:///x").kind == "docker_permission"
    assert of_api(Unreachable("No such file or directory"), "unix:///x").kind == "engine_unreachable"
    assert of_api(Refused(500, "no space left on device"), "unix:///x").kind == "no_space"
