"""Earlier jobs to learn from, and moments of jobs under way."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from hubtui.models import PastStep, StepState, Timeline
from hubtui.workers.runner.estimate import Seen

seconds = st.floats(0, 1000).map(lambda value: round(value, 3))


def step(
    key: str, began: float, ended: float, *, parent: str | None = None, cached: bool = False, name: str = ""
) -> PastStep:
    """An earlier job's step; it is named by its key where no name is given."""
    return PastStep(key, name or key, parent, cached, began, ended)


def job(*steps: PastStep, tail: float = 0.0, number: int = 1) -> Timeline:
    """An earlier job, over `tail` seconds after its last step."""
    return Timeline(number, max((s.ended for s in steps), default=0.0) + tail, steps)


def chain(*durations: float, number: int = 1) -> Timeline:
    """Services a, b, c... one after the other."""
    at, steps = 0.0, []
    for name, duration in zip("abcdefgh", durations, strict=False):
        steps.append(step(f"service:{name}", at, at + duration, parent="stage:one"))
        at += duration
    return job(*steps, number=number)


def moment(timeline: Timeline, elapsed: float) -> list[Seen]:
    """What a runner that lives through this job knows by then: of spans nothing before they begin."""
    found = []
    for past in timeline.steps:
        known = (past.key, past.name, past.parent_key)
        if past.ended <= elapsed:
            state = StepState.CACHED if past.cached else StepState.DONE
            found.append(Seen(*known, state, past.began, past.ended))
        elif past.began <= elapsed:
            found.append(Seen(*known, StepState.RUNNING, past.began))
        elif not past.key.startswith("span:"):
            found.append(Seen(*known, StepState.WAITING))
    return found


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """A start as engines do it: builds side by side, with what they do below them, then services by their needs."""
    steps: list[PastStep] = []
    built = at = draw(seconds)
    for number in range(draw(st.integers(0, 3))):
        begin = inner = at
        below = []
        for span in range(draw(st.integers(0, 3))):
            cached = draw(st.booleans())
            end = inner if cached else inner + draw(seconds)
            key = f"span:{draw(st.integers(0, 10**9))}-{number}-{span}"
            below.append(step(key, inner, end, parent=f"build:{number}", cached=cached, name=f"RUN {span}"))
            inner = end
        end = inner + draw(seconds)
        steps += [step(f"build:{number}", begin, end), *below]
        built = max(built, end)
    ends: list[float] = []
    for number in range(draw(st.integers(1, 5))):
        needs: Sequence[float] = draw(st.lists(st.sampled_from(ends), max_size=2)) if ends else []
        begin = max([built, *needs]) + draw(seconds)
        ends.append(begin + draw(seconds))
        steps.append(step(f"service:{number}", begin, ends[-1], parent="stage:one"))
    return job(*steps, tail=draw(seconds))


@st.composite
def anything(draw: st.DrawFn) -> Timeline:
    """A job whose steps follow no rule at all."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=8))
    steps = []
    for key in keys:
        began = draw(seconds)
        parent = draw(st.sampled_from([None, *KEYS]))
        steps.append(step(key, began, began + draw(seconds), parent=parent, cached=draw(st.booleans()), name=key[-1:]))
    return Timeline(1, draw(seconds), tuple(steps))


KEYS = ("ports", "build:a", "build:b", "span:1", "span:2", "span:3", "service:a", "service:b", "stage:x", "odd", "")


@st.composite
def any_moment(draw: st.DrawFn) -> list[Seen]:
    """Steps in any state, whatever was before."""
    found = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=11)):
        state = draw(st.sampled_from(StepState))
        began = draw(st.none() | seconds)
        ended = draw(st.none() | seconds)
        found.append(
            Seen(key, draw(st.sampled_from("ab12")), draw(st.sampled_from([None, *KEYS])), state, began, ended)
        )
    return found
