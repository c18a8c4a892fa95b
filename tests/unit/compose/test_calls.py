"""Calls of the CLI: who shares one, who ends one, and what is left of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.compose.command import run
from hubtui.stacks.engines.compose.together import Ticket, Together
from hubtui.stacks.supervise.hurry import Hurry
from tests.doubles.waiting import eventually


class Calls:
    """Remembers who was called for; a call ends when it is `let`."""

    def __init__(self, failed: dict[str, Exception] | None = None) -> None:
        self.names: list[list[str]] = []
        self.ended: list[str] = []
        self.let = asyncio.Event()
        self._failed = failed or {}

    async def call(self, names: Sequence[str]) -> dict[str, Exception]:
        self.names.append(list(names))
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("done")
        return self._failed


async def outcomes(*tickets: Ticket) -> list[BaseException | None]:
    return await asyncio.gather(*(ticket.wait() for ticket in tickets), return_exceptions=True)


async def begun(calls: Calls) -> None:
    async with asyncio.timeout(5):
        while not calls.names:
            await asyncio.sleep(0)


class TestTogether:
    async def test_who_comes_at_the_same_moment_shares_a_call(self) -> None:
        calls = Calls({"b": EngineError("no")})
        together = Together(calls.call)
        tickets = [together.join(name) for name in "abc"]
        calls.let.set()
        found = await outcomes(*tickets)
        assert calls.names == [["a", "b", "c"]]
        assert [str(x) if x else None for x in found] == [None, "no", None]

    async def test_who_comes_while_it_is_done_for_him_has_a_place_in_it(self) -> None:
        calls = Calls()
        together = Together(calls.call)
        together.ahead(["a", "b"])
        await begun(calls)
        ticket = together.join("b")
        calls.let.set()
        assert await outcomes(ticket) == [None]
        assert calls.names == [["a", "b"]]

    async def test_a_call_that_nobody_waits_for_any_more_ends(self) -> None:
        calls = Calls()
        together = Together(calls.call)
        first, second = together.join("a"), together.join("b")
        await begun(calls)
        await first.give_up()
        assert calls.ended == []
        await second.give_up()
        assert calls.ended == ["cancelled"]
        assert together.under_way(["a"]) == []

    async def test_who_has_what_he_wanted_lets_the_call_go_on(self) -> None:
        calls = Calls()
        together = Together(calls.call)
        ticket = together.join("a")
        await begun(calls)
        ticket.let_go()
        await ticket.give_up()
        assert calls.ended == []
        await together.close()
        assert calls.ended == ["cancelled"]


def gone(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return True


async def shell(script: str, hear: list[str], hurry: Hurry | None = None) -> int:
    return (await run(["sh", "-c", script], Path("/"), os.environ, hear.append, hurry)).code


class TestCommand:
    async def test_its_lines_and_its_code(self) -> None:
        heard: list[str] = []
        ended = await run(
            ["sh", "-c", "echo one; echo two >&2; printf three; exit 3"], Path("/"), os.environ, heard.append
        )
        assert (ended.code, heard, ended.lines) == (3, ["one", "two", "three"], ("one", "two", "three"))

    async def test_what_cannot_be_run(self) -> None:
        with pytest.raises(EngineError, match="cannot run /no/such"):
            await run(["/no/such"], Path("/"), os.environ, print)

    async def test_told_to_end_it_gets_what_a_terminal_sends(self) -> None:
        heard: list[str] = []
        task = asyncio.create_task(
            shell("trap 'echo tidying; exit 0' INT; echo up; while :; do sleep 0.01; done", heard)
        )
        await asyncio.to_thread(eventually, lambda: "up" in heard)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert heard[-1] == "tidying"

    async def test_nothing_of_it_is_left_not_even_who_does_not_listen(self) -> None:
        heard, hurry = list[str](), Hurry()
        script = "trap '' INT; (trap '' INT; exec sleep 600) & echo $! $$; wait"
        with hurry.work():
            task = asyncio.create_task(shell(script, heard, hurry))
            await asyncio.to_thread(eventually, lambda: bool(heard))
            began = time.monotonic()
            task.cancel()
            hurry.insist()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert time.monotonic() - began < 5
        eventually(lambda: all(gone(int(pid)) for pid in heard[0].split()))
