"""What an engine's cache holds, and giving it up: asked in a short session of its own.

The total costs a second. A list of entries costs some 20 ms for each of them, during which the engine is slow for
everybody: measured on 0.21.8 and 0.19.4. An engine knows no way to prune anything but volumes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks.engines.dagger import probe
from hubtui.stacks.engines.dagger.host import choose
from hubtui.stacks.engines.dagger.probe import Presence
from hubtui.stacks.engines.dagger.session import Session, open_session
from hubtui.stacks.engines.dagger.settings import DaggerSettings

FEW = 300  # entries that are listed unasked
_SECONDS_EACH = 0.02
_TOTALS = "{engine{localCache{maxUsedSpace reservedSpace minFreeSpace entrySet{entryCount diskSpaceBytes}}}}"
_ENTRIES = "{engine{localCache{entrySet{entries{description diskSpaceBytes activelyUsed mostRecentUseTimeUnixNano}}}}}"
_PRUNE = "{engine{localCache{prune}}}"
_PATIENCE = 1800.0  # seconds
_VOLUME = re.compile(r'hubtui/([^/"\s]+)/([^"\s]+)')

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the cache. `project` and `volume` are set where it is a named volume of hubtui's."""

    description: str
    bytes: int
    in_use: bool
    used_at: datetime | None
    project: str = ""
    volume: str = ""


@dataclass(frozen=True, slots=True)
class Cache:
    """An engine's cache: bytes and entries in all; `limit` is what it may grow to. `listed` is None where it was not
    asked for its entries."""

    engine: str
    bytes: int
    entries: int
    limit: int
    listed: tuple[Entry, ...] | None = None


async def measure(settings: DaggerSettings, folder: Path, tell: Tell, *, whole: bool = False) -> Cache:
    """What the engine's cache holds; its entries where there are few, or with `whole`. `folder` is for the session's
    own files. Raises EngineError."""
    session = await _session(settings, folder, tell)
    try:
        return await _measure(session, tell, whole)
    finally:
        await session.close()


async def prune(settings: DaggerSettings, folder: Path, tell: Tell) -> tuple[Cache, Cache]:
    """Give up everything that no session uses, volumes included; the cache before and after. Raises EngineError."""
    session = await _session(settings, folder, tell)
    try:
        before = await _measure(session, tell, False, few=0)
        tell("prunes")
        await _ask(session, _PRUNE)
        return before, await _measure(session, tell, False, few=0)
    finally:
        await session.close()


async def _session(settings: DaggerSettings, folder: Path, tell: Tell) -> Session:
    host = choose(settings, "")
    if host.provisions and (found := probe.look(host)).presence is not Presence.RUNNING:
        raise EngineError(
            f"No Dagger engine is running that could be asked: {found.words}.",
            "Start a project on it first, or name an engine: dagger.runner_host.",
            kind="dagger_no_engine",
        )
    return await open_session(settings, folder, {}, tell)


async def _measure(session: Session, tell: Tell, whole: bool, few: int = FEW) -> Cache:
    found = (await _ask(session, _TOTALS))["engine"]["localCache"]
    count, size = int(found["entrySet"]["entryCount"]), int(found["entrySet"]["diskSpaceBytes"])
    listed = None
    if whole or count <= few:
        if count > FEW:
            tell(f"asks for {count:,} entries, some {count * 4 * _SECONDS_EACH / 60:.0f} min")
        listed = tuple(sorted(map(_entry, await _entries(session)), key=lambda entry: -entry.bytes))
    return Cache(session.engine, size, count, int(found["maxUsedSpace"]), listed)


async def _entries(session: Session) -> list[Mapping[str, Any]]:
    answer = await _ask(session, _ENTRIES)
    entries: list[Mapping[str, Any]] = answer["engine"]["localCache"]["entrySet"]["entries"]
    return entries


async def _ask(session: Session, query: str) -> Mapping[str, Any]:
    try:
        return await session.query(query, _PATIENCE)
    except httpx.HTTPError as error:
        raise EngineError(
            f"The engine did not answer: {safe_text(str(error)) or type(error).__name__}.",
            "hubtui doctor says which engine is meant.",
            kind="dagger_query",
        ) from error


def _entry(found: Mapping[str, Any]) -> Entry:
    stamp = int(found["mostRecentUseTimeUnixNano"] or 0)
    text = str(found["description"])
    volume = _VOLUME.search(text)
    return Entry(
        safe_text(text, 200),
        int(found["diskSpaceBytes"]),
        bool(found["activelyUsed"]),
        datetime.fromtimestamp(stamp / 1e9, UTC) if stamp > 0 else None,
        *((volume[1], volume[2]) if volume else ("", "")),
    )
