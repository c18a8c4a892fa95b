"""Which services are watched for changes, and what Compose's own words of it come to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubtui.stacks.engines.compose.develop import understood, wanted
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Stack

RULES = [{"action": "sync", "path": "./src", "target": "/app"}]


def stack(folder: Path, **top: object) -> Stack:
    services = {
        "web": {"image": "x", "build": ".", "develop": {"watch": RULES}},
        "plain": {"image": "x"},
        "empty": {"image": "x", "develop": {"watch": []}},
    }
    (folder / "compose.yaml").write_text(json.dumps({"name": "p", "services": services, **top}))
    return load_stack(folder)


def test_only_services_that_ask_for_it_are_watched(tmp_path: Path) -> None:
    found = stack(tmp_path)
    assert wanted(found, found.services) == ("web",)
    assert wanted(found, ["plain"]) == ()


def test_the_file_may_forbid_it(tmp_path: Path) -> None:
    found = stack(tmp_path, **{"x-hubtui": {"watch": False}})
    assert wanted(found, found.services) == ()


@pytest.mark.parametrize(
    ("line", "names", "words"),
    [
        ('Syncing "web" after changes were detected', ["web"], "synced"),  # 2.26
        ('Syncing service "web" after 3 changes were detected', ["web"], "synced"),
        ('Rebuilding service "web" after changes were detected...', ["web"], "is rebuilt"),
        ('Rebuilding service(s) ["web" "api"] after changes were detected...', ["web", "api"], "is rebuilt"),
        ('service "web" successfully built', ["web"], "rebuilt after a change"),
        ("Watch enabled", [], ""),
        ('#5 [web 1/3] FROM "web"', [], ""),
    ],
)
def test_what_compose_says_is_told_of_the_services_it_names(line: str, names: list[str], words: str) -> None:
    found, message = understood(line)
    assert list(found) == names
    assert words in message
