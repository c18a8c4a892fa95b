"""What a service says about its container: names, user, ports among services, pulling, whose health check counts."""

from __future__ import annotations

from typing import Any

import pytest

from hubtui.stacks.spec.model import HealthCheck

from .conftest import Folder


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ("user: 1000:1000", "user", "1000:1000"),
        ("user: '1000'", "user", "1000"),
        ("hostname: web.local", "hostname", "web.local"),
        ("platform: linux/arm64", "platform", "linux/arm64"),
        ("init: true", "init", True),
        ("init: 'no'", "init", False),
        ("image: x", "init", None),
        ("pull_policy: always", "pull_policy", "always"),
        ("pull_policy: if_not_present", "pull_policy", "missing"),
        ("pull_policy: every_1w2d", "pull_policy", "every_1w2d"),
        ("pull_policy: ${PULL:-}", "pull_policy", ""),
        ("networks: [front, back]", "aliases", ()),
        ("networks: {front: , back: {aliases: [api, web.old]}, side: {aliases: [api]}}", "aliases", ("api", "web.old")),
        (
            "expose: ['3000', 3000, 8000-8002, 53/udp, '9000-9001/TCP']",
            "expose",
            (3000, 8000, 8001, 8002, 53, 9000, 9001),
        ),
        ("expose: []", "expose", ()),
    ],
)
def test_what_a_service_says(folder: Folder, body: str, field: str, value: Any) -> None:
    text = body.replace("image: x", "")  # what the service has anyway
    assert getattr(folder.service(text), field) == value


@pytest.mark.parametrize(
    ("body", "counts", "inside", "disabled"),
    [
        ("", "", "", False),
        ("healthcheck: {test: [CMD, look]}", "look", "look", False),
        ("healthcheck: {test: [NONE]}", "", "", True),
        ("healthcheck: {test: [CMD, look], disable: true}", "", "", True),
        ("healthcheck: {interval: 5s}", "", "", False),
        ("healthcheck: {test: [CMD, look]}\nx-hubtui: {health: 'tcp://h:1'}", "tcp://h:1", "look", False),
        ("healthcheck: {disable: true}\nx-hubtui: {health: [own]}", "own", "", True),
    ],
)
def test_which_health_check_counts_and_which_runs_inside(
    folder: Folder, body: str, counts: str, inside: str, disabled: bool
) -> None:
    service = folder.service(body)

    def short(check: HealthCheck | None) -> str:
        return (check.url or " ".join(check.command)) if check else ""

    assert (short(service.health), short(service.health_command)) == (counts, inside)
    assert service.health_disabled is disabled


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("user: [a]", "4: user must be a string, not a list"),
        ("hostname: {}", "4: hostname must be a string, not a mapping"),
        ("init: maybe", "4: init must be true or false, not 'maybe'"),
        ("pull_policy: often", "4: pull_policy must be always, never, missing, build, refresh, daily, "),
        ("pull_policy: every_", "4: pull_policy must be always, never, missing, build, refresh, daily, "),
        ("networks: front", "4: networks must be a mapping, not a string"),
        ("networks:\n  front:\n    aliases: {a: 1}", "6: networks.front.aliases must be a list, not a map"),
        ("expose: 3000", "4: expose must be a list, not the number 3000"),
        ("expose:\n  - 80\n  - web", "6: expose[1] has 'web', which is no port and no range"),
        ("expose: ['3000-']", "4: expose[0] has '3000-', which is no port and no range"),
        ("expose: ['３０００']", "4: expose[0] has '３０００', which is no port and no range"),
        ("expose: ['8080:80']", "4: expose[0] has '8080:80', which is no port and no range"),
        ("expose: [0]", "4: expose[0] has the target 0; a service listens on 1 to 65535"),
        ("expose: [65536]", "4: expose[0] has the port 65536; the highest is 65535"),
        ("expose: [9-1]", "4: expose[0] has the range 9-1, which runs backwards"),
        ("expose: [53/ip]", "4: expose[0] has the protocol 'ip'; known are tcp, udp, sctp"),
        ("expose: [1-9000, 9001-20000, 20001-30000]", "4: expose has more than 20000 ports"),
        ("ports:\n  - {target: 80, published: 9000-}", "5: ports[0] has '9000-', which is no port and no"),
    ],
)
def test_errors_say_where_and_what(folder: Folder, body: str, message: str) -> None:
    assert folder.service_error(body).replace("services.web.", "").startswith(f"compose.yaml:{message}")
