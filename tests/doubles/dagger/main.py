"""`python -m tests.doubles.dagger.main FOLDER VERSION session ...`: what stands in for the `dagger` program."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import secrets
import select
import signal
import sys
from pathlib import Path

from tests.doubles.dagger.telemetry import Operation

POLL = 0.05  # seconds between looks at the streams


def main() -> int:
    folder, version, words = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if "version" in words:
        print(f"dagger {version} (stand-in)")
        return 0
    if (folder / "switch" / "no_provision").exists():
        print("Error: start engine: failed to pull image: no such host", file=sys.stderr)
        return 1
    if (slow := folder / "switch" / "slow_handshake").exists():
        select.select([0], [], [], float(slow.read_text()))  # the end of its stdin ends it meanwhile, too
    return asyncio.run(Session(folder, version).serve())


class Session:
    """Listens on a port of 127.0.0.1 until its standard input ends."""

    def __init__(self, folder: Path, version: str) -> None:
        from tests.doubles.dagger.engine import Engine

        self._switch = folder / "switch"
        self._token = secrets.token_hex(8)
        self._engine = Engine(folder, version, os.getpid())
        self._over = asyncio.Event()
        self._code = 0
        self._cut: set[int] = set()  # rows of the logs that have broken the stream off

    async def serve(self) -> int:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        loop.add_reader(0, self._read)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._over.set)
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"port": port, "session_token": self._token}), flush=True)
        watching = asyncio.create_task(self._watch())
        await self._over.wait()
        watching.cancel()
        if not self._on("dead"):
            self._engine.services.end()
        while self._on("close_hangs"):
            await asyncio.sleep(POLL)
        sys.stdout.flush()
        os._exit(self._code)

    def _read(self) -> None:
        if not os.read(0, 4096):
            self._over.set()

    def _on(self, name: str) -> bool:
        return (self._switch / name).exists()

    async def _watch(self) -> None:
        while not self._on("killed_session"):
            await asyncio.sleep(POLL)
        self._code = 1
        self._over.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while await self._request(reader, writer):
                pass
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        wanted = "Basic " + base64.b64encode(f"{self._token}:".encode()).decode()
        if headers.get("authorization") != wanted:
            return await self._respond(writer, 401, b"")
        if self._on("502") or self._on("dead"):
            return await self._respond(writer, 502, b"client has closed", keep=True)
        while self._on("hang"):
            await asyncio.sleep(POLL)
        if method == "GET":
            await self._stream(writer, path, int(headers.get("x-last-event-id", 0)))
            return False
        return await self._query(reader, writer, json.loads(body), headers.get("traceparent", ""))

    async def _query(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: dict[str, str], trace: str
    ) -> bool:
        """Answer it, unless its client goes away: then the work is ended, as the engine ends a build."""
        work = asyncio.create_task(self._engine.answer(request, Operation.of(trace)))
        gone = asyncio.create_task(reader.read(1))
        await asyncio.wait([work, gone], return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            return False
        gone.cancel()
        return await self._respond(writer, 200, json.dumps(work.result()).encode(), keep=False)

    async def _respond(self, writer: asyncio.StreamWriter, status: int, body: bytes, *, keep: bool = False) -> bool:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode() + body)
        await writer.drain()
        return keep

    def _cuts(self, row: int) -> bool:
        """Whether the stream is to break off here, once."""
        if row in self._cut or not self._on("cut_logs"):
            return False
        if str(row) not in (self._switch / "cut_logs").read_text().split():
            return False
        self._cut.add(row)
        with (self._switch / "cut_logs.done").open("a") as file:
            file.write(f"{row}\n")
        return True

    async def _stream(self, writer: asyncio.StreamWriter, path: str, after: int) -> None:
        """Rows after this number, as they come."""
        event = {"/v1/traces": "spans", "/v1/logs": "logs"}.get(path, "metrics")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: subscribed\ndata:\n\n")
        rows = self._engine.telemetry.rows[path]
        while not (self._on("502") or self._on("dead")):
            for number, row in enumerate(rows[after:], after + 1):
                told = f"event: {event}\nid: {number}\ndata: {json.dumps(row)}\n\n".encode()
                if event == "logs" and self._cuts(number):
                    writer.write(told[: len(told) // 2])
                    return await writer.drain()
                writer.write(told)
                after = number
            await writer.drain()
            await asyncio.sleep(POLL)


if __name__ == "__main__":
    sys.exit(main())
