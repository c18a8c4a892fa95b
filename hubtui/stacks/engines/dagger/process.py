"""The `dagger session` process: in its own process group, ended by the end of its standard input.

Handshake and end as in cmd/dagger/session.go: one line of JSON on stdout, {"port": ..., "session_token": ...}; nothing
before it. It ends its services and itself when its stdin reaches EOF, so the runner's death is the session's death.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks import proctree
from hubtui.stacks.causes import in_engine_words
from hubtui.stacks.causes.kinds import IMAGE_NOT_FOUND
from hubtui.stacks.engines.dagger.errors import TRACE

HANDSHAKE = 660.0  # seconds: the CLI itself gives provisioning and connecting 10 minutes
_QUIET = {"DAGGER_SILENT": "1", "DO_NOT_TRACK": "1", "DAGGER_NO_UPDATE_CHECK": "1"}
_HARMLESS = {"DAGGER_LEAVE_OLD_ENGINE": "1"}  # else it removes other people's engines, with their volumes
# A module, a workspace or telemetry of the shell that hubtui was started from must not get into the session; sessions
# have limits of their own, and a tree of attempts under one parent.
_NOT_INHERITED = ("DAGGER_MODULE", "DAGGER_SESSION_PORT", "DAGGER_SESSION_TOKEN", "TRACEPARENT", "CLAUDECODE")
_TAIL = 4096
Limit = Callable[[float], AbstractAsyncContextManager[object]]  # raises TimeoutError after so many seconds


@dataclass(frozen=True, slots=True)
class Door:
    """Where the session answers: HTTP on 127.0.0.1, Basic auth with the token as user."""

    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class SessionProcess:
    """One running CLI. `exit` resolves with its code when it has ended."""

    def __init__(self, child: subprocess.Popen[bytes], errors: Path) -> None:
        self._child = child
        self._errors = errors
        self.pid = child.pid
        self.exit = proctree.watch(child)

    async def handshake(self, seconds: float = HANDSHAKE) -> Door:
        """Wait for the line that says where the session answers. Raises EngineError with the CLI's own words."""
        assert self._child.stdout is not None
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._child.stdout
        )
        try:
            async with asyncio.timeout(seconds):
                line = await _first_line(reader)
                if not line:
                    await asyncio.shield(self.exit)
        except TimeoutError:
            raise EngineError(
                f"No Dagger session within {seconds:.0f} s.{self._said()}",
                "hubtui doctor says which engine is meant and whether it answers.",
                kind="dagger_no_session",
            ) from None
        finally:
            transport.close()
        return self._door(line)

    def _door(self, line: bytes) -> Door:
        try:
            said = json.loads(line)
            return Door(int(said["port"]), str(said["session_token"]))
        except (ValueError, KeyError, TypeError):
            pass
        what = f"ended with code {self.exit.result()}" if not line else f"said {safe_text(repr(line[:200]))}"
        words = self.last_words()
        cause = in_engine_words(words)  # it pulls the engine's image, makes its container and connects to it
        if cause and cause.kind == IMAGE_NOT_FOUND:  # not one of the project's
            cause = None
        raise EngineError(
            f"There is no Dagger session: the CLI {what}." + (f" It said: {words}" if words else ""),
            cause.hint if cause else "hubtui doctor says which engine is meant, and why it does not answer.",
            kind=cause.kind if cause else "dagger_no_session",
        )

    def _said(self) -> str:
        words = self.last_words()
        return f" It said: {words}" if words else ""

    def last_words(self) -> str:
        """The last line that the CLI wrote to its stderr file, as safe text."""
        try:
            with open(self._errors, "rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - _TAIL))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return safe_text(TRACE.sub("", lines[-1]), 400).strip() if lines else ""

    async def end(self, patience: float, limit: Limit = asyncio.timeout) -> bool:
        """Let it close its session, `patience` seconds at most (0: no time at all) as `limit` measures them, then kill
        its group. True if it had to be killed."""
        if self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        if patience:
            with contextlib.suppress(TimeoutError):
                async with limit(patience):
                    await asyncio.wait([self.exit])
        forced = not self.exit.done()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # also what it may have left in its group: docker exec and the like
        await asyncio.wait([self.exit])
        return forced


async def _first_line(reader: asyncio.StreamReader) -> bytes:
    """What it says first; the beginning of it where that has no end, b"" where it says nothing at all."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as short:
        return short.partial
    except asyncio.LimitOverrunError:
        return await reader.read(_TAIL)


def spawn(cli: Path, folder: Path, environment: Mapping[str, str]) -> SessionProcess:
    """Start a session in `folder` (made where it is missing): its working directory, where no project lies around it,
    and where its stderr goes. Raises EngineError."""
    workdir, errors = folder / "neutral", folder / "session.stderr"
    try:
        workdir.mkdir(parents=True, exist_ok=True)
        inherited = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED and not k.startswith("OTEL_")}
        with open(errors, "wb") as stderr:
            child = subprocess.Popen(
                [cli, "--silent", "session", "--label", "dagger.io/sdk.name:python", "--workdir", str(workdir)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=workdir,
                env={**inherited, **_QUIET, **_HARMLESS, **environment},
                start_new_session=True,
            )
    except OSError as error:
        raise EngineError(
            f"{cli} could not be started: {error.strerror}.", "hubtui doctor", kind="dagger_cli"
        ) from error
    return SessionProcess(child, errors)
