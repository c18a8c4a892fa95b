"""Services as processes of this host, and tunnels to them as TCP proxies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil

from tests.doubles.dagger.images import in_folder
from tests.doubles.dagger.objects import EngineError, Node
from tests.doubles.dagger.telemetry import Operation, Telemetry

# What ends the services with their session, however its CLI ends: but not where it is the engine that has died.
_REAPER = 'all=; while read p; do all="$all -$p"; done; [ -e "$0" ] || kill -9 $all 2>/dev/null'


class Running:
    """One life of a service."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        operation: Operation,
        telemetry: Telemetry,
        argv: str,
        printing: Operation,
    ) -> None:
        self.process = process
        self.stopping = False
        self._operation, self._telemetry, self._printing = operation, telemetry, printing
        start = telemetry.span(operation, "Service.start")
        self._exec = telemetry.span(operation, f"exec {argv}", start.id, ui__passthrough=True)
        start.tell(end=True)
        self.over = asyncio.create_task(self._follow())
        self._measuring = asyncio.create_task(self._measure())

    async def _measure(self) -> None:
        """What the process itself takes, every second; a real engine tells it of the whole container, every three."""
        seen = psutil.Process(self.process.pid)
        with contextlib.suppress(psutil.Error):
            while not self.over.done():
                times = seen.cpu_times()
                self._telemetry.gauge(self._operation, "cpustat.usage", round((times.user + times.system) * 1e6))
                self._telemetry.gauge(self._operation, "memory.current", seen.memory_info().rss)
                await asyncio.wait([self.over], timeout=1)

    async def _follow(self) -> None:
        """A container ends with its first process, whatever that has left behind."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        reading = asyncio.gather(self._pipe(1, self.process.stdout), self._pipe(2, self.process.stderr))
        while self.process.returncode is None:
            await asyncio.sleep(0.02)  # its wait() would wait for the pipes, too
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await reading
        code = await self.process.wait()
        code = 128 - code if code < 0 else code
        self._exec.tell(end=True, error="" if self.stopping or not code else f"exit code: {code}")

    async def _pipe(self, number: int, pipe: asyncio.StreamReader) -> None:
        while chunk := await pipe.read(65536):
            self._telemetry.log(self._printing, self._exec.id, number, chunk.decode(errors="replace"))
        self._telemetry.log(self._printing, self._exec.id, number, "", eof=True)

    def signal(self, number: signal.Signals) -> None:
        self.stopping = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Services:
    """Those of one session. `volumes` are the engine's, and outlive it."""

    def __init__(self, telemetry: Telemetry, volumes: Path, switch: Path, *, modern: bool) -> None:
        self._telemetry, self._volumes, self._switch, self._modern = telemetry, volumes, switch, modern
        self._running: dict[str, Running] = {}
        self._first: dict[str, Operation] = {}
        self._tunnels: dict[str, asyncio.Server] = {}
        self._reaper: subprocess.Popen[bytes] | None = None

    async def start(self, service: Node, argv: list[str], image: dict[str, Any], operation: Operation) -> None:
        """As Dagger: nothing happens where it runs already."""
        if service.id in self._running and not self._running[service.id].over.done():
            return
        await self._hangs("start_hangs", service)
        places = {m["path"]: m["folder"] for m in service.all("withMountedDirectory")}
        places |= {m["path"]: self._volume(m) for m in service.all("withMountedCache")}
        environment = {**os.environ, **image["env"]}
        for variable in service.all("withEnvVariable"):
            environment[variable["name"]] = in_folder(variable["value"], places)
        for variable in service.all("withSecretVariable"):
            environment[variable["name"]] = variable["secret"]
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *(in_folder(word, places) for word in argv),
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"failed to start: {error}") from error
        self._ends_with_the_session(process.pid)
        printing = self._printing(service, operation)
        self._running[service.id] = Running(process, operation, self._telemetry, " ".join(argv[-3:]), printing)

    def _printing(self, service: Node, operation: Operation) -> Operation:
        """Whose the output is: in 0.19 that of the first service that was defined alike but for its host name."""
        alike = Node(service.type, tuple(call for call in service.calls if call[0] != "withHostname"))
        return operation if self._modern else self._first.setdefault(alike.id, operation)

    async def stop(self, service: Node, *, kill: bool) -> None:
        """Without limit, as Dagger: a TERM that was lost is waited for."""
        if server := self._tunnels.pop(service.id, None):
            server.close()
            return
        running = self._running.get(service.id)
        if running is None or running.over.done():
            return
        await self._hangs("stop_hangs", service)
        lost = self._switch / "lost_term"
        if kill or not lost.exists():
            running.signal(signal.SIGKILL if kill else signal.SIGTERM)
        lost.unlink(missing_ok=True)
        await asyncio.shield(running.over)

    async def tunnel(self, tunnel: Node, upstream: Node, frontend: int, backend: int) -> None:
        """Listen on all interfaces until the service ends."""

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", backend)
                await asyncio.gather(_pump(there, writer), _pump(reader, back), return_exceptions=True)
            writer.close()

        try:
            server = await asyncio.start_server(carry, "0.0.0.0", frontend)
        except OSError as error:
            raise EngineError(f"listen tcp 0.0.0.0:{frontend}: bind: address already in use") from error
        self._tunnels[tunnel.id] = server
        if running := self._running.get(upstream.id):
            running.over.add_done_callback(lambda _: server.close())

    def end(self) -> None:
        """The session is over."""
        for running in self._running.values():
            if not running.over.done():
                running.signal(signal.SIGKILL)

    async def _hangs(self, switch: str, service: Node) -> None:
        """As long as this switch is on, for this service or for all."""
        names = {call["hostname"] for call in service.all("withHostname")}
        while (file := self._switch / switch).exists() and (not (named := file.read_text()) or named in names):
            (self._switch / f"{switch}.hung").touch()
            await asyncio.sleep(0.05)

    def _ends_with_the_session(self, pid: int) -> None:
        if self._reaper is None:
            argv = ["/bin/sh", "-c", _REAPER, str(self._switch / "dead")]
            self._reaper = subprocess.Popen(argv, stdin=subprocess.PIPE, env={}, start_new_session=True)
        assert self._reaper.stdin is not None
        self._reaper.stdin.write(b"%d\n" % pid)
        self._reaper.stdin.flush()

    def _volume(self, mounted: dict[str, Any]) -> str:
        """With another sharing or owner it is another one, as in 0.21."""
        alike = f"{mounted['sharing']},{mounted['owner']}" if self._modern else ""
        folder = self._volumes / f"{mounted['cache'].replace('/', '%')}@{alike}"
        folder.mkdir(exist_ok=True)
        return str(folder)


def in_use(volume: Path) -> bool:
    """Whether a process of any session has this volume in its environment."""
    for process in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if str(volume).encode() in process.read_bytes():
                return True
    return False


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()
