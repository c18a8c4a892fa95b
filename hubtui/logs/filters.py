"""Which lines are shown: texts shown only or hidden, a least level, services, one run. A filter that is switched off is
kept.

As in lnav: of the texts to show one must be in a line, of those to hide none may be. The level, the services and the
run must hold as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hubtui.logs.block import Block, Judged, each, either, without
from hubtui.logs.lines import Line, Match, Source
from hubtui.logs.patterns import Pattern


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A text that lines must have to be shown, or that hides them."""

    pattern: Pattern
    hides: bool = False
    on: bool = True


@dataclass(frozen=True, slots=True)
class Filters:
    """Everything that is filtered by. `level` is the least one shown, as its number; `hidden` names services; `run`
    is the only one shown."""

    texts: tuple[TextFilter, ...] = ()
    level: int | None = None
    level_on: bool = True
    hidden: frozenset[str] = frozenset()
    hidden_on: bool = True
    run: int | None = None
    run_on: bool = True

    @property
    def least(self) -> int | None:
        """The least level shown now; None: all, also of lines that have none."""
        return self.level if self.level_on else None

    @property
    def active(self) -> bool:
        """Whether anything is filtered now."""
        return self.least is not None or not self.plain

    @property
    def plain(self) -> bool:
        """Whether one line at a time, without a level, is shown whatever it is."""
        return not (
            any(one.on for one in self.texts)
            or (self.hidden_on and self.hidden)
            or (self.run_on and self.run is not None)
        )

    def add(self, pattern: Pattern, *, hides: bool = False) -> Filters:
        """With one more text, switched on; one that is there already is not doubled."""
        others = tuple(one for one in self.texts if (one.pattern, one.hides) != (pattern, hides))
        return replace(self, texts=(*others, TextFilter(pattern, hides)))

    def switch(self, n: int) -> Filters:
        """With the text at `n` (from 0) switched on or off."""
        texts = list(self.texts)
        texts[n] = replace(texts[n], on=not texts[n].on)
        return replace(self, texts=tuple(texts))

    def remove(self, n: int) -> Filters:
        """Without the text at `n`."""
        return replace(self, texts=self.texts[:n] + self.texts[n + 1 :])

    def match(self, sources: Sequence[Source]) -> Match | None:
        """The question about one line, without its level; None: every line is meant. Services that come later need it
        asked anew."""
        if self.plain:
            return None
        texts = [one for one in self.texts if one.on]
        return Wanted(
            tuple(one.pattern for one in texts if not one.hides),
            tuple(one.pattern for one in texts if one.hides),
            self._hidden(sources),
            self.run if self.run_on else None,
        )

    def of_sources(self, sources: Sequence[Source]) -> Match | None:
        """The question whether a line's service is shown; None: all are."""
        hidden = self._hidden(sources)
        return Wanted((), (), hidden, None) if hidden else None

    def _hidden(self, sources: Sequence[Source]) -> frozenset[int]:
        names = self.hidden if self.hidden_on else frozenset()
        return frozenset(n for n, source in enumerate(sources) if source.name in names)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The `Match` of filters: one of `show` (where there are any), none of `hide`, no hidden source, that run."""

    show: tuple[Match, ...]
    hide: tuple[Match, ...]
    hidden: frozenset[int]
    run: int | None

    def __call__(self, line: Line) -> bool:
        """Whether this line is shown."""
        return (
            line.source not in self.hidden
            and (self.run is None or line.run == self.run)
            and (not self.show or any(one(line) for one in self.show))
            and not any(one(line) for one in self.hide)
        )

    def judged(self, block: Block) -> Judged:
        """By what the texts say."""
        if block.source in self.hidden:
            return {}
        shown = either(one.judged(block) for one in self.show) if self.show else dict.fromkeys(block.starts)
        for one in self.hide:
            shown = without(shown, one.judged(block)) if shown else shown
        return shown if self.run is None else dict.fromkeys(shown, self)


@dataclass(frozen=True, slots=True)
class Both:
    """Lines that two questions mean. The second is asked nothing where the first means none."""

    first: Match
    second: Match

    def __call__(self, line: Line) -> bool:
        """Whether both mean it."""
        return self.first(line) and self.second(line)

    def judged(self, block: Block) -> Judged:
        """Where both may mean a line."""
        first = self.first.judged(block)
        return each(first, self.second.judged(block)) if first else first


def both(first: Match | None, second: Match | None) -> Match | None:
    """What both mean, where there are both; None: every line."""
    return second if first is None else first if second is None else Both(first, second)


def hides(match: Match, source: int) -> bool:
    """Whether no line of this source can match, whatever is in it."""
    if isinstance(match, Both):
        return hides(match.first, source) or hides(match.second, source)
    return isinstance(match, Wanted) and source in match.hidden
