"""Record, process table and engine say different things: each difference is named, and what is offered works."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.errors import HubtuiError
from hubtui.models import EndReason, JobState, JobType
from hubtui.stacks import proctree
from hubtui.store import jobs, runs
from hubtui.workers import truths
from hubtui.workers.reconcile import marker
from tests.doubles import stacks
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually


@pytest.fixture
def project(host: Host, tmp_path: Path) -> str:
    services = {"web": {"process": stacks.SLEEPER}, "hard": {"process": stacks.STUBBORN}}
    brief = {name: {**keys, "stop_grace_period": "1s"} for name, keys in services.items()}
    return host.add(stacks.write(tmp_path / "shop", brief))


@pytest.fixture
def up(host: Host, project: str) -> str:
    assert host.start(project).state is JobState.SUCCESS
    return project


def seen(host: Host, project: str) -> truths.Truths:
    return truths.look(host.home, host.con, project)


def kinds(host: Host, project: str) -> set[str]:
    return {d.kind for d in seen(host, project).differences}


def said(host: Host, project: str) -> str:
    return " ".join(d.sentence for d in seen(host, project).differences)


def cli(host: Host, project: str, *options: str) -> subprocess.CompletedProcess[str]:
    done = python("reconcile", project, *options, home=host.home.root)
    assert "Traceback" not in done.stderr
    return done


def halt(pid: int) -> None:
    """Stop a process, as kill -STOP does, and see that it stands still."""
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: proctree.state(pid) == "T")


def kill_both(host: Host, project: str) -> None:
    guard, runner = host.guard(project), host.runner(project)
    halt(guard)  # it may not act between the two
    os.kill(runner, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not host.held(project), 2.0)


def all_is_well(host: Host, project: str) -> None:
    """Nothing lives, nothing differs, and start works again."""
    assert host.processes(project) == []
    assert not proctree.all_marked(f"{host.home.root}:{project}:")
    done = cli(host, project)
    assert (done.returncode, "Nothing differs." in done.stdout) == (0, True), done.stdout
    assert host.start(project).state is JobState.SUCCESS
    assert kinds(host, project) == set()


def run_of(host: Host, project: str) -> tuple[EndReason | None, str]:
    run = runs.NEWEST_OF_PROJECT.first(host.con, project)
    assert run is not None
    return run.end_reason, run.detail


# All the same


def test_a_stack_that_is_up_stands_the_same_in_all_three(host: Host, up: str) -> None:
    done = cli(host, up)
    assert done.returncode == 0
    for words in ("run #1 up", f"runner {host.runner(up)} alive", f"PID {host.pids(up)['web']}", "Nothing differs."):
        assert words in done.stdout
    shape = json.loads(cli(host, up, "--json").stdout)
    assert shape["differences"] == []
    assert shape["process_table"]["runner"]["pid"] == host.runner(up)
    assert {m["service"] for m in shape["process_table"]["marked"]} == {"web", "hard"}


def test_what_is_only_on_its_way_is_no_difference(host: Host, project: str) -> None:
    """Starts, restarts and stops are looked at in the middle, again and again."""
    looks = 0
    for kind in (JobType.START, JobType.RESTART, JobType.STOP, JobType.START, JobType.STOP):
        job = host.ask(kind, project)
        while not host.job(job).finished:
            assert said(host, project) == ""
            looks += 1
    eventually(lambda: not host.held(project))
    assert said(host, project) == ""
    assert looks > 5


# Runner and guard are gone


def test_both_killed_is_said_with_what_survived_and_stop_ends_it(host: Host, up: str) -> None:
    pids = host.processes(up)
    kill_both(host, up)
    found = seen(host, up)
    assert [d.kind for d in found.differences] == ["runner_gone"]
    sentence = found.differences[0].sentence
    assert "run #1 is up" in sentence
    assert all(str(pid) in sentence for pid in pids)
    refused = cli(host, up, "--take-over")
    assert refused.returncode == 1
    assert "its pipes have ended" in refused.stderr
    assert f"hubtui reconcile {up} --stop" in refused.stderr
    assert sorted(host.processes(up)) == sorted(pids), "looking and refusing signalled nobody"
    done = cli(host, up, "--stop")
    assert (done.returncode, "2 processes ended" in done.stdout) == (0, True), done.stderr
    assert run_of(host, up)[0] is EndReason.LOST
    assert set(host.states(up).values()) == {"stopped"}
    all_is_well(host, up)


def test_marked_failed_signals_nobody_and_the_next_start_leaves_no_second_copy(host: Host, tmp_path: Path) -> None:
    project = host.add(stacks.write(tmp_path / "one", {"web": {"process": stacks.SLEEPER}}))
    host.start(project)
    old = host.processes(project)
    kill_both(host, project)
    done = cli(host, project, "--mark-failed")
    assert done.returncode == 0
    assert "nobody was signalled, one process may be alive" in done.stdout
    end, detail = run_of(host, project)
    assert (end, detail.startswith("marked failed by ")) == (EndReason.LOST, True)
    assert host.processes(project) == old
    assert kinds(host, project) == {"unrecorded"}
    assert host.start(project).state is JobState.SUCCESS
    assert not set(old) & set(host.processes(project))
    assert kinds(host, project) == set()


def test_a_job_in_the_middle_of_its_work_is_marked_failed_with_its_run(host: Host, tmp_path: Path) -> None:
    never = {"process": stacks.SLEEPER, "health": "tcp://127.0.0.1:1"}
    project = host.add(stacks.write(tmp_path / "never", {"web": never}))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project).get("web") == "running")
    kill_both(host, project)
    assert f"start #{job.id} as FAILURE" in cli(host, project, "--mark-failed").stdout
    found = host.job(job)
    assert (found.state, found.error.kind if found.error else "") == (JobState.FAILURE, "lost")
    assert cli(host, project, "--stop").returncode == 0
    assert kinds(host, project) == set()


def test_with_nothing_left_a_new_runner_settles_the_record(host: Host, up: str) -> None:
    kill_both(host, up)
    for pid in host.processes(up):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: host.processes(up) == [])
    assert "nothing of it is alive" in said(host, up)
    done = cli(host, up, "--take-over")
    assert (done.returncode, done.stdout) == (0, f"A new runner settled {up}: run #1 ended as lost.\n")
    eventually(lambda: not host.held(up))
    all_is_well(host, up)


def test_a_job_that_nobody_takes_is_taken(host: Host, project: str) -> None:
    job = host.hub.writer.run(lambda con: jobs.insert(con, project, JobType.START, (), (), "a test"))
    assert kinds(host, project) == {"job_waits"}
    assert f"start #{job.id} goes on" in cli(host, project, "--take-over").stdout
    assert host.finished(job).state is JobState.SUCCESS
    assert kinds(host, project) == set()


def test_another_boot_is_told_by_its_id_and_settled_without_a_signal(host: Host, up: str) -> None:
    kill_both(host, up)
    for pid in host.processes(up):
        os.kill(pid, signal.SIGKILL)
    stranger = subprocess.Popen(["sleep", "600"])

    def rewrite(con: sqlite3.Connection) -> None:
        con.execute("UPDATE runs SET boot_id = 'another boot'")
        con.execute("UPDATE services SET boot_id = 'another boot', pid = ?", (stranger.pid,))

    host.hub.writer.run(rewrite)
    assert "rebooted" in kinds(host, up)
    assert cli(host, up, "--take-over").returncode == 0
    assert run_of(host, up) == (EndReason.REBOOTED, "the host was started anew")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


# A runner that does nothing


@pytest.fixture
def stopped(host: Host, up: str) -> Iterator[str]:
    """A project whose runner somebody has stopped."""
    runner = host.runner(up)
    who = proctree.identity(runner)
    halt(runner)
    yield up
    if (fd := proctree.open_verified(who)) is not None:
        os.close(fd)
        os.kill(runner, signal.SIGCONT)


def test_a_stopped_runner_goes_on_when_it_is_taken_over(host: Host, stopped: str) -> None:
    runner, pids = host.runner(stopped), host.pids(stopped)
    assert kinds(host, stopped) == {"runner_stopped"}
    assert f"kill -CONT {runner}" in said(host, stopped)
    assert cli(host, stopped, "--take-over").stdout == f"The runner of {stopped}, PID {runner}, goes on.\n"
    assert (host.runner(stopped), host.pids(stopped)) == (runner, pids)
    assert kinds(host, stopped) == set()


def test_a_stopped_runner_is_killed_only_on_a_persons_word_and_its_guard_cleans_up(host: Host, stopped: str) -> None:
    job = host.ask(JobType.RESTART, stopped)  # it would be taken by the next runner
    done = cli(host, stopped, "--stop")
    assert done.returncode == 0, done.stderr
    assert run_of(host, stopped) == (EndReason.LOST, "the runner was killed by SIGKILL")
    assert host.job(job).state is JobState.REVOKED, "a stop beats every start"
    assert not host.held(stopped)
    all_is_well(host, stopped)


def test_a_guard_that_is_stopped_too_does_not_keep_a_stack_alive(host: Host, stopped: str) -> None:
    halt(host.guard(stopped))
    assert kinds(host, stopped) == {"runner_stopped", "guard_stopped"}
    assert cli(host, stopped, "--stop").returncode == 0
    all_is_well(host, stopped)


def test_a_dead_runner_under_a_stopped_guard_is_cleaned_up_when_that_goes_on(host: Host, up: str) -> None:
    halt(host.guard(up))
    os.kill(host.runner(up), signal.SIGKILL)
    eventually(lambda: kinds(host, up) >= {"guard_stopped"})
    assert "nobody cleans up" in said(host, up)
    assert cli(host, up, "--take-over").returncode == 0
    eventually(lambda: not host.held(up))
    all_is_well(host, up)


def test_a_silent_runner_is_told_from_a_stopped_one_and_not_doubled(host: Host, up: str) -> None:
    """It lives, and no beat of it comes: its heart cannot be written to."""
    path, runner = host.home.heartbeat(up), host.runner(up)
    Path(f"{path}.new").mkdir()
    shape = json.loads(path.read_text())
    path.write_text(json.dumps({**shape, "monotonic": shape["monotonic"] - 60}))
    assert kinds(host, up) == {"runner_silent"}
    assert "was not heard of for 6" in said(host, up)
    assert "silent for 6" in seen(host, up).rows[0].engine
    refused = cli(host, up, "--take-over")
    assert (refused.returncode, "there would be two" in refused.stderr) == (1, True)
    assert cli(host, up, "--stop").returncode == 0
    assert run_of(host, up) == (EndReason.LOST, "the runner was killed by SIGKILL")
    assert proctree.stat(runner) is None
    Path(f"{path}.new").rmdir()
    all_is_well(host, up)


def test_a_runner_marked_failed_while_it_was_stopped_can_write_nothing_and_leaves(host: Host, stopped: str) -> None:
    runner = host.runner(stopped)
    assert cli(host, stopped, "--mark-failed").returncode == 0
    assert proctree.state(runner) == "T", "nobody was signalled"
    os.kill(runner, signal.SIGCONT)
    eventually(lambda: not host.held(stopped), 10)
    assert run_of(host, stopped)[1].startswith("marked failed by ")
    all_is_well(host, stopped)


def test_what_a_living_runner_holds_is_neither_taken_over_nor_marked(host: Host, up: str) -> None:
    for option, words in (("--mark-failed", "lives and answers"), ("--take-over", "nothing to take over")):
        refused = cli(host, up, option)
        assert (refused.returncode, words in refused.stderr) == (1, True)
    assert set(host.states(up).values()) == {"running"}
    assert cli(host, up, "--stop").returncode == 0
    assert run_of(host, up)[0] is EndReason.STOPPED, "one that answers stops in order"
    all_is_well(host, up)


def test_a_stop_that_takes_its_time_rank_by_rank_is_not_taken_for_one_that_hangs(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubtui.workers.truths.act.PATIENCE", 0.5)
    ranks = {"a": [], "b": ["a"], "c": ["b"]}
    one = {"process": stacks.STUBBORN, "stop_grace_period": "1s"}
    project = host.add(stacks.write(tmp_path / "ranks", {n: {**one, "depends_on": d} for n, d in ranks.items()}))
    host.start(project)
    assert truths.stop(host.hub, project, by="a test") == f"Nothing of {project} is left: 3 processes ended."
    assert run_of(host, project)[0] is EndReason.STOPPED


def test_whoever_leaves_while_something_is_ended_does_not_wait_for_it(host: Host, up: str) -> None:
    with pytest.raises(HubtuiError, match="Nobody waited"):
        truths.stop(host.hub, up, by="a test", left=lambda: True)
    eventually(lambda: not host.held(up), 15)
    all_is_well(host, up)


# Processes that the record does not have, or has and they are gone


def test_a_recorded_process_that_is_gone_is_named(host: Host, stopped: str) -> None:
    pid = host.pids(stopped)["web"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: proctree.stat(pid) is None or proctree.stat(pid).dead)  # type: ignore[union-attr]
    assert kinds(host, stopped) == {"runner_stopped", "process_gone"}
    assert f"web runs as PID {pid}, which is gone" in said(host, stopped)
    assert f"PID {pid} is gone" in cli(host, stopped).stdout
    assert cli(host, stopped, "--take-over").returncode == 0
    eventually(lambda: host.states(stopped)["web"] == "failed")
    assert kinds(host, stopped) == set(), "the runner has seen it and says so"


def stray(host: Host, project: str, run: int) -> subprocess.Popen[bytes]:
    """A process of another run, as one that got away would look."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    env = {**os.environ, proctree.MARKER: marker(host.home, project, run), proctree.GRACE: "0.5"}
    started = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE)
    assert started.stdout is not None
    started.stdout.readline()
    return started


