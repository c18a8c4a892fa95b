"""One Dagger session: the CLI process, the SDK's client on it, and the watch that notices when either is no more.

A session is lost when its CLI has ended, when a query is answered by 502 or refused, or when three pings in a row get
no answer: a CLI whose engine has died never ends by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks.causes import endings
from hubtui.stacks.engines.dagger import cli as program
from hubtui.stacks.engines.dagger import process, reach
from hubtui.stacks.engines.dagger.host import VARIABLE, choose
from hubtui.stacks.engines.dagger.process import Door, Limit, SessionProcess
from hubtui.stacks.engines.dagger.schema import KnownSchema
from hubtui.stacks.engines.dagger.settings import DaggerSettings

if TYPE_CHECKING:
    import dagger

CLOSE = 20.0  # seconds for the CLI to close the session
_CONNECT = 60.0  # seconds from the handshake to the client: one introspection query


@dataclass(frozen=True, slots=True)
class Pings:
    """Seconds between pings, seconds that each may take, and how many in a row without an answer are too many."""

    every: float = 15.0
    patience: float = 5.0
    soon: float = 1.0  # seconds until the next one after one that had no answer
    count: int = 3


class Session:
    """Open from `open_session` on. `lost` resolves with one sentence when the session is no more by itself."""

    def __init__(self, child: SessionProcess, door: Door, pings: Pings) -> None:
        self.pid = child.pid
        # the session's port, for the telemetry streams and queries of our own
        self.http = httpx.AsyncClient(base_url=door.url, auth=(door.token, ""), trust_env=False)
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.client: dagger.Client
        self.version = self.engine = ""
        self.versions: dict[str, str] = {}
        self._child, self._door, self._pings = child, door, pings
        self._stack = contextlib.AsyncExitStack()
        self._watching: asyncio.Task[None] | None = None
        child.exit.add_done_callback(self._exited)

    async def connect(self, folder: Path, cli: str) -> None:
        """Connect the SDK's client; `folder` is where the API's schema is remembered. Raises EngineError."""
        import dagger
        from dagger.client._config import ConnectConfig  # the public door to these is os.environ, for all of us
        from dagger.client._session import ConnectParams, SingleConnection

        params = ConnectParams(port=self._door.port, session_token=self._door.token)
        connection = SingleConnection(params, ConnectConfig(retry=None))
        try:
            async with asyncio.timeout(_CONNECT):
                self.version = str((await self.query("{version}"))["version"])
                known = KnownSchema(folder, self.version, cli)
                known.give(connection.session.client)
                await self._stack.enter_async_context(connection)
                known.keep(connection.session.client)
        except TimeoutError:
            raise _no_session(f"it did not answer within {_CONNECT:.0f} s", self._child) from None
        except (dagger.DaggerError, httpx.HTTPError) as error:
            raise _no_session(safe_text(str(error), 400), self._child) from error
        self.client = dagger.Client.from_connection(connection)
        self._watching = asyncio.create_task(self._watch(), name="watch the dagger session")

    @property
    def engine_died(self) -> bool:
        """Of a lost session: whether its CLI lives, so that it is the engine that does not."""
        return not self._child.exit.done()

    @property
    def modern(self) -> bool:
        """Whether objects are had by node(id), as since 0.21.1: the SDK at hand is of the engine's minor version."""
        return hasattr(self.client, "node")

    async def query(self, text: str, seconds: float | None = 30.0) -> Mapping[str, Any]:
        """One GraphQL query as it stands; its `data`. Raises httpx.HTTPError, EngineError for a refusal."""
        answer = await self.http.post("/query", json={"query": text}, timeout=seconds)
        answer.raise_for_status()
        found = answer.json()
        if found.get("errors"):
            said = safe_text(str(found["errors"][0].get("message", "")), 400)
            raise EngineError(f"the engine refused a query: {said}", text, kind="dagger_query")
        data: Mapping[str, Any] = found["data"]
        return data

    async def ping(self) -> str:
        """ "" where it answers, else what is wrong; a session that is certainly gone becomes lost."""
        try:
            answer = await self.http.post("/query", json={"query": "{version}"}, timeout=self._pings.patience)
        except httpx.ConnectError:
            self.mark_lost("its port refuses connections")
            return "refused"
        except httpx.HTTPError as error:
            return type(error).__name__
        if answer.status_code in (401, 502):
            self.mark_lost(f"its engine is gone ({answer.status_code} {safe_text(answer.text, 120).strip()})")
        return "" if answer.is_success else f"HTTP {answer.status_code}"

    def mark_lost(self, why: str) -> None:
        """The session is no more, and this is why."""
        if not self.lost.done():
            self.lost.set_result(why)

    async def close(self, *, force: bool = False, limit: Limit = asyncio.timeout) -> bool:
        """End the session and whatever still runs in it; True where the CLI had to be killed. `force`: at once; else
        `limit` measures the time that it has."""
        self._child.exit.remove_done_callback(self._exited)
        if self._watching:
            self._watching.cancel()
        with contextlib.suppress(Exception):  # the SDK's goodbye to a session that may be gone
            async with asyncio.timeout(2):
                await self._stack.aclose()
        forced = await self._child.end(0 if force or self.lost.done() else CLOSE, limit)
        await self.http.aclose()
        self.lost.cancel()
        return forced

    def _exited(self, ended: asyncio.Future[int]) -> None:
        words = self._child.last_words()
        code = ended.result()
        how = f"ended with code {code}" if code >= 0 else endings.ended(code)
        self.mark_lost(f"its CLI {how}" + (f": {words}" if words and code > 0 else ""))

    async def _watch(self) -> None:
        unanswered = 0
        while not self.lost.done():
            await asyncio.sleep(self._pings.soon if unanswered else self._pings.every)
            unanswered = unanswered + 1 if (problem := await self.ping()) else 0
            if unanswered >= self._pings.count:
                self.mark_lost(f"{unanswered} pings in a row had no answer ({problem})")


