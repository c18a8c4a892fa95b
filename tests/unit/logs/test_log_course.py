"""The reader of a log view takes turns: what the user does now comes before what takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.message import Message

from hubtui.logs.block import Block, Judged
from hubtui.logs.lines import Line
from hubtui.logs.opening import open_lines
from hubtui.messages import LogMore, LogNothing, LogWindow
from hubtui.workers.log.course import Course
from hubtui.workers.log.goals import ToEdge, ToNearest
from hubtui.workers.log.wishes import Extension, Sought, Source, Wish, Wishes


class Slow:
    """A question that takes a millisecond a line, and no line is meant."""

    def __call__(self, line: Line) -> bool:
        time.sleep(0.001)
        return False

    def judged(self, block: Block) -> Judged:
        return dict.fromkeys(block.starts, self)


@dataclass
class Reader:
    """A course through a file, turn by turn, and what it told."""

    wishes: Wishes
    told: list[Message]
    course: Course

    def until(self, kind: type[Message], turns: int) -> Message:
        """The first message of a kind that comes within so many turns."""
        begun = len(self.told)
        for _ in range(turns):
            self.course.take()
            for message in self.told[begun:]:
                if isinstance(message, kind):
                    return message
        raise AssertionError(f"no {kind.__name__} in {turns} turns: {self.told[begun:]}")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    file = tmp_path / "many.log"
    file.write_text("".join(f"line {n}\n" for n in range(5000)))
    wishes = Wishes(source=Source(lambda: open_lines([file])))
    told: list[Message] = []
    assert wishes.source is not None
    course = Course(wishes.source, wishes, told.append)
    yield Reader(wishes, told, course)
    course.close()


def test_lines_that_come_next_do_not_wait_for_a_search_through_everything(reader: Reader) -> None:
    reader.wishes.wish = Wish(1, ToEdge(end=False), 10, 10)
    window = reader.until(LogWindow, 5)
    assert isinstance(window, LogWindow)
    reader.wishes.search = Sought(2, Slow())
    reader.wishes.wish = Wish(3, ToNearest(window.above), 10, 10)
    reader.course.take()
    reader.wishes.extensions[False] = Extension(3, window.below, 20, False)
    more = reader.until(LogMore, 2)
    assert isinstance(more, LogMore)
    assert [line.raw for line in more.lines] == [f"line {n}".encode() for n in range(10, 30)]
    assert not any(isinstance(message, LogNothing) for message in reader.told)