def test_processes_of_an_older_run_are_ended_and_the_run_that_is_up_goes_on(host: Host, up: str) -> None:
    host.stop(up)
    eventually(lambda: not host.held(up))
    host.start(up)
    old, pids = stray(host, up, 1), host.pids(up)
    assert kinds(host, up) == {"other_run"}
    assert f"Beside run #2, one process of an older run (#1) is alive: PID {old.pid}." in said(host, up)
    assert "one process of other runs ended; run #2 goes on" in cli(host, up, "--stop").stdout
    assert old.wait(5) == -signal.SIGKILL
    assert host.pids(up) == pids
    assert kinds(host, up) == set()


def test_processes_where_the_record_has_nothing_up_are_ended(host: Host, project: str) -> None:
    left = stray(host, project, 7)
    assert kinds(host, project) == {"unrecorded"}
    assert f"one process of run #7 is alive: PID {left.pid}" in said(host, project)
    assert cli(host, project, "--stop").returncode == 0
    assert left.wait(5) == -signal.SIGKILL
    all_is_well(host, project)


def test_processes_of_a_project_whose_name_only_begins_alike_are_another_projects(host: Host, project: str) -> None:
    other = stray(host, f"{project}:9", 1)
    assert kinds(host, project) == set()
    other.kill()
    other.wait()


