"""Which keys of the specification the corpus shows. `keys.txt` has them all, as services.*.build.args or
services.*.ports[].target: `*` stands for a name, `[]` for any entry of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.yaml import load_yaml
from tests.compose.cases import HERE, all_cases

KEYS = HERE / "keys.txt"


def not_shown() -> list[str]:
    """The keys that no accepted case has."""
    shown = {path for case in all_cases() if not case.error for path in _paths_of(case.folder.rglob("*.yaml"))}
    return [key for key in KEYS.read_text().split() if key not in shown]


def _paths_of(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        try:
            documents = load_yaml(file)
        except StackError:  # a case about what is not a mapping
            continue
        for document in documents:
            yield from _paths(document.tree, "")


def _paths(value: Any, place: str) -> Iterator[str]:
    """Each path twice where a key may be somebody's own name: with the key and with `*`."""
    if isinstance(value, dict):
        for key, child in value.items():
            for path in (f"{place}.{key}" if place else str(key), f"{place}.*"):
                yield path
                yield from _paths(child, path)
    elif isinstance(value, list):
        for child in value:
            yield from _paths(child, f"{place}[]")
