"""The rows of the jobs screen: a list of which only the part around the cursor is there."""

from __future__ import annotations

from textual.message import Message

from hubtui.models import Job
from hubtui.widgets.row_list import Draw
from hubtui.widgets.typed_rows import TypedRows

NEAR = 60  # rows from an end of what is there: time to fetch more


class JobRows(TypedRows[Job]):
    """Tells when it comes near an end of its rows, and when one of the ends is asked for."""

    class Near(Message):
        """The cursor, or what is on the screen, is near the first or the last row that is there."""

    class Edge(Message):
        """The very first or the very last row is asked for, whether or not it is there."""

        def __init__(self, end: int) -> None:
            super().__init__()
            self.end = end

    def __init__(self, draw: Draw[Job]) -> None:
        super().__init__(draw, lambda job: str(job.id), id="jobs")

    @property
    def near_first(self) -> bool:
        return min(self.cursor, self.scroll_offset.y) < NEAR

    @property
    def near_last(self) -> bool:
        return max(self.cursor, self.scroll_offset.y + self.size.height) > len(self.items) - NEAR

    def _look_around(self) -> None:
        if self.near_first or self.near_last:
            self.post_message(self.Near().set_sender(self))

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self._look_around()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._look_around()

    def action_edge(self, end: int) -> None:
        self.post_message(self.Edge(end).set_sender(self))
