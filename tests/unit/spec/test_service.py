"""One service: every key that hubtui reads, and what is wrong with it when it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck as Check
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.model import Build, Condition, Dependency, HealthCheck, Limits, RestartPolicy
from hubtui.stacks.spec.service import _READ

from .conftest import Folder


def test_a_bare_service_has_composes_defaults(folder: Folder) -> None:
    service = folder.service("")
    assert (service.name, service.image, service.line) == ("web", "x", 2)
    assert (service.command, service.entrypoint, service.build, service.health) == (None, None, None, None)
    assert (service.restart, service.stop_grace_period, service.stop_signal) == (RestartPolicy.NO, 10, "SIGTERM")
    assert (service.limits, service.environment, service.extra) == (Limits(), {}, {})


def test_commands(folder: Folder) -> None:
    service = folder.service("command: run \"a b\"\nentrypoint: [/bin/x, -v, '1']\nworking_dir: /app")
    assert service.command == ("run", "a b")
    assert service.entrypoint == ("/bin/x", "-v", "1")
    assert service.working_dir == "/app"
    assert folder.service("command: []").command == ()


def test_build_short_and_long(folder: Folder) -> None:
    assert folder.service("build: ./web").build == Build(folder.path / "web")
    assert folder.service("build: ..").build == Build(folder.path.parent)
    build = folder.service(
        """
        build:
          context: /src
          dockerfile: docker/Dockerfile
          target: final
          args: [A=1, HERE, NOTHERE]
          cache_from: [x]
        """,
        {"HERE": "yes"},
    ).build
    assert build == Build(Path("/src"), "docker/Dockerfile", "final", {"A": "1", "HERE": "yes"}, {"cache_from": ["x"]})
    remote = folder.service("build: https://example.com/x.git#main").build
    assert remote == Build(folder.path, extra={"context": "https://example.com/x.git#main"})


def test_depends_on(folder: Folder) -> None:
    text = "services:\n  a: {image: x}\n  b: {image: x}\n  none: {image: x}\n  web:\n    image: x\n    depends_on: "
    short = folder.load(text + "[a, b]").services["web"].depends_on
    assert short == (Dependency("a"), Dependency("b"))
    long = (
        folder.load(
            text + "{a: {condition: service_healthy, restart: true}, b: {condition: service_started}, "
            "none: {condition: service_started, required: false}}"
        )
        .services["web"]
        .depends_on
    )
    assert long == (
        Dependency("a", Condition.HEALTHY, True, True),
        Dependency("b"),
        Dependency("none", required=False),
    )


@pytest.mark.parametrize(
    ("body", "health"),
    [
        ("healthcheck: {test: curl -f x}", HealthCheck(command=("/bin/sh", "-c", "curl -f x"))),
        ("healthcheck: {test: [CMD, curl, x]}", HealthCheck(command=("curl", "x"))),
        ("healthcheck: {test: [CMD-SHELL, a | b]}", HealthCheck(command=("/bin/sh", "-c", "a | b"))),
        ("healthcheck: {test: [NONE]}", None),
        ("healthcheck: {test: curl, disable: true}", None),
        ("healthcheck: {interval: 5s}", None),
        (
            "healthcheck: {test: [CMD, x], interval: 1m30s, timeout: 2s, retries: '4', start_period: 1m}",
            HealthCheck("", ("x",), 90, 2, 4, 60),
        ),
        ("x-hubtui: {health: 'http://127.0.0.1:80/up'}", HealthCheck("http://127.0.0.1:80/up")),
        ("x-hubtui: {health: 'tcp://127.0.0.1:5432'}", HealthCheck("tcp://127.0.0.1:5432")),
        ("x-hubtui: {health: [pg_isready, -q]}", HealthCheck(command=("pg_isready", "-q"))),
        (
            "healthcheck: {test: curl, interval: 5s, retries: 2}\nx-hubtui: {health: 'https://[::1]/'}",
            HealthCheck("https://[::1]/", interval=5, retries=2),
        ),
    ],
)
def test_health(folder: Folder, body: str, health: HealthCheck | None) -> None:
    assert folder.service(body).health == health


@pytest.mark.parametrize(
    ("body", "policy", "attempts"),
    [
        ("restart: no", RestartPolicy.NO, None),
        ('restart: "no"', RestartPolicy.NO, None),
        ("restart: always", RestartPolicy.ALWAYS, None),
        ("restart: unless-stopped", RestartPolicy.UNLESS_STOPPED, None),
        ("restart: on-failure", RestartPolicy.ON_FAILURE, None),
        ("restart: on-failure:3", RestartPolicy.ON_FAILURE, 3),
        ("restart: ${RESTART:-}", RestartPolicy.NO, None),
        ("deploy: {restart_policy: {condition: on-failure, max_attempts: 2}}", RestartPolicy.ON_FAILURE, 2),
        ("deploy: {restart_policy: {condition: none}}", RestartPolicy.NO, None),
        ("deploy: {restart_policy: {delay: 5s}}", RestartPolicy.ALWAYS, None),
        ("restart: always\ndeploy: {restart_policy: {condition: none}}", RestartPolicy.ALWAYS, None),
    ],
)
def test_restart(folder: Folder, body: str, policy: RestartPolicy, attempts: int | None) -> None:
    service = folder.service(body)
    assert (service.restart, service.restart_attempts) == (policy, attempts)


@pytest.mark.parametrize(
    ("body", "limits"),
    [
        ("deploy: {resources: {limits: {cpus: '0.50', memory: 512M}}}", Limits(0.5, 512 * 2**20)),
        ("mem_limit: 1g\ncpus: 2", Limits(2, 2**30)),
        ("mem_limit: 1g\ndeploy: {resources: {limits: {cpus: 1, memory: 1g}}}", Limits(1, 2**30)),
        ("mem_limit: 0\ncpus: 0", Limits()),
        ("deploy: {replicas: 2}", Limits()),
    ],
)
def test_limits(folder: Folder, body: str, limits: Limits) -> None:
    assert folder.service(body).limits == limits


def test_stopping_profiles_and_process(folder: Folder) -> None:
    service = folder.service(
        """
        stop_grace_period: 1m30s
        stop_signal: int
        profiles: [a, b]
        x-hubtui: {process: 'python -m "my app"', build: [npm, ci], ready: later, odd: 1}
        """
    )
    assert (service.stop_grace_period, service.stop_signal, service.profiles) == (90, "SIGINT", ("a", "b"))
    assert (service.process, service.process_build) == (("python", "-m", "my app"), ("npm", "ci"))
    assert service.extra == {"x-hubtui": {"ready": "later", "odd": 1}}
    assert folder.service("stop_signal: SIGRTMIN+3").stop_signal == "SIGRTMIN+3"
    assert folder.service("stop_signal: '15'").stop_signal == "SIGTERM"


def test_a_service_may_be_nothing_but_a_process(folder: Folder) -> None:
    stack = folder.load("services:\n  web:\n    x-hubtui: {process: [run]}\n")
    assert stack.services["web"].process == ("run",)


def test_what_other_keys_imply_comes_first_too(folder: Folder) -> None:
    stack = folder.load(
        "services:\n  a: {image: x}\n  b: {image: x}\n  c: {image: x}\n"
        "  web: {image: x, links: ['a:alias'], network_mode: 'service:b', volumes_from: [c], depends_on: [a]}\n"
    )
    assert stack.services["web"].depends_on == (
        Dependency("a"),
        Dependency("b", restart=True),
        Dependency("c"),
    )


def test_other_keys_are_as_compose_prints_them(folder: Folder) -> None:
    service = folder.service("shm_size: 64m\nprivileged: 'false'\nread_only: 'true'\nlabels: [a=b]")
    assert service.extra == {"shm_size": "67108864", "read_only": True, "labels": {"a": "b"}}


def test_other_keys_are_kept(folder: Folder) -> None:
    service = folder.service("networks: [side]\nlabels: {l: $V}\nx-own: 3", {"V": "v"})
    assert service.extra == {"networks": {"side": None}, "labels": {"l": "v"}, "x-own": 3}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("build: [a]", "4: services.web.build must be a mapping, not a list"),
        ("build:\n  dockerfile: {}", "5: services.web.build.dockerfile must be a string, not a mapping"),
        ("command: {a: b}", "4: services.web.command must be a string or a list, not a mapping"),
        ("command: run 'a", "4: services.web.command cannot be split into words: no closing quotation"),
        ("depends_on: web2", "4: services.web.depends_on must be a mapping, not a string"),
        (
            "depends_on:\n  web: {condition: up}",
            "5: services.web.depends_on.web.condition must be one of service_started, service_healthy, "
            "service_completed_successfully, not 'up'",
        ),
        (
            "healthcheck:\n  test: x\n  interval: 30",
            "6: services.web.healthcheck.interval must be a duration such as 10s or 1m30s, not 30",
        ),
        ("healthcheck:\n  retries: -1", "5: services.web.healthcheck.retries must be a whole number, not -1"),
        ("healthcheck: {test: [curl, x]}", "4: services.web.healthcheck.test must begin with CMD, CMD-SHELL or NONE"),
        ("healthcheck: {test: [CMD]}", "4: services.web.healthcheck.test must begin with CMD, CMD-SHELL or NONE"),
        ("healthcheck: {disable: maybe}", "4: services.web.healthcheck.disable must be true or false, not 'maybe'"),
        ("x-hubtui: {health: []}", "4: services.web.x-hubtui.health is an empty command"),
        ("x-hubtui: {health: curl x}", "4: services.web.x-hubtui.health must be http://..., https://..., tcp://"),
        ("x-hubtui: {health: 'http://'}", "4: services.web.x-hubtui.health must be http://..., https://..., tcp://"),
        ("x-hubtui: {health: 'tcp://h'}", "4: services.web.x-hubtui.health must be http://..., https://..., tcp://"),
        ("x-hubtui: {health: 'tcp://h:99999'}", "4: services.web.x-hubtui.health must be http://..., https://..., "),
        ("x-hubtui: {health: 'file:///etc'}", "4: services.web.x-hubtui.health must be http://..., https://..., tcp"),
        ("x-hubtui: [a]", "4: services.web.x-hubtui must be a mapping, not a list"),
        ("x-hubtui: {process: 3}", "4: services.web.x-hubtui.process must be a string or a list, not the number 3"),
        ("profiles: 3", "4: services.web.profiles must be a list, not the number 3"),
        (
            "restart: sometimes",
            '4: services.web.restart must be "no", always, on-failure, on-failure:N or unless-stopped, '
            "not 'sometimes'",
        ),
        ("restart: false", '4: services.web.restart must be "no", always'),
        ("restart: always:3", '4: services.web.restart must be "no", always'),
        ("restart: on-failure:x", '4: services.web.restart must be "no", always'),
        ("deploy: {restart_policy: {condition: x}}", "4: services.web.deploy.restart_policy has the condition 'x'"),
        ("stop_signal: SIGNOPE", "4: services.web.stop_signal must be a signal such as SIGTERM or SIGINT"),
        ("stop_grace_period: soon", "4: services.web.stop_grace_period must be a duration such as 10s"),
        ("mem_limit: lots", "4: services.web.mem_limit must be a size such as 512M or 1g, not 'lots'"),
        ("cpus: -1", "4: services.web.cpus must be a number of cores such as 0.5, not -1"),
        ("deploy:\n  resources: 3", "5: services.web.deploy.resources must be a mapping, not the number 3"),
        ("working_dir: [a]", "4: services.web.working_dir must be a string, not a list"),
    ],
)
def test_errors_say_where_and_what(folder: Folder, body: str, message: str) -> None:
    assert folder.service_error(body).startswith(f"compose.yaml:{message}")


WORDS = st.sampled_from(["web", "test", "path", "target", "context", "args", "limits"])
VALUES = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        st.sampled_from(["1s", "80:80", "web", "CMD", "no", "512M", "/", "http://x/", "${A:-b}"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*sorted(_READ), "deploy", "healthcheck", "x-hubtui", "volumes", "extends"])


@settings(max_examples=400, deadline=None, suppress_health_check=[Check.function_scoped_fixture, Check.too_slow])
@given(body=st.dictionaries(KEYS, VALUES, max_size=3), own=VALUES, top=VALUES)
def test_any_file_is_a_stack_or_an_error_with_its_line(
    folder: Folder, body: dict[str, Any], own: Any, top: Any
) -> None:
    service = {"image": "x", "x-hubtui": {"health": own, "process": top}, **body}
    tree = {"services": {"web": service}, "x-hubtui": top, "secrets": own}
    try:
        stack = folder.load(json.dumps(tree))  # JSON is YAML
    except StackError as error:
        assert error.file
    else:
        assert list(stack.services) == ["web"]
