"""Whatever is pressed how often from how many hubs: one runner a project, one copy of a service, no job stranded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.errors import UsageError
from hubtui.models import JobState, JobType
from hubtui.stacks import proctree
from hubtui.stacks.logfiles import LogReader, service_folder
from hubtui.store import jobs
from hubtui.workers import lease, registry, spawn
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

HAMMER = """
import random, sys
from pathlib import Path
from hubtui.models import JobType
from hubtui.paths import Home
from hubtui.workers import operations
from hubtui.workers.hub import Hub
dice = random.Random(int(sys.argv[3]))
with Hub(Home(Path(sys.argv[1]))) as hub:
    for _ in range(25):
        operations.ask(hub, dice.choice(list(JobType)), sys.argv[2], dice.choice([(), ("a",)]), by="a hammer")
"""


# A runner of hundreds of services has a thousand open files when it sees to a guard of another project.
CROWDED = """
import os, resource, sys
from pathlib import Path
from hubtui.paths import Home
from hubtui.workers import spawn
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
spawn.start_guard(Home(Path(sys.argv[1])), sys.argv[2])
"""


@pytest.fixture
def project(host: Host, tmp_path: Path) -> str:
    return host.add(
        stacks.write(tmp_path / "pair", {"a": {"process": stacks.SLEEPER}, "b": {"process": stacks.SLEEPER}})
    )


def copies(host: Host, service: str) -> int:
    """Living main processes of a service, of whatever run."""
    wanted = [b"HUBTUI_SERVICE=" + service.encode(), b"HUBTUI_RUN=" + str(host.home.root).encode()]
    found = 0
    for entry in os.listdir("/proc"):
        try:
            variables = Path(f"/proc/{entry}/environ").read_bytes() if entry.isdigit() else b""
        except OSError:
            continue
        found += all(any(v.startswith(w) for v in variables.split(b"\0")) for w in wanted)
    return found


def test_many_hubs_hammer_one_project(host: Host, project: str) -> None:
    hammers = [
        subprocess.Popen([sys.executable, "-c", HAMMER, str(host.home.root), project, str(seed)]) for seed in range(4)
    ]
    while any(h.poll() is None for h in hammers):
        assert copies(host, "a") <= 1
        assert copies(host, "b") <= 1
    assert [h.returncode for h in hammers] == [0, 0, 0, 0]
    eventually(lambda: not jobs.OPEN_OF_PROJECT.all(host.con, project), 30)
    host.stop(project)
    eventually(lambda: host.processes(project) == [], 5)
    assert host.con.execute("SELECT count(*) FROM attempts").fetchone()[0] > 0, "runners did take part"


def test_the_same_request_twice_is_one_job(host: Host, project: str) -> None:
    first, second = host.ask(JobType.START, project), host.ask(JobType.START, project)
    assert first.id == second.id
    assert host.finished(first).state is JobState.SUCCESS
    assert host.start(project).message.startswith("2 of 2"), "a start of what is up changes nothing and succeeds"


def test_a_stop_beats_the_start_under_way(host: Host, tmp_path: Path) -> None:
    never = {"process": stacks.SLEEPER, "health": "tcp://127.0.0.1:1"}
    project = host.add(stacks.write(tmp_path / "never", {"a": never}))
    start = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["a"] == "running")
    stop = host.ask(JobType.STOP, project)
    assert host.finished(stop).state is JobState.SUCCESS
    assert host.job(start).state is JobState.REVOKED
    assert "a stop came" in host.job(start).message
    assert host.processes(project) == []


def test_a_job_written_while_the_runner_leaves_gets_a_runner_of_its_own(host: Host, project: str) -> None:
    """The lease is still held by somebody that is leaving: the new guard waits for it instead of giving way."""
    host.home.run(project).mkdir(parents=True)
    fd = lease.open_lease(host.home.lease(project))
    assert lease.try_take(fd)
    lease.publish(fd, lease.LEAVING)
    job = host.ask(JobType.START, project)
    assert host.job(job).state is JobState.PENDING
    os.close(fd)
    assert host.finished(job).state is JobState.SUCCESS


def test_a_second_guard_gives_way_to_a_runner_that_is_up(host: Host, project: str) -> None:
    host.start(project)
    runner = host.runner(project)
    spawn.start_guard(host.home, project)
    eventually(lambda: len(guards(host)) == 1)
    assert host.runner(project) == runner


def guards(host: Host) -> list[int]:
    """Guard processes of this host, runners not counted."""
    wanted, found = str(host.home.root).encode(), []
    for entry in os.listdir("/proc"):
        try:
            line = Path(f"/proc/{entry}/cmdline").read_bytes() if entry.isdigit() else b""
        except OSError:
            continue
        if b"hubtui.workers.guard" in line and wanted in line:
            found.append(int(entry))
    return [pid for pid in found if (s := proctree.stat(pid)) is not None and s.parent not in found]


def test_a_guard_is_started_by_a_process_with_a_thousand_open_files(host: Host, project: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CROWDED, str(host.home.root), project], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_runner_leaves_when_it_holds_nothing(host: Host, project: str) -> None:
    host.start(project)
    host.stop(project)
    eventually(lambda: not host.held(project), 5)
    assert guards(host) == []


def test_a_runner_leaves_though_its_project_is_removed_before_it_could(host: Host, project: str) -> None:
    """As soon as its run has ended a project can be forgotten; its runner has not left yet, most times."""
    folder = host.view(project).project.path
    for _ in range(5):
        host.start(project)
        host.ask(JobType.STOP, project)
        eventually(lambda: removed(host, project), pause=0.0)
        eventually(lambda: not host.held(project), 5.0)
        assert host.add(folder) == project


def test_a_job_ends_though_what_it_says_is_no_unicode(
    host: Host, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable of the shell may hold any bytes, and an error may quote it."""
    monkeypatch.setitem(os.environb, b"WEIRD", b"\xff")
    folder = host.view(project).project.path
    stacks.write(folder, {"a": {"process": stacks.SLEEPER, "env_file": "${WEIRD}.env"}})
    failed = host.start(project)
    assert failed.state is JobState.FAILURE
    assert "\ufffd.env, which is not there" in failed.message
    eventually(lambda: not host.held(project), 5.0)


