"""What is done to containers, all of it through the user's Compose: up, stop, kill."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence

from hubtui.errors import EngineError
from hubtui.stacks import ports
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.command import Ended
from hubtui.stacks.engines.compose.errors import explain, reason
from hubtui.stacks.engines.compose.together import Ticket, Together
from hubtui.stacks.engines.compose.watch import Watch
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.supervise.hurry import Hurry

_OVER = 5.0  # seconds beyond the longest grace until a stop counts as hanging
_LATE = 10.0  # seconds that a start which nobody waits for has to end, before its containers are stopped
_CONTAINER = re.compile(r"^ Container (\S+) +(\w+)")


class Acts:
    """Of one project; `stack` is what Compose is told with, as last read."""

    def __init__(self, compose: Compose, watch: Watch, hurry: Hurry, note: Callable[[str, str], None]) -> None:
        self._compose, self._watch, self._hurry, self._note = compose, watch, hurry, note
        self.stack: Stack | None = None
        self._ups, self._stops = Together(self._up), Together(self._stop)

    # Up

    def up(self, name: str) -> Ticket:
        """Start a service, with whoever starts at the same moment. Its failure is an EngineError."""
        return self._ups.join(name)

    def up_ahead(self, names: Sequence[str]) -> None:
        """Begin to start all of these in one call: those that wait for nothing but each other's start."""
        if len(names) > 1:
            self._ups.ahead(names)

    async def _up(self, names: Sequence[str]) -> Mapping[str, Exception]:
        """One service that cannot be started takes no other with it: they are started once more without it."""
        failed: dict[str, Exception] = {}
        left = list(names)
        while left:
            before = self._begun()
            ended = await self._call("up", "--detach", "--no-deps", *self._pull_flag(left), *left)
            if ended.code == 0:
                return failed
            left = [name for name in left if not (self._begun().get(name, set()) - before.get(name, set()))]
            guilty = self._guilty(left, ended.lines) or left
            for name in guilty:
                failed[name] = await self._why(name, ended, "could not be started")
                for line in ended.lines:
                    self._note(name, f"compose: {line.strip()}")
            left = [name for name in left if name not in guilty]
        return failed

    def _pull_flag(self, names: Sequence[str]) -> Sequence[str]:
        """What had to be pulled or built was before."""
        assert self.stack is not None
        said = [self.stack.services[name].pull_policy for name in names]
        return ("--pull", "missing") if any(policy and policy != "never" for policy in said) else ()

    def _begun(self) -> dict[str, set[tuple[str, str]]]:
        """The lives of containers so far, by service."""
        found: dict[str, set[tuple[str, str]]] = {}
        for c in self._watch.containers.values():
            if c.started:
                found.setdefault(c.service, set()).add((c.id, c.started))
        return found

    def _guilty(self, names: Sequence[str], lines: Sequence[str]) -> list[str]:
        """Whom the error names; else whose container was in the middle of something."""
        assert self.stack is not None
        containers = {name: self._containers_of(name) for name in names}
        said = reason(lines)
        if named := [name for name, known in containers.items() if any(_names(said, one) for one in known)]:
            return named
        state: dict[str, str] = {}
        for line in lines:
            if found := _CONTAINER.match(line):
                state[found[1]] = found[2]
        at_work = {c for c, word in state.items() if word in ("Error", "Creating", "Starting", "Recreate")}
        return [name for name, known in containers.items() if at_work.intersection(known)]

    def _containers_of(self, name: str) -> set[str]:
        assert self.stack is not None
        own = self.stack.services[name].extra.get("container_name")
        usual = {str(own) if own else f"{self.stack.name}-{name}-1"}
        return usual | {c.name for c in self._watch.of(name).values()}

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

    def stop(self, name: str) -> Ticket:
        """Stop a service's containers, with whoever ends at the same moment; they stay to be started again."""
        return self._stops.join(name)

    async def _stop(self, names: Sequence[str]) -> Mapping[str, Exception]:
        await self._after_ups(names)
        assert self.stack is not None
        services = self.stack.services
        grace = max((services[n].stop_grace_period for n in names if n in services), default=10.0) + _OVER
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
            _, late = await asyncio.wait([call.task for call in calls], timeout=0.0 if self._hurry.on else _LATE)
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
        assert self.stack is not None
        return await self._compose.call(self.stack, *words)

    async def close(self) -> None:
        """End every call that is under way."""
        await self._ups.close()
        await self._stops.close()


def _names(text: str, container: str) -> bool:
    """Whether the text names this very container: not one whose name only begins alike."""
    return re.search(rf"(?<![\w.-]){re.escape(container)}(?![\w-])", text) is not None
