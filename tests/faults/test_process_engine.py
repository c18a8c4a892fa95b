"""The process engine with real processes: what it starts comes up in order, and nothing it started is ever left."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState, StepState
from hubtui.stacks import proctree
from hubtui.stacks.causes import is_transient
from hubtui.stacks.engines.base import Engine, EngineContext
from hubtui.stacks.engines.process import stop
from hubtui.stacks.engines.process.engine import ProcessEngine
from hubtui.stacks.spec.model import Condition, HealthCheck, Port, RestartPolicy, Service, Stack
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.restart import Pace, Restarts
from tests.doubles.reporter import RecordingReporter, until
from tests.faults.process_bench import Bench, beacon, opened

STARTED, HEALTHY, COMPLETED = Condition.STARTED, Condition.HEALTHY, Condition.COMPLETED


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as bench:
        yield bench


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-S", "-E", "-c", code


def test_it_is_an_engine(tmp_path: Path) -> None:
    engine: Engine = ProcessEngine(EngineContext("p", 1, "m", tmp_path, tmp_path), RecordingReporter())
    assert not engine.holding


# Coming up


async def test_services_come_up_in_order_gated_by_health(bench: Bench, tmp_path: Path) -> None:
    bench.add("web", "exec sleep 60", needs={"api": STARTED})
    bench.add("api", "exec sleep 60", needs={"store": HEALTHY, "migrate": COMPLETED})
    bench.add("store", f"sleep 0.3; touch {tmp_path}/up; exec sleep 60", health=beacon(tmp_path / "up"))
    bench.add("migrate", "sleep 0.1")
    await bench.start()
    r = bench.reporter
    assert r.order(ServiceState.RUNNING)[-2:] == ["api", "web"]
    assert {n: bench.state(n).value for n in r.states} == {
        "web": "running",
        "api": "running",
        "store": "running",
        "migrate": "exited",
    }
    assert r.health["store"] is Health.HEALTHY and r.health["api"] is Health.NONE
    assert r.exit_codes["migrate"] == 0
    waits = [s.message for s in r.said if s.service == "api" and s.state is ServiceState.WAITING]
    assert waits == ["waits for store to be healthy, migrate to complete", "waits for store to be healthy"]
    ready = next(s.when for s in r.said if s.service == "store" and s.health is Health.HEALTHY)
    assert ready <= next(s.when for s in r.said if s.service == "api" and s.state is ServiceState.STARTING)
    assert bench.engine.holding


async def test_steps_tell_the_story_of_a_start(bench: Bench, tmp_path: Path) -> None:
    bench.add("store", f"touch {tmp_path}/up; exec sleep 60", health=beacon(tmp_path / "up"))
    bench.add("web", "exec sleep 60", needs={"store": HEALTHY})
    await bench.start()
    steps = bench.reporter.steps
    assert list(steps) == ["stage:stage 1", "service:store", "stage:stage 2", "service:web"]
    assert all(row.state is StepState.DONE for row in steps.values())
    assert steps["service:store"].message.startswith("healthy after ")
    assert steps["service:web"].parent == "stage:stage 2"
    assert "waits for store to be healthy" in steps["service:web"].messages
    second = steps["stage:stage 2"]
    assert second.states == [StepState.WAITING, StepState.WAITING, StepState.RUNNING, StepState.DONE]
    assert second.messages[:3] == ["", "waits for store to be healthy", ""]
    steps.clear()
    await bench.start()
    assert steps["service:web"].message == "already up"
    assert steps["stage:stage 2"].message == "1 of 1 already up"
    assert len(bench.reporter.processes["web"]) == 1


async def test_a_service_gets_the_stacks_folder_its_environment_and_no_login(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    bench.add("job", "pwd; env", environment={"COLOUR": "blue", "PATH": os.environ["PATH"]})
    await bench.start()
    await until(lambda: bench.state("job") is ServiceState.EXITED)
    log = bench.log("job")
    assert f" o {tmp_path}\n" in log and "COLOUR=blue" in log and f"HUBTUI_RUN={bench.marker}" in log
    assert "HUBTUI_SERVICE=job" in log and "HUBTUI_GRACE=0.5" in log and "SSH_AUTH_SOCK" not in log
    assert " h started, PID " in log and " h exited with code 0 after " in log


async def test_what_the_runner_ignores_its_services_do_not(bench: Bench) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        bench.engine = ProcessEngine(bench.context, bench.reporter)
        os.kill(os.getpid(), signal.SIGHUP)  # and the runner still outlives a hangup
        bench.add("web", "kill -HUP $$; exec sleep 60", health=HealthCheck(command=("false",)))
        with pytest.raises(EngineError, match="web was ended by SIGHUP"):
            await bench.start()
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_the_first_that_fails_is_named_and_the_independent_go_on(bench: Bench) -> None:
    bench.add("worker", "sleep 0.1; echo no licence >&2; exit 2", health=HealthCheck(command=("false",)))
    bench.add("report", "exec sleep 60", needs={"worker": HEALTHY})
    bench.add("mail", "exec sleep 60", needs={"report": STARTED})
    bench.add("web", "exec sleep 60")
    with pytest.raises(EngineError, match=r"^worker exited with code 2 after 0\.\d s$") as failed:
        await bench.start()
    assert failed.value.kind == "service_exited" and failed.value.service == "worker" and failed.value.hint
    r = bench.reporter
    assert bench.state("worker") is ServiceState.FAILED and r.exit_codes["worker"] == 2
    assert bench.state("report") is ServiceState.STOPPED and r.messages["report"] == "worker failed"
    assert bench.state("mail") is ServiceState.STOPPED and r.messages["mail"] == "report is not up"
    assert bench.state("web") is ServiceState.RUNNING
    assert r.steps["service:worker"].state is StepState.FAILED
    assert r.steps["service:report"].state is StepState.CANCELLED
    assert r.steps["service:web"].state is StepState.DONE
    assert " e no licence\n" in bench.log("worker")


async def test_a_service_without_check_that_dies_at_once_fails_the_start(bench: Bench) -> None:
    bench.add("web", "exit 3")
    with pytest.raises(EngineError, match="web exited with code 3"):
        await bench.start()
    assert not bench.engine.holding


async def test_exit_zero_before_healthy_is_a_failure(bench: Bench) -> None:
    bench.add("web", "sleep 0.1", health=HealthCheck(command=("false",)))
    with pytest.raises(EngineError, match="before it was healthy"):
        await bench.start()
    assert bench.state("web") is ServiceState.FAILED


async def test_a_command_that_is_not_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # a folder that may not be read would be the reason instead
    bench.add("web", "no-such-program-here", "--now")
    with pytest.raises(EngineError, match="cannot run no-such-program-here: No such file") as failed:
        await bench.start()
    assert failed.value.kind == "cannot_run" and failed.value.service == "web"
    assert bench.state("web") is ServiceState.FAILED and not bench.engine.holding


async def test_a_word_of_the_shell_is_no_program(bench: Bench) -> None:
    bench.add("web", "exec", "sleep", "60")
    with pytest.raises(EngineError, match="cannot run exec: No such file") as failed:
        await bench.start()
    assert "write: sh -c" in failed.value.hint


async def test_never_healthy_is_said_with_what_the_check_said(bench: Bench) -> None:
    check = HealthCheck(command=("/bin/sh", "-c", "echo still warming; exit 1"), start_period=0.2, interval=0.1)
    bench.add("web", "exec sleep 60", health=check)
    bench.add("edge", "exec sleep 60", needs={"web": HEALTHY})
    with pytest.raises(EngineError, match="web is unhealthy: sh exited with code 1: still warming") as failed:
        await bench.start()
    assert failed.value.kind == "unhealthy"
    assert bench.state("web") is ServiceState.RUNNING and bench.reporter.health["web"] is Health.UNHEALTHY
    assert bench.reporter.messages["edge"] == "web is unhealthy"


async def test_health_is_lost_and_found_again(bench: Bench, tmp_path: Path) -> None:
    up = tmp_path / "up"
    up.touch()
    bench.add("web", "exec sleep 60", health=replace(beacon(up), interval=0.05))
    await bench.start()
    up.unlink()
    await until(lambda: bench.reporter.health["web"] is Health.UNHEALTHY)
    assert "test exited with code 1" in bench.reporter.messages["web"]
    up.touch()
    await until(lambda: bench.reporter.health["web"] is Health.HEALTHY)
    assert bench.reporter.messages["web"] == "" and len(bench.reporter.processes["web"]) == 1


async def test_cancelling_a_start_keeps_what_is_up_and_ends_the_rest(bench: Bench, tmp_path: Path) -> None:
    bench.add("store", "exec sleep 60")
    bench.add("api", "exec sleep 60", needs={"store": STARTED}, health=beacon(tmp_path / "never"))
    bench.add("web", "exec sleep 60", needs={"api": HEALTHY})
    start = asyncio.create_task(bench.start())
    await until(
        lambda: (
            bench.reporter.states.get("api") is ServiceState.RUNNING
            and bench.reporter.steps["service:store"].state is StepState.DONE
        )
    )
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert [bench.state(n).value for n in ("store", "api", "web")] == ["running", "stopped", "stopped"]
    assert proctree.state(bench.pid("api")) is None
    assert [bench.reporter.steps[f"service:{n}"].state.value for n in ("store", "api", "web")] == [
        "done",
        "cancelled",
        "cancelled",
    ]


async def test_two_starts_at_once_start_everything_once(bench: Bench, tmp_path: Path) -> None:
    bench.add("store", f"sleep 0.2; touch {tmp_path}/up; exec sleep 60", health=beacon(tmp_path / "up"))
    bench.add("web", "exec sleep 60", needs={"store": HEALTHY})
    await asyncio.gather(*(bench.start() for _ in range(5)))
    assert {name: len(seen) for name, seen in bench.reporter.processes.items()} == {"store": 1, "web": 1}


async def test_dependency_that_is_not_asked_for_and_not_up(bench: Bench) -> None:
    bench.add("store", "exec sleep 60")
    bench.add("web", "exec sleep 60", needs={"store": STARTED})
    with pytest.raises(EngineError, match="web was not started: store is not up"):
        await bench.start("web")
    await bench.start("store")
    await bench.start("web")
    assert bench.state("web") is ServiceState.RUNNING


# Before anything starts


def test_services_without_a_process_are_named_all_at_once(tmp_path: Path) -> None:
    engine = ProcessEngine(EngineContext("p", 1, "m", tmp_path, tmp_path), RecordingReporter())
    stack = Stack("s", tmp_path, (), {n: Service(n, image="x") for n in ("web", "api", "db")})
    with pytest.raises(EngineError, match=r"^web, api and db have no x-hubtui\.process") as refused:
        engine.check(stack, ["web", "api", "db"])
    assert refused.value.kind == "no_process" and "services.web.x-hubtui.process" in refused.value.hint


async def test_taken_ports_are_all_named_with_their_holders(bench: Bench) -> None:
    listener = (
        "import socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen()\n"
        "print(s.getsockname()[1],flush=True);time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", listener], stdout=subprocess.PIPE) as holder, socket.socket() as mine:
        try:
            assert holder.stdout
            other = int(holder.stdout.readline())
            mine.bind(("127.0.0.1", 0))
            mine.listen()
            own = mine.getsockname()[1]
            bench.add("store", "exec sleep 60", ports=(Port(5432, other),))
            bench.add("web", "exec sleep 60", ports=(Port(80, own), Port(81)))
            with pytest.raises(EngineError) as refused:
                await bench.start()
        finally:
            holder.kill()
    name = proctree.stat(os.getpid())
    assert refused.value.kind == "port_taken" and name
    assert f"port {other} is taken by PID {holder.pid} python" in refused.value.message
    assert f"port {own} is taken by PID {os.getpid()} " in refused.value.message
    assert "(wanted by store); port" in refused.value.message
    assert bench.reporter.steps["ports"].state is StepState.FAILED
    assert "store" not in bench.reporter.processes


async def test_builds_run_side_by_side_and_show_their_last_line(bench: Bench, tmp_path: Path) -> None:
    meet = f"touch {tmp_path}/$HUBTUI_SERVICE; until [ -e {tmp_path}/a -a -e {tmp_path}/b ]; do sleep 0.02; done"
    say = "echo '[3/12] compile'; sleep 0.3; printf '\\033[31mdone\\033[0m'"
    bench.add("a", "exec sleep 60", process_build=("/bin/sh", "-c", f"{meet}; {say}"))
    bench.add("b", "exec sleep 60", process_build=("/bin/sh", "-c", meet))
    bench.add(
        "c", "exec sleep 60", process_build=("/bin/sh", "-c", "test -e a -a -e b"), needs={"a": STARTED, "b": STARTED}
    )
    await bench.start()
    row = bench.reporter.steps["build:a"]
    assert row.name == "build a" and row.state is StepState.DONE and "[3/12] compile" in row.messages
    assert bench.reporter.history("a")[0] is ServiceState.BUILDING
    assert " o [3/12] compile\n" in bench.log("a") and " h build exited with code 0 after" in bench.log("a")
    assert bench.state("c") is ServiceState.RUNNING


async def test_a_failed_build_is_said_and_ends_the_others(bench: Bench) -> None:
    bench.add("a", "exec sleep 60", process_build=("/bin/sh", "-c", "echo no compiler; exit 4"))
    bench.add("b", "exec sleep 60", process_build=("/bin/sh", "-c", "setsid sleep 60 & sleep 60"))
    with pytest.raises(
        EngineError, match=r"a could not be built: its build exited with code 4 after .*: no compiler"
    ) as failed:
        await bench.start()
    assert failed.value.kind == "build_failed" and failed.value.service == "a"
    assert bench.state("a") is ServiceState.FAILED and bench.state("b") is ServiceState.STOPPED
    assert bench.reporter.steps["build:b"].state is StepState.CANCELLED
    assert proctree.find_marked(bench.marker) == [] and not bench.engine.holding


async def test_cancelling_a_build_ends_its_tree(bench: Bench) -> None:
    bench.add(
        "a", "exec sleep 60", process_build=("/bin/sh", "-c", "trap '' TERM; sleep 60 & setsid sleep 60 & wait; wait")
    )
    build = asyncio.create_task(bench.start())
    await until(lambda: len(proctree.find_marked(bench.marker)) >= 3)
    build.cancel()
    with pytest.raises(asyncio.CancelledError):
        await build
    assert proctree.find_marked(bench.marker) == [] and bench.state("a") is ServiceState.STOPPED


# Ending


async def test_stop_is_in_reverse_order(bench: Bench, tmp_path: Path) -> None:
    told = "trap 'echo $HUBTUI_SERVICE >> order; sleep 0.1; exit 0' TERM"
    script = f"{told}; touch $HUBTUI_SERVICE.up; while :; do sleep 0.05; done"
    bench.add("store", script, health=beacon(tmp_path / "store.up"), stop_grace_period=5)
    bench.add("api", script, needs={"store": STARTED}, health=beacon(tmp_path / "api.up"), stop_grace_period=5)
    bench.add("web", script, needs={"api": STARTED}, health=beacon(tmp_path / "web.up"), stop_grace_period=5)
    await bench.start()
    await bench.engine.stop()
    assert bench.file("order").split() == ["web", "api", "store"]
    assert set(bench.reporter.states.values()) == {ServiceState.STOPPED} and not bench.engine.holding
    assert bench.reporter.history("web")[-2:] == [ServiceState.STOPPING, ServiceState.STOPPED]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("trap '' TERM; while :; do sleep 0.1; done", id="ignores TERM"),
        pytest.param(
            "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 60; sleep 60\" & wait; sleep 60", id="escapes and ignores"
        ),
        pytest.param("setsid sleep 60 & setsid setsid sleep 61 & exec sleep 62", id="setsid escapees"),
        pytest.param("(setsid sh -c 'sleep 60 & exec sleep 61' &) ; exec sleep 62", id="double fork"),
        pytest.param("env -i setsid sleep 60 & exec sleep 61", id="escapee without environment"),
        pytest.param("kill -STOP $$; sleep 60", id="stopped"),
        pytest.param("sh -c 'kill -STOP $$; sleep 60' & exec sleep 60", id="stopped child"),
        pytest.param("while :; do sleep 0.01 & sleep 0.005; done", id="forks all the time"),
        pytest.param(
            "trap 'for i in 1 2 3; do setsid sleep 60 & done; exit 0' TERM; while :; do sleep 0.02; done",
            id="forks when told to end",
        ),
    ],
)
async def test_nothing_is_left_after_a_stop(bench: Bench, script: str) -> None:
    bench.add("bad", script)
    bench.add("good", "exec sleep 60")
    await bench.start()
    await asyncio.sleep(0.2)  # let it do its worst
    began = time.monotonic()
    await asyncio.wait_for(bench.engine.stop(), 10)
    assert time.monotonic() - began < 5
    assert bench.children() == [] and proctree.find_marked(bench.marker) == []
    assert bench.state("bad") is ServiceState.STOPPED


async def test_stopping_one_service_ends_its_escapees_and_nobody_elses(bench: Bench) -> None:
    for name in ("one", "two"):
        bench.add(name, "setsid sleep 60 & (setsid sleep 61 &); exec sleep 62")
    await bench.start()
    await until(lambda: len(proctree.find_marked(bench.marker)) == 6)
    await bench.engine.stop(["one"])
    left = [proctree.environment(who.pid)["HUBTUI_SERVICE"] for who in proctree.find_marked(bench.marker)]
    assert left == ["two"] * 3
    assert bench.state("one") is ServiceState.STOPPED and bench.state("two") is ServiceState.RUNNING


async def test_the_stop_signal_and_the_grace_period_are_the_services(bench: Bench, tmp_path: Path) -> None:
    script = "trap 'echo int >> got; exit 0' INT; trap '' TERM; touch up; while :; do sleep 0.05; done"
    bench.add("db", script, stop_signal="SIGINT", stop_grace_period=20, health=beacon(tmp_path / "up"))
    await bench.start()
    began = time.monotonic()
    await bench.engine.stop()
    assert bench.file("got") == "int\n" and time.monotonic() - began < 5


async def test_a_daemon_is_still_the_service(bench: Bench) -> None:
    fork = "if os.fork(): os._exit(0)\n"
    daemon = f"import os,time\n{fork}time.sleep(.05)\nos.setsid()\n{fork}time.sleep(60)"
    bench.add("old", *python(daemon))
    await bench.start()
    await until(lambda: "runs on as PID" in bench.reporter.messages["old"])
    assert bench.state("old") is ServiceState.RUNNING and bench.engine.holding
    assert (await bench.engine.usage())["old"].memory_bytes
    [who] = proctree.find_marked(bench.marker)
    await bench.engine.stop(["old"])
    assert proctree.open_verified(who) is None and bench.state("old") is ServiceState.STOPPED


async def test_a_daemon_that_ends_is_noticed(bench: Bench) -> None:
    bench.add("old", "setsid sleep 0.8 & exit 0")
    await bench.start()
    await until(lambda: bench.state("old") is ServiceState.EXITED)
    assert not bench.engine.holding


@pytest.mark.timed
async def test_a_grandchild_that_holds_the_pipe_delays_nothing(bench: Bench) -> None:
    bench.add("job", "sleep 60 & echo bye; exit 5", health=HealthCheck(command=("false",)))
    began = time.monotonic()
    with pytest.raises(EngineError, match="exited with code 5"):
        await bench.start()
    assert time.monotonic() - began < 1
    await until(lambda: not bench.engine.holding)
    assert bench.log("job").index(" o bye\n") < bench.log("job").index(" h exited with code 5")


async def test_what_a_finished_service_left_in_the_background_is_kept_until_stop(bench: Bench) -> None:
    bench.add("job", "sleep 60 & echo bye; exit 0")
    await bench.start()
    await until(lambda: bench.state("job") is ServiceState.EXITED, 2)
    assert bench.engine.holding and len(proctree.find_marked(bench.marker)) == 1
    await bench.engine.stop()
    assert not bench.engine.holding


@pytest.mark.timed
async def test_stop_during_a_start_takes_effect_at_once(bench: Bench, tmp_path: Path) -> None:
    bench.add("store", "exec sleep 60", health=beacon(tmp_path / "never"))
    bench.add("web", "exec sleep 60", needs={"store": HEALTHY})
    start = asyncio.create_task(bench.start())
    await until(lambda: bench.reporter.states.get("web") is ServiceState.WAITING)
    began = time.monotonic()
    await bench.engine.stop()
    with pytest.raises(EngineError) as ended:
        await asyncio.wait_for(start, 1)
    assert ended.value.kind in ("stopped", "dependency") and time.monotonic() - began < 1
    assert set(bench.reporter.states.values()) == {ServiceState.STOPPED} and not bench.engine.holding


async def test_restart_while_waiting_on_a_dependency_neither_wedges_nor_doubles(bench: Bench, tmp_path: Path) -> None:
    bench.add("store", "exec sleep 60", health=beacon(tmp_path / "up"))
    bench.add("web", "echo up >> web.runs; exec sleep 60", needs={"store": HEALTHY})
    first = asyncio.create_task(bench.start())
    await until(lambda: bench.reporter.states.get("web") is ServiceState.WAITING)
    for _ in range(3):
        await asyncio.wait_for(bench.engine.stop(["web"]), 1)
        assert bench.state("web") is ServiceState.STOPPED
        again = asyncio.create_task(bench.start("web"))
        await until(lambda: bench.state("web") is ServiceState.WAITING)
    (tmp_path / "up").touch()
    await asyncio.wait_for(asyncio.gather(first, again), 5)
    await until(lambda: bench.file("web.runs"))
    assert bench.state("web") is ServiceState.RUNNING
    assert bench.file("web.runs") == "up\n" and len(bench.reporter.processes["web"]) == 1
    await bench.engine.stop(["web"])
    assert proctree.state(bench.pid("web")) is None


async def test_a_storm_of_starts_and_stops_ends_clean(bench: Bench) -> None:
    bench.add("store", "exec sleep 60")
    bench.add("web", "setsid sleep 60 & exec sleep 60", needs={"store": STARTED})
    calls: list[asyncio.Task[None]] = []
    for turn in range(30):
        calls.append(asyncio.create_task(bench.engine.stop() if turn % 3 == 2 else bench.start()))
        await asyncio.sleep(0.005 * (turn % 4))
    await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 30)
    await bench.engine.stop()
    assert bench.children() == [] and not bench.engine.holding
    for call in calls:
        assert call.exception() is None or isinstance(call.exception(), EngineError)


async def test_stop_of_what_never_ran_is_nothing(bench: Bench) -> None:
    bench.add("web", "exec sleep 60")
    await bench.engine.stop(["web"])
    await bench.engine.stop()
    assert bench.reporter.said == []


# Coming back


async def test_a_service_comes_back_until_it_has_failed_often_enough(bench: Bench) -> None:
    bench.add("web", "exit 1", restart=RestartPolicy.ALWAYS)
    with pytest.raises(EngineError, match=r"web exited with code 1 after .*; given up: ended 5 times within 10 min"):
        await bench.start()
    assert len(bench.reporter.processes["web"]) == 5 and bench.reporter.restarts["web"] == 4
    again = [s.message for s in bench.reporter.said if s.state is ServiceState.RESTARTING]
    assert len(again) == 4 and again[0] and again[0].endswith("(exited with code 1)")
    assert bench.state("web") is ServiceState.FAILED and not bench.engine.holding


async def test_on_failure_counts_its_tries_and_lets_success_be(bench: Bench) -> None:
    bench.add("bad", "exit 1", restart=RestartPolicy.ON_FAILURE, restart_attempts=2)
    bench.add("good", "sleep 0.2; exit 0", restart=RestartPolicy.ON_FAILURE)
    with pytest.raises(EngineError, match="given up after 2 restarts"):
        await bench.start()
    await until(lambda: bench.state("good") is ServiceState.EXITED)
    assert len(bench.reporter.processes["bad"]) == 3 and len(bench.reporter.processes["good"]) == 1


async def test_a_crash_later_is_a_restart_with_its_leftovers_ended_first(bench: Bench) -> None:
    bench.add("web", "setsid sleep 60 & exec sleep 60", restart=RestartPolicy.UNLESS_STOPPED)
    await bench.start()
    first = bench.pid("web")
    os.kill(first, signal.SIGKILL)
    await until(lambda: len(bench.reporter.processes["web"]) == 2)
    assert bench.reporter.restarts["web"] == 1
    await until(lambda: len(proctree.find_marked(bench.marker)) == 2)


async def test_stop_during_backoff_acts_at_once(bench: Bench) -> None:
    bench.engine = ProcessEngine(bench.context, bench.reporter, Pace(first=30))
    bench.add("web", "sleep 0.1; exit 1", restart=RestartPolicy.ALWAYS)
    await bench.start()
    await until(lambda: bench.state("web") is ServiceState.RESTARTING)
    assert bench.engine.holding
    await asyncio.wait_for(bench.engine.stop(), 1)
    assert bench.state("web") is ServiceState.STOPPED and not bench.engine.holding


async def test_a_build_that_the_network_ended_is_told_as_such(bench: Bench) -> None:
    script = (
        "echo '[Errno -3] Temporary failure in name resolution' >&2; echo 'ERROR: No matching distribution'; exit 1"
    )
    bench.add("a", "exec sleep 60", process_build=("/bin/sh", "-c", script))
    with pytest.raises(EngineError, match="ERROR: No matching distribution") as failed:
        await bench.start()
    assert is_transient(failed.value) and failed.value.kind == "network" and failed.value.service == "a"


async def test_a_service_that_blames_the_network_has_failed_for_good(bench: Bench) -> None:
    bench.add("web", "echo 'Temporary failure in name resolution: connection refused' >&2; exit 1")
    with pytest.raises(EngineError, match="web exited with code 1") as failed:
        await bench.start()
    assert failed.value.kind == "service_exited" and not is_transient(failed.value)


async def test_a_command_that_a_shell_does_not_find_is_told_with_what_to_do(bench: Bench) -> None:
    bench.add("web", "no-such-program-here")
    with pytest.raises(EngineError, match=r"web exited with code 127 \(command not found\) after") as failed:
        await bench.start()
    assert "on the PATH" in failed.value.hint


async def test_without_policy_an_end_later_is_told_and_nothing_more(bench: Bench) -> None:
    bench.add("web", "sleep 0.2; exit 1")
    await bench.start()
    await until(lambda: bench.state("web") is ServiceState.FAILED)
    assert bench.reporter.exit_codes["web"] == 1 and not bench.engine.holding
    await bench.start()  # and s brings it back
    assert len(bench.reporter.processes["web"]) == 2


async def test_a_signal_is_named(bench: Bench) -> None:
    bench.add("web", "sleep 0.1; kill -SEGV $$")
    await bench.start()
    await until(lambda: bench.state("web") is ServiceState.FAILED)
    assert bench.reporter.messages["web"].startswith("was ended by SIGSEGV after")
    assert bench.reporter.exit_codes["web"] == 139


def test_restarts_grow_with_jitter_and_a_good_minute_forgets() -> None:
    restarts = Restarts(Service("web", restart=RestartPolicy.ALWAYS), Pace(ends=100))
    delays = [restarts.after(1, 0, 0) for _ in range(8)]
    for delay, middle in zip(delays, [1, 2, 4, 8, 16, 32, 60, 60], strict=True):
        assert isinstance(delay, float) and 0.8 * middle <= delay <= 1.2 * middle
    again = restarts.after(1, 60, 0)
    assert isinstance(again, float) and again <= 1.2


def test_five_ends_in_ten_minutes_are_too_many_but_not_in_eleven() -> None:
    restarts = Restarts(Service("web", restart=RestartPolicy.ON_FAILURE))
    assert [isinstance(restarts.after(1, 0, 160.0 * n), float) for n in range(8)] == [True] * 8
    restarts = Restarts(Service("web", restart=RestartPolicy.ON_FAILURE))
    verdicts = [restarts.after(1, 0, 100.0 * n) for n in range(5)]
    assert verdicts[4] == "given up: ended 5 times within 10 min"
    assert restarts.after(0, 0, 0) is None


# Besides


async def test_who_cannot_be_killed_is_named_and_not_looked_at_hotly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in uninterruptible sleep: no signal has an effect."""
    monkeypatch.setattr(stop, "_signal", lambda *_: None)
    process = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        there = proctree.stat(process.pid)
        assert there
        looks, said = 0, list[str]()

        async def look() -> list[proctree.Stat]:
            nonlocal looks
            looks += 1
            return [there._replace(state="D")]

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stop.end_tree(look, signal.SIGTERM, 0.1, Hurry(), said.append), 3)
    finally:
        process.kill()
        await process.wait()
    assert said[0].startswith(f"PID {process.pid} cannot be killed (uninterruptible") and looks < 60


