"""What follows from the three truths, on made-up ones: what real processes cannot be brought to say at will."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubtui.models import EndReason, Run, RunState, Service, ServiceState
from hubtui.stacks.proctree import Stat
from hubtui.store.runners import RunnerRow
from hubtui.store.services import ProcessRow
from hubtui.workers import heartbeat
from hubtui.workers.heartbeat import Heartbeat
from hubtui.workers.truths import Action, Truths
from hubtui.workers.truths.compare import compared
from hubtui.workers.truths.model import Kernel, Marked, Record

BOOT = "boot-1"
RUN = Run(4, "shop", RunState.UP, None, "process", None, datetime(2026, 11, 22, tzinfo=UTC), None, 4)


def there(pid: int, state: str = "S", parent: int = 1) -> Stat:
    return Stat(pid, "python3", state, parent, pid, 0, 1, 99, 0)


def truths(*, engine: dict[str, str] | None = None, **states: ServiceState) -> Truths:
    """A project that is up and the same in all three, but for the engine's word."""
    services = tuple(Service(name, state) for name, state in states.items())
    pids = {name: 100 + i for i, name in enumerate(states)}
    record = Record(
        run=RUN,
        boot_id=BOOT,
        runner=RunnerRow("shop", 4, "up", 12, 99, BOOT),
        services=services,
        processes={name: ProcessRow(name, pid, 1, BOOT) for name, pid in pids.items()},
    )
    up = frozenset(s.name for s in services if s.state is ServiceState.RUNNING)
    marked = tuple(Marked(pids[name], 4, name) for name in sorted(up))
    kernel = Kernel(BOOT, True, "up", there(11), there(12, parent=11), up, marked)
    return Truths("shop", "process", record, kernel, Heartbeat(7, 12, 0.4, {}, engine or {}))


def kinds(found: Truths) -> list[str]:
    return [d.kind for d in compared(found).differences]


UP, STOPPED, FAILED, EXITED = ServiceState.RUNNING, ServiceState.STOPPED, ServiceState.FAILED, ServiceState.EXITED


def test_nothing_differs_where_nothing_differs() -> None:
    found = compared(truths(engine={"web": "running", "job": "exited"}, web=UP, job=EXITED))
    assert found.differences == ()
    assert [row.words for row in found.rows] == [
        ("run #4 up", "runner 12 alive, guard 11", "answers"),
        ("running", "PID 100", "running"),
        ("exited", "none", "exited"),
    ]


@pytest.mark.parametrize(
    ("state", "engine", "words"),
    [
        (UP, {"web": "failed"}, "The record says that web runs; the engine says failed."),
        (UP, {"other": "running"}, "The record says that web runs; the engine says nothing of it."),
        (STOPPED, {"web": "running"}, "The record says that web is stopped; the engine says that it runs."),
        (UP, {}, ""),  # a runner that does not tell is not one that denies
    ],
)
def test_the_engine_against_the_record(state: ServiceState, engine: dict[str, str], words: str) -> None:
    found = compared(truths(engine=engine, web=state))
    assert " ".join(d.sentence for d in found.differences) == words
    assert [row.differs for row in found.rows] == [False, bool(words)]


def test_the_word_of_an_engine_that_was_not_heard_of_for_long_counts_for_nothing() -> None:
    old = replace(truths(web=UP), beat=Heartbeat(7, 12, 60.0, {}, {"web": "failed"}))
    assert kinds(old) == ["runner_silent"]
    assert compared(old).rows[1].engine == "-"


def test_a_runner_in_uninterruptible_sleep_is_said_to_be() -> None:
    found = truths(web=UP)
    asleep = replace(found, kernel=replace(found.kernel, runner=there(12, "D", 11)), beat=None)
    (difference,) = compared(asleep).differences
    assert "was not heard of at all" in difference.sentence
    assert "uninterruptible sleep" in difference.sentence
    assert Action.TAKE_OVER not in difference.actions, "there would be two"


