"""Where text becomes Content: foreign text passes `plain` exactly once, and nothing here is ever read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from hubtui.safetext import safe_text

EMPTY = Content("")
DIM = "$foreground 60%"


def plain(text: object, style: str = "") -> Content:
    """Foreign text (a name, a message, a path, a log line) as Content of one line."""
    return Content.styled(safe_text(str(text)), style)


def said(text: str, style: str = "") -> Content:
    """hubtui's own words as Content; for foreign text use `plain`."""
    return Content.styled(text, style)


def painted(safe: str, parts: Iterable[tuple[int, int, Style]]) -> Content:
    """Text that is safe already, in which characters from, up to (not included) have styles of their own."""
    pieces: list[str | tuple[str, Style]] = []
    done = 0
    for start, end, style in parts:
        pieces += [safe[done:start], (safe[start:end], style)]
        done = end
    return Content.assemble(*pieces, safe[done:])


def fit(content: Content, width: int) -> Content:
    """Exactly `width` cells: cut with … or filled with blanks."""
    return content.truncate(max(width, 0), ellipsis=True, pad=True) if width > 0 else EMPTY


def right(content: Content, width: int) -> Content:
    """Exactly `width` cells, filled on the left."""
    missing = width - content.cell_length
    return Content.assemble(" " * missing, content) if missing > 0 else fit(content, width)


def spread(left: Content, end: Content, width: int) -> Content:
    """`left` and `end` at the two ends of a line; where both do not fit, `left` is cut."""
    room = width - end.cell_length - 1
    if room < 8:
        return fit(left, width)
    return Content.assemble(fit(left, room), " ", end)


def joined(parts: Iterable[Content], gap: str = "  ") -> Content:
    """The parts that are not empty, with a gap between them."""
    kept = [part for part in parts if part]
    return Content.assemble(*(x for i, part in enumerate(kept) for x in ((gap, part) if i else (part,))))


def lines(rows: Sequence[Content]) -> Content:
    """Rows one below the other."""
    return Content.assemble(*(x for i, row in enumerate(rows) for x in (("\n", row) if i else (row,))))


class Plain(Static):
    """A Static that takes Content only, and paints only what differs from what it shows."""

    def __init__(self, content: Content = EMPTY, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(content, id=id, classes=classes, markup=False)
        self._shown = content

    @property
    def line_count(self) -> int:
        """How many lines are shown."""
        return self._shown.plain.count("\n") + 1 if self._shown else 0

    def show(self, content: Content) -> None:
        """Show this instead; the layout is done anew only where the number of lines may have changed."""
        if content.is_same(self._shown):
            return
        tall = self._shown.plain.count("\n") != content.plain.count("\n") or not (self._shown and content)
        self._shown = content
        wraps = str(self.styles.height) == "auto" and self.styles.text_wrap == "wrap"
        self.update(content, layout=tall or wraps)


class Vanishing(Plain):
    """A Plain that takes no line while there is nothing to show."""

    DEFAULT_CSS = """
    Vanishing.-nothing { display: none; }
    """

    def on_mount(self) -> None:
        self.set_class(not self._shown, "-nothing")

    def show(self, content: Content) -> None:
        super().show(content)
        self.set_class(not content, "-nothing")
