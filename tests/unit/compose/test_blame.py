"""Whose failure it was, when one call for many services failed."""

from __future__ import annotations

from pathlib import Path

from hubtui.stacks.engines.compose.blame import blamed, container_names, with_dependents
from hubtui.stacks.spec.model import Dependency, Service, Stack

NAMES = ("db", "web", "web-2", "cron")


def stack() -> Stack:
    services = {name: Service(name) for name in NAMES}
    services["web"] = Service("web", depends_on=(Dependency("db"),))
    return Stack("shop", Path("/srv"), (), services)


def who(*lines: str, left: tuple[str, ...] = NAMES) -> list[str]:
    known = {name: container_names(stack(), name, ()) for name in NAMES}
    return blamed(stack(), left, known, lines)


def test_who_is_named() -> None:
    said = "Error response from daemon: driver failed on endpoint shop-cron-1 (0f): Bind for 0.0.0.0:80 failed: x"
    assert who(said) == ["cron"]
    assert who('Error: The container name "/shop-web-2-1" is already in use by x') == ["web-2"]


def test_who_depends_on_it_cannot_either() -> None:
    assert who("dependency failed to start: container shop-db-1 is unhealthy", left=("web", "cron")) == ["web"]
    assert who('service "db" didn\'t complete successfully: exit 1') == ["db", "web"]
    assert with_dependents(stack(), {"db"}) == {"db", "web"}


def test_without_a_name_it_is_who_was_in_the_middle_of_something() -> None:
    lines = (" Container shop-db-1  Started", " Container shop-cron-1  Starting", "Error response from daemon: no")
    assert who(*lines) == ["cron"]


def test_where_nothing_tells_it_is_everybody() -> None:
    assert who("yaml: broken") == list(NAMES)
