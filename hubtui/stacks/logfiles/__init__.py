"""The durable log of each service: one writer that never loses count, any number of readers."""

from __future__ import annotations

from hubtui.stacks.logfiles.format import service_folder
from hubtui.stacks.logfiles.reader import START, LogReader, Position, merge_tail
from hubtui.stacks.logfiles.writer import LogWriter

__all__ = ["START", "LogReader", "LogWriter", "Position", "merge_tail", "service_folder"]
