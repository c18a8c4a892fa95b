"""Who a span's ancestors are, for as long as anybody asks."""

from __future__ import annotations

from collections import OrderedDict

from hubtui.stacks.engines.dagger.telemetry.otlp import Span

_MOST = 20_000  # spans remembered; the oldest go first: their operations are long over


class Ancestry:
    """Span id -> parent id."""

    def __init__(self) -> None:
        self._parents: OrderedDict[str, str] = OrderedDict()

    def take(self, span: Span) -> None:
        """Remember it."""
        self._parents[span.id] = span.parent
        if len(self._parents) > _MOST:
            self._parents.popitem(last=False)

    def top(self, span: str) -> str:
        """The topmost ancestor that is no span known here: the operation of ours that it was done for."""
        seen: set[str] = set()
        while span in self._parents and span not in seen:
            seen.add(span)
            span = self._parents[span]
        return span
