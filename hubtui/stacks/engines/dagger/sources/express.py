"""What stays behind, as patterns for Dagger: the paths themselves, or fewer patterns that mean the same here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from hubtui.stacks.engines.dagger.sources.patterns import escape
from hubtui.stacks.engines.dagger.sources.walk import Walked

_FEW = 100  # paths that need no shortening
_GROUP = 8  # paths that are worth a pattern


def exclusions(found: Walked) -> list[str]:
    """Patterns that leave out exactly what `found` says stays behind, as long as the folder stays as it was seen."""
    left = sorted(one.path for one in found.left)
    heads: list[str] = []
    tails: list[str] = []
    if len(left) > _FEW:
        names = {name for kept in found.kept.values() for name in kept}
        left, equal = _grouped(left, _name, names)
        left, alike = _grouped(left, _suffix, {_suffix(name) for name in names})
        left, heads = _crowded(left, found)
        # Exceptions among the heads would bring back what is met before them.
        tails = [f"**/{escape(name)}" for name in equal] + [f"**/*{escape(suffix)}" for suffix in alike]
    cannot_go = sorted(found.unreadable + found.special)
    return [*heads, *map(escape, left), *tails, *map(escape, cannot_go)]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _suffix(path: str) -> str:
    """`.pyc` of `a/b.pyc`; nothing where there is none."""
    _, dot, suffix = _name(path).rpartition(".")
    return dot + suffix


def _grouped(left: Iterable[str], key: Callable[[str], str], kept: set[str]) -> tuple[list[str], list[str]]:
    """The paths that are too few of a kind or whose kind also goes along; and the kinds of all others."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for path in left:
        groups[key(path)].append(path)
    rest: list[str] = []
    kinds: list[str] = []
    for kind, paths in groups.items():
        # "**/" of a pattern with wildcards does not get past a newline.
        if kind and kind not in kept and len(paths) >= _GROUP and not any("\n" in path for path in paths):
            kinds.append(kind)
        else:
            rest += paths
    return rest, kinds


def _crowded(left: Iterable[str], found: Walked) -> tuple[list[str], list[str]]:
    """For folders of which little goes along: all of it but that. Returns the other paths, and these patterns."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for path in left:
        folders[path.rpartition("/")[0]].append(path)
    rest: list[str] = []
    patterns: list[str] = []
    for folder, paths in sorted(folders.items()):  # an outer folder's exceptions must come before what is in them
        inside = f"{folder}/" if folder else ""
        kept = [inside + name for name in sorted(found.kept[folder])]
        # With an exception that is not plain, Dagger would enter everything that stays behind.
        if len(paths) >= _GROUP and len(paths) > len(kept) and all(escape(path) == path for path in kept):
            patterns += [f"{escape(inside)}*", *(f"!{path}" for path in kept)]
        else:
            rest += paths
    return rest, patterns
