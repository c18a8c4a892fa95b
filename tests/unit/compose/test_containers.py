"""What containers say of their service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hubtui.models import Health, ServiceState
from hubtui.stacks.engines.compose.containers import Container, parse, view
from hubtui.stacks.engines.compose.usage import Reading, percent, read

UP = Container("1", "shop-web-1", "web", 1, "running", started="2026-11-26T03:14:22.5Z")
DOWN = replace(UP, status="exited", code=0, finished="2026-11-26T03:14:24.123456789Z")
FAILED, RUNNING = ServiceState.FAILED, ServiceState.RUNNING


def inspected(**state: Any) -> dict[str, Any]:
    labels = {"com.docker.compose.service": "web", "com.docker.compose.container-number": "2"}
    return {"Id": "abc", "Name": "/shop-web-2", "State": {"Status": "running", **state}, "Config": {"Labels": labels}}


def test_a_container_as_docker_describes_it() -> None:
    log = [{"ExitCode": 1, "Output": "connection\n refused\n"}]
    found = parse(inspected(StartedAt="2026-11-26T03:14:22Z", Health={"Status": "unhealthy", "Log": log}))
    assert (found.name, found.service, found.number, found.health) == ("shop-web-2", "web", 2, Health.UNHEALTHY)
    assert found.said == "its check exited with code 1: connection refused"
    assert found.code is None


def test_one_of_which_little_is_said() -> None:
    assert parse({"Id": "abc"}).status == "created"
    assert parse(inspected(StartedAt="0001-01-01T00:00:00Z")).started == ""


def test_how_long_it_lived() -> None:
    assert DOWN.lived == pytest.approx(1.623, abs=0.001)
    assert UP.lived is None


@pytest.mark.parametrize(
    ("containers", "state", "message"),
    [
        ([UP], RUNNING, ""),
        ([replace(UP, status="paused")], RUNNING, "paused: shop-web-1"),
        ([DOWN], ServiceState.EXITED, "exited with code 0"),
        ([replace(DOWN, code=3)], FAILED, "exited with code 3"),
        ([replace(DOWN, code=137, out_of_memory=True)], FAILED, "exited with code 137 (out of memory)"),
        ([replace(DOWN, code=139)], FAILED, "exited with code 139 (SIGSEGV)"),
        ([replace(UP, status="restarting", code=1)], ServiceState.RESTARTING, "restarts (exited with code 1)"),
        ([replace(UP, status="created", started="")], ServiceState.STOPPED, "created, not started"),
        ([UP, replace(DOWN, id="2", name="shop-web-2", number=2, code=1)], RUNNING, "1 of 2 containers run"),
    ],
)
def test_its_state_in_words(containers: list[Container], state: ServiceState, message: str) -> None:
    found = view(containers)
    assert found.state is state
    assert message in found.message


def test_one_that_docker_has_given_up() -> None:
    found = view([replace(DOWN, code=2, policy="on-failure", attempts=3, restarts=3)])
    assert (found.state, found.restarts, found.tries) == (FAILED, 3, "given up after 3 restarts")


def test_of_several_the_worst_health_counts() -> None:
    well, ill = replace(UP, health=Health.HEALTHY), replace(UP, id="2", number=2, health=Health.UNHEALTHY, said="no")
    assert (view([well, ill]).health, view([well, ill]).said) == (Health.UNHEALTHY, "no")
    assert view([well]).health is Health.HEALTHY
    assert not view([UP]).checked


def test_none_is_no_state_and_one_that_somebody_stopped_has_not_failed() -> None:
    assert view([]).state is None
    assert view([replace(DOWN, code=143)], told_to_end=True).state is ServiceState.STOPPED


class TestUsage:
    def test_memory_is_without_what_can_be_given_up(self) -> None:
        version1 = {"usage": 1000, "stats": {"total_inactive_file": 400, "inactive_file": 1}}
        version2 = {"usage": 1000, "stats": {"inactive_file": 300}}
        assert read({"memory_stats": version1}, 0.0).memory == 600
        assert read({"memory_stats": version2}, 0.0).memory == 700
        assert read({}, 0.0) == Reading(None, None, None, None, 0.0)

    def test_networks_are_summed(self) -> None:
        found = read(
            {"networks": {"eth0": {"rx_bytes": 1, "tx_bytes": 2}, "eth1": {"rx_bytes": 10, "tx_bytes": 20}}}, 0
        )
        assert (found.received, found.sent) == (11, 22)

    def test_load_is_between_two_readings(self) -> None:
        first = Reading(1_000_000_000, 0, 0, 0, 10.0)
        assert percent(first, replace(first, cpu=2_000_000_000, at=12.0)) == pytest.approx(50.0)
        assert percent(None, first) is None
        assert percent(first, replace(first, cpu=5, at=12.0)) is None  # it began anew
