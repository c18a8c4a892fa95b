"""The three truths of a project as a page: columns side by side, differences in words, and the keys that go on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from hubtui.widgets.plain import DIM, EMPTY, fit, joined, lines, plain, said
from hubtui.widgets.words import BUSY, GOOD
from hubtui.workers.truths.model import Action, Row, Truths

_HEADS = ("", "RECORD", "PROCESS TABLE", "ENGINE")
_LEAST = (12, 8, 20, 9)
_GIVES_WAY = (0, 2, 1, 3)  # which column is cut first
KEYS = {Action.TAKE_OVER: "T", Action.STOP: "x", Action.MARK_FAILED: "f"}


def truths_page(found: Truths, width: int) -> Content:
    """The page, in lines of `width` cells: the verdict first, since services may be more than the screen has rows."""
    widths = _widths(found.rows, width)
    head = _line([said(head, DIM) for head in _HEADS], said(" "), widths)
    return lines([*_verdict(found, width), EMPTY, head, *(_row(row, widths) for row in found.rows)])


def _verdict(found: Truths, width: int) -> list[Content]:
    """What differs, and what can be done about it."""
    if not found.differences:
        return [Content.assemble(("✓", GOOD), " Nothing differs.")]
    rows: list[Content] = []
    for difference in found.differences:
        rows += _wrapped(Content.assemble(("!", BUSY), " "), plain(difference.sentence), width)
    rows.append(EMPTY)
    for action in found.actions:
        key = Content.assemble((KEYS[action], "bold $text-accent"), " ", fit(said(action.label, "bold"), 13))
        rows += _wrapped(key, said(action.does, DIM), width)
    if not found.actions:
        rows += _wrapped(EMPTY, said("Nothing can be done about it from here.", DIM), width)
    return rows


def _row(row: Row, widths: Sequence[int]) -> Content:
    style = BUSY if row.differs else ""
    mark = said("!" if row.differs else " ", BUSY)
    return _line([plain(text, style) for text in (row.name, *row.words)], mark, widths)


def _line(cells: Sequence[Content], mark: Content, widths: Sequence[int]) -> Content:
    return Content.assemble(mark, " ", joined([fit(c, w) for c, w in zip(cells, widths, strict=True)]))


def _widths(rows: Sequence[Row], width: int) -> list[int]:
    """As wide as what is in them; where that is too much, column by column down to the least."""
    texts = [(row.name, *row.words) for row in rows]
    wanted = [max([least, *(plain(t[i]).cell_length for t in texts)]) for i, least in enumerate(_LEAST)]
    for column in _GIVES_WAY:
        over = 2 + sum(wanted) + 2 * (len(wanted) - 1) - width
        wanted[column] = max(wanted[column] - max(over, 0), _LEAST[column])
    return wanted


def _wrapped(head: Content, text: Content, width: int) -> list[Content]:
    """Going on below its own beginning."""
    room = max(width - head.cell_length, 20)
    return [
        Content.assemble(head if i == 0 else " " * head.cell_length, part) for i, part in enumerate(text.wrap(room))
    ]
