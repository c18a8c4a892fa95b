"""What is said beside the bars of a waterfall, as plain text that is not yet safe; without Textual, for the CLI too."""

from __future__ import annotations

import itertools

from hubtui.models import Job, JobState, StepState
from hubtui.timeaxis import Row, TimeAxis
from hubtui.widgets.words import elapsed, exact

BRIEF = 0.05  # seconds: what took no longer is not named in a chain
CRITICAL, AT_WORK, AT_GATE = "◆", "▓", "░"
_READY = {"healthy": "to be healthy", "completed": "to complete"}


def chain_words(found: TimeAxis) -> str:
    """`build web 41 s > postgres 2.1 s > backend 6.0 s = 0:49 of 0:50`; "" where nothing has begun."""
    named = [(step, took) for step, took in found.chain if took >= BRIEF] or list(found.chain)
    if not named:
        return ""
    links = " > ".join(f"{step.name} {exact(took)}" for step, took in named)
    return f"{links} = {exact(sum(took for _, took in found.chain))} of {exact(found.seconds)}"


def gate_words(row: Row) -> str:
    """`waited 2.1 s for postgres to be healthy`: what a stage says of its wait when it is over ("2 of 2 ready after
    3.1 s, waited 2.0 s for postgres"), until then what its steps tell; of one that failed, all that it says."""
    message = row.step.message
    if message and row.step.state is StepState.FAILED:
        return message
    if message and row.step.state is StepState.DONE:
        return "".join(message.partition("waited ")[1:])
    if not row.waited:
        return ""
    if row.gate is None:
        return f"waited {exact(row.waited)}"
    aim = _READY.get(row.gate.message.partition(" ")[0], "")
    return " ".join(filter(None, [f"waited {exact(row.waited)} for", row.gate.name, aim]))


def compared(job: Job, good: Job | None, seconds: float) -> str:
    """`0:50, 12 s longer than the last good one (#41)`; one that failed is not compared."""
    told = exact(seconds)
    if good is None or job.state is not JobState.SUCCESS or good.started_at is None or good.finished_at is None:
        return told
    more = seconds - (good.finished_at - good.started_at).total_seconds()
    if abs(more) < max(1.0, 0.05 * seconds):
        return f"{told}, like the last good one (#{good.id})"
    return f"{told}, {exact(abs(more))} {'longer' if more > 0 else 'shorter'} than the last good one (#{good.id})"


def figures(row: Row) -> tuple[str, str, str]:
    """(from, took, grown) of a row: `0:41`, `2.1 s`, `+9 s`; "" where there is nothing to say."""
    if row.begin is None or row.took is None:
        return "", "", ""
    return moment(row.begin), exact(row.took), f"+{elapsed(row.grew)}" if row.grew is not None else ""


def moment(seconds: float) -> str:
    """A point on the axis: 0:00, 0:41, 1:02:03."""
    hours, rest = divmod(max(int(seconds), 0), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def ticks(seconds: float, width: int) -> str:
    """The names of an axis: its begin, its end, and its middle where there is room."""
    ends = moment(0), moment(seconds)
    middle = moment(seconds / 2) if width >= 30 and seconds >= 4 else ""
    line = [" "] * max(width, 0)
    for at, text in ((0, ends[0]), (width // 2, middle), (width - len(ends[1]), ends[1])):
        for i, letter in zip(itertools.count(at), text, strict=False):
            if 0 <= i < width:
                line[i] = letter
    return "".join(line)
