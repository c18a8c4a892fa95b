"""Asking the reader for the whole of a line, and what is done with it: its page, or the clipboard."""

from __future__ import annotations

from hubtui.messages import LogWhole
from hubtui.widgets.log.view import LogView
from hubtui.workers.log.tasks import read_whole

LIMIT = 4 * 1024 * 1024  # bytes of one line that are shown or copied


def ask_whole(view: LogView, why: str) -> None:
    """Have the line under the cursor read whole; `why` is detail or copy."""
    current = view.page.current
    if current is not None:
        view.reading.run_errand(read_whole(current, why, LIMIT))


def show_whole(view: LogView, found: LogWhole) -> None:
    """It has come."""
    from hubtui.screens.log.copy import copy
    from hubtui.screens.log.detail import LogDetail
    from hubtui.widgets.log.detail import Standing, copied

    if found.why == "copy":
        view.run_worker(copy(view, copied(found.whole)), exit_on_error=False)
        return
    names = view.manner.sources
    source = names[found.line.source] if found.line.source < len(names) else ""
    number = found.number + 1 if found.number is not None else None
    view.app.push_screen(LogDetail(found, Standing(source, number=number)))
