"""All that is wrong with a stack at once: nobody likes to meet mistakes one by one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path

from hubtui.errors import StackError

LIMIT = 50  # what is collected; who has more of them knows what to do


class Mistakes(StackError):
    """Several mistakes. `mistakes` has each of them; the message is one sentence that a job's row can hold."""

    def __init__(self, mistakes: Sequence[StackError], more: bool = False) -> None:
        first = mistakes[0]
        files = list(dict.fromkeys(m.file for m in mistakes if m.file))
        where = Path(files[0]).name if len(files) == 1 else "the compose files"
        count = f"more than {LIMIT}" if more else str(len(mistakes))
        super().__init__(f"{count} mistakes in {where}, the first: {first}", first.hint)
        self.file, self.line, self.column = first.file, first.line, first.column
        self.mistakes = tuple(mistakes)


class Collector:
    """Takes mistakes as they are found, each once, up to LIMIT."""

    def __init__(self) -> None:
        self._found: dict[str, StackError] = {}
        self._more = False

    def add(self, mistake: StackError) -> None:
        """Keep one; of a Mistakes all it holds."""
        for one in getattr(mistake, "mistakes", (mistake,)):
            if len(self._found) >= LIMIT and str(one) not in self._found:
                self._more = True
                return
            self._found.setdefault(str(one), one)

    def elsewhere(self, lines: Container[tuple[str, int | None]]) -> Collector:
        """Those that are not in any of these lines, each of which is (file, line)."""
        found = Collector()
        found._found = {said: one for said, one in self._found.items() if (one.file, one.line) not in lines}
        found._more = self._more
        return found

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def full(self) -> bool:
        """Whether more would only be counted."""
        return self._more

    def check(self) -> None:
        """Raise what was found: one as it is, several as Mistakes, in the order of their places in each file."""
        found = sorted(self._found.values(), key=lambda m: (m.file, m.line or 0, m.column or 0))
        if len(found) == 1:
            raise found[0]
        if found:
            raise Mistakes(found, self._more)
