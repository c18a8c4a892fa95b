"""Stacks to begin with: one folder a template, each a real `compose.yaml` with what it needs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from hubtui.errors import UsageError

_DESCRIPTIONS = {
    "demo": "harbor: four small services that need nothing but Python",
    "demo-reef": "reef: four small services, one of them with a mistake to mend",
    "commandcenter": "postgres, redis, backend and frontend in containers",
    "hypercode": "a core, and two agents under the profile 'agents'",
}
_SHARED = {  # files of `_shared/` that are copied beside the template's own
    "demo": ("service.py", "store.py", "web.py"),
    "demo-reef": ("service.py", "store.py", "web.py"),
}


def names() -> tuple[str, ...]:
    """The templates that ship with hubtui."""
    return tuple(_DESCRIPTIONS)


def describe(name: str) -> str:
    """One line that says what the template is. Raises UsageError for a name that is none."""
    if name not in _DESCRIPTIONS:
        raise UsageError(f"There is no template {name!r}", f"Templates: {', '.join(_DESCRIPTIONS)}")
    return _DESCRIPTIONS[name]


def install(name: str, folder: Path) -> None:
    """Copy a template's files into `folder`, which is made if need be and otherwise must be empty.

    Raises UsageError for an unknown template, or for a folder that is not empty or cannot be written.
    """
    describe(name)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not an empty folder", "A template overwrites nothing: name a new one")
        folder.mkdir(parents=True, exist_ok=True)
        for path, source in _contents(name):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(0o644)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{folder} cannot be written: {reason}", "Name a folder that you may write to") from error


def _contents(name: str) -> Iterator[tuple[str, Traversable]]:
    """The template's files, by their path in the project."""
    root = files(__name__)
    yield from _walk(root / name, "")
    for shared in _SHARED.get(name, ()):
        yield shared, root / "_shared" / shared


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name == "__pycache__":  # pip compiles what it installs
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry
