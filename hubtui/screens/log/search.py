"""Searching a log: the first hit while one types, the next and the one before, and how many there are."""

from __future__ import annotations

from hubtui.logs.lines import Place
from hubtui.logs.patterns import Pattern
from hubtui.messages import LogHits
from hubtui.widgets.log.status import SearchState
from hubtui.widgets.log.view import LogView
from hubtui.workers.log.goals import ToHit, ToNearest, ToPlace


class LogSearch:
    """The one search of a view. `pattern` is None while nothing is searched."""

    def __init__(self, view: LogView) -> None:
        self._view = view
        self.pattern: Pattern | None = None
        self._hits: LogHits | None = None
        self._serial = 0
        self._origin: tuple[bool, Place | None, Place | None] = True, None, None
        self._before: Pattern | None = None

    @property
    def state(self) -> SearchState | None:
        """What is told of it."""
        return SearchState(self.pattern.typed, self._hits) if self.pattern is not None else None

    def begin(self) -> None:
        """Somebody begins to type: this is where to come back to."""
        page = self._view.page
        top = page.lines[page.top].place if page.lines else None
        current = page.current
        self._origin = self._view.following, top, current.place if current is not None else None
        self._before = self.pattern

    def typed(self, text: str, *, regex: bool, case: bool | None, done: bool = False) -> None:
        """Search for this as it is so far; what was searched before and is entered again finds the next. Raises
        UsageError."""
        if not text:
            self._set(None)
            self._return()
            return
        pattern = Pattern(text, regex=regex, case=case)
        if pattern == self.pattern:
            if done and pattern == self._before:
                self.next(back=False)
            return
        self._set(pattern)
        top = self._origin[1]
        if top is not None:
            self._view.go(ToNearest(top), followed=self._origin[0])

    def give_up(self) -> None:
        """Escape while typing: as it was before."""
        self._set(self._before)
        self._return()

    def drop(self) -> None:
        """No search any more; the view stays where it is."""
        self._set(None)
        self._view.told = ""

    def next(self, *, back: bool) -> bool:
        """Go to the next hit, or the one before; False where nothing is searched."""
        if self.pattern is None:
            return False
        current = self._view.page.current
        if current is not None:
            self._view.go(ToHit(current.place if back else current.after, back))
        return True

    def hear(self, hits: LogHits) -> None:
        """How many were found so far."""
        if hits.serial == self._serial:
            self._hits = hits

    def locate(self) -> None:
        """The view may be on another line: which of the hits it is will be told."""
        if self.pattern is not None:
            current = self._view.page.current
            self._view.reading.locate(current if current is not None and self.pattern(current) else None)

    def _set(self, pattern: Pattern | None) -> None:
        if pattern is self.pattern:
            return
        self.pattern, self._hits = pattern, None
        self._serial = self._view.reading.search(pattern)
        self._view.look(find=pattern.spans if pattern is not None else None)

    def _return(self) -> None:
        following, top, current = self._origin
        if following:
            self._view.go_end()
        elif current is not None and top is not None:
            self._view.go(ToPlace(current))
