"""Compose as a stack is known to it: the same name, files, env files, profiles and folder that hubtui read it with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hubtui.stacks.engines.compose import program
from hubtui.stacks.engines.compose.command import Ended, Hear, run
from hubtui.stacks.engines.compose.program import Program, parse_version
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.supervise.hurry import Hurry


def argv_of(found: Program, stack: Stack, *words: str) -> list[str]:
    """The whole command line: what names the stack, then `words`."""
    read = stack.read
    argv = [*found.argv, "--project-name", stack.name, "--project-directory", str(stack.folder)]
    argv += [word for file in read.files for word in ("--file", str(file))]
    argv += [word for file in read.env_files for word in ("--env-file", str(file))]
    argv += [word for name in read.profiles for word in ("--profile", name)]
    return [*argv, *words]


class Compose:
    """Calls `docker compose` for a stack. `lines` of a call that failed say why."""

    def __init__(self, found: Program, hurry: Hurry) -> None:
        self.program, self._hurry = found, hurry
        self._version: asyncio.Task[str] | None = None

    async def call(
        self,
        stack: Stack,
        *words: str,
        hear: Hear = lambda line: None,
        progress: str = "",
        every_profile: bool = False,
    ) -> Ended:
        """Run it to its end. Raises EngineError where it cannot be run; cancelled, it is ended."""
        folder = stack.folder if stack.folder.is_dir() else Path("/")
        flags = [*(["--progress", progress] if progress else []), *(["--profile", "*"] if every_profile else [])]
        argv = argv_of(self.program, stack, *flags, *words)
        return await run(argv, folder, program.environment(), hear, self._hurry)

    async def version(self) -> str:
        """Its version, asked once: "2.26.1-4"; "" where it tells none."""
        if self._version is None:
            self._version = asyncio.create_task(self._ask_version(), name="compose version")
        return await asyncio.shield(self._version)

    async def _ask_version(self) -> str:
        lines: list[str] = []
        argv: Sequence[str] = [*self.program.argv, "version", "--short"]
        ended = await run(argv, Path("/"), program.environment(), lines.append)
        found = [line.strip() for line in lines if parse_version(line)]
        return found[-1].lstrip("v") if ended.code == 0 and found else ""

    async def progress(self) -> str:
        """The most telling `--progress` that it knows; "" where it is too old to be told of one."""
        version = parse_version(await self.version())
        return "json" if version >= program.JSON_SINCE else ""

    async def close(self) -> None:
        """Nothing of it is left running."""
        if self._version is not None and not self._version.done():
            self._version.cancel()
            await asyncio.wait([self._version])
