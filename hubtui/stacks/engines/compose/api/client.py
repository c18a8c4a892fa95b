"""What hubtui asks of a daemon: containers of a project, events, logs, figures. Paths are those of the Engine API
(https://docs.docker.com/reference/api/engine/); without a version in them every daemon speaks its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

from hubtui.stacks.engines.compose.api.http import Http, Refused, Stream
from hubtui.stacks.engines.compose.api.named import named
from hubtui.stacks.engines.compose.labels import ONEOFF, PROJECT

_LONGEST = 1 << 22  # bytes of one event


class Docker:
    """The daemon of one endpoint. All of it raises Unreachable and Refused."""

    def __init__(self, http: Http) -> None:
        self.http = http

    async def version(self, seconds: float = 5.0) -> str:
        """The daemon's name and version: "Docker 20.10.24", "Podman 4.3.1"."""
        return named(await self.http.get("/version", seconds) or {})

    async def containers(self, project: str) -> list[dict[str, Any]]:
        """The ids of all containers of a compose project with their labels, running or not, short-lived ones too."""
        found = await self.http.get(f"/containers/json?{_query(all=1, filters={'label': [f'{PROJECT}={project}']})}")
        return [c for c in found or () if (c.get("Labels") or {}).get(ONEOFF, "False") != "True"]

    async def all_running(self) -> list[dict[str, Any]]:
        """All running containers with their ports and labels, whosever they are."""
        return list(await self.http.get("/containers/json") or ())

    async def inspect(self, container: str) -> dict[str, Any] | None:
        """All that is known of a container; None where there is none of that id."""
        return await self._or_none(f"/containers/{quote(container)}/json")

    async def image(self, name: str) -> dict[str, Any] | None:
        """What is known of an image of this host; None where it is not here."""
        return await self._or_none(f"/images/{quote(name, safe='')}/json")

    async def stats(self, container: str) -> dict[str, Any] | None:
        """One reading of its counters, without the second's wait that Docker adds for a difference (API 1.41)."""
        return await self._or_none(f"/containers/{quote(container)}/stats?stream=false&one-shot=true")

    async def _or_none(self, target: str) -> dict[str, Any] | None:
        try:
            found = await self.http.get(target)
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return found if isinstance(found, dict) else None

    async def stop(self, container: str, *, kill: bool = False) -> None:
        """End a container: done from here only where Compose itself cannot."""
        await self._do("POST", f"/containers/{quote(container)}/{'kill' if kill else 'stop'}")

    async def remove_image(self, image: str) -> None:
        """Take away a name of an image, and with its last name the image, which no container uses."""
        await self._do("DELETE", f"/images/{quote(image, safe='')}")

    async def remove_volume(self, volume: str) -> None:
        """Take away a volume that no container uses."""
        await self._do("DELETE", f"/volumes/{quote(volume, safe='')}")

    async def prune_builds(self) -> None:
        """Take away all of the build cache that no build uses."""
        await self._do("POST", "/build/prune?all=true")

    async def _do(self, method: str, target: str) -> None:
        async with self.http.stream(target, method) as answer:
            async for _ in answer.chunks():
                pass

    @asynccontextmanager
    async def events(self, project: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Follow what happens to the containers of a project; the stream is open when this returns."""
        filters = {"type": ["container"], "label": [f"{PROJECT}={project}"]}
        async with self.http.stream(f"/events?{_query(filters=filters)}") as answer:
            yield _objects(answer)

    @asynccontextmanager
    async def logs(
        self, container: str, since: str, tail: str = "all", *, follow: bool = True
    ) -> AsyncIterator[Stream]:
        """What a container prints, from `since` (seconds since the epoch with nine decimals) on, stamped; `follow`
        until it ends."""
        query = _query(follow=int(follow), stdout=1, stderr=1, timestamps=1, since=since, tail=tail)
        async with self.http.stream(f"/containers/{quote(container)}/logs?{query}") as answer:
            yield answer


async def _objects(answer: Stream) -> AsyncIterator[dict[str, Any]]:
    rest = b""
    async for chunk in answer.chunks():
        *lines, rest = (rest + chunk)[-_LONGEST:].split(b"\n")
        for line in lines:
            if line.strip():
                try:
                    found = json.loads(line)
                except ValueError:
                    continue
                if isinstance(found, dict):
                    yield found


def _query(**words: Any) -> str:
    return urlencode({k: json.dumps(v) if isinstance(v, Mapping) else v for k, v in words.items()})
