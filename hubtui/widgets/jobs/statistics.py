"""The table of statistics as pure functions: a row for each operation of each project, and the line above it."""

from __future__ import annotations

from textual.content import Content

from hubtui.store.statistics import Figures, Overall
from hubtui.widgets.plain import DIM, fit, joined, plain, right, said
from hubtui.widgets.words import BAD, BUSY, exact

OFTEN = 0.1  # of an operation's jobs: from here on its failures are in the colour of trouble


def figures_row(figures: Figures, width: int) -> Content:
    """`harbor  start  120  4  3 %  2  41 s  38 s  1:02`; an empty cell where there is nothing to tell it from."""
    rate = figures.failure_rate
    bad = BAD if rate is not None and rate >= OFTEN else ""
    return _row(
        [
            plain(figures.project, "bold"),
            said(figures.type),
            said(f"{figures.count:,}"),
            said(f"{figures.failures:,}" if figures.failures else "", bad),
            said(percent(rate), bad or DIM),
            said(f"{figures.retried:,}" if figures.retried else "", DIM),
            *(said(exact(s) if s is not None else "") for s in (figures.average, figures.median, figures.p90)),
        ],
        width,
    )


def figures_head(width: int) -> Content:
    """The names of its columns."""
    names = "PROJECT", "OPERATION", "JOBS", "FAILED", "", "AGAIN", "AVERAGE", "MEDIAN", "P90"
    return _row([said(name) for name in names], width).stylize(DIM)


def _row(cells: list[Content], width: int) -> Content:
    project, operation, *numbers = cells
    rest = [fit(operation, 9), *(right(cell, w) for cell, w in zip(numbers, (7, 6, 5, 6, 8, 8, 8), strict=True))]
    end = joined(rest, " ")
    return Content.assemble(fit(project, max(min(width - end.cell_length - 2, 24), 4)), "  ", end)


def percent(rate: float | None) -> str:
    """`3 %`; below one, `<1 %` where there is anything; "" where unknown."""
    if rate is None:
        return ""
    return "<1 %" if 0 < rate < 0.01 else f"{rate:.0%}".replace("%", " %")


def overall_line(overall: Overall, width: int) -> Content:
    """`2 active now   1 failed in the last hour   of 1,204 jobs kept`."""
    active = said(f"{'◐' if overall.active else '○'} {overall.active} active now", BUSY if overall.active else DIM)
    failed = overall.failed_last_hour
    told = said(f"{'✗' if failed else '✓'} {failed} failed in the last hour", BAD if failed else DIM)
    return fit(joined([active, told, said(f"of {overall.kept:,} jobs kept", DIM)], "   "), width)