async def test_a_hydra_is_ended(bench: Bench) -> None:
    """Every head ignores TERM and grows back the two below it."""
    head = (
        "import os,signal,time\nsignal.signal(signal.SIGTERM,signal.SIG_IGN)\nkids=set()\ndepth=0\n"
        "while True:\n"
        " while depth<4 and len(kids)<2:\n"
        "  pid=os.fork()\n"
        "  if pid: kids.add(pid)\n"
        "  else: kids=set(); depth+=1; depth%2 or os.setsid()\n"
        " try: kids.discard(os.waitpid(-1,os.WNOHANG)[0])\n"
        " except ChildProcessError: pass\n"
        " time.sleep(.002)"
    )
    bench.add("hydra", *python(head), stop_grace_period=0.2)
    await bench.start()
    await until(lambda: len(proctree.find_marked(bench.marker)) == 31)
    await asyncio.wait_for(bench.engine.stop(["hydra"]), 10)
    assert proctree.find_marked(bench.marker) == []


async def test_strangers_are_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        bench = Bench(tmp_path, f"test-{os.getpid()}-strangers")
        bench.add("web", "exec sleep 60")
        await bench.start()
        await asyncio.wait_for(bench.engine.stop(), 5)
        assert stranger.poll() is None and bench.children() == []
        await bench.engine.close()
        stranger.kill()


