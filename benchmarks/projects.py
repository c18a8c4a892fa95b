"""A state folder as a busy host has it: a hundred projects, all stopped."""

from __future__ import annotations

from pathlib import Path

from benchmarks import scratch
from tests.doubles import stacks
from tests.doubles.host import Host

COUNT = 100


def name(number: int) -> str:
    """The name of this project; the list is sorted by it."""
    return f"project-{number:03}"


def hundred_projects(here: Host, root: Path) -> list[str]:
    """Register them; each has two services that end at once."""
    services = {"one": {"process": scratch.TRUE}, "two": {"process": scratch.TRUE}}
    return [here.add(stacks.write(root / "projects" / name(i), services)) for i in range(COUNT)]
