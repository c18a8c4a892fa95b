"""Whether one life of a service is well: by its health check, or by having lived for a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from hubtui.models import Health
from hubtui.safetext import safe_text
from hubtui.stacks import health
from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.spec.model import HealthCheck
from hubtui.stacks.supervise.state import Reported

SETTLED = 0.05  # seconds a service without a health check must live before a start believes in it


class Pulse:
    """Felt once in every life. `said` is what the last probe found, `well_since` is monotonic seconds."""

    def __init__(self, service: Reported, note: Callable[[str], None]) -> None:
        self._service, self._note = service, note
        self.settled = False
        self.well_since: float | None = None
        self.latency_ms: float | None = None
        self.said = ""

    async def feel(
        self,
        check: HealthCheck | None,
        defaults: HealthDefaults,
        place: health.Place,
        look: Callable[[float], Awaitable[health.Probe]] | None = None,
        *,
        paced: bool = True,
    ) -> None:
        """Probe (without a check: wait a moment) and report every change, until cancelled. `look` and
        `paced` as in `health.watch`."""
        if check is not None:
            await health.watch(check, defaults, self._probed, place, look, paced=paced)
        await asyncio.sleep(SETTLED)
        self.settled, self.well_since = True, time.monotonic()
        self._service.wake()

    def reset(self) -> None:
        """A new life begins."""
        self.settled, self.well_since, self.latency_ms, self.said = False, None, None, ""

    def _probed(self, verdict: Health, found: health.Probe) -> None:
        self.latency_ms = found.latency_ms
        self.said = safe_text(found.message, 300)
        if verdict is Health.UNHEALTHY:
            self.well_since = None
        elif verdict is Health.HEALTHY and self.well_since is None:
            self.well_since = time.monotonic()
        if verdict is not self._service.health:
            self._note(f"{verdict.value}: {self.said}")
            self._service.tell(health=verdict, message=self.said if verdict is Health.UNHEALTHY else "")
