"""The verbs: what they print, their JSON shapes, errors and exit codes. Only one test starts a runner."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hubtui import cli
from hubtui.models import EndReason, Health, JobError, JobState, ServiceState, StepState
from hubtui.paths import Home
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import LogWriter, service_folder
from hubtui.store import jobs, runners, runs, services, steps
from hubtui.workers import operations
from hubtui.workers.hub import Hub

COMPOSE = """\
name: harbor
services:
  store:
    image: scratch
    x-hubtui: {process: [sleep, "300"]}
    deploy: {resources: {limits: {cpus: "0.5", memory: 128M}}}
  web:
    image: scratch
    depends_on: [store]
    environment: {GREETING: "${GREETING:-ahoy}"}
    ports: ["127.0.0.1:18733:80"]
    x-hubtui: {process: [sleep, "300"]}
"""
PROJECT = {
    *("name", "path", "engine", "engine_reason", "environment", "run", "job", "services_total", "services_healthy"),
}
RUN = {
    *("id", "project", "state", "end_reason", "engine", "environment", "started_at", "ended_at", "generation"),
    "runner",
}
JOB = {
    *("id", "project", "run", "type", "state", "message", "priority", "attempt", "max_attempts", "parent", "progress"),
    *("step", "eta_seconds", "queue_position", "waits_for", "requested_by", "host", "created_at", "started_at"),
    *("finished_at", "result", "error", "finished"),
}
SERVICE = {
    *("name", "state", "health", "latency_ms", "ports", "restarts", "since", "exit_code", "cpu_percent"),
    *("memory_bytes", "limits"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder and settings of its own, an empty current folder, and guards that are not started."""
    monkeypatch.setenv("HUBTUI_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("HUBTUI_DEBUG", raising=False)
    monkeypatch.setattr("hubtui.workers.spawn.start_guard", lambda *_: None)
    monkeypatch.setattr("hubtui.workers.logind.will_logout_kill", lambda: None)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return tmp_path


@pytest.fixture
def harbor(here: Path) -> Path:
    """The folder of a registered project harbor with the services store and web."""
    folder = here / "harbor"
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE)
    assert call("add", str(folder)).exit_code == 0
    return folder


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.cli, list(words))


def said(*words: str, code: int = 0) -> str:
    """What a verb prints to stdout, when it ends as expected."""
    result = call(*words)
    assert result.exit_code == code, result.output
    return result.stdout


def loaded(*words: str, code: int = 0) -> Any:
    return json.loads(said(*words, "--json", code=code))


def refused(*words: str, code: int = 2) -> str:
    """What a verb says on stderr when it ends with this code; stdout stays empty."""
    result = call(*words)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert result.stderr.startswith("hubtui: ")
    assert "Traceback" not in result.stderr
    return result.stderr


