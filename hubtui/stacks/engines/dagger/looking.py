"""How a service's health is looked at: by its command inside the container, by its URL, or at its published ports.

A port is looked at through its tunnel: Dagger's own check would make a start that cannot be cancelled.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from hubtui.models import Health
from hubtui.stacks import health
from hubtui.stacks.spec.model import HealthCheck

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.service import DaggerService

_AT_FIRST, _SOON = 0.3, 0.02  # seconds: most services listen within the first, so long they are looked at so often
_LATE = 5.0  # seconds that the answer of a command may be late


class Looking:
    """Of one service, through all its lives."""

    def __init__(self, service: DaggerService) -> None:
        self._service = service
        self._answer: asyncio.Future[health.Probe] | None = None
        self._heard: health.Probe | None = None
        self._began = 0.0

    @property
    def command(self) -> HealthCheck | None:
        """The check that is a command inside the container, if that is the one that counts."""
        service = self._service
        if service.spec.health_disabled or service.prepared is None or not service.prepared.image.shell:
            return None
        return service.spec.health_command or (None if self._url else service.prepared.image.health)

    @property
    def _url(self) -> HealthCheck | None:
        found = self._service.spec.health
        return found if found and found.url else None

    @property
    def check(self) -> HealthCheck | None:
        """The check that counts: a command of its own, a URL, a command of its image, its published ports."""
        service = self._service
        if service.spec.health_disabled:
            return None
        if found := self.command or self._url:
            return found
        if not service.ports:
            return None
        timings = service.spec.health_command or HealthCheck()
        return HealthCheck(
            "tcp://published", (), timings.interval, timings.timeout, timings.retries, timings.start_period
        )

    def begin(self) -> asyncio.Task[None]:
        """Look on and on in a task; cancel it."""
        service = self._service
        self._heard = self._answer = None
        self._began = time.monotonic()
        check = service.check if service.checked else None
        inside = check is not None and check is self.command
        by_port = check is not None and not inside and check is not self._url
        look = self._from_inside if inside else self._at_ports if by_port else None
        feeling = service.pulse.feel(check, service.defaults, health.Place(), look, paced=not inside)
        return asyncio.create_task(feeling, name=f"pulse {service.name}")

    def hear(self, code: str, text: str) -> None:
        """The command inside has ended once more."""
        found = health.Probe(code == "0", None, _words(code, text.strip()))
        if self._answer and not self._answer.done():
            self._answer.set_result(found)
        else:
            self._heard = found

    async def _from_inside(self, timeout: float) -> health.Probe:  # noqa: ASYNC109
        if found := self._heard:
            self._heard = None
            return found
        self._waits_for("its health command")
        self._answer = asyncio.get_running_loop().create_future()
        interval = (self.command and self.command.interval) or self._service.defaults.interval
        patience = interval + timeout + _LATE
        try:
            return await asyncio.wait_for(self._answer, patience)
        except TimeoutError:
            return health.Probe(False, None, f"its health command gave no answer within {patience:.0f} s")

    async def _at_ports(self, timeout: float) -> health.Probe:  # noqa: ASYNC109
        service, soon = self._service, self._began + _AT_FIRST
        for port in service.ports:
            try:
                async with asyncio.timeout(timeout):
                    problem = await port.probe()
                    while problem and time.monotonic() < soon:
                        await asyncio.sleep(_SOON)
                        problem = await port.probe()
            except TimeoutError:
                problem = "no answer"
            if problem:
                self._waits_for(f"{port.target}/tcp")
                return health.Probe(False, None, f"{port.target}/tcp: {problem}")
        return health.Probe(True, None, "its ports answer")

    def _waits_for(self, what: str) -> None:
        service, message = self._service, f"waits for {what}"
        if service.health is Health.STARTING and service.message != message:
            service.tell(message=message)


def _words(code: str, said: str) -> str:
    return "its health command succeeded" if code == "0" else f"exited with code {code}" + (f": {said}" if said else "")