# A store that was put back from a copy


def copy_of_store(host: Host) -> Path:
    """As `sqlite3 hubtui.db .backup` makes it, by a process of its own."""
    copy = host.home.root.parent / "copy.db"
    code = "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b)"
    subprocess.run([sys.executable, "-c", code, host.home.database, copy], check=True)
    return copy


def put_back(host: Host, copy: Path) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{host.home.database}{suffix}").unlink(missing_ok=True)
    copy.replace(host.home.database)
    host.con = host.hub.reader()


def test_a_store_from_before_the_start_is_noticed_beside_a_runner_that_cannot_act(host: Host, project: str) -> None:
    copy = copy_of_store(host)
    host.start(project)
    runner = host.runner(project)
    halt(runner)
    put_back(host, copy)
    assert kinds(host, project) == {"runner_stopped", "record_older"}
    assert f"PID {runner} holds the project, but the record names no runner at all" in said(host, project)
    done = cli(host, project, "--stop")
    assert (done.returncode, "2 processes ended" in done.stdout) == (0, True), done.stderr
    all_is_well(host, project)


def test_a_store_of_an_earlier_run_is_noticed_with_the_processes_it_does_not_know(host: Host, up: str) -> None:
    copy = copy_of_store(host)
    host.stop(up)
    eventually(lambda: not host.held(up))
    host.start(up)
    halt(host.runner(up))
    put_back(host, copy)
    found = seen(host, up)
    assert {d.kind for d in found.differences} >= {"runner_stopped", "record_older", "other_run"}
    assert "the store was put back from a copy" in said(host, up)
    assert "a run that the record does not know (#2)" in said(host, up)
    done = cli(host, up, "--stop")
    assert done.returncode == 0, done.stderr
    all_is_well(host, up)


