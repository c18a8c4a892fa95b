"""How the rest of a job goes, if it goes as it went in each of the earlier ones.

It is played through once for each of them, with the durations of then: what runs goes on, what waits begins when all
that it always waited for has ended, and the last to end ends the job. So a build that was slow once moves the median
of them little, and steps that are slow together stay together. All vectors have a value for each earlier job: seconds
from now.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from operator import add

from hubtui.models import StepState
from hubtui.workers.runner.estimate.learned import Learned, Node, Vector
from hubtui.workers.runner.estimate.moment import Moment
from hubtui.workers.runner.estimate.samples import rest

_OPEN = (StepState.WAITING, StepState.RUNNING)
_AT_ONCE = ("build", "service")  # phases whose steps are all told before the first of them begins


class _Is(Enum):
    """How it is with a step: `ABSENT` is one that will not come any more."""

    OVER = 0
    RUNNING = 1
    TO_COME = 2
    ABSENT = 3


class Play:
    """One playing through; `left` is asked once."""

    def __init__(self, learned: Learned, moment: Moment) -> None:
        self._learned, self._moment = learned, moment
        count = len(learned.nodes)
        self._is = [_Is.ABSENT] * count
        self._starts: list[Vector | None] = [None] * count  # of steps that contain others and have not begun
        self._ends: list[Vector | None] = [None] * count  # None: nothing waits for it any more

    def left(self) -> Vector:
        """What is left of the job."""
        learned = self._learned
        for number, node in enumerate(learned.nodes):
            self._is[number] = self._how(number, node)
            if node.inside:
                self._starts[number] = self._start(number, node) if self._is[number] is _Is.TO_COME else None
            else:
                self._ends[number] = self._leaf(number, node)
            for container in learned.closed_after.get(number, ()):
                self._ends[container] = self._container(container, learned.nodes[container])
        last = _latest([*self._ends, *(left for _, left in self._moment.unknown)])
        if last is not None:
            return list(map(add, last, learned.tail))
        waited = self._moment.since(max((s.ended or 0.0 for s in self._moment.seen.values()), default=0.0))
        return [max(0.0, tail - waited) for tail in learned.tail]

    def _how(self, number: int, node: Node) -> _Is:
        above = self._is[node.parent] if node.parent is not None else None
        step = self._moment.seen.get(number)
        if above is _Is.OVER or (step is not None and step.state not in _OPEN):
            return _Is.OVER
        if step is not None and step.state is StepState.RUNNING:
            return _Is.RUNNING
        if above is _Is.ABSENT or self._moment.passed >> number & 1:
            return _Is.ABSENT
        told = node.parent is None and node.phase in _AT_ONCE and node.phase in self._moment.phases
        return _Is.TO_COME if step is not None or (node.expected and not told) else _Is.ABSENT

    def _leaf(self, number: int, node: Node) -> Vector | None:
        match self._is[number]:
            case _Is.RUNNING:
                return rest(_uncached(node), self._moment.since(self._moment.seen[number].began))
            case _Is.TO_COME:
                return list(map(add, self._start(number, node), self._moment.took(node)))
            case _Is.ABSENT:  # what waits for it waits for what it would have waited for
                return self._ready(number, node)
        return None

    def _container(self, number: int, node: Node) -> Vector | None:
        how = self._is[number]
        if how is _Is.OVER:
            return None
        if how is _Is.ABSENT:
            return self._ready(number, node)
        last = _latest(
            [self._starts[number], *(self._ends[n] for n in node.inside), *self._moment.unknown_below.get(number, ())]
        )
        if last is not None:
            return list(map(add, last, node.closing))
        ended = [s.ended for n in node.inside if (s := self._moment.seen.get(n)) and s.ended is not None]
        if ended:  # all that it contains is over
            return rest(node.closing, self._moment.since(max(ended)))
        return rest(_uncached(node), self._moment.since(self._moment.seen[number].began))

    def _start(self, number: int, node: Node) -> Vector:
        """When a step begins that has not."""
        ready = self._ready(number, node)
        if ready is not None:
            return list(map(add, ready, node.lag))
        known = [s.ended for n in node.waits_for if (s := self._moment.seen.get(n)) and s.ended is not None]
        if node.parent is not None and (above := self._moment.seen.get(node.parent)) and above.began is not None:
            known.append(above.began)
        waited = self._moment.since(max(known, default=0.0))
        return [max(0.0, lag - waited) for lag in node.lag]

    def _ready(self, number: int, node: Node) -> Vector | None:
        """When nothing is left of what it waits for; None: nothing is."""
        waits = [self._ends[other] for other in node.waits_for]
        if node.parent is not None:
            waits.append(self._starts[node.parent])
        waits += [left for followers, left in self._moment.unknown if followers >> number & 1]
        return _latest(waits)


def _uncached(node: Node) -> Vector:
    return node.whole.get(False) or node.whole[True]


def _latest(vectors: Sequence[Vector | None]) -> Vector | None:
    found = [vector for vector in vectors if vector is not None]
    return list(map(max, *found)) if len(found) > 1 else found[0] if found else None
