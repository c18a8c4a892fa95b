"""Following one of a session's streams of server-sent events, over breaks, without loss or doubles.

GET /v1/traces, /v1/logs or /v1/metrics on the session's port; the engine replays from the beginning, or from where
`X-Last-Event-ID` says (not `Last-Event-ID`); every event has an id that grows (engine/server/telemetry.go).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

FIRST, SLOWEST = 0.1, 2.0  # seconds between attempts
_TIMEOUT = httpx.Timeout(None, connect=5.0)


class SessionGone(Exception):
    """The session's port refuses, or says that there is no session any more."""


async def follow(
    client: httpx.AsyncClient,
    path: str,
    take: Callable[[Mapping[str, Any]], None],
    subscribed: asyncio.Event | None = None,
) -> None:
    """Hand every event's data to `take`, once and in order, until cancelled. Raises SessionGone."""
    last, pause = "", FIRST
    while True:
        try:
            headers = {"Accept": "text/event-stream", **({"X-Last-Event-ID": last} if last else {})}
            async with client.stream("GET", path, headers=headers, timeout=_TIMEOUT) as answer:
                if answer.status_code in (401, 502):
                    raise SessionGone(f"HTTP {answer.status_code}")
                answer.raise_for_status()
                if subscribed is not None:
                    subscribed.set()
                frames = Frames(last)
                async for chunk in answer.aiter_raw():
                    for data in frames.feed(chunk):
                        take(data)
                        last, pause = frames.last, FIRST
        except httpx.ConnectError as error:
            raise SessionGone(str(error)) from error
        except httpx.HTTPError:
            pass  # broken off: go on where it was
        await asyncio.sleep(pause)
        pause = min(pause * 2, SLOWEST)


class Frames:
    """Cuts a byte stream into events. `last` is the id of the last one handed out."""

    def __init__(self, last: str = "") -> None:
        self.last = last
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[Mapping[str, Any]]:
        """The data of the events that are complete now; what was handed out before is passed over."""
        searched = max(0, len(self._rest) - 1)
        self._rest += chunk
        found = []
        begin = 0
        while (end := self._rest.find(b"\n\n", max(begin, searched))) >= 0:
            data = self._event(bytes(self._rest[begin:end]))
            begin = end + 2
            if data is not None:
                found.append(data)
        del self._rest[:begin]
        return found

    def _event(self, frame: bytes) -> Mapping[str, Any] | None:
        identity, data = "", []
        for line in frame.split(b"\n"):
            key, _, value = line.partition(b":")
            if key == b"id":
                identity = value.strip().decode()
            elif key == b"data":
                data.append(value.removeprefix(b" "))
        if not data or (identity and _not_after(identity, self.last)):
            return None
        self.last = identity or self.last
        try:
            loaded = json.loads(b"\n".join(data))
        except ValueError:
            return None
        return loaded if isinstance(loaded, dict) else None


def _not_after(identity: str, last: str) -> bool:
    return bool(last) and identity.isdigit() and last.isdigit() and int(identity) <= int(last)