def test_a_runner_whose_store_was_put_back_tells_it_what_it_holds(host: Host, project: str) -> None:
    copy = copy_of_store(host)
    host.start(project)
    runner = host.runner(project)
    put_back(host, copy)
    eventually(lambda: kinds(host, project) == set(), 10)
    assert host.runner(project) == runner
    host.stop(project)
    eventually(lambda: not host.held(project), 10)
    all_is_well(host, project)


def test_doctor_names_each_project_with_a_difference(host: Host, up: str, tmp_path: Path) -> None:
    other = host.add(stacks.write(tmp_path / "other", {"a": {"process": stacks.SLEEPER}}))
    host.start(other)
    kill_both(host, up)
    found = json.loads(python("doctor", "--json", home=host.home.root).stdout)
    of_projects = [f for f in found if f["check"].startswith("project")]
    assert [(f["state"], up in f["check"]) for f in of_projects] == [("warn", True)]
    assert "runner and guard are gone" in of_projects[0]["message"]
    assert of_projects[0]["hint"] == f"hubtui reconcile {up}"
    assert len(host.processes(up)) == 2, "doctor changes nothing"
    assert cli(host, up, "--stop").returncode == 0


def test_a_state_folder_whose_name_is_no_unicode(tmp_path: Path) -> None:
    """What died there is found by its mark like anywhere else."""
    odd = Host(tmp_path / os.fsdecode(b"caf\xe9"))
    try:
        project = odd.add(stacks.write(tmp_path / "web", {"a": {"process": stacks.SLEEPER}}))
        odd.start(project)
        assert python("reconcile", project, home=odd.home.root).returncode == 0
        guard, runner = odd.guard(project), odd.runner(project)
        os.kill(guard, signal.SIGSTOP)  # it may not act between the two
        os.kill(runner, signal.SIGKILL)
        os.kill(guard, signal.SIGKILL)
        eventually(lambda: not odd.held(project))
        assert odd.processes(project) != []
        assert "lost" in python("status", project, home=odd.home.root).stdout
        eventually(lambda: odd.processes(project) == [])
    finally:
        odd.close()
