"""What is done to containers, all of it through the user's Compose: up, stop, kill."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence

from hubtui.errors import EngineError
from hubtui.stacks import ports
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.blame import blamed, container_names
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.command import Ended
from hubtui.stacks.engines.compose.errors import explain
from hubtui.stacks.engines.compose.together import SharedCall, Ticket, Together
from hubtui.stacks.engines.compose.watch import Watch
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.supervise.hurry import Hurry

_OVER = 5.0  # seconds beyond the longest grace until a stop counts as hanging
_LATE = 10.0  # seconds that a start which nobody waits for has to end, before its containers are stopped

_ALMOST = 1.0  # and one whose containers run


class Acts:
    """Of one project; `stack` is what Compose is told with, as last read."""

    def __init__(
        self, stack: Stack, compose: Compose, watch: Watch, hurry: Hurry, note: Callable[[str, str], None]
    ) -> None:
        self.stack = stack
        self.scales: dict[str, int] = {}  # services that were asked for so many containers
        self._compose, self._watch, self._hurry, self._note = compose, watch, hurry, note
        self._ups, self._stops = Together(self._up_alone), Together(self._stop)

    # Up

    def up_ahead(self, names: Sequence[str]) -> SharedCall:
        """Begin to start all of these in one call, in which Compose itself waits for what each depends on."""
        return self._ups.ahead(names, self._up_in_order)

    def up(self, name: str) -> Ticket:
        """Start a service: in the call that is under way for it, else alone, whatever it depends on."""
        return self._ups.join(name)

    def starting(self, name: str) -> bool:
        """Whether a call is about to start it."""
        return bool(self._ups.under_way([name]))

    async def _up_in_order(self, names: Sequence[str]) -> Mapping[str, Exception]:
        return await self._up(names)

    async def _up_alone(self, names: Sequence[str]) -> Mapping[str, Exception]:
        """(Versions before 2.30 count what a service depends on among its configuration, which `--no-deps` takes away:
        the next plain `docker compose up` then makes its container anew. So this is for those who cannot do else.)"""
        return await self._up(names, "--no-deps")

    async def _up(self, names: Sequence[str], *flags: str) -> Mapping[str, Exception]:
        """One that cannot be started takes no other with it: those that do not need it are started once more."""
        failed: dict[str, Exception] = {}
        left = list(names)
        while left:
            before = self._begun()
            ended = await self._call("up", "--detach", *flags, *self._pull_flag(left), *self._scale(left), *left)
            if ended.code == 0:
                return failed
            left = [name for name in left if not (self._begun().get(name, set()) - before.get(name, set()))]
            known = {n: container_names(self.stack, n, self._seen(n)) for n in self.stack.services}
            for name in blamed(self.stack, left, known, ended.lines):
                failed[name] = await self._why(name, ended, "could not be started")
                left.remove(name)
                for line in ended.lines:
                    self._note(name, f"compose: {line.strip()}")
        return failed

    def _scale(self, names: Sequence[str]) -> Sequence[str]:
        asked = [f"{name}={self.scales[name]}" for name in names if name in self.scales]
        return [word for one in asked for word in ("--scale", one)]

    async def rescale(self, name: str) -> None:
        """Have as many containers of it as was asked for, once nothing else is done to it. Raises EngineError."""
        if busy := [call.task for call in self._ups.under_way([name])]:
            await asyncio.wait(busy)
        await self._ups.ahead([name], self._rescale).ticket(name).wait()

    async def _rescale(self, names: Sequence[str]) -> Mapping[str, Exception]:
        ended = await self._call("up", "--detach", "--no-deps", "--no-recreate", *self._scale(names), *names)
        return {n: await self._why(n, ended, "could not be scaled") for n in names} if ended.code else {}

    def _pull_flag(self, names: Sequence[str]) -> Sequence[str]:
        """What had to be pulled or built was before."""
        said = [self.stack.services[name].pull_policy for name in names]
        return ("--pull", "missing") if any(policy and policy != "never" for policy in said) else ()

    def _begun(self) -> dict[str, set[tuple[str, str]]]:
        """The lives of containers so far, by service."""
        found: dict[str, set[tuple[str, str]]] = {}
        for c in self._watch.containers.values():
            if c.started:
                found.setdefault(c.service, set()).add((c.id, c.started))
        return found

    def _seen(self, name: str) -> list[str]:
        return [c.name for c in self._watch.of(name).values()]

    async def _why(self, name: str, ended: Ended, what: str) -> EngineError:
        error = explain(ended.lines, f"{name} {what}", name)
        if error.kind == "port_taken" and (found := re.search(r"port (\d+)", error.message)):
            holder = await self._holder(int(found[1]))
            error = EngineError(f"{error.message}{holder}", error.hint, kind=error.kind, service=name)
        return error

    async def _holder(self, port: int) -> str:
        """ " by the container shop-db-1", " by PID 812 postgres"."""
        with contextlib.suppress(Unreachable, Refused):
            for container in await self._watch.docker.all_running():
                if any(p.get("PublicPort") == port for p in container.get("Ports") or ()):
                    return f" by the container {str((container.get('Names') or ['?'])[0]).lstrip('/')}"
        holder = await asyncio.to_thread(ports.taken, "127.0.0.1", port)
        return f" by {holder}" if holder is not None and not holder.problem else ""

    # Stop

    def stop_ahead(self, names: Sequence[str]) -> None:
        """Begin to stop all of these in one call: Compose ends those first that depend on others."""
        if names:
            self._stops.ahead(names)

    def stop(self, name: str) -> Ticket:
        """Stop a service's containers, with whoever ends at the same moment; they stay to be started again."""
        return self._stops.join(name)

    def stopping(self, name: str) -> bool:
        """Whether a call is about to stop it."""
        return bool(self._stops.under_way([name]))

    async def _stop(self, names: Sequence[str]) -> Mapping[str, Exception]:
        await self._after_ups(names)
        services = self.stack.services
        grace = (
            sum(services[n].stop_grace_period for n in names if n in services) + _OVER
        )  # one after the other at worst
        stopping = asyncio.create_task(self._call("stop", *names))
        try:
            async with self._hurry.grace(grace, 0.0):
                ended = await asyncio.shield(stopping)
        except TimeoutError:
            ended = await self._call("kill", *names)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(stopping), _OVER)
        finally:
            if not stopping.done():
                stopping.cancel()
                await asyncio.wait([stopping])
        if ended.code == 0:
            return {}
        return await self._stop_without(names, ended)

    async def _after_ups(self, names: Sequence[str]) -> None:
        """A start that nobody waits for any more must not bring up what is being stopped."""
        calls = self._ups.under_way(names)
        if calls:
            waited = any(call.waiters for call in calls)
            patience = 0.0 if self._hurry.on else _LATE if waited else _ALMOST
            _, late = await asyncio.wait([call.task for call in calls], timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _stop_without(self, names: Sequence[str], ended: Ended) -> Mapping[str, Exception]:
        """Compose cannot: a file that it cannot read any more must keep nobody from stopping."""
        try:
            for name in names:
                for container in self._watch.of(name).values():
                    if container.lives:
                        await self._watch.docker.stop(container.id, kill=self._hurry.on)
        except (Unreachable, Refused):
            return {name: await self._why(name, ended, "could not be stopped") for name in names}
        return {}

    async def _call(self, *words: str) -> Ended:
        return await self._compose.call(self.stack, *words)

    async def close(self) -> None:
        """End every call that is under way."""
        await self._ups.close()
        await self._stops.close()
