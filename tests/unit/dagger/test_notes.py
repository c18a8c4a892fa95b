"""What hubtui itself writes into the log of a service on Dagger."""

from __future__ import annotations

import time
from pathlib import Path

from hubtui.stacks.engines.base import EngineContext
from hubtui.stacks.engines.dagger.service import DaggerService
from hubtui.stacks.engines.dagger.shared import Shared
from hubtui.stacks.engines.dagger.volumes import VolumeMemory
from hubtui.stacks.logfiles import LogReader, service_folder
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.restart import Pace
from tests.doubles.reporter import RecordingReporter


async def _never(service: DaggerService) -> None:
    raise AssertionError(service)


def test_a_note_has_the_time_of_its_own_and_lines_that_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("name: s\nservices: {web: {image: x}}\n")
    context = EngineContext("s", 1, "marker", tmp_path / "logs", tmp_path / "engine")
    shared = Shared(context, RecordingReporter(), Pace(), Hurry(), "token", VolumeMemory(tmp_path / "volumes"), _never)
    service = DaggerService(load_stack(tmp_path), "web", shared)
    service.heard_at = 1000.0
    service.log().write("out", b"printed\n")
    service._note("stopping")
    service.log().write("out", b"printed late\n")
    lines, _ = LogReader(service_folder(context.logs, "web"), "web").tail(10)
    stamps = {line.line: line.time.timestamp() for line in lines}
    assert stamps["printed"] == stamps["printed late"] == 1000.0
    assert abs(stamps["stopping"] - time.time()) < 60
