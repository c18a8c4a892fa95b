"""What the earlier jobs were made of: their steps, how long each took, and which waited for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from hubtui.models import PastStep, Timeline
from hubtui.workers.runner.estimate import order
from hubtui.workers.runner.estimate.identity import Identities, is_group, phase
from hubtui.workers.runner.estimate.samples import spread

Vector = list[float]  # a value for each earlier job, the newest first
_DEEPEST = 10  # levels of steps below steps
_Run = dict[str, tuple[str | None, PastStep]]  # by the step's name over all jobs: its parent's, and how it went


@dataclass(slots=True)
class Node:
    """One step over all jobs. Its number is its place in the order in which steps begin.

    `took` is how long it took from begin to end, `whole` the same by whether it was cached, `seen_whole` those of them
    that were really seen, and `alike` by that the set of jobs in which it was so, or was not there. `lag` is what
    passed between the moment when nothing it waits for was left and its begin; `closing`, of a step that contains
    others, what passed between the end of the last of them and its own."""

    name: str
    phase: str
    parent: int | None = None
    inside: list[int] = field(default_factory=list)
    last_inside: int = 0  # the number after which all it contains has been dealt with: its own where that is nothing
    earlier: int = 0  # the set of all that had ended when it began
    waits_for: tuple[int, ...] = ()  # those of them that tell the rest
    expected: bool = False  # the newest job had it
    took: Vector = field(default_factory=list)
    alike: dict[bool, int] = field(default_factory=dict)
    whole: dict[bool, Vector] = field(default_factory=dict)
    seen_whole: dict[bool, Vector] = field(default_factory=dict)
    lag: Vector = field(default_factory=list)
    closing: Vector = field(default_factory=list)


class Learned:
    """The steps of all earlier jobs; `past` is not empty, the newest comes first. `tail` is what passed between the end
    of the last step and that of the job."""

    def __init__(self, past: Sequence[Timeline]) -> None:
        runs = [_named(timeline) for timeline in past]
        self.count = len(runs)
        self.nodes = [Node(name, phase(name)) for name in _in_order(runs)]
        self.number = {node.name: number for number, node in enumerate(self.nodes)}
        self._nest(runs)
        self._link(runs)
        for node in self.nodes:
            self._measure(node, runs)
        ends = [max((step.ended for _, step in run.values()), default=0.0) for run in runs]
        self.tail = [max(0.0, timeline.seconds - end) for timeline, end in zip(past, ends, strict=True)]
        self.closed_after: dict[int, list[int]] = {}  # the containers that end with this number, the innermost first
        for number in reversed(range(len(self.nodes))):
            if self.nodes[number].inside:
                self.closed_after.setdefault(self.nodes[number].last_inside, []).append(number)
        self.typical = self._typical()
        self.after_phase = self._after_phase()

    def _nest(self, runs: Sequence[_Run]) -> None:
        for run in runs:
            for name, (above, _) in run.items():
                node, parent = self.nodes[self.number[name]], self.number.get(above or "")
                if parent is not None and parent < self.number[name] and node.parent is None:
                    node.parent = parent
        for number in reversed(range(len(self.nodes))):
            node = self.nodes[number]
            node.last_inside = max([number, *(self.nodes[n].last_inside for n in node.inside)])
            if node.parent is not None:
                self.nodes[node.parent].inside.append(number)

    def _link(self, runs: Sequence[_Run]) -> None:
        times = [{self.number[name]: (s.began, s.ended) for name, (_, s) in run.items()} for run in runs]
        inside = [0] * len(self.nodes)
        for number in reversed(range(len(self.nodes))):
            for below in self.nodes[number].inside:
                inside[number] |= 1 << below | inside[below]
        earlier = order.before(len(self.nodes), times)
        for number, node in enumerate(self.nodes):  # a step ends, for others, once all that it contains has ended
            for other in order.bits(earlier[number]):
                if self.nodes[other].last_inside >= number:
                    earlier[number] &= ~(1 << other)
            node.earlier = earlier[number]
        for node, told in zip(self.nodes, order.directly(earlier, inside), strict=True):
            node.waits_for = told

    def _measure(self, node: Node, runs: Sequence[_Run]) -> None:
        there = [run.get(node.name) for run in runs]
        known = [found[1] if found else None for found in there]
        node.expected = known[0] is not None
        node.took = spread([step.ended - step.began if step is not None else None for step in known])
        for cached in (True, False):
            took = [s.ended - s.began if s is not None and s.cached is cached else None for s in known]
            if seen := [value for value in took if value is not None]:
                node.seen_whole[cached], node.whole[cached] = seen, spread(took)
                node.alike[cached] = sum(1 << n for n, s in enumerate(known) if s is None or s.cached is cached)
        node.lag = spread([self._lag(node, run) for run in runs])
        if node.inside:
            node.closing = spread([self._closing(node, run) for run in runs])

    def _lag(self, node: Node, run: _Run) -> float | None:
        if node.name not in run:
            return None
        ready = [run[n][1].ended for n in self._names(node.waits_for) if n in run]
        above = run.get(self.nodes[node.parent].name) if node.parent is not None else None
        return max(0.0, run[node.name][1].began - max([0.0, *ready, *([above[1].began] if above else [])]))

    def _closing(self, node: Node, run: _Run) -> float | None:
        if node.name not in run:
            return None
        step = run[node.name][1]
        return max(
            0.0, step.ended - max([step.began, *(run[n][1].ended for n in self._names(node.inside) if n in run)])
        )

    def _names(self, numbers: Sequence[int]) -> list[str]:
        return [self.nodes[number].name for number in numbers]

    def _typical(self) -> Mapping[str, Vector]:
        """By phase, by parent (its name and a line's end) and for all (""): durations, not cached, in order."""
        found: dict[str, Vector] = {}
        for node in self.nodes:
            groups = [""] if node.inside else ["", node.phase] if node.parent is None else [""]
            if node.parent is not None:
                groups.append(f"{self.nodes[node.parent].name}\n")
            for group in groups:
                found.setdefault(group, []).extend(node.seen_whole.get(False, ()))
        return {group: sorted(values) for group, values in found.items() if values}

    def _after_phase(self) -> Mapping[str, int]:
        """By phase, the set of steps before which all of that phase had ended."""
        members: dict[str, int] = {}
        for number, node in enumerate(self.nodes):
            if node.parent is None:
                members[node.phase] = members.get(node.phase, 0) | 1 << number
        return {
            name: sum(1 << n for n, node in enumerate(self.nodes) if node.earlier & all_ == all_)
            for name, all_ in members.items()
        }


def _named(timeline: Timeline) -> _Run:
    names = Identities()
    run: _Run = {}
    for step in timeline.steps:
        if not is_group(step.key):
            name = names.add(step.key, step.name, step.parent_key)
            run[name] = (names.parent(step.parent_key), step)
    return run


def _in_order(runs: Sequence[_Run]) -> list[str]:
    """All steps' names by when they typically begin, a step always before what it contains; of those that begin
    together, first what ends first. Medians and means keep the order that two steps have in every job."""
    times: dict[str, list[PastStep]] = {}
    above: dict[str, str | None] = {}
    for run in runs:
        for name, (parent, step) in run.items():
            times.setdefault(name, []).append(step)
            above.setdefault(name, parent)
    began = {name: _typically([s.began for s in steps]) for name, steps in times.items()}
    ended = {name: _typically([s.ended for s in steps]) for name, steps in times.items()}
    first = dict(ended)  # of a step and what it contains
    places: dict[str, tuple[tuple[float, float], int]] = {}
    for name in times:
        start, depth, parent = began[name], 0, above[name]
        while parent in began and depth < _DEEPEST:  # a span's clock may be a little behind that of its parent
            start, depth = max(start, began[parent]), depth + 1
            first[parent], parent = min(first[parent], ended[name]), above[parent]
        places[name] = start, depth

    def place(name: str) -> tuple[tuple[float, float], tuple[float, float], int]:
        start, depth = places[name]
        return start, first[name], depth

    return sorted(times, key=place)


def _typically(values: Sequence[float]) -> tuple[float, float]:
    return median(values), fmean(values)
