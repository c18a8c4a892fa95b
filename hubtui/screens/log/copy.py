"""Copying from a log: to the terminal's clipboard by OSC 52, and to that of this machine where there is one."""

from __future__ import annotations

import asyncio

from textual.widget import Widget

from hubtui.widgets.units import size
from hubtui.workers.clipboard import copy_here

LIMIT = 1024 * 1024  # characters; terminals drop longer ones silently


async def copy(widget: Widget, text: str) -> None:
    """Copy text that is safe already, and say so."""
    cut = text[:LIMIT]
    widget.app.copy_to_clipboard(cut)
    program = await asyncio.to_thread(copy_here, cut)
    told = f"Copied {size(len(cut))}"
    told += f", the first part of {size(len(text))}" if len(cut) < len(text) else ""
    widget.notify(f"{told}{f' ({program} too)' if program else ''}.", markup=False)