class TestProjects:
    def test_add_prints_what_was_registered_and_what_to_do_next(self, here: Path) -> None:
        folder = here / "harbor"
        folder.mkdir()
        (folder / "compose.yaml").write_text(COMPOSE)
        shape = loaded("add", str(folder), "--name", "port")
        assert set(shape) >= PROJECT
        assert (shape["name"], shape["path"], shape["engine"]) == ("port", str(folder), "process")
        assert (shape["run"], shape["job"], shape["services_total"]) == (None, None, 2)
        assert "hubtui start harbor" in said("add", str(folder))

    def test_add_without_a_path_means_this_folder(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (here / "elsewhere" / "compose.yaml").write_text(COMPOSE)
        assert loaded("add")["path"] == str(here / "elsewhere")

    def test_add_from_a_template(self, here: Path) -> None:
        assert loaded("add", str(here / "new"), "--template", "demo")["name"] == "harbor"
        assert (here / "new" / "compose.yaml").exists()

    def test_a_folder_without_a_stack_is_an_error_that_says_what_to_do(self, here: Path) -> None:
        assert "compose.yaml" in refused("add", str(here), code=1)

    def test_rm_forgets_and_leaves_the_files(self, harbor: Path) -> None:
        assert "its files stay" in said("rm", "harbor")
        assert (harbor / "compose.yaml").exists()
        assert loaded("ls") == []

    def test_rm_refuses_while_a_job_is_open(self, harbor: Path) -> None:
        said("start", "harbor")
        assert "hubtui stop harbor --wait" in refused("rm", "harbor")


class TestReading:
    def test_ls_of_nothing_says_what_to_do(self, here: Path) -> None:
        assert "hubtui add PATH" in said("ls")
        assert loaded("ls") == []

    def test_ls_shows_each_project_with_run_and_job(self, harbor: Path) -> None:
        said("start", "harbor")
        (shape,) = loaded("ls")
        assert set(shape) >= PROJECT
        assert set(shape["job"]) >= JOB
        assert "○ start PENDING 0 %" in said("ls")

    def test_status_has_the_shape_of_the_contract(self, harbor: Path) -> None:
        with Hub() as hub:
            hub.writer.run(_one_run)
        shape = loaded("status", "harbor")
        assert set(shape) == {"project", "run", "job", "services"}
        assert set(shape["run"]) >= RUN
        assert shape["run"]["runner"] == {"pid": None, "alive": False, "responsive": None}
        assert (shape["run"]["end_reason"], shape["job"]) == ("stopped", None)
        store, web = shape["services"]
        assert set(web) >= SERVICE
        assert web["ports"][0].keys() == {"published", "target", "protocol", "address", "url"}
        assert store["limits"] == {"cpus": 0.5, "memory": 134217728, "enforced": False}
        assert "limit of 0.5 cpus, 128 M not enforced" in said("status", "harbor")

    def test_status_without_a_name_means_this_folder_or_one_above(
        self, harbor: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inside = harbor / "src" / "deep"
        inside.mkdir(parents=True)
        monkeypatch.chdir(inside)
        assert loaded("status")["project"]["name"] == "harbor"

    def test_an_unregistered_stack_here_is_not_taken_for_one_above(
        self, harbor: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nested = harbor / "nested"
        nested.mkdir()
        (nested / "compose.yaml").write_text(COMPOSE)
        monkeypatch.chdir(nested)
        assert f"hubtui add {nested}" in refused("status")

    def test_outside_any_project_it_says_so(self, harbor: Path) -> None:
        assert "hubtui add PATH" in refused("status")

    def test_events_are_one_json_object_a_line(self, harbor: Path) -> None:
        said("start", "harbor")
        lines = [json.loads(line) for line in said("events", "--json").splitlines()]
        assert [e["kind"] for e in lines] == ["project.added", "job.created"]
        assert set(lines[0]) == {"seq", "time", "project", "run", "job", "kind", "data"}
        assert len(said("events", "harbor", "--after", str(lines[0]["seq"])).splitlines()) == 1

    def test_names_from_outside_cannot_move_the_cursor(self, harbor: Path) -> None:
        with Hub() as hub:
            hub.writer.run(lambda con: services.change(con, "harbor", "web", None, {"message": "\x1b[2J\x9bHevil\x7f"}))
        text = said("status", "harbor")
        assert "evil" in text and not set(text) & set("\x1b\x9b\x7f")
        assert not set(said("status", "harbor", "--json")) & set("\x1b\x9b\x7f")


def _one_run(con: Any) -> None:
    generation = runners.register(con, "harbor", 1, 1, "boot")
    run = runs.begin(con, "harbor", "process", generation, "boot", [])
    runs.end(con, run, EndReason.STOPPED)
    runners.gone(con, "harbor", generation)


class TestAsking:
    def test_start_prints_its_job_at_once(self, harbor: Path) -> None:
        assert said("start", "harbor") == "start #1 harbor\n"
        assert said("start", "harbor") == "start #1 harbor  (was asked for already)\n"

    def test_start_prints_jobs_as_json(self, harbor: Path) -> None:
        (job,) = loaded("start", "harbor/web", "--profile", "debug")
        assert set(job) >= JOB
        assert (job["type"], job["state"], job["services"], job["profiles"]) == ("start", "PENDING", ["web"], ["debug"])
        assert (job["error"], job["finished"]) == (None, False)

    def test_a_job_for_each_target(self, harbor: Path) -> None:
        assert said("restart", "harbor/store", "harbor/web", "harbor/web").splitlines() == [
            "restart #1 harbor/store",
            "restart #2 harbor/web",
        ]

    def test_nothing_is_asked_where_one_target_is_wrong(self, harbor: Path) -> None:
        assert "Projects: harbor" in refused("start", "harbor", "reef")
        assert loaded("jobs") == []

    def test_a_service_is_not_taken_for_a_project(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(harbor)
        message = "web is a service of this folder's project harbor: hubtui restart harbor/web"
        assert message in refused("restart", "web")

    def test_an_unknown_service_names_those_there_are(self, harbor: Path) -> None:
        assert "Its services: store, web" in refused("stop", "harbor/nope")
        assert "harbor/ names no service" in refused("stop", "harbor/")

    def test_stop_of_what_is_not_up_is_done_at_once(self, harbor: Path) -> None:
        assert said("stop", "harbor", "--wait").splitlines()[0] == "stop #1 harbor  (nothing was running)"

    def test_cancel_of_a_waiting_job(self, harbor: Path) -> None:
        said("start", "harbor")
        assert loaded("cancel", "1")["state"] == "REVOKED"
        assert "start #1 harbor has ended: REVOKED, cancelled by" in said("cancel", "#1")
        assert "There is no job #9" in refused("cancel", "9")
        assert "no job's number" in refused("cancel", "harbor")

    def test_a_login_that_kills_is_said_first(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from hubtui.workers import logind

        warning = logind.finding(logind.Login("me", kills=True, cgroup="/user.slice/session-1.scope"))
        monkeypatch.setattr(logind, "will_logout_kill", lambda: warning)
        result = call("start", "harbor")
        assert result.stdout == "start #1 harbor\n"
        assert "KillUserProcesses=yes" in result.stderr


class TestWaiting:
    @pytest.fixture
    def ended(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[JobState, JobError | None]]]:
        """How the job that is asked for next ends, right after it was written."""
        ends: list[tuple[JobState, JobError | None]] = []
        ask = operations.ask

        def asked(hub: Hub, *args: Any, **more: Any) -> operations.Asked:
            found = ask(hub, *args, **more)
            state, error = ends.pop()

            def work(con: Any) -> None:
                jobs.claim(con, found.job.id, 1)
                steps.put(con, "harbor", found.job.id, "k", "web", StepState.RUNNING)
                steps.put(con, "harbor", found.job.id, "k", "web", StepState.DONE, message="\x1b]0;hi\x07healthy")
                jobs.finish(con, found.job.id, state, "2 of 2 services up", error=error)

            hub.writer.run(work)
            return found

        monkeypatch.setattr(operations, "ask", asked)
        yield ends

    def test_success(self, ended: list[Any]) -> None:
        ended.append((JobState.SUCCESS, None))
        lines = said("start", "harbor", "--wait").splitlines()
        assert lines[0] == "start #1 harbor"
        assert "    ✓  web  healthy" in lines[1]
        assert lines[-1].startswith("✓ start #1 harbor: 2 of 2 services up  (")

    def test_failure_says_why_and_what_next(self, ended: list[Any]) -> None:
        ended.append((JobState.FAILURE, JobError("port_taken", "Port 5432 is taken.", "ss -ltnp 'sport = 5432'")))
        result = call("start", "harbor", "--wait")
        assert result.exit_code == 1
        assert result.stderr == "hubtui: start #1 harbor failed: Port 5432 is taken.\n  ss -ltnp 'sport = 5432'\n"

    def test_json_is_the_finished_job_and_nothing_else(self, ended: list[Any]) -> None:
        ended.append((JobState.REVOKED, None))
        (job,) = loaded("start", "harbor", "--wait", code=1)
        assert (job["state"], job["finished"]) == ("REVOKED", True)


class TestHistory:
    @pytest.fixture
    def three(self, harbor: Path) -> None:
        said("start", "harbor")
        with Hub() as hub:
            error = JobError("service_exited", "web exited with code 2.", "hubtui logs harbor/web")

            def work(con: Any) -> None:
                jobs.claim(con, 1, 1)
                steps.put(con, "harbor", 1, "s", "core", StepState.RUNNING)
                steps.put(con, "harbor", 1, "w", "web", StepState.FAILED, parent="s", message="exited")
                jobs.finish(con, 1, JobState.FAILURE, "web exited", error=error)

            hub.writer.run(work)
        said("stop", "harbor")
        said("start", "harbor")

    @pytest.mark.usefixtures("three")
    def test_newest_first_and_filtered(self) -> None:
        assert [j["id"] for j in loaded("jobs")] == [3, 2, 1]
        assert [j["id"] for j in loaded("jobs", "-n", "1")] == [3]
        assert [j["id"] for j in loaded("jobs", "harbor", "--type", "start")] == [3, 1]
        assert [j["id"] for j in loaded("jobs", "--state", "failure", "-n", "5")] == [1]
        assert len(loaded("jobs", "--since", "10m")) == 3
        assert loaded("jobs", "--since", "2099-01-01") == []
        assert "is no time" in refused("jobs", "--since", "soon")

    @pytest.mark.usefixtures("three")
    def test_one_job_whole(self) -> None:
        shape = loaded("job", "1")
        assert set(shape) >= JOB | {"steps", "attempts"}
        assert shape["error"] == {
            "kind": "service_exited",
            "message": "web exited with code 2.",
            "hint": "hubtui logs harbor/web",
        }
        assert set(shape["steps"][0]) == {
            *("id", "parent", "name", "state", "cached", "started_at", "finished_at", "message"),
        }
        assert shape["steps"][1]["parent"] == shape["steps"][0]["id"]
        assert shape["attempts"][0]["number"] == 1
        text = said("job", "1")
        assert "✗ web exited with code 2." in text and "hubtui logs harbor/web" in text and "✗    web" in text

    def test_no_job(self, here: Path) -> None:
        assert "There is no job #7" in refused("job", "7")
        assert "hubtui start PROJECT" in said("jobs")


class TestLogs:
    @pytest.fixture
    def written(self, harbor: Path) -> None:
        home = Home.default()
        for name, first in (("store", 1e9), ("web", 1e9 + 1)):
            clock = iter((first, first, first + 2, first + 2, first + 2))
            writer = LogWriter(
                service_folder(home.logs("harbor"), name),
                4,
                LogLimits(),
                clock=lambda c=clock: next(c),  # type: ignore[misc]
            )
            writer.write("out", f"{name} one\n".encode())
            writer.write("err", f"\x1b[31m{name} two\n".encode())
            writer.close()

    @pytest.mark.usefixtures("written")
    def test_all_lines_merged_by_time(self) -> None:
        lines = said("logs", "harbor").splitlines()
        assert [line.partition(" ")[2] for line in lines] == [
            "store | store one",
            "web   | web one",
            "store | store two",
            "web   | web two",
        ]

    @pytest.mark.usefixtures("written")
    def test_tail_one_service_and_json(self) -> None:
        assert len(said("logs", "harbor", "-n", "3").splitlines()) == 3
        assert said("logs", "harbor", "-n", "0") == ""
        (line,) = said("logs", "harbor/web", "--tail", "1", "--json").splitlines()
        assert json.loads(line) == {
            "time": "2001-09-09T01:46:43.000Z",
            "service": "web",
            "stream": "err",
            "run": 4,
            "line": "\x1b[31mweb two",
        }
        assert "\x1b" not in line

    def test_nothing_yet_is_said_beside_stdout(self, harbor: Path) -> None:
        result = call("logs", "harbor")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing was printed yet.\n")


class TestConfig:
    def test_the_stack_with_its_variables(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GREETING", "0123")
        shape = json.loads(said("config", "harbor", "--format", "json"))
        assert shape["services"]["web"]["environment"] == {"GREETING": "0123"}
        assert "GREETING: '0123'" in said("config", "harbor")

    def test_a_file_and_this_folder(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        said("rm", "harbor")
        assert "name: harbor" in said("config", "-f", str(harbor / "compose.yaml"))
        monkeypatch.chdir(harbor)
        assert "name: harbor" in said("config")
        assert "two different stacks" in refused("config", "harbor", "-f", "compose.yaml")

    def test_a_mistake_names_file_and_line(self, harbor: Path) -> None:
        (harbor / "compose.yaml").write_text("services:\n  web: [1]\n")
        assert f"{harbor}/compose.yaml:2: " in refused("config", "harbor", code=1)


class TestErrors:
    def test_wrong_words(self, here: Path) -> None:
        assert "hubtui --help" in refused("nope")
        assert "hubtui start --help" in refused("start", "--nope")
        assert "hubtui job --help" in refused("job")

    def test_the_unexpected_is_one_sentence(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("the \x1b[2Jmoon")

        monkeypatch.setattr("hubtui.workers.reconcile.reconcile", broken)
        assert "RuntimeError: the moon" in refused("ls", code=1)
        monkeypatch.setenv("HUBTUI_DEBUG", "1")
        assert "Traceback" in call("ls").stderr

    def test_a_lost_store_is_said(self, harbor: Path) -> None:
        Home.default().database.unlink()
        assert "missing or empty" in refused("ls", code=1)

    def test_no_dashboard_without_a_terminal(self, here: Path) -> None:
        assert "needs a terminal" in refused()
        assert "needs a terminal" in refused("demo")

    def test_help_names_every_verb(self, here: Path) -> None:
        text = said("--help")
        assert all(f"\n  {verb} " in text for verb in cli.VERBS)


# From here on as a program of its own.


def program(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hubtui", *words], capture_output=True, text=True, timeout=60, **more)


@pytest.mark.usefixtures("here")
class TestProgram:
    @pytest.mark.parametrize("words", [("ls",), ("start", "--help"), ("status", "harbor"), ("stop", "harbor")])
    def test_no_heavy_imports(self, words: tuple[str, ...], harbor: Path) -> None:
        code = (
            "import sys\nfrom hubtui.cli import cli\n"
            f"try:\n    cli.main({list(words)!r})\nexcept SystemExit as e:\n    assert not e.code, e.code\n"
            "heavy = {'textual', 'rich', 'pydantic', 'dagger', 'aiosqlite', 'httpx', 'psutil', 'ruamel'}\n"
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

    @pytest.mark.parametrize("words", [("events", "--follow"), ("logs", "harbor", "-f"), ("start", "harbor", "--wait")])
    def test_ctrl_c_ends_only_the_looking(self, words: tuple[str, ...], harbor: Path) -> None:
        code = (
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
        assert "go" in told and "Traceback" not in told

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
        assert told == (f"Jobs go on. Look again with: hubtui demo   (state: HUBTUI_HOME={here / 'demo'} hubtui ls)\n")

    def test_leaving_the_dashboard_names_what_still_runs(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cli, "open_dashboard", lambda home: None)
        assert said() == "Jobs go on. Nothing is running.\n"
        said("start", "harbor")
        assert said() == "Jobs go on. Still running: harbor: start #1 PENDING.\n"
