"""What of a folder goes to a Dagger engine.

A .dockerignore decides, with Docker's meaning. Where there is none, what git ignores stays behind, and its own folder;
of that a build still gets what its Dockerfile names. What git tracks is never ignored.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hubtui.errors import StackError
from hubtui.safetext import safe_text
from hubtui.stacks.engines.dagger.sources.dockerfile import Named, named_sources
from hubtui.stacks.engines.dagger.sources.dockerignore import DockerRules
from hubtui.stacks.engines.dagger.sources.express import exclusions
from hubtui.stacks.engines.dagger.sources.gitignore import GitRules, git_rules
from hubtui.stacks.engines.dagger.sources.patterns import BadPattern, Pattern, escape, read_ignore_file
from hubtui.stacks.engines.dagger.sources.walk import Level, Walk, Walked, Weight
from hubtui.stacks.engines.dagger.sources.weigh import Skipped, largest_left
from hubtui.stacks.gitrepo import Tracked, repository

_NAMED = 5  # how many of the largest are told
_WEIGHING = 0.2  # seconds
_MOST, _MOST_BYTES = 2000, 200_000  # patterns: they travel in a gRPC header, which Dagger takes up to 1 MiB of

Stop = Callable[[], bool]
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """What of `folder` (absolute, no symlinks) goes along: all but `exclude`, which is for Host.directory.

    `files` counts symlinks too. Paths are relative to `folder`, folders among them end in /; none is made safe for a
    screen. What could not be read stays behind: Dagger would fail for a folder, and send a file as an empty one.
    """

    folder: Path
    exclude: tuple[str, ...]
    files: int
    bytes: int
    skipped: tuple[Skipped, ...]  # the largest of what the rules leave out
    largest: tuple[Weight, ...]  # of what goes along
    unreadable: tuple[str, ...]
    rules: str  # ".dockerignore", ".gitignore" or "none"
    dockerfile_outside: Path | None = None  # to be added by the caller; its own ignore file has had its say


def select_context(
    context: Path,
    dockerfile: str = "Dockerfile",
    named: Sequence[str] | None = None,
    *,
    stop: Stop = lambda: False,
    tell: Tell = lambda files, size: None,
) -> Selection:
    """What a build in `context` needs. `dockerfile` is relative to it ("": it has no file); `named` are the paths that
    the build needs whatever a .gitignore says (None: those its Dockerfile names).

    Blocks for as long as it takes to list the files; `tell(files, bytes)` hears ten times a second at most how far that
    is. Raises StackError for what cannot be used, Stopped once `stop()` is true.
    """
    folder = _folder(context)
    file = folder / dockerfile
    if dockerfile and not file.is_file():
        raise StackError(f"there is no {_safe(dockerfile)} in {_safe(context)}", "Is build.dockerfile right?")
    inside = _inside(file, folder) if dockerfile else None
    ignore = _ignore_file(folder, file if dockerfile else None)
    level: Level
    if ignore:
        own = [escape(path) for path in (inside, _inside(ignore, folder)) if path]
        level = _docker_rules(ignore, [Pattern(path, exception=True) for path in own])
    else:
        if named is None:
            named = named_sources(_read(file).decode(errors="replace")) if dockerfile else ()
        level = _git_rules(folder, Named([*named, *([escape(inside)] if inside else [])]))
    found = _selected(folder, level, ignore, stop, tell)
    return replace(found, dockerfile_outside=None if inside or not dockerfile else file)


def select_mount(folder: Path, *, stop: Stop = lambda: False, tell: Tell = lambda files, size: None) -> Selection:
    """What a snapshot of a bind mount holds: all but what the folder's own .dockerignore leaves out, or git ignores.
    Blocks and raises as `select_context`."""
    folder = _folder(folder)
    ignore = _ignore_file(folder, None)
    level: Level = _docker_rules(ignore, []) if ignore else _git_rules(folder, Named([]))
    return _selected(folder, level, ignore, stop, tell)


def _selected(folder: Path, level: Level, ignore: Path | None, stop: Stop, tell: Tell) -> Selection:
    try:
        found = Walk(folder, stop, tell).run(level)
    except OSError as error:
        raise StackError(f"{_safe(folder)} cannot be read: {error.strerror}") from error
    if isinstance(level, DockerRules):  # Dagger's own language
        cannot_go = [escape(path) for path in sorted(found.unreadable + found.special)]
        exclude: Sequence[str] = [*map(str, level.patterns), *cannot_go]
    else:
        exclude = _bounded(exclusions(found), found)
    return Selection(
        folder=folder,
        exclude=tuple(exclude),
        files=found.files,
        bytes=found.bytes,
        skipped=largest_left(folder, found.left, _NAMED, _WEIGHING, stop),
        largest=tuple(heapq.nlargest(_NAMED, found.weights, key=lambda weight: weight.bytes)),
        unreadable=tuple(sorted(found.unreadable)),
        rules=ignore.name if ignore else ".gitignore" if isinstance(level, GitRules) and level.files else "none",
    )


def _bounded(exclude: Sequence[str], found: Walked) -> Sequence[str]:
    """Where the patterns are too many, those of folders alone: then some ignored files go along needlessly."""
    if len(exclude) <= _MOST and sum(map(len, exclude)) <= _MOST_BYTES:
        return exclude
    kept: list[str] = []
    room = _MOST_BYTES
    for one in sorted((one for one in found.left if one.is_dir), key=lambda one: one.path.count("/")):
        pattern = escape(one.path)
        room -= len(pattern)
        if room < 0 or len(kept) >= _MOST:
            break
        kept.append(pattern)
    return kept


def _git_rules(folder: Path, named: Named) -> GitRules:
    return git_rules(folder, [Tracked(repository(folder), folder), named])


def _docker_rules(file: Path, own: Sequence[Pattern]) -> DockerRules:
    try:
        return DockerRules([*read_ignore_file(_read(file)), *own], file.name)
    except BadPattern as error:
        raise StackError(f"{error}", "Correct it: Docker refuses it, too.", file=_safe(file)) from error


def _ignore_file(folder: Path, dockerfile: Path | None) -> Path | None:
    """The ignore file that counts: the Dockerfile's own, else the context's."""
    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore") if dockerfile else None
    return next((file for file in (own, folder / ".dockerignore") if file and file.is_file()), None)


def _inside(file: Path, folder: Path) -> str | None:
    """Its path in the folder; None where it is outside."""
    try:
        return os.path.realpath(file.parent / file.name).removeprefix(f"{folder}/") if _below(file, folder) else None
    except OSError:
        return None


def _below(file: Path, folder: Path) -> bool:
    return os.path.realpath(file).startswith(f"{str(folder).rstrip('/')}/")


def _folder(path: Path) -> Path:
    real = Path(os.path.realpath(path))
    if not real.is_dir():
        raise StackError(f"{_safe(path)} is no folder", "Is build.context, or the mount's source, right?")
    return real


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StackError(f"{_safe(file)} cannot be read: {error.strerror}") from error


def _safe(path: object) -> str:
    return safe_text(str(path), 300)
