"""Operations asked for by the screens: in order, one message each, whatever goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from textual.message import Message

from hubtui.errors import HubtuiError
from hubtui.messages import OperationDone, OperationRefused
from hubtui.models import JobType
from hubtui.workers import operations
from hubtui.workers.hub import Hub
from hubtui.workers.orchestrate import Orchestrator
from tests.pilot.stage import Stage


class LateThreads:
    """A host whose threads start when told to, in any order."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.posted: list[Message] = []

    def start_thread(self, work: Callable[[], None], *, name: str, group: str) -> None:
        assert name and group
        self.waiting.append(work)

    def post_message(self, message: Message) -> bool:
        self.posted.append(message)
        return True

    def run_all(self) -> None:
        random.shuffle(self.waiting)
        while self.waiting:
            self.waiting.pop()()


def test_operations_of_a_project_keep_their_order(stage: Stage) -> None:
    stage.add("alpha")
    threads = LateThreads()
    with Hub(stage.home) as hub:
        orchestrator = Orchestrator(hub, threads)
        tokens = [orchestrator.ask(kind, "alpha") for kind in (JobType.START, JobType.RESTART, JobType.STOP)]
        threads.run_all()
    assert [m.token for m in threads.posted if isinstance(m, OperationDone)] == tokens
    assert [j.type for j in reversed(stage.jobs("alpha"))] == ["start", "restart", "stop"]


@pytest.mark.parametrize("error", [HubtuiError("No.", "Do this."), ZeroDivisionError("x"), OSError("disk")])
def test_whatever_is_raised_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(operations, "ask", fail)
    threads = LateThreads()
    with Hub(stage.home) as hub:
        Orchestrator(hub, threads).ask(JobType.START, "alpha")
        threads.run_all()
    refused = threads.posted[0]
    assert isinstance(refused, OperationRefused)
    assert str(error) in refused.message and refused.hint
