"""As a program of its own, and the two ways into the dashboard."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hubtui import cli
from hubtui.models import Health, ServiceState
from tests.unit.cli.support import loaded, said


def program(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hubtui", *words], capture_output=True, text=True, timeout=60, **more)


@pytest.mark.usefixtures("here")
class TestProgram:
    @pytest.mark.parametrize(
        "words", [("ls",), ("start", "--help"), ("status", "harbor"), ("stop", "harbor"), ("logs", "harbor")]
    )
    def test_no_heavy_imports(self, words: tuple[str, ...], harbor: Path) -> None:
        code = (
            "import sys\nfrom hubtui.cli import cli\n"
            f"try:\n    cli.main({list(words)!r})\nexcept SystemExit as e:\n    assert not e.code, e.code\n"
            "heavy = {'textual', 'rich', 'pydantic', 'dagger', 'aiosqlite', 'httpx', 'psutil', 'yaml', 're2'}\n"
            "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.stderr.splitlines()[-1] == "[]", done.stderr

    def test_a_reader_that_leaves_early_is_no_error(self, harbor: Path) -> None:
        writer = subprocess.Popen(
            [sys.executable, "-m", "hubtui", "events"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert writer.stdout is not None and writer.stderr is not None
        writer.stdout.close()
        assert (writer.wait(30), writer.stderr.read()) == (0, b"")
        writer.stderr.close()

    def test_an_output_that_is_full_is_no_mistake_of_hubtui(self, harbor: Path) -> None:
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "hubtui", "ls"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
            )
        assert done.returncode == 1
        assert "cannot be written: No space left on device." in done.stderr
        assert "unexpected" not in done.stderr

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("events", "--follow"), "the feed goes on"),
            (("logs", "harbor", "-f"), "nothing of harbor was stopped"),
            (("start", "harbor", "--wait"), "goes on"),
        ],
        ids=["events", "logs", "start"],
    )
    def test_ctrl_c_ends_only_the_looking(self, words: tuple[str, ...], says: str, harbor: Path) -> None:
        code = (
            "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # who runs this may ignore it
            "from hubtui.workers import spawn\nspawn.start_guard = lambda *_: None\n"
            f"from hubtui.cli import cli\ncli.main({list(words)!r})"
        )
        looking = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(1.0)
        looking.send_signal(signal.SIGINT)
        _, told = looking.communicate(timeout=30)
        assert looking.returncode == 130
        assert says in told and "Traceback" not in told

    def test_a_dumb_terminal_is_refused(self) -> None:
        ours, theirs = pty.openpty()
        env = {**os.environ, "TERM": "dumb"}
        done = subprocess.run(
            [sys.executable, "-m", "hubtui"],
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env=env,
        )
        os.close(ours)
        os.close(theirs)
        assert done.returncode == 2
        assert "TERM is dumb" in done.stderr

    def test_a_whole_life(self, harbor: Path) -> None:
        try:
            done = program("start", "harbor", "--wait")
            assert done.returncode == 0, done.stderr
            status = json.loads(program("status", "harbor", "--json").stdout)
            assert status["run"]["runner"]["alive"] is True
            assert {s["state"] for s in status["services"]} == {ServiceState.RUNNING}
            assert {s["health"] for s in status["services"]} == {Health.NONE}
        finally:
            done = program("stop", "harbor", "--wait")
        assert done.returncode == 0, done.stderr
        assert "○ stopped" in program("ls").stdout


class TestDemo:
    def test_it_makes_what_is_missing_and_touches_nothing_else(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from hubtui.cli import demo

        monkeypatch.setenv("HUBTUI_DEMO_HOME", str(here / "demo"))
        home = demo.demo_home()
        assert home.root == here / "demo"
        demo.prepare(home)
        page = here / "demo" / "projects" / "harbor" / "compose.yaml"
        page.write_text(page.read_text() + "# mine\n")
        monkeypatch.setenv("HUBTUI_HOME", str(home.root))
        said("rm", "reef")
        demo.prepare(home)
        assert [p["name"] for p in loaded("ls")] == ["harbor", "reef"]
        assert page.read_text().endswith("# mine\n")

    def test_it_has_a_folder_of_its_own(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from hubtui.cli import demo

        monkeypatch.delenv("HUBTUI_DEMO_HOME", raising=False)
        monkeypatch.setenv("XDG_STATE_HOME", str(here / "xdg"))
        assert demo.demo_home().root == here / "xdg" / "hubtui-demo"

    def test_leaving_says_where_to_look_again(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBTUI_DEMO_HOME", str(here / "demo"))
        monkeypatch.setattr(cli, "open_dashboard", lambda home, prepare: prepare())
        told = said("demo")
        assert f"(state: HUBTUI_HOME={here / 'demo'} hubtui status)" in told
        assert told.startswith("Jobs go on. Look again with: hubtui demo")

    def test_leaving_the_dashboard_names_what_still_runs(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cli, "open_dashboard", lambda home: None)
        assert said() == "Jobs go on. Nothing is running.\n"
        said("start", "harbor")
        assert said() == "Jobs go on. Still running: harbor: start #1 PENDING.\n"
