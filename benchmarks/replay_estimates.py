"""How far off estimates are, beside the fixed scheme: `python -m benchmarks.replay_estimates [STORE.db|RUNS.json]...`

Every recorded start is played again, in order, learning from the earlier ones alone. At 25, 50 and 75 % of the time
that it really took, each is asked: how far is it (in points of a hundred, as it is shown: never going back), and how
long will it take (the error as a share of the whole; the fixed scheme's from what has passed and its percentage).
What knows no steps, but only the median of what earlier starts took, stands beside them.
The first start of a stack has no estimate: it is counted, and its fixed scheme kept apart.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.recorded_runs import Recorded, RecordedStep, all_recorded, from_store, load
from benchmarks.table import percentile
from hubtui.models import JobState, JobType, ServiceState, StepState
from hubtui.workers.runner.estimate import Estimator, Seen
from hubtui.workers.runner.picture import Picture

SHARES = (25, 50, 75)
MOST = 20  # earlier starts that are learned from
HELD_OUT = ("depot", "images", "reef")  # the estimator was made without them


@dataclass(frozen=True, slots=True)
class Error:
    """Of one scheme at one moment: in points of progress, and of the time left as a share (per cent) of the whole."""

    share: int
    points: float
    left: float


@dataclass(slots=True)
class Result:
    """Of one stack, or of several. `first` is what the fixed scheme did where there was nothing to learn from."""

    learned: list[Error] = field(default_factory=list)
    fixed: list[Error] = field(default_factory=list)
    median: list[Error] = field(default_factory=list)
    first: list[Error] = field(default_factory=list)
    without: int = 0

    def add(self, other: Result) -> None:
        """Take in another's errors."""
        self.learned += other.learned
        self.fixed += other.fixed
        self.median += other.median
        self.first += other.first
        self.without += other.without


def replay(runs: Sequence[Recorded]) -> Result:
    """Play one stack's starts, the oldest first."""
    found = Result()
    for number, run in enumerate(runs):
        past = [other.timeline for other in reversed(runs[max(0, number - MOST) : number])]
        if past:
            found.learned += _learned(run, Estimator(past))
            found.fixed += _fixed(run)
            found.median += _median(run, statistics.median(timeline.seconds for timeline in past))
        else:
            found.without += 1
            found.first += _fixed(run)
    return found


def _learned(run: Recorded, estimator: Estimator) -> Iterable[Error]:
    shown = 0
    for share in range(1, max(SHARES) + 1):
        elapsed = run.seconds * share / 100
        found = estimator.at(seen_at(run, elapsed), elapsed)
        assert found.percent is not None
        assert found.left is not None
        shown = max(shown, found.percent)
        if share in SHARES:
            yield _error(run, share, shown, found.left)


def _fixed(run: Recorded) -> Iterable[Error]:
    shown = 0
    for share in range(1, max(SHARES) + 1):
        elapsed = run.seconds * share / 100
        phase = JobState.RUNNING if elapsed >= run.running_at else JobState.BUILDING
        shown = max(shown, picture_at(run, elapsed).progress(JobType.START, phase)[0])
        if share in SHARES:
            yield _error(run, share, shown, elapsed * (100 - shown) / shown)


def _median(run: Recorded, typical: float) -> Iterable[Error]:
    for share in SHARES:
        elapsed = run.seconds * share / 100
        yield _error(run, share, min(99, int(100 * elapsed / typical)), max(0.0, typical - elapsed))


def _error(run: Recorded, share: int, shown: int, left: float) -> Error:
    real = run.seconds * (100 - share) / 100
    return Error(share, abs(shown - share), 100 * abs(left - real) / run.seconds)


def seen_at(run: Recorded, elapsed: float) -> list[Seen]:
    """The steps as a runner knew them then."""
    return [_seen(step, elapsed) for step in run.steps if step.appeared <= elapsed]


def _seen(step: RecordedStep, elapsed: float) -> Seen:
    known = (step.key, step.name, step.parent)
    if step.ended <= elapsed:
        return Seen(*known, StepState.CACHED if step.cached else StepState.DONE, step.began, step.ended)
    if step.began <= elapsed and not step.cached:
        return Seen(*known, StepState.RUNNING, step.began)
    return Seen(*known, StepState.WAITING)


def picture_at(run: Recorded, elapsed: float) -> Picture:
    """The fixed scheme's view of the same moment."""
    picture = Picture()
    picture.begin([step.key.removeprefix("service:") for step in run.steps if step.key.startswith("service:")])
    for step in seen_at(run, elapsed):
        picture.step(step.key, step.name, step.state, "", step.parent)
    for time, name, state in run.services:
        if time <= elapsed:
            picture.service(name, ServiceState(state), None)
    return picture


def table(results: Mapping[str, Result]) -> str:
    """All of it, for people: median and p90 of the errors."""
    what = ("learned", "fixed", "median of all")
    head = ["stack", "at", "starts", *(f"progress, {w}" for w in what), *(f"time left, {w}" for w in what)]
    lines = [_row(head), "|---" * len(head) + "|"]
    shown = {**results}
    if set(HELD_OUT) <= set(results):
        shown["held out: " + ", ".join(HELD_OUT)] = together(results[name] for name in HELD_OUT)
    if len(results) > 1:
        shown["all"] = together(results.values())
    for name, result in shown.items():
        for share in SHARES:
            sides = [[e for e in side if e.share == share] for side in (result.learned, result.fixed, result.median)]
            if sides[0]:
                cells = [_told(side, what) for what in ("points", "left") for side in sides]
                lines.append(_row([name, f"{share} %", str(len(sides[0])), *cells]))
    whole = together(results.values())
    lines += ["", "Median / p90 of the error: points of progress, and per cent of the whole time for the time left."]
    were = "1 start was the first of its" if whole.without == 1 else f"{whole.without} starts were the first of their"
    lines.append(f"{were} stack and had no estimate.")
    if whole.first:
        lines.append(f"There the fixed scheme was off by {_told(whole.first, 'points')} points.")
    return "\n".join(lines)


def _told(errors: Sequence[Error], what: str) -> str:
    values = [getattr(error, what) for error in errors]
    return f"{percentile(values, 0.5):.1f} / {percentile(values, 0.9):.1f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def together(results: Iterable[Result]) -> Result:
    """Several stacks as one."""
    found = Result()
    for one in results:
        found.add(one)
    return found


def main(files: Sequence[str]) -> None:
    runs: dict[str, Sequence[Recorded]] = {} if files else dict(all_recorded())
    for file in files:
        runs.update({Path(file).stem: load(Path(file))} if file.endswith(".json") else from_store(Path(file)))
    print(table({name: replay(of_one) for name, of_one in runs.items()}))


if __name__ == "__main__":
    main(sys.argv[1:])
