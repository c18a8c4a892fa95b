"""`start`, `stop`, `restart`, `cancel`, `jobs`, `job`. No runner is started: how a job ends is written by the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import JobError, JobState, StepState
from hubtui.store import jobs, steps
from hubtui.workers import operations
from hubtui.workers.hub import Hub
from tests.unit.cli.support import JOB, call, loaded, refused, said


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

    def test_scale_prints_all_its_jobs_as_one_json(self, harbor: Path) -> None:
        found = loaded("scale", "harbor/store=2", "harbor/web=3")
        assert [(job["type"], job["services"], job["arguments"]) for job in found] == [
            ("scale", ["store"], ["2"]),
            ("scale", ["web"], ["3"]),
        ]

    def test_exec_in_a_service_that_has_left_the_file(self, harbor: Path) -> None:
        file = harbor / "compose.yaml"
        file.write_text(file.read_text().replace("  store:", "  depot:").replace("[store]", "[depot]"))
        assert "store is not in the compose file of harbor any more" in refused("exec", "harbor/store", "true")

    def test_nothing_is_asked_where_one_target_is_wrong(self, harbor: Path) -> None:
        assert "Projects: harbor" in refused("start", "harbor", "reef")
        assert loaded("jobs") == []

    def test_a_service_is_not_taken_for_a_project(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(harbor)
        message = "web is a service of this folder's project harbor: hubtui restart harbor/web"
        assert message in refused("restart", "web")

    def test_an_unknown_service_names_those_there_are(self, harbor: Path) -> None:
        assert "Its services: store, web" in refused("stop", "harbor/nope")
        assert "Did you mean store? Its services: store, web" in refused("stop", "harbor/sotre")
        assert "harbor/ names no service" in refused("stop", "harbor/")

    def test_the_nearest_verb_and_project_are_offered(self, harbor: Path) -> None:
        assert "Did you mean start?" in refused("strat", "harbor")
        assert "Did you mean harbor? Projects: harbor" in refused("start", "habor")
        assert "Did you mean" not in refused("start", "xyz") + refused("xyz")

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
    def test_its_waterfall_has_bars_and_the_chain(self) -> None:
        lines = said("job", "1", "--waterfall").splitlines()
        assert lines[0].startswith("start #1 harbor  ✗ FAILURE  ")
        assert lines[1].split()[0] == "STEP" and lines[1].split()[-2:] == ["FROM", "TOOK"]
        assert "✗" in lines[2] and "core" in lines[2]
        assert lines[3].startswith("◆  ✗    web") and "▓" in lines[3]
        assert lines[4].startswith("◆ critical chain: web ")
        assert said("job", "3", "--waterfall") == "start #3 harbor  ○ PENDING  not begun\n"
        assert loaded("job", "1", "--waterfall") == loaded("job", "1")

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
            *("attempt", "key"),
        }
        assert shape["steps"][1]["parent"] == shape["steps"][0]["id"]
        assert shape["attempts"][0]["number"] == 1
        text = said("job", "1")
        assert "✗ web exited with code 2." in text and "hubtui logs harbor/web" in text and "✗    web" in text

    def test_no_job(self, here: Path) -> None:
        assert "There is no job #7" in refused("job", "7")
        assert "hubtui start PROJECT" in said("jobs")


def test_a_start_in_a_named_environment_says_so(harbor: Path) -> None:
    (harbor / ".env.production").write_text("GREETING=hello")
    [job] = loaded("start", "harbor", "--environment", "production")
    assert job["environment"] == "production"
    assert "in the environment production" in said("job", str(job["id"]))
    assert said("restart", "harbor") == f"restart #{job['id'] + 1} harbor  in production\n"
    assert "Its environments: development, production" in refused("start", "harbor", "--environment", "prod")