def removed(host: Host, project: str) -> bool:
    try:
        registry.remove(host.hub, project)
    except UsageError:
        return False
    return True


def test_a_stack_that_ends_by_itself_ends_its_run(host: Host, tmp_path: Path) -> None:
    once = {"process": [sys.executable, "-c", "print('done')"]}
    project = host.add(stacks.write(tmp_path / "once", {"a": once}))
    assert host.start(project).state is JobState.SUCCESS
    eventually(lambda: not host.held(project), 5)
    run = host.view(project).project.run
    assert run is not None
    assert (run.end_reason, run.detail) == ("stopped", "all services ended by themselves")


def test_what_was_asked_while_nobody_could_start_a_runner_is_taken_later(
    host: Host, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hubtui.workers import reconcile

    monkeypatch.setattr(spawn, "start_guard", lambda *_: None)  # the hub dies right after its commit
    job = host.ask(JobType.START, project)
    monkeypatch.undo()
    reconcile.reconcile(host.hub)
    assert host.finished(job).state is JobState.SUCCESS


@pytest.mark.timed
def test_a_request_is_obeyed_within_a_tenth_of_a_second(host: Host, tmp_path: Path) -> None:
    import time

    from hubtui.workers import operations

    never = {"process": stacks.SLEEPER, "health": "tcp://127.0.0.1:1"}
    project = host.add(stacks.write(tmp_path / "never", {"a": never}))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["a"] == "running")
    asked = time.monotonic()
    operations.cancel(host.hub, job.id)
    eventually(
        lambda: host.con.execute("SELECT count(*) FROM requests WHERE obeyed_at IS NOT NULL").fetchone()[0], 1, 0.001
    )
    assert time.monotonic() - asked < 0.1
    assert host.finished(job).state is JobState.REVOKED


def test_cancelled_again_and_again_it_still_ends_once_and_leaves_nothing_half(host: Host, tmp_path: Path) -> None:
    """Taking back a service that ignores TERM takes its grace: asking again meanwhile must not cut that short."""
    from hubtui.workers import operations

    services = {"a": {"process": stacks.STUBBORN, "health": "tcp://127.0.0.1:1", "stop_grace_period": "1s"}}
    project = host.add(stacks.write(tmp_path / "stubborn", services))
    job = host.ask(JobType.START, project)
    log = LogReader(service_folder(host.home.logs(project), "a"), "a")
    eventually(lambda: "up" in [line.line for line in log.tail(5)[0]])  # from here on it ignores TERM
    while not host.job(job).finished:
        operations.cancel(host.hub, job.id)
    assert host.job(job).state is JobState.REVOKED
    assert host.processes(project) == []
    eventually(lambda: not host.held(project))
    run = host.view(project).project.run
    assert run is not None
    assert run.end_reason == "stopped"


@pytest.mark.parametrize("busy", [False, True])
def test_a_runner_that_was_replaced_stops_its_stack_and_leaves(host: Host, tmp_path: Path, busy: bool) -> None:
    """As after an older copy of the store was put back: its generation is not the store's any more."""
    service = {"process": stacks.SLEEPER, **({"health": "tcp://127.0.0.1:1"} if busy else {})}
    project = host.add(stacks.write(tmp_path / "replaced", {"a": service}))
    host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["a"] == "running")
    host.hub.writer.run(lambda con: con.execute("UPDATE runners SET generation = generation + 5"))
    eventually(lambda: not host.held(project), 10)
    assert host.processes(project) == []


def test_a_runner_told_to_end_stops_its_stack_and_says_so(host: Host, project: str) -> None:
    host.start(project)
    os.kill(host.runner(project), signal.SIGTERM)
    eventually(lambda: not host.held(project), 5)
    run = host.view(project).project.run
    assert run is not None
    assert (run.end_reason, run.detail) == ("lost", "the runner was told to end (SIGTERM)")
    assert host.processes(project) == []


def test_a_restart_keeps_the_profiles_of_the_run_before(host: Host, tmp_path: Path) -> None:
    services = {"a": {"process": stacks.SLEEPER}, "extra": {"process": stacks.SLEEPER, "profiles": ["more"]}}
    project = host.add(stacks.write(tmp_path / "profiled", services))
    assert host.states(project) == {"a": "stopped"}
    from hubtui.workers import operations

    asked = operations.ask(host.hub, JobType.START, project, profiles=["more"], by="a test")
    host.finished(asked.job)
    assert host.states(project) == {"a": "running", "extra": "running"}
    host.stop(project)
    eventually(lambda: not host.held(project))
    host.finished(host.ask(JobType.RESTART, project))  # by a runner that did not see the first run
    assert host.states(project) == {"a": "running", "extra": "running"}
