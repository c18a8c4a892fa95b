"""From the steps of a job under way to what is left of it."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.models import Timeline
from hubtui.workers.runner.estimate.identity import identity
from hubtui.workers.runner.estimate.learned import Learned
from hubtui.workers.runner.estimate.moment import Moment
from hubtui.workers.runner.estimate.play import Play
from hubtui.workers.runner.estimate.samples import median, quantile
from hubtui.workers.runner.estimate.values import Estimate, Seen, Usual

NO_ESTIMATE = "first run, no estimate"
_FEW = 5  # earlier jobs, below which nothing is said of nine in ten


class Estimator:
    """`past`: the earlier jobs of the same kind, the newest first; `what` names one of them ("start")."""

    def __init__(self, past: Sequence[Timeline], what: str = "start") -> None:
        self._learned = Learned(past) if past else None
        self.basis = NO_ESTIMATE
        if past:
            self.basis = f"one earlier {what}" if len(past) == 1 else f"{len(past)} earlier {what}s"

    def at(self, seen: Sequence[Seen], elapsed: float) -> Estimate:
        """What is left, `elapsed` seconds after the attempt began; `seen` are its steps in the order in which they were
        first heard of."""
        if self._learned is None:
            return Estimate(None, None, None, self.basis)
        elapsed = max(0.0, elapsed)
        ordered = sorted(Play(self._learned, Moment(self._learned, seen, elapsed)).left())
        left = median(ordered)
        late = quantile(ordered, 0.9) if len(ordered) >= _FEW else None
        whole = elapsed + left
        return Estimate(min(99, int(100 * elapsed / whole)) if whole else 0, left, late, self.basis)

    def usual(self, key: str, name: str, parent: str | None) -> Usual | None:
        """What this step takes when it is not cached; None where that was never seen."""
        if self._learned is None:
            return None
        number = self._learned.number.get(identity(key, name, parent))
        took = sorted(self._learned.nodes[number].seen_whole.get(False, ())) if number is not None else []
        return Usual(median(took), quantile(took, 0.9), len(took)) if took else None