def test_processes_of_a_service_that_is_down_are_named() -> None:
    found = truths(web=FAILED)
    left = replace(found, kernel=replace(found.kernel, marked=(Marked(100, 4, "web"), Marked(101, 4, "web"))))
    (difference,) = compared(left).differences
    assert difference.sentence == "The record says that web is failed, but 2 processes of it are alive: PID 100, 101."


def test_a_runner_that_leaves_is_given_the_time_to_write_it_down() -> None:
    found = truths(web=UP)
    for word in ("leaving", "ending"):
        assert kinds(replace(found, kernel=replace(found.kernel, word=word, alive=frozenset(), marked=()))) == []


def test_a_holder_that_cannot_be_seen_is_said_and_nothing_is_offered() -> None:
    found = truths(web=UP)
    (difference,) = compared(replace(found, kernel=replace(found.kernel, runner=None, guard=None))).differences
    assert (difference.kind, difference.actions) == ("holder_hidden", ())


def test_only_an_engine_that_keeps_its_services_can_be_taken_over_with_them() -> None:
    found = truths(web=UP)
    alone = replace(found, kernel=replace(found.kernel, held=False, word="", runner=None, guard=None))
    for engine, offered in (("process", False), ("dagger", False), ("compose", True)):
        (difference,) = compared(replace(alone, engine=engine)).differences
        assert (difference.kind, Action.TAKE_OVER in difference.actions) == ("runner_gone", offered)


def test_services_without_a_run_are_said() -> None:
    found = truths(web=UP)
    ended = replace(RUN, state=RunState.ENDED, end_reason=EndReason.LOST)
    alone = replace(found, record=replace(found.record, run=ended), kernel=Kernel(BOOT))
    assert kinds(alone) == ["services_alone"]


def test_names_from_a_file_cannot_act_on_a_terminal() -> None:
    found = truths(engine={"w\x1b[2Jeb": "\x1b]0;x\x07"}, **{"w\x1b[2Jeb": UP})
    assert all(d.sentence.isprintable() for d in compared(found).differences)
    assert compared(found).differences


def test_a_heartbeat_carries_the_engines_word_and_one_without_it_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    heartbeat.beat(path, 1, {"web": {"cpu_percent": 1.0}}, {"web": "running"})
    assert heartbeat.read(path).engine == {"web": "running"}  # type: ignore[union-attr]
    heartbeat.beat(path, 2, {})
    assert "engine" not in json.loads(path.read_text())
    assert heartbeat.read(path).engine == {}  # type: ignore[union-attr]
    path.write_text(json.dumps({**json.loads(path.read_text()), "engine": ["odd"]}))
    assert heartbeat.read(path).count == 2  # type: ignore[union-attr]


class TestContainers:
    """Services of the compose engine live in Docker, whoever holds the project."""

    ENDED = replace(RUN, engine="compose", state=RunState.ENDED, end_reason=EndReason.STOPPED)

    def found(self, run: Run, containers: tuple[str, ...] | None) -> Truths:
        record = Record(run=run, boot_id=BOOT, services=(Service("web", STOPPED), Service("db", STOPPED)))
        return compared(Truths("shop", "compose", record, Kernel(BOOT), None, containers))

    def test_containers_that_no_run_holds_can_be_taken_over_or_stopped(self) -> None:
        found = self.found(self.ENDED, ("db", "web"))
        assert [d.kind for d in found.differences] == ["containers_alone"]
        assert found.differences[0].sentence.endswith("db, web are running in Docker.")
        assert found.actions == (Action.TAKE_OVER, Action.STOP)

    def test_those_of_a_run_whose_runner_is_gone_are_named(self) -> None:
        found = self.found(replace(RUN, engine="compose"), ("web",))
        assert "Docker runs web of it" in found.differences[0].sentence
        assert Action.TAKE_OVER in found.actions

    def test_each_service_says_whether_it_has_a_container(self) -> None:
        assert [row.process for row in self.found(self.ENDED, ("web",)).rows[1:]] == ["container up", "no container"]

    def test_a_docker_that_does_not_answer_makes_no_difference(self) -> None:
        assert self.found(self.ENDED, None).differences == ()
