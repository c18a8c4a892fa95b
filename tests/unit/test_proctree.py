"""Identity of processes: no signal ever meets a stranger."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from hubtui.stacks import proctree, survivors

MARK = f"unit-{os.getpid()}"


@pytest.fixture
def sh() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts shell scripts, each in a session of its own, and ends what is left of them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(script: str, **env: str) -> subprocess.Popen[bytes]:
        argv = ["/bin/sh", "-c", script]
        process = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.PIPE, env={**os.environ, **env})
        started.append(process)
        return process

    yield start
    for process in started:
        for pid in [*proctree.descendants(process.pid), process.pid]:
            if process.poll() is None:
                os.kill(pid, signal.SIGKILL)
        if process.stdout:
            process.stdout.close()
        process.wait()


def until(what: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def gone(pid: int) -> bool:
    there = proctree.stat(pid)
    return there is None or there.dead


def test_a_name_with_brackets_and_spaces_fools_nobody() -> None:
    libc = ctypes.CDLL(None)
    before = proctree.start_ticks(os.getpid())
    own = proctree.stat(os.getpid())
    assert own
    try:
        libc.prctl(15, b"a) S 1 2", 0, 0, 0)
        there = proctree.stat(os.getpid())
        assert there and there.name == "a) S 1 2" and there.start_ticks == before and there.parent == os.getppid()
    finally:
        libc.prctl(15, own.name.encode(), 0, 0, 0)


def test_open_verified_refuses_whoever_is_not_exactly_that_process(
    sh: Callable[..., subprocess.Popen[bytes]],
) -> None:
    process = sh("exec sleep 60")
    who = proctree.identity(process.pid)
    assert who.boot_id == proctree.boot_id()
    fd = proctree.open_verified(who)
    assert fd is not None and not proctree.exited(fd)
    assert proctree.open_verified(replace(who, start_ticks=who.start_ticks + 1)) is None  # the number came back
    assert proctree.open_verified(replace(who, boot_id="another boot")) is None
    process.kill()
    until(lambda: proctree.exited(fd))
    assert proctree.state(process.pid) == "Z" and proctree.open_verified(who) is None
    process.wait()
    assert proctree.open_verified(who) is None and proctree.state(process.pid) is None
    proctree.send(fd, signal.SIGTERM)  # nobody is there: nothing happens
    os.close(fd)
    with pytest.raises(ProcessLookupError):
        proctree.identity(process.pid)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to choose the next PID")
def test_a_real_reuse_of_a_pid_is_seen() -> None:
    with subprocess.Popen(["sleep", "60"]) as first:
        who = proctree.identity(first.pid)
        first.kill()
    time.sleep(0.02)  # a tick is 10 ms: within one, not even the start time tells them apart
    for _ in range(50):
        with open("/proc/sys/kernel/ns_last_pid", "w") as last:
            last.write(str(who.pid - 1))
        with subprocess.Popen(["sleep", "60"]) as second:
            try:
                if second.pid == who.pid:
                    assert proctree.open_verified(who) is None
                    assert survivors.end([who], 0) == [] and second.poll() is None
                    return
            finally:
                second.kill()
    pytest.skip("the number did not come back")


def test_a_tree_is_found_to_its_leaves(sh: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = sh("(sleep 60 & sleep 60 & wait) & sleep 60 & wait")
    until(lambda: len(proctree.descendants(process.pid)) == 4)
    assert len(proctree.children(process.pid)) == 2 and process.pid in proctree.children(os.getpid())
    assert proctree.children(2**22) == [] and proctree.descendants(2**22) == []


def test_children_of_any_thread_count() -> None:
    with subprocess.Popen(["true"]):
        pass
    found: list[int] = []

    def start() -> None:
        with subprocess.Popen(["sleep", "60"]) as process:
            found.extend(proctree.children(os.getpid()))
            found.append(process.pid)
            process.kill()

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert found[-1] in found[:-1]


def test_marked_are_found_and_this_process_never(
    sh: Callable[..., subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_RUN", MARK)
    process = sh("setsid sleep 60 & wait", HUBTUI_RUN=MARK)
    other = sh("sleep 60", HUBTUI_RUN=MARK + "0", NOT_HUBTUI_RUN=MARK)
    until(lambda: len(proctree.find_marked(MARK)) == 2)
    assert process.pid in {who.pid for who in proctree.find_marked(MARK)}
    assert other.pid not in {who.pid for who in proctree.find_marked(MARK)}
    assert proctree.environment(process.pid)["HUBTUI_RUN"] == MARK
    assert proctree.find_marked(MARK + "1") == []


def test_end_is_gentle_first(sh: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = sh("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done")
    assert process.stdout and process.stdout.readline() == b"up\n"
    began = time.monotonic()
    assert survivors.end([proctree.identity(process.pid)], 5) == []
    assert time.monotonic() - began < 2 and process.stdout.read() == b"bye\n"


def test_end_leaves_nobody(sh: Callable[..., subprocess.Popen[bytes]]) -> None:
    script = "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 60; sleep 60\" & kill -STOP $$; sleep 60"
    process = sh(script, HUBTUI_RUN=MARK)
    until(lambda: proctree.state(process.pid) == "T" and len(proctree.find_marked(MARK)) >= 3)
    all_of_them = [process.pid, *proctree.descendants(process.pid)]
    assert survivors.end([proctree.identity(process.pid)], 0.1, MARK) == []
    assert all(map(gone, all_of_them)) and proctree.find_marked(MARK) == []


def test_end_finds_the_marked_and_their_unmarked_children(sh: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = sh("env -i sleep 60 & wait", HUBTUI_RUN=MARK)
    until(lambda: len(proctree.children(process.pid)) == 1)
    [child] = proctree.children(process.pid)
    assert survivors.end([], 1, MARK) == []
    assert gone(child) and gone(process.pid)


def test_end_of_nobody_is_at_once() -> None:
    me = proctree.identity(os.getpid())
    assert survivors.end([], 10) == []
    assert survivors.end([replace(me, start_ticks=1), replace(me, boot_id="x")], 10, "nobody-has-this") == []


async def test_watch_notices_the_exit_whoever_holds_the_pipe() -> None:
    script = "import os,time\nif os.fork() == 0: time.sleep(60)\nos._exit(7)"
    process = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", script], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        ended = proctree.watch(process)
        assert process.pid in proctree.claimed
        assert await asyncio.wait_for(ended, 5) == 7
        assert process.pid not in proctree.claimed and proctree.stat(process.pid) is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
