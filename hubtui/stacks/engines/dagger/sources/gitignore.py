"""The rules of .gitignore files while a tree is walked, and what goes along in spite of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from hubtui.stacks.engines.dagger.sources.walk import Level
from hubtui.stacks.gitrepo import repository

_DIR_MARK = "(?P<ps_d>/)"  # the group that all regular expressions of pathspec have
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # git follows no link there either; a pipe must not hold us up


class Wanted(Protocol):
    """Paths that go along whatever a .gitignore says. A folder that is covered goes with all that is in it."""

    def covers(self, path: str) -> bool: ...

    def leads_to(self, path: str) -> bool:
        """Whether something below `path` may be covered."""


class IgnoreFile:
    """One .gitignore. Its patterns see a walked path as `above` plus what is left of it after `cut` characters."""

    def __init__(self, data: bytes, source: str, above: str = "", cut: int = 0) -> None:
        self._source, self._above, self._cut = source, above, cut
        self._lines: list[str] = []  # of each pattern: number and text
        patterns: list[GitIgnoreSpecPattern] = []
        text = os.fsdecode(data.removeprefix(b"\xef\xbb\xbf"))
        for number, line in enumerate(text.split("\n"), 1):
            try:
                pattern = GitIgnoreSpecPattern(line)
            except GitIgnorePatternError:  # git takes no notice of such a line
                continue
            if pattern.include is not None:
                patterns.append(pattern)
                self._lines.append(f"{number} {line.strip()}")
        self._spec = GitIgnoreSpec(patterns, backend="simple")
        # One look tells that nothing matches, which is so for most files; else pathspec tries pattern by pattern.
        self._some = re.compile(
            "|".join(p.regex.pattern.replace(_DIR_MARK, "/") for p in patterns if p.regex) or r"(?!)"
        )

    def ignores(self, path: str, is_dir: bool) -> bool | None:
        """None: it says nothing about this path."""
        seen = self._seen(path, is_dir)
        return self._spec.check_file(seen).include if self._some.search(seen) else None

    def why(self, path: str, is_dir: bool) -> str:
        index = self._spec.check_file(self._seen(path, is_dir)).index
        return self._source if index is None else f"{self._source}:{self._lines[index]}"

    def _seen(self, path: str, is_dir: bool) -> str:
        return self._above + path[self._cut :] + "/" * is_dir


class GitRules:
    """Implements `Level` for a folder whose own path is not ignored. `files`: all that apply, the nearest first."""

    def __init__(self, root: Path, wanted: Sequence[Wanted], files: Sequence[IgnoreFile] = ()) -> None:
        self._root, self._wanted, self.files = root, wanted, tuple(files)

    def leaves_out(self, path: str, is_dir: bool) -> bool:
        return self._ignored(path, is_dir) and not any(w.covers(path) for w in self._wanted)

    def inside(self, path: str, left_out: bool) -> Level | None:
        if left_out:
            return _narrow(self._wanted, path, self.why(path, True))
        if self._ignored(path, True):
            return _Everything()
        own = read_ignore_file(self._root / path / ".gitignore", f"{path}/.gitignore", cut=len(path) + 1)
        return GitRules(self._root, self._wanted, (own, *self.files)) if own else self

    def why(self, path: str, is_dir: bool) -> str:
        says = (file.why(path, is_dir) for file in self.files if file.ignores(path, is_dir))
        return next(says, "git's own")

    def _ignored(self, path: str, is_dir: bool) -> bool:
        if path == ".git" or path.endswith("/.git"):
            return True
        for file in self.files:
            said = file.ignores(path, is_dir)
            if said is not None:
                return said
        return False


class _Narrow:
    """Inside a folder that is left out: only what is wanted goes along."""

    def __init__(self, wanted: Sequence[Wanted], rule: str) -> None:
        self._wanted, self._rule = wanted, rule

    def leaves_out(self, path: str, is_dir: bool) -> bool:
        return not any(w.covers(path) for w in self._wanted)

    def inside(self, path: str, left_out: bool) -> Level | None:
        return _narrow(self._wanted, path, self._rule) if left_out else _Everything()

    def why(self, path: str, is_dir: bool) -> str:
        return self._rule


def _narrow(wanted: Sequence[Wanted], path: str, rule: str) -> _Narrow | None:
    return _Narrow(wanted, rule) if any(w.leads_to(path) for w in wanted) else None


class _Everything:
    """Inside a folder that is wanted although it is ignored."""

    def leaves_out(self, path: str, is_dir: bool) -> bool:
        return False

    def inside(self, path: str, left_out: bool) -> _Everything:
        return self

    def why(self, path: str, is_dir: bool) -> str:
        return ""


def git_rules(folder: Path, wanted: Sequence[Wanted]) -> GitRules:
    """The rules at `folder` (absolute, no symlinks): its own, those above it up to the repository's top, and the
    repository's info/exclude. Those above do not count if they ignore the folder itself: somebody chose it."""
    files = [(folder, folder / ".gitignore")]
    if repo := repository(folder):
        depth = len(folder.relative_to(repo.top).parts)
        files += [(base, base / ".gitignore") for base in folder.parents[:depth]] + [(repo.top, repo.exclude)]
    found = []
    for base, file in files:
        above = "" if base == folder else f"{folder.relative_to(base)}/"
        found.append(read_ignore_file(file, os.path.relpath(file, folder), above))
    own, *outer = found
    there = [file for file in outer if file]
    if next((said for file in there if (said := file.ignores("", False)) is not None), False):
        there = []
    return GitRules(folder, wanted, [own, *there] if own else there)


def read_ignore_file(file: Path, source: str, above: str = "", cut: int = 0) -> IgnoreFile | None:
    """The file's rules; None where it is not there or cannot be read."""
    try:
        with open(os.open(file, _READ), "rb") as stream:
            return IgnoreFile(stream.read(), source, above, cut)
    except OSError:
        return None
