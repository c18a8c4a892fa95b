"""Stacks to begin with: one folder a template, each a real `compose.yaml` with what it needs beside it.

A template that cannot start without values of its own marks them in its `.env.example`: see `generate`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from hubtui.errors import UsageError
from hubtui.stacks.templates import generate

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


def install(name: str, folder: Path, busy: Collection[int] = ()) -> tuple[Path, ...]:
    """Copy a template's files into `folder`, which is made if need be and otherwise must be empty. Where its
    `.env.example` has something to generate, a `.env` is made from it, with host ports that are not among `busy`.

    Returns what was made, for `uninstall`. Raises UsageError for an unknown template, or for a folder that is not empty
    or cannot be written; then nothing that was made is left.
    """
    describe(name)
    made: list[Path] = []
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not an empty folder", "A template overwrites nothing: name a new one")
        _make_folder(folder, made)
        for path, source in _contents(name):
            _copy(source, folder / path, made)
        example = folder / generate.EXAMPLE
        if example in made and generate.is_marked(text := example.read_text(encoding="utf-8")):
            generate.write_private(folder / generate.NAME, generate.fill(text, busy), made)
    except OSError as error:
        uninstall(made)
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{folder} cannot be written: {reason}", "Name a folder that you may write to") from error
    except BaseException:
        uninstall(made)
        raise
    return tuple(made)


def uninstall(made: Sequence[Path]) -> None:
    """Take away what `install` made; a folder that has something else in it by now stays."""
    for path in reversed(made):
        with contextlib.suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()


def _make_folder(folder: Path, made: list[Path]) -> None:
    for path in reversed((folder, *folder.parents)):
        if not path.is_dir():
            path.mkdir()
            made.append(path)


def _copy(source: Traversable, target: Path, made: list[Path]) -> None:
    _make_folder(target.parent, made)
    with target.open("xb") as file:
        made.append(target)
        file.write(source.read_bytes())
    target.chmod(0o644)


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
