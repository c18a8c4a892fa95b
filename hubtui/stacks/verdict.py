"""What a row of probes says about a service: starting, healthy or unhealthy. Pure; times are monotonic seconds."""

from __future__ import annotations

from hubtui.models import Health
from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.spec.model import HealthCheck

FIRST, GROWTH, SLOWEST = 0.1, 1.5, 2.0  # seconds between probes while a service starts


class Verdict:
    """While it starts, a service is probed soon and often; failures within its start period do not count, after it
    `retries` in a row are UNHEALTHY. They are counted no faster than an `interval` that the check itself names (a check
    written for Docker keeps the patience it was given) and no faster than every 2 s where it names none.
    Once up it is probed every `interval`; one success is HEALTHY again.
    """

    def __init__(self, check: HealthCheck, defaults: HealthDefaults, now: float) -> None:
        self.interval = max(0.01, check.interval if check.interval is not None else defaults.interval)
        self.timeout = check.timeout or defaults.timeout
        self.health = Health.STARTING
        self._spacing = min(self.interval, SLOWEST) if check.interval is None else self.interval
        self._retries = max(1, check.retries if check.retries is not None else defaults.retries)
        patience = check.start_period if check.start_period is not None else defaults.start_period
        self._counted, self._failures, self._gap = now + patience, 0, FIRST

    def take(self, ok: bool, now: float) -> Health:
        """One more probe ended; what is to be thought now."""
        if ok:
            self.health, self._failures = Health.HEALTHY, 0
        elif self.health is not Health.STARTING:
            self._failures += 1
        elif now >= self._counted + self._spacing:
            self._failures, self._counted = self._failures + 1, now
        if self._failures >= self._retries:
            self.health = Health.UNHEALTHY
        return self.health

    def pause(self) -> float:
        """Seconds until the next probe."""
        if self.health is not Health.STARTING:
            return self.interval
        gap, self._gap = self._gap, min(self._gap * GROWTH, SLOWEST)
        return gap
