"""From spans to rows of progress: what a build does, in the words of its Dockerfile, without the engine's inner noise.

Rows are what takes time and means something to a person: a command that is run, an image that is pulled, files that are
copied. Everything else a session says is left out. 0.19 has a span for each such thing, named by BuildKit. 0.21 has a
call that ends at once and is only `pending`, and a `resume ...` span linked to it while the work is done; a call whose
work never comes was done already: cached.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hubtui.models import StepState
from hubtui.stacks.engines.dagger.errors import TRACE
from hubtui.stacks.engines.dagger.telemetry.ancestry import Ancestry
from hubtui.stacks.engines.dagger.telemetry.call import strings
from hubtui.stacks.engines.dagger.telemetry.otlp import Span

_MOST = 500  # rows of one operation
_LONGEST = 200  # characters of a name
_BUILDKIT = re.compile(r"\[[^\]]*\d+/\d+\] (?:FROM|RUN|COPY|ADD|WORKDIR)\b")
_PULL = re.compile(r"(?:pull|pulling) (\S+)")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}")
_OVER = (StepState.DONE, StepState.CACHED, StepState.FAILED, StepState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `root` is the operation it belongs to; times are seconds since the epoch."""

    key: str
    root: str
    name: str
    state: StepState
    began: float
    ended: float | None
    message: str = ""
    worked_on: bool = False  # a call whose work has begun, in a span of its own


class StepTree:
    """The rows of the operations that are open."""

    def __init__(self, ancestry: Ancestry) -> None:
        self._ancestry = ancestry
        self._open: dict[str, dict[str, Row]] = {}
        self._early: dict[str, Span] = {}  # resumed before the call itself was heard of, by the call's id

    def open(self, root: str) -> None:
        """Rows of this operation are wanted from now on."""
        self._open[root] = {}

    def close(self, root: str, now: float, *, well: bool) -> list[Row]:
        """The operation is over, and the rows that are so with it: where it ended `well`, what still waited was there
        already; else nobody will hear of what was under way. `now` is seconds since the epoch."""
        left = [row for row in self._open.pop(root, {}).values() if row.state not in _OVER]
        if well:
            waited = (row for row in left if row.state is StepState.WAITING)
            return [replace(row, state=StepState.CACHED, ended=row.began) for row in waited]
        return [replace(row, state=StepState.CANCELLED, ended=now) for row in left]

    def take(self, span: Span) -> list[Row]:
        """The rows that change by this span, which the ancestry knows already."""
        if span.name.startswith("resume "):
            return [row for link in span.links if link.purpose == "cause" and (row := self._resumed(link.span, span))]
        name = name_of(span)
        if not name:
            return []
        rows = self._open.get(root := self._ancestry.top(span.id))
        if rows is None or (span.id not in rows and len(rows) >= _MOST):
            return []
        state = _state(span)
        row = Row(span.id, root, name, state, span.start, span.end if state in _OVER else None, _message(span))
        known = rows.get(span.id)
        if known == row or (known and known.worked_on):
            return []  # nothing new, or told by the work itself
        rows[span.id] = row
        early = self._early.pop(span.id, None)
        return [self._resumed(span.id, early) or row] if early else [row]

    def _resumed(self, call: str, span: Span) -> Row | None:
        """The work behind a call has begun or ended."""
        for rows in self._open.values():
            if call in rows:
                state = StepState.RUNNING if span.end is None else StepState.FAILED if span.failed else StepState.DONE
                row = replace(rows[call], state=state, began=span.start, ended=span.end, worked_on=True)
                row = replace(row, message=_message(span))
                if rows[call] == row:
                    return None
                rows[call] = row
                return row
        if len(self._early) < _MOST:
            self._early[call] = span
        return None


def name_of(span: Span) -> str:
    """What a person calls it; "" for what is nobody's business."""
    name = ""
    if _BUILDKIT.match(span.name):
        name = _DIGEST.sub("", span.name)
    elif found := _PULL.match(span.name):
        name = f"pull {_short(found[1])}"
    elif span.attributes.get("ui.internal"):
        return ""
    elif span.name == "Container.withExec":
        name = _command(strings(str(span.attributes.get("dag.call", "")), "args"))
    elif span.name in ("Container.withDirectory", "Container.withFile") and span.parent:
        name = f"COPY to {''.join(strings(str(span.attributes.get('dag.call', '')), 'path')) or '/'}"
    return " ".join(name.split())[:_LONGEST]


def _command(argv: tuple[str, ...]) -> str:
    """As it stands in a Dockerfile."""
    if len(argv) == 3 and argv[1] == "-c" and argv[0].endswith("sh"):
        return f"RUN {argv[2]}"
    return f"RUN {' '.join(argv)}" if argv else ""


def _short(image: str) -> str:
    """An image's name as people write it."""
    return _DIGEST.sub("", image).removeprefix("docker.io/library/").removeprefix("docker.io/")


def _state(span: Span) -> StepState:
    if span.end is None:  # a call takes no time: the work behind it does
        return StepState.WAITING if "dag.call" in span.attributes else StepState.RUNNING
    if span.attributes.get("dag.canceled"):
        return StepState.CANCELLED
    if span.failed:
        return StepState.FAILED
    if span.attributes.get("dag.cached"):
        return StepState.CACHED
    return StepState.WAITING if span.attributes.get("dag.pending") else StepState.DONE


def _message(span: Span) -> str:
    return TRACE.sub("", span.message)[:_LONGEST] if span.failed else ""
