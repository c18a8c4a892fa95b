"""Writing lines to a file from a log view: asking what and where to, and saying how it goes."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from textual.content import Content

from hubtui.logs.marks import Mark
from hubtui.messages import LogExported
from hubtui.safetext import safe_text
from hubtui.widgets.log.status import part
from hubtui.widgets.log.view import LogView
from hubtui.widgets.plain import EMPTY, plain


def ask_export(view: LogView, name: str, *, filtered: bool, marks: tuple[Mark, ...], again: str = "") -> None:
    """Ask, then have the reader write it. `name` is what the log is called, for the name of the file; `again` the file
    that could not be written before."""
    from hubtui.screens.log.export import LogExport
    from hubtui.workers.log.export import Wanted, export

    def begin(wanted: Wanted | None) -> None:
        if wanted is not None:
            first, last = view.edges
            view.reading.run_errand(export(replace(wanted, begin=first, end=last, marks=marks)))

    called = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "log"
    suggested = again or f"{called}-{time.strftime('%Y%m%d-%H%M%S')}.log"
    view.app.push_screen(LogExport(suggested, filtered=filtered, marked=bool(marks)), begin)


def exported(view: LogView, news: LogExported) -> Content:
    """What the line below the log says while it is written; at the end nothing, but a word in the corner."""
    if not news.over:
        return plain(f"writing {news.path.name} ... {part(news.part)}", "$text-accent")
    told = f"Wrote {news.lines:,} line{'s' if news.lines != 1 else ''} to {news.path}."
    told = f"{news.trouble} e asks again." if news.trouble else told
    view.notify(safe_text(told), severity="error" if news.trouble else "information", markup=False, timeout=8)
    return EMPTY