async def open_session(
    settings: DaggerSettings,
    folder: Path,
    environment: Mapping[str, str],
    tell: Callable[[str], None],
    pings: Pings = Pings(),
) -> Session:
    """Spawn the CLI, shake hands, connect the client; `tell` hears what is being done. Raises EngineError, and leaves
    nothing running then or when cancelled."""
    found = await program.find_or_download(settings)
    asking = asyncio.create_task(program.version(found.path))
    host = choose(settings, "")
    if host.provisions:  # pinned to the CLI's version
        host = choose(settings, await asking)
    child = process.spawn(found.path, folder, {**environment, VARIABLE: host.url})
    importing = asyncio.create_task(asyncio.to_thread(_import))  # 0.6 s, while the CLI connects
    try:
        door = await reach.handshake(child, host, tell)
        tell("connects")
        sdk, cli_version = program.sdk_version(), await asking
        if problem := program.mismatch(sdk, cli_version):
            minor = cli_version.removeprefix("v").rpartition(".")[0]
            hint = f"Install dagger-io {minor}.*, or a CLI {sdk} (this one is {found.path}, {found.found})."
            raise EngineError(problem, hint, kind="dagger_versions")
        await importing
        session = Session(child, door, pings)
        try:
            await session.connect(folder, cli_version)
        except BaseException:
            await asyncio.shield(session.close(force=True))
            raise
        session.engine = f"engine {session.version} at {host.url.partition('?')[0]}"
        session.versions = {"engine": session.version, "CLI": cli_version or "unknown", "SDK": sdk}
    except BaseException:
        await asyncio.shield(child.end(0))
        raise
    return session


def _import() -> None:
    import dagger  # noqa: F401


def _no_session(why: str, child: SessionProcess) -> EngineError:
    words = child.last_words()
    return EngineError(
        f"The Dagger session cannot be used: {why}." + (f" The CLI said: {words}" if words else ""),
        "hubtui doctor says which engine is meant, and whether it answers.",
        kind="dagger_no_session",
    )
