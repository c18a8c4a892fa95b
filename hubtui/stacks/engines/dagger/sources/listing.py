"""Listing a folder off the event loop, and what people are told of it: a tree of gigabytes takes a while."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from hubtui.stacks.engines.dagger.sources.select import Selection, Stop, Tell

Select = Callable[[Stop, Tell], Selection]


async def listed(select: Select, tell: Callable[[str], None]) -> Selection:
    """What `select` finds; `tell` hears how far it is ("lists 12,000 files, 1.2 GB"). Cancelled, it stops. Raises what
    `select` raises."""
    loop, over = asyncio.get_running_loop(), threading.Event()

    def heard(files: int, number: int) -> None:
        if not over.is_set():
            tell(f"lists {files:,} files, {in_bytes(number)}")

    def from_thread(files: int, number: int) -> None:
        if not over.is_set():
            loop.call_soon_threadsafe(heard, files, number)

    try:
        return await asyncio.to_thread(select, over.is_set, from_thread)
    finally:
        over.set()


def size(selection: Selection) -> str:
    """For people: "1,204 files, 83.1 MB (left out: node_modules/ 1.2 GB)"."""
    left = ", ".join(f"{path} {in_bytes(number)}".strip() for path, number, _ in selection.skipped[:3])
    files = "1 file" if selection.files == 1 else f"{selection.files:,} files"
    return f"{files}, {in_bytes(selection.bytes)}" + (f" (left out: {left})" if left else "")


def in_bytes(number: int | None) -> str:
    """As 83.1 MB; "" for what is not known."""
    if number is None:
        return ""
    value = float(number)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
