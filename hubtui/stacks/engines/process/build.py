"""What comes before the first service starts: its ports are free, and its build command has run."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from hubtui.errors import EngineError
from hubtui.models import ServiceState, StepState
from hubtui.safetext import safe_bytes, safe_text
from hubtui.stacks import ports
from hubtui.stacks.causes import endings, in_output
from hubtui.stacks.causes.texts import LAST_LINES
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.process.service import ProcessService
from hubtui.stacks.engines.process.spawn import Child, spawn
from hubtui.stacks.engines.process.stop import end_tree, stop_signal, to_its_end
from hubtui.stacks.engines.process.tree import Census
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.restart import duration, how_it_ended
from hubtui.stacks.supervise.service import LOG_HINT, Supervised

_SHOWN_EVERY = 0.1  # seconds between messages of a build


def refuse_taken_ports(services: Sequence[Supervised], default_address: str) -> None:
    """Raises EngineError naming every published port that somebody else has. Blocks for some milliseconds."""
    said: list[str] = []
    wanted: dict[tuple[str, int, str], str] = {}
    first = ""
    for service in services:
        for port in service.spec.ports:
            if not port.published:
                continue
            key = port.address or default_address, port.published, port.protocol
            if other := wanted.get(key):
                said.append(f"port {port.published} is wanted by {other} and {service.name}")
            elif holder := ports.taken(*key):
                said.append(f"{safe_text(holder.sentence(port.published), 200)} (wanted by {service.name})")
            else:
                wanted[key] = service.name
                continue
            first = first or service.name
    if said:
        hint = "End what holds it, or publish another port, and press s again."
        raise EngineError("; ".join(said), hint, kind="port_taken", service=first)


async def build_service(service: ProcessService, census: Census, reporter: Reporter, hurry: Hurry) -> None:
    """Run the service's build command; its output goes to its log and its last line to the step.
    Raises EngineError; cancelled, it ends the whole tree of the command."""
    key, name, began = f"build:{service.name}", f"build {service.name}", time.monotonic()

    def step(state: StepState, message: str = "") -> None:
        reporter.step(key, name, state, message=message)

    async with service.lock:
        step(StepState.RUNNING)
        service.tell(ServiceState.BUILDING)
        last = LastLine(lambda line: step(StepState.RUNNING, line))
        try:
            code = await _run(service, census, last, hurry)
        except EngineError as error:
            error.service = service.name
            step(StepState.FAILED, error.message)
            service.tell(ServiceState.FAILED, message=error.message)
            raise
        except asyncio.CancelledError:
            step(StepState.CANCELLED, "stopped")
            service.tell(ServiceState.STOPPED)
            raise
        finally:
            last.close()
        if code:
            how = f"build {how_it_ended(code, time.monotonic() - began)}"
            step(StepState.FAILED, last.line or how)
            service.tell(ServiceState.FAILED, message=how, exit_code=code if code > 0 else 128 - code)
            said = f"{service.name} could not be built: its {how}" + (f": {last.line}" if last.line else "")
            raise _failure(service.name, code, said, last.lines)
        step(StepState.DONE, f"built in {duration(time.monotonic() - began)}")
        service.tell(ServiceState.STOPPED, message="built")


def _failure(name: str, code: int, said: str, lines: Sequence[str]) -> EngineError:
    """What a build command's end means: something outside that its tools name, or its own failure."""
    if cause := in_output(lines):
        return EngineError(said, cause.hint, kind=cause.kind, service=name)
    return EngineError(said, endings.hint(code) or LOG_HINT, kind="build_failed", service=name)


async def _run(service: ProcessService, census: Census, last: LastLine, hurry: Hurry) -> int:
    log, spec = service.log(), service.spec
    log.note("build starts")
    child = spawn(spec.process_build, service.stack.folder, service.environment(), log, last.hear)
    census.add_main(child.pid, service.name)
    child.exit.add_done_callback(lambda _: census.remove_main(child.pid))
    try:
        return await child.ended()
    finally:  # what a build left running, or all of it when it was cancelled
        await to_its_end(_end(service, child, census, hurry))


async def _end(service: ProcessService, child: Child, census: Census, hurry: Hurry) -> None:
    spec = service.spec
    asked, grace = stop_signal(spec.stop_signal), spec.stop_grace_period
    await end_tree(lambda: census.of(service.name), asked, grace, hurry)
    child.output.close()
    service.log().note(f"build {how_it_ended(await child.ended(), time.monotonic() - child.began)}")


class LastLine:
    """The newest complete line of some output, shown a few times a second at most; `lines` are the last ones, blank
    ones left out."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self.line = ""
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self._show = show
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, chunk: bytes) -> None:
        """Take output as it comes."""
        lines = (self._rest + chunk)[-16384:].split(b"\n")
        self._rest = lines.pop()
        fresh = [line for raw in lines[-2 * LAST_LINES :] if (line := safe_bytes(raw, 300).rstrip())]
        if not fresh:
            return
        self.lines.extend(fresh)
        self.line = fresh[-1].strip()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SHOWN_EVERY, self._tell)

    def _tell(self) -> None:
        self._timer = None
        self._show(self.line)

    def close(self) -> None:
        """The output has ended: an unfinished line counts too, and nothing is shown any more."""
        self.hear(b"\n")
        if self._timer:
            self._timer.cancel()
