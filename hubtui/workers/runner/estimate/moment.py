"""What is known of a job at one moment, beside what was learned from the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.models import StepState
from hubtui.workers.runner.estimate.identity import Identities, is_group, phase
from hubtui.workers.runner.estimate.learned import Learned, Node, Vector
from hubtui.workers.runner.estimate.samples import fitted, rest, spread
from hubtui.workers.runner.estimate.values import Seen


class Moment:
    """`steps` are the job's in the order in which they were first heard of, `elapsed` seconds after it began."""

    def __init__(self, learned: Learned, steps: Sequence[Seen], elapsed: float) -> None:
        self._learned, self._elapsed = learned, elapsed
        self.seen: dict[int, Seen] = {}  # those that earlier jobs had, by number
        self.phases: set[str] = set()  # of which something was heard
        self.passed = 0  # the set of what had always ended when something began that has begun now
        self.unknown: list[tuple[int, Vector]] = []  # what runs and never did: who waits for it, and what is left of it
        self.unknown_below: dict[int, list[Vector]] = {}  # the same below a known step
        self._alike: dict[int | None, int] = {}  # by parent, the set of jobs in which what is below it was so cached
        self._kinds: dict[int | None, bool] = {}  # by parent, what is below it now where no job was alike
        self._take(steps)

    def since(self, time: float | None) -> float:
        """Seconds from then to now."""
        return 0.0 if time is None else max(0.0, self._elapsed - time)

    def took(self, node: Node) -> Vector:
        """How long a step will take that has not begun: as in the earlier jobs, and of these only as in those that were
        alike, once this one shows what is cached in it."""
        kind = self._kinds.get(node.parent)
        if kind is not None and kind in node.whole:
            return node.whole[kind]
        alike = self._alike.get(node.parent)
        if alike is None or len(node.whole) == 1:
            return node.took
        return spread([took if alike >> run & 1 else None for run, took in enumerate(node.took)])

    def _take(self, steps: Sequence[Seen]) -> None:
        names, unknown = Identities(), dict[str, Seen]()
        for step in steps:
            if is_group(step.key):
                continue
            name = names.add(step.key, step.name, step.parent)
            self.phases.add(phase(name))
            number = self._learned.number.get(name)
            if number is not None:
                self._note(number, step)
            elif step.state is StepState.RUNNING and names.parent(step.parent) not in unknown:
                unknown[name] = step
        for name, step in unknown.items():
            self._note_unknown(name, names.parent(step.parent), step)

    def _note(self, number: int, step: Seen) -> None:
        node = self._learned.nodes[number]
        self.seen[number] = step
        if step.state is StepState.WAITING:
            return
        self.passed |= node.earlier
        if step.state in (StepState.RUNNING, StepState.DONE, StepState.CACHED):
            self._compare(node, step.state is StepState.CACHED)

    def _compare(self, node: Node, cached: bool) -> None:
        """Which earlier jobs are like this one, as to what is cached below one step."""
        if len(node.alike) == 1 and cached in node.alike:
            return  # it was never otherwise
        now = node.alike.get(cached, 0)
        if both := self._alike.get(node.parent, -1) & now:
            self._alike[node.parent] = both
        elif now:
            self._alike[node.parent] = now
        else:
            self._kinds[node.parent] = cached

    def _note_unknown(self, name: str, parent: str | None, step: Seen) -> None:
        """One that runs and never did before: it takes what its like take."""
        learned = self._learned
        groups = (f"{parent}\n", phase(name), "")
        like = next((learned.typical[group] for group in groups if group in learned.typical), [0.0])
        left = rest(fitted(like, learned.count), self.since(step.began))
        above = learned.number.get(parent or "")
        if above is not None:
            self.unknown_below.setdefault(above, []).append(left)
        else:
            self.unknown.append((learned.after_phase.get(phase(name), 0), left))
