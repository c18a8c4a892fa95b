"""What one line of Compose's output tells."""

from __future__ import annotations

from dataclasses import dataclass

from hubtui.models import StepState


@dataclass(frozen=True, slots=True)
class Update:
    """A part of a pull or build is now so. `key` names it within its service (within the call, where `service` is ""),
    "" is the service's own row; `state` None: only its message is new. `line` is what a build's command printed."""

    service: str = ""
    key: str = ""
    name: str = ""
    state: StepState | None = None
    message: str = ""
    line: str = ""


ENDS = {
    "Pulled": StepState.DONE,
    "Built": StepState.DONE,
    "Error": StepState.FAILED,
    "Interrupted": StepState.CANCELLED,
    "Skipped": StepState.DONE,
    "Warning": StepState.DONE,
    "Pull complete": StepState.DONE,
    "Already exists": StepState.CACHED,
    "Exists": StepState.CACHED,
}
"""Words that end a row; every other one says what is being done."""
