"""Whether containers that were not started from here were made from the entries that the files have now.

Compose writes a hash of the entry on each container, and says what it would write today (`config --hash`). That is no
word on a container which another version made. Two things are known to be in a hash on a container and not in what
Compose says: what env files hold, and (before 2.30, which counts dependencies) that a service was started without those
that it depends on, or without the optional ones. Where either may be the reason, the hash is made here, if ours agrees
with Compose's on the entry as it is said; else nothing is said.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hubtui.errors import HubtuiError
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.containers import Container
from hubtui.stacks.engines.compose.program import parse_version
from hubtui.stacks.engines.compose.service import ComposeService
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.spec.shell import without_compose
from hubtui.stacks.supervise.ages import Ages

_NOT_COUNTED_LATER = ("depends_on", "profiles")
_MORE = ("depends_on", "env_file", "label_file")  # keys for which a container has another hash than Compose says
Shape = Mapping[str, Any]


class MadeFrom:
    """Asks Compose in the background, and tells `ages`."""

    def __init__(self, compose: Compose, services: Mapping[str, ComposeService], ages: Ages) -> None:
        self._compose, self._services, self._ages = compose, services, ages
        self._asking: set[asyncio.Task[None]] = set()

    def ask(self, stack: Stack, names: Sequence[str]) -> None:
        """Find out about these, anew."""
        for task in self._asking:
            task.cancel()
        if names:
            task = asyncio.create_task(self._ask(stack, names), name="config hash")
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def close(self) -> None:
        """Ask no more."""
        for task in self._asking:
            task.cancel()
        if self._asking:
            await asyncio.wait(self._asking)

    async def _ask(self, stack: Stack, names: Sequence[str]) -> None:
        with contextlib.suppress(HubtuiError, OSError):  # then nothing is said
            version, now = parse_version(await self._compose.version()), await self._now(stack)
            seen = {name: [c for c in self._services[name].seen.values() if c.lives] for name in names}
            known = [n for n in names if n in now and version and all(c.made_by == version for c in seen[n])]
            other = [name for name in known if any(c.config_hash != now[name] for c in seen[name])]
            found = dict.fromkeys(known, False) | await self._verdicts(stack, other, now, seen)
            for name, otherwise in found.items():
                self._ages.made(name, otherwise)

    async def _now(self, stack: Stack) -> dict[str, str]:
        lines: list[str] = []
        ended = await self._compose.call(stack, "config", "--hash", "*", hear=lines.append, every_profile=True)
        said = [line.split() for line in lines] if ended.code == 0 else []
        return {words[0]: words[1] for words in said if len(words) == 2}

    async def _verdicts(
        self, stack: Stack, names: Sequence[str], now: Mapping[str, str], seen: Mapping[str, Sequence[Container]]
    ) -> dict[str, bool]:
        if not names:
            return {}
        told, filled = await asyncio.to_thread(_shapes, stack)
        found = {}
        for name in names:
            entry = told.get(name, {})
            same = hashes(entry, filled.get(name, {}), now[name])
            understood = bool(same) or (bool(entry) and entry.keys().isdisjoint(_MORE))
            found[name] = understood and any(c.config_hash not in {now[name], *same} for c in seen[name])
        return found


def hashes(told: Shape, filled: Shape, now: str) -> frozenset[str]:
    """All hashes that Compose may write on a container of this entry, where it says `now` of it; none where that is
    not understood. `told` and `filled` are the entry without and with what its env files hold."""
    from hubtui.stacks.spec.resolve.hashing import service_hash

    needed = {name: d for name, d in told.get("depends_on", {}).items() if d.get("required", True)}
    for without in ((), _NOT_COUNTED_LATER):
        if told and service_hash(_less(told, without)) == now:
            entry = _less(filled, without)
            alone = _less(entry, ("depends_on",))
            forms = [entry, alone, {**alone, "depends_on": needed} if needed and "depends_on" in entry else alone]
            return frozenset({now, *map(service_hash, forms)})
    return frozenset()


def _less(entry: Shape, without: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in without}


def _shapes(stack: Stack) -> tuple[Shape, Shape]:
    """The entries of all services, without and with what env files hold. Raises StackError."""
    from hubtui.stacks.spec.project import read_project
    from hubtui.stacks.spec.resolve.config import resolved
    from hubtui.stacks.spec.resolve.sources import Wanted

    read = stack.read
    wanted = Wanted(read.files, read.env_files, ("*",), stack.name, stack.folder)
    told, filled = (
        resolved(read_project(stack.folder, wanted, without_compose()), files=files)["services"]
        for files in (False, True)
    )
    return told, filled
