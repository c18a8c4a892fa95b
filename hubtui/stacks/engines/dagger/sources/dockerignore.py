"""The rules of a .dockerignore while a tree is walked: each folder knows which rules have met it or one above it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hubtui.stacks.engines.dagger.sources.patterns import BadPattern, Pattern


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring rules of one kind. Within such a run it does not matter which of them met a path."""

    exception: bool
    meets: Callable[[str], object]


class DockerRules:
    """Implements `Level`. `met` says for each run whether it took effect on this folder or one above."""

    __slots__ = ("_met", "_runs", "_source", "patterns")

    def __init__(self, patterns: Sequence[Pattern], source: str) -> None:
        """`source` is the file's name, for people. Raises BadPattern of the first that Docker would refuse."""
        self.patterns, self._source = tuple(patterns), source
        self._runs = [_run(exception, [*run]) for exception, run in itertools.groupby(patterns, lambda p: p.exception)]
        self._met = [False] * len(self._runs)

    def leaves_out(self, path: str, is_dir: bool) -> bool:
        out = False
        for run, above in zip(self._runs, self._met, strict=True):
            if above or (run.exception is out and run.meets(path)):
                out = not run.exception
        return out

    def inside(self, path: str, left_out: bool) -> DockerRules | None:
        if left_out and not any(_may_meet_below(p, path) for p in self.patterns if p.exception):
            return None
        below = object.__new__(DockerRules)
        below.patterns, below._source, below._runs, below._met = self.patterns, self._source, self._runs, []
        out = False
        for run, above in zip(self._runs, self._met, strict=True):
            met = above or (run.exception is out and run.meets(path) is not None)
            below._met.append(met)
            if met:
                out = not run.exception
        return below

    def why(self, path: str, is_dir: bool) -> str:
        for pattern in reversed(self.patterns):
            if not pattern.exception and _run(False, [pattern]).meets(path):
                return f"{self._source}:{pattern.line} {pattern}"
        return self._source


def _run(exception: bool, patterns: Sequence[Pattern]) -> _Run:
    regex = re.compile("|".join(p.regex() for p in patterns), re.ASCII)
    # A "|" gets into Go's regular expression as it is, so that what follows it is not bound to the beginning.
    return _Run(exception, regex.search if any("|" in p.text for p in patterns) else regex.match)


def _may_meet_below(pattern: Pattern, folder: str) -> bool:
    """Whether a path below `folder` could be met; no more than that, so that most folders need not be entered."""
    parts, above = pattern.text.split("/"), folder.split("/")
    for part, name in zip(parts, above, strict=False):
        if "**" in part:
            return True
        try:
            if not _run(False, [Pattern(part)]).meets(name):
                return False
        except BadPattern:  # a bracket with a slash in it: no part makes sense by itself
            return True
    return len(parts) > len(above)
