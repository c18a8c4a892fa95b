"""Updates as rows of a job: one for every service that is pulled or built, below it its layers and build steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from hubtui.models import StepState
from hubtui.safetext import safe_text
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.compose.progress.updates import Update

_OVER = (StepState.DONE, StepState.CACHED, StepState.FAILED, StepState.CANCELLED)
_EVERY = 0.1  # seconds between messages of one row


class Rows:
    """Of one call. `what` is build or pull; `print_line` takes what a service's build prints."""

    def __init__(
        self, reporter: Reporter, services: Sequence[str], what: str, print_line: Callable[[str, str], None]
    ) -> None:
        self._reporter, self._what, self._print = reporter, what, print_line
        self._states: dict[str, StepState] = {}
        self._names: dict[str, str] = {}
        self._parents: dict[str, str | None] = {}
        self._shown: dict[str, float] = {}
        self._services = tuple(services)
        for name in services:
            self._names[f"build:{name}"] = f"{what} {name}"
            self._put(f"build:{name}", StepState.RUNNING)

    def take(self, update: Update) -> None:
        """Show it."""
        if update.line and update.service:
            self._print(update.service, update.line)
        key = f"build:{update.service}" if not update.key else f"part:{self._what}:{update.service}:{update.key}"
        if update.key:
            parent = f"build:{update.service}" if update.service else None
            self._names[key], self._parents[key] = safe_text(update.name, 200), parent
        message, state = safe_text(update.message, 200), update.state
        if state is None:
            state = self._states.get(key, StepState.RUNNING)
            if state in _OVER or time.monotonic() < self._shown.get(key, 0.0) + _EVERY:
                return
        elif state is self._states.get(key) and state in _OVER:
            return
        self._put(key, state, message)

    def end(self, state: StepState, services: Sequence[str] | None = None, message: str = "") -> None:
        """The call is over: what is open of these services (None: of all) takes this state."""
        for key, known in list(self._states.items()):
            owner = (self._parents.get(key) or key).removeprefix("build:")
            if known not in _OVER and (services is None or owner in services):
                self._put(key, state, message if key.startswith("build:") else "")

    def _put(self, key: str, state: StepState, message: str = "") -> None:
        self._states[key], self._shown[key] = state, time.monotonic()
        self._reporter.step(key, self._names.get(key, key), state, parent=self._parents.get(key), message=message)
