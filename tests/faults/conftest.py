"""A real host for every fault, and the count of the faults that were tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.models import JobState
from tests.doubles import stacks
from tests.doubles.host import Host


class Tried:
    """Counts the faults of one test; the summary prints how many there were (tests/conftest.py)."""

    def __init__(self, properties: list[tuple[str, ...]]) -> None:
        self._properties = properties

    def __call__(self, kind: str) -> None:
        self._properties.append(("fault", kind))

    def calls(self, who: str, call: str, number: int) -> None:
        """Tell how many of these calls somebody makes whom nobody disturbs."""
        self._properties.append(("calls", who, f"{number} {call}"))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path / "state")
    yield found
    found.close()


@pytest.fixture
def pair(host: Host, tmp_path: Path) -> str:
    """A project of two services that come up one after the other."""
    services = {"a": {"process": stacks.SLEEPER}, "b": {"process": stacks.SLEEPER, "depends_on": ["a"]}}
    return host.add(stacks.write(tmp_path / "pair", services))


@pytest.fixture
def up(host: Host, pair: str) -> str:
    """The same, started."""
    assert host.start(pair).state is JobState.SUCCESS
    return pair


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Tried:
    return Tried(request.node.user_properties)
