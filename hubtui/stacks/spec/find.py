"""Which file of a folder is its compose file."""

from __future__ import annotations

import os
from pathlib import Path

from hubtui.errors import StackError

# The order is Compose's own (compose-go, `DefaultFileNames`): note .yml before .yaml in the old names.
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def find_compose_file(folder: Path) -> Path:
    """The compose file of `folder`, the one Compose would take where there are several. StackError if there is none.

    Unlike `docker compose` this never climbs to parent folders: a project is exactly its folder.
    """
    if not os.path.isdir(folder):
        raise StackError("there is no such folder", "Check the path, or register the project anew.", file=str(folder))
    found = _first(folder, NAMES)
    if found is None:
        raise StackError(
            "no compose.yaml in this folder",
            "Write a compose.yaml, or take a ready one: hubtui add --template NAME",
            file=str(folder),
        )
    return found


def find_override(folder: Path) -> Path | None:
    """The override file that `docker compose` would merge over the compose file by itself."""
    return _first(folder, OVERRIDES)


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    """The first of the names that exists; a dangling link counts, so that its error names it."""
    return next((p for n in names if os.path.lexists(p := folder / n)), None)
