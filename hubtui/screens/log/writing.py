"""Writing lines to a file from a log view: asking what and where to, saying how it goes, and what would end it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

from textual.content import Content

from hubtui.logs.marks import Mark
from hubtui.messages import LogExported
from hubtui.safetext import safe_text
from hubtui.widgets.log.status import part
from hubtui.widgets.log.view import LogView
from hubtui.widgets.plain import EMPTY, plain


class LogWriting:
    """The file that is being written from one view, if any."""

    def __init__(self, view: LogView) -> None:
        self._view = view
        self._path: Path | None = None
        self._again = ""  # the file that could not be written
        self._warned = False

    def ask(self, name: str, *, filtered: bool, marks: tuple[Mark, ...]) -> None:
        """Ask, then have the reader write it. `name` is what the log is called, for the name of the file."""
        from hubtui.screens.log.export import LogExport
        from hubtui.workers.log.export import Wanted, export

        def begin(wanted: Wanted | None) -> None:
            if wanted is not None:
                self._path, self._warned = wanted.path, False
                first, last = self._view.edges
                self._view.reading.run_errand(export(replace(wanted, begin=first, end=last, marks=marks)))

        called = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "log"
        suggested = self._again or f"{called}-{time.strftime('%Y%m%d-%H%M%S')}.log"
        self._view.app.push_screen(LogExport(suggested, filtered=filtered, marked=bool(marks)), begin)

    def hear(self, news: LogExported) -> Content:
        """What the line below the log says while it is written; at the end nothing, but a word in the corner."""
        if not news.over:
            return plain(f"writing {news.path.name} ... {part(news.part)}", "$text-accent")
        self._path, self._again = None, str(news.path) if news.trouble else ""
        told = f"Wrote {news.lines:,} line{'s' if news.lines != 1 else ''} to {news.path}."
        told = f"{news.trouble} e asks again." if news.trouble else told
        self._tell(told, severe=bool(news.trouble))
        return EMPTY

    def may_end(self) -> bool:
        """Whether the reader may be ended: not while it writes, but then the second time it is asked."""
        if self._path is None or self._warned:
            return True
        self._warned = True
        self._tell(f"{self._path.name} is still being written. Once more leaves without it.", severe=True)
        return False

    def drop(self) -> None:
        """Another log is read now: what was being written of the one before is not there."""
        if self._path is not None:
            self._tell(f"{self._path.name} was not written: another log was opened meanwhile.", severe=True)
            self._path = None

    def _tell(self, sentence: str, *, severe: bool) -> None:
        self._view.notify(safe_text(sentence), severity="error" if severe else "information", markup=False, timeout=8)