async def test_usage_counts_the_whole_tree(bench: Bench) -> None:
    bench.add("busy", *python("import os\nos.fork()\nwhile True: pass"))
    bench.add("idle", "exec sleep 60")
    await bench.start()
    assert (await bench.engine.usage())["busy"].cpu_percent is None
    await asyncio.sleep(0.5)
    usage = await bench.engine.usage()
    assert (usage["busy"].cpu_percent or 0) > 5 and usage["idle"].cpu_percent == 0
    assert (usage["busy"].memory_bytes or 0) > (usage["idle"].memory_bytes or 0) > 0


@pytest.mark.timed
async def test_a_flood_of_output_does_not_hold_up_the_others(bench: Bench, tmp_path: Path) -> None:
    bench.add("chatty", "exec yes some line of output")
    bench.add("web", f"sleep 0.2; touch {tmp_path}/up; exec sleep 60", health=beacon(tmp_path / "up"))
    began = time.monotonic()
    await bench.start()
    assert time.monotonic() - began < 3
    late = 0.0
    for _ in range(20):
        asked = time.monotonic()
        await asyncio.sleep(0.01)
        late = max(late, time.monotonic() - asked - 0.01)
    assert late < 0.1
    began = time.monotonic()
    await bench.engine.stop()
    assert time.monotonic() - began < 2


async def test_orphans_are_reaped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubtui.stacks.engines.process.engine._TICK", 0.1)
    bench.add("web", "(sleep 0.2 &); (setsid sleep 0.2 &); exec sleep 60")
    await bench.start()
    await until(lambda: len(bench.children()) == 3)
    await until(lambda: bench.children() == [bench.pid("web")])


async def test_a_hundred_processes_are_up_quickly(bench: Bench) -> None:
    for n in range(100):
        bench.add(f"s{n}", "sleep", "60")
    began = time.monotonic()
    await bench.engine.start(bench.stack, list(bench.stack.services))
    up = time.monotonic() - began
    began = time.monotonic()
    await bench.engine.stop()
    down = time.monotonic() - began
    print(f"100 processes: up {up:.3f} s, gone {down:.3f} s")
    assert up < 2 and down < 2  # 0.2 and 0.04 on an idle machine
