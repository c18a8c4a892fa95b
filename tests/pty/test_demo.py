"""The main job, as a person does it: start, watch, lose the line, find it again, stop. On a real terminal."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from hubtui.models import JobType
from hubtui.stacks import proctree
from tests.doubles.host import python
from tests.doubles.terminal import Terminal, environment
from tests.doubles.waiting import eventually
from tests.pty.conftest import Demo

pytestmark = pytest.mark.pty
RESTORED = b"\x1b[?1049l"  # the alternate screen is left (xterm, ctlseqs)


def test_started_watched_left_found_again_and_stopped(demo: Demo) -> None:
    first = demo.open()
    first.press("s")
    first.wait_for("start #1")
    first.wait_for("4/4", "SUCCESS", seconds=40)
    assert "<html" in demo.page()
    first.press("l")
    first.wait_for("listening")
    runner, processes = demo.host.runner("harbor"), sorted(demo.host.processes("harbor"))

    first.hang_up()
    first.fd = os.open(os.devnull, os.O_RDWR)
    first.wait_end()
    assert "<html" in demo.page()
    assert demo.host.runner("harbor") == runner
    assert sorted(demo.host.processes("harbor")) == processes

    again = demo.open()
    again.wait_for("4/4", "start #1", "SUCCESS")
    seen = again.text
    eventually(lambda: again.read(0.1) and again.text != seen, 10)  # the log goes on under one's eyes
    again.press("x")
    again.wait_for("stop #2")
    again.wait_for("stopped", "SUCCESS")
    eventually(lambda: demo.host.processes("harbor") == [])
    assert demo.page() == ""
    again.press("q")
    assert again.wait_end() == 0
    assert RESTORED in again.output
    assert str(demo.root) in again.output.decode(errors="replace"), "it names its state folder on leaving"


def test_reopened_in_the_middle_of_a_start(demo: Demo) -> None:
    demo.environment |= {"BUILD_SECONDS": "4"}
    first = demo.open()
    first.press("s")
    first.wait_for("build web", "/12]")
    os.kill(first.pid, signal.SIGKILL)
    again = demo.open()
    again.wait_for("start #1", "build web")
    again.wait_for("4/4", "SUCCESS", seconds=40)


def test_a_runner_killed_with_no_dashboard_open(demo: Demo) -> None:
    screen = demo.open()
    screen.press("s")
    screen.wait_for("4/4", "SUCCESS", seconds=40)
    screen.press("q")
    screen.wait_end()
    os.kill(demo.host.runner("harbor"), signal.SIGKILL)
    eventually(lambda: demo.host.processes("harbor") == [], 1.0)
    said = python("status", home=demo.root)
    assert said.returncode == 0
    assert "lost" in said.stdout
    assert "the runner was killed by SIGKILL" in said.stdout
    again = demo.open()
    again.wait_for("lost")
    again.press("s")
    again.wait_for("4/4", "SUCCESS", seconds=40)
    assert "<html" in demo.page()


def test_a_runner_killed_under_an_open_dashboard(demo: Demo) -> None:
    screen = demo.open()
    screen.press("s")
    screen.wait_for("4/4", "SUCCESS", seconds=40)
    os.kill(demo.host.runner("harbor"), signal.SIGKILL)
    screen.wait_for("lost", "SIGKILL", seconds=2)


def test_a_failure_says_what_to_do_and_can_be_mended(demo: Demo) -> None:
    screen = demo.open(120, 36)
    screen.press("j")
    screen.press("s")
    screen.wait_for("worker exited with code 2", "did you mean 'orders'", seconds=30)
    file = demo.root / "projects" / "reef" / "worker.ini"
    file.write_text(file.read_text().replace("oders", "orders"))
    screen.press("s")
    screen.wait_for("4/4", "SUCCESS", seconds=30)


@pytest.mark.parametrize("keys", ["", "\x10", "l", "?", "a"])
def test_a_hangup_ends_the_dashboard_under_any_leader_on_any_screen(demo: Demo, keys: str) -> None:
    """As under `make run`: the session's leader is another one, which waits for the dashboard and passes nothing on."""
    patient = "import signal, subprocess, sys; signal.signal(1, lambda *_: 0); sys.exit(subprocess.call(sys.argv[1:]))"
    leader = [sys.executable, "-c", patient]
    screen = Terminal([*leader, sys.executable, "-m", "hubtui", "demo"], environment(demo.root, **demo.environment))
    screen.wait_for("harbor", "reef")
    if keys:
        before = screen.text
        screen.press(keys)
        eventually(lambda: screen.read(0.05) and screen.text != before)
    dashboards = proctree.descendants(screen.pid)
    assert dashboards
    screen.hang_up()
    screen.fd = os.open(os.devnull, os.O_RDWR)
    eventually(lambda: not [p for p in dashboards if proctree.stat(p)], 5)
    screen.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_restored(demo: Demo, number: signal.Signals) -> None:
    screen = demo.open()
    os.kill(screen.pid, number)
    begun = time.monotonic()
    screen.wait_end()
    assert time.monotonic() - begun < 3
    assert RESTORED in screen.output


def test_two_dashboards_and_a_command_line_at_once(demo: Demo) -> None:
    one, two = demo.open(), demo.open(100, 30)
    for _ in range(5):
        one.press("s")
        two.press("sr")
        python("start", "harbor", home=demo.root)
        two.press("x")
        one.press("s")
        for screen in (one, two):
            screen.read(0.05)
        runner = demo.host.view("harbor").project.run
        assert runner is None or len(demo.host.pids("harbor")) <= 4

    for screen in (one, two):  # what was pressed is done with once what is pressed after it is on the screen
        screen.press("?")
        screen.wait_for("esc back", seconds=20)
        screen.press("\x1b")
        screen.wait_for("PROJECTS", seconds=20)

    def all_up() -> bool:  # a worker may still have a key's job to write: then it is stopped once more
        demo.host.finished(demo.host.ask(JobType.START, "harbor"), 60)
        return len(demo.host.processes("harbor")) == 4 and set(demo.host.states("harbor").values()) == {"running"}

    eventually(all_up, 60)
    for screen in (one, two):
        screen.wait_for("4/4", seconds=20)
    assert len(demo.host.processes("harbor")) == 4, "one copy of each service"


def test_a_plain_pipe_and_a_dumb_terminal_get_a_sentence(demo: Demo) -> None:
    refused = python(home=demo.root)
    assert refused.returncode == 2
    assert "terminal" in refused.stderr
    from tests.doubles.terminal import hubtui

    dumb = hubtui(demo.root, TERM="dumb")
    assert dumb.wait_end() == 2
    assert b"\x1b" not in dumb.output
    dumb.close()
