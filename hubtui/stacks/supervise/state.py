"""What is known of one service: told to the reporter, and to whoever in the engine waits for a change."""

from __future__ import annotations

import asyncio

from hubtui.models import Health, ServiceState
from hubtui.stacks.engines.base import ProcessIdentity, Reporter


class Reported:
    """The state of a service. All changes go through `tell`."""

    def __init__(self, name: str, reporter: Reporter) -> None:
        self.name = name
        self.state, self.health = ServiceState.STOPPED, Health.NONE
        self.message = ""
        self.exit_code: int | None = None
        self.restarts = 0
        self._reporter = reporter
        self._change: asyncio.Future[None] | None = None

    def change(self) -> asyncio.Future[None]:
        """Resolves at the next change of anything here."""
        if self._change is None or self._change.done():
            self._change = asyncio.get_running_loop().create_future()
        return self._change

    def wake(self) -> None:
        """Let those who wait for a change look again."""
        if self._change and not self._change.done():
            self._change.set_result(None)

    def tell(
        self,
        state: ServiceState | None = None,
        *,
        health: Health | None = None,
        message: str | None = None,
        exit_code: int | None = None,
        process: ProcessIdentity | None = None,
    ) -> None:
        """Change and report; as with the reporter, a new state clears message and exit code."""
        if state is not None:
            self.state, self.message, self.exit_code = state, message or "", exit_code
        elif message is not None:
            self.message = message
        if health is not None:
            self.health = health
        self._reporter.service(
            self.name,
            state,
            health=health,
            message=message,
            exit_code=exit_code,
            restarts=self.restarts,
            process=process,
        )
        self.wake()
