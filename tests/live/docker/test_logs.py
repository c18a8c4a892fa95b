"""What containers print arrives whole: nothing lost, nothing twice, in order."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from hubtui.models import JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, log_lines, started
from tests.live.docker.daemon import Daemon

WAVE = 20000  # lines
WAVES = (  # each begins when the test lets it
    "i=0; for wave in 1 2 3; do while [ ! -e /gate/$wave ]; do sleep 0.02; done; "
    f"n=0; while [ $n -lt {WAVE} ]; do echo line $i; i=$((i+1)); n=$((n+1)); done; done; echo over; exec sleep 600"
)
FLOOD = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo over; exec sleep 600"


def test_a_flood_arrives_whole_and_in_order(host: Host, tmp_path: Path) -> None:
    project = started(host, stacks.write(tmp_path / "flood", {"loud": stacks.shell(FLOOD), "b": stacks.shell(FLOOD)}))
    for service in ("loud", "b"):
        eventually(lambda service=service: "over" in log_lines(host, project, service)[-1:], 30)  # type: ignore[misc]
        assert log_lines(host, project, service) == [*(f"line {n}" for n in range(20000)), "over"]


@pytest.mark.parametrize("times", [1, 3])
def test_a_flood_arrives_whole_though_its_runner_is_killed_meanwhile(host: Host, tmp_path: Path, times: int) -> None:
    gate = tmp_path / "torn" / "gate"
    gate.mkdir(parents=True)
    project = started(host, stacks.write(tmp_path / "torn", {"loud": stacks.shell(WAVES, volumes=["./gate:/gate"])}))
    for number in range(3):
        (gate / str(number + 1)).touch()
        if number >= times:
            continue
        seen = number * WAVE + 6000  # more than are compared one by one
        eventually(lambda seen=seen: len(log_lines(host, project, "loud")) > seen, 30)  # type: ignore[misc]
        os.kill(host.runner(project), signal.SIGKILL)
        eventually(lambda number=number: run_number(host, project) == number + 2)  # type: ignore[misc]
    eventually(lambda: "over" in log_lines(host, project, "loud")[-1:], 30)
    assert log_lines(host, project, "loud") == [*(f"line {n}" for n in range(3 * WAVE)), "over"]


def run_number(host: Host, project: str) -> int:
    """Of the run that is up; 0 where none is."""
    run = host.view(project).project.run
    return run.id if run is not None and run.state.value == "up" and run.runner.alive else 0


def test_the_two_streams_are_told_apart(host: Host, cli: Cli, tmp_path: Path) -> None:
    both = stacks.shell("echo to out; echo to err >&2; exec sleep 600")
    project = started(host, stacks.write(tmp_path / "streams", {"both": both}))

    def told() -> dict[str, str]:
        lines = [json.loads(line) for line in cli.ok("logs", project, "--json").splitlines()]
        return {line["line"]: line["stream"] for line in lines}

    eventually(lambda: len(told()) == 2)
    assert told() == {"to out": "out", "to err": "err"}


def test_the_last_words_of_a_service_arrive(host: Host, tmp_path: Path) -> None:
    project = started(host, stacks.write(tmp_path / "last", {"polite": stacks.willing()}))
    eventually(lambda: log_lines(host, project, "polite") == ["up"])
    host.stop(project)
    assert log_lines(host, project, "polite") == ["up", "bye"]


def test_what_is_printed_over_restarts_is_kept_once(host: Host, tmp_path: Path) -> None:
    project = started(host, stacks.write(tmp_path / "again", {"polite": stacks.willing()}))
    for _ in range(2):
        host.finished(host.ask(JobType.RESTART, project))
    host.stop(project)
    host.start(project)
    host.stop(project)
    assert log_lines(host, project, "polite") == ["up", "bye"] * 4


def test_what_is_printed_while_docker_restarts_a_service_is_kept_once(
    host: Host, docker: Daemon, tmp_path: Path
) -> None:
    often = stacks.shell(
        "n=$(cat /keep/n 2>/dev/null || echo 0); echo life $n; echo $((n+1)) >/keep/n; [ $n -ge 3 ] && exec sleep 600",
        restart="always",
        volumes=["keep:/keep"],
    )
    project = host.add(stacks.write(tmp_path / "often", {"often": often}, volumes={"keep": {}}))
    host.ask(JobType.START, project)
    eventually(lambda: log_lines(host, project, "often") == [f"life {n}" for n in range(4)], 30)


def test_the_escapes_of_a_service_never_reach_the_terminal(host: Host, cli: Cli, tmp_path: Path) -> None:
    bad = stacks.shell(r"printf 'a\033]0;owned\007b\n'; exec sleep 600")
    project = started(host, stacks.write(tmp_path / "bad", {"bad": bad}))
    eventually(lambda: "b" in cli.ok("logs", project))
    assert "\x1b]0" not in cli.ok("logs", project)
