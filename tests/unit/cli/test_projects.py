"""`add`, `rm`, `ls`, `status`, `events`: what they print and the JSON shapes of the contract."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import EndReason
from hubtui.stacks import proctree
from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.store import runners, runs, services
from hubtui.workers import lease
from hubtui.workers.hub import Hub
from tests.doubles.host import python
from tests.unit.cli.support import COMPOSE, JOB, PROJECT, RUN, SERVICE, loaded, refused, said


class TestProjects:
    @pytest.mark.parametrize("name", [b"caf\xe9", b"esc\x1b]0;hi\x07"])
    def test_a_link_to_a_folder_that_cannot_be_shown_is_refused_like_the_folder(self, here: Path, name: bytes) -> None:
        folder, link = here / os.fsdecode(name), here / "link"
        folder.mkdir()
        (folder / "compose.yaml").write_text(COMPOSE)
        link.symlink_to(folder)
        for path in (folder, link):
            assert "holds characters that cannot be shown" in refused("add", str(path))

    @pytest.mark.parametrize("path", ["~nobody-of-this-name/x", "x" * 300], ids=["no home", "too long"])
    def test_a_path_that_there_cannot_be_is_no_folder(self, here: Path, path: str) -> None:
        assert "There is no folder" in refused("add", path)
        assert "There is no folder" in refused("add", "--scan", path)
        assert "compose file" in refused("config", "-f", path, code=1)
        assert "there is no such env file" in refused("config", "-f", "x", "--env-file", path, code=1)

    def test_links_that_lead_in_a_circle_are_no_folder(self, here: Path) -> None:
        (here / "loop").symlink_to(here / "loop")
        assert "There is no folder" in refused("add", str(here / "loop"))

    @pytest.mark.parametrize("verb", ["status", "start", "rm", "logs", "events", "jobs", "config", "reconcile"])
    def test_a_word_that_is_no_unicode_is_only_unknown(self, harbor: Path, verb: str) -> None:
        assert "There is no project" in refused(verb, "\udcff")

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

    def test_a_path_that_can_be_nowhere_is_no_mistake_of_hubtui(self, here: Path) -> None:
        (here / "round").symlink_to(here / "round")
        for path in ("/x" * 4000, "~nobody-of-this-name/x", str(here / "round")):
            assert "There is no folder" in refused("add", path)
            assert "There is no folder" in refused("add", "--scan", path)

    def test_add_from_a_template(self, here: Path) -> None:
        assert loaded("add", str(here / "new"), "--template", "demo")["name"] == "harbor"
        assert (here / "new" / "compose.yaml").exists()

    def test_a_template_with_secrets_works_at_once_and_does_not_tell_them(self, here: Path) -> None:
        folder = here / "shop"
        add = python("add", str(folder), "--template", "commandcenter", home=here / "state")
        assert add.returncode == 0, add.stderr
        assert "hubtui start shop" in add.stdout
        assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
        password = load_dotenv(folder / ".env", {})["POSTGRES_PASSWORD"]
        config = python("config", "shop", home=here / "state")
        assert f"POSTGRES_PASSWORD: {password}" in config.stdout, "what was asked for is printed"
        for verb in (["ls", "--json"], ["status", "shop", "--json"], ["events"], ["events", "--json"]):
            assert password not in said(*verb)
        assert password not in add.stdout + add.stderr
        for file in (here / "state").rglob("*"):
            assert not file.is_file() or password.encode() not in file.read_bytes(), file

    def test_two_projects_of_a_template_share_no_port(self, here: Path) -> None:
        published = []
        for name in ("one", "two"):
            said("add", str(here / name), "--template", "commandcenter")
            published += [p["published"] for s in loaded("status", name)["services"] for p in s["ports"]]
        assert len(set(published)) == len(published) == 8

    def test_a_template_that_cannot_be_registered_leaves_nothing(self, here: Path) -> None:
        said("add", str(here / "shop"), "--template", "commandcenter")
        assert "--name" in refused("add", str(here / "b" / "shop"), "--template", "commandcenter")
        assert not (here / "b").exists()
        again = ("add", str(here / "b" / "shop"), "--template", "commandcenter", "--name", "shop2")
        assert loaded(*again)["name"] == "shop2"
        before = (here / "shop" / ".env").read_bytes()
        assert "not an empty folder" in refused("add", str(here / "shop"), "--template", "commandcenter")
        assert (here / "shop" / ".env").read_bytes() == before

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
        port = {"published", "target", "protocol", "address", "url", "connections", "bytes_in", "bytes_out"}
        assert web["ports"][0].keys() == port
        assert store["limits"] == {"cpus": 0.5, "memory": 134217728, "enforced": False}
        assert "limit of 0.5 cpus, 128 M not enforced" in said("status", "harbor")

    def test_status_tells_what_holds_it_its_traffic_and_what_to_know_of_each_service(
        self, harbor: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def work(con: Any) -> None:
            generation = runners.register(con, "harbor", os.getpid(), 1, proctree.boot_id())
            run = runs.begin(con, "harbor", "dagger", generation, proctree.boot_id(), [])
            runs.held_by(con, run, {"engine": "v0.21.8", "CLI": "v0.21.8"})
            services.change(con, "harbor", "web", run, {"state": "running"})
            services.note(con, "harbor", "store", run, ["the volume data is a cache of the engine"])

        with Hub() as hub:
            hub.writer.run(work)
            held = lease.open_lease(hub.home.lease("harbor"))
            assert lease.try_take(held)
        use = {"connections": 3, "bytes_in": 1234, "bytes_out": 80 << 20}
        monkeypatch.setattr("hubtui.workers.observe.usage_of", lambda *_: {"web": {"ports": {"18733": use}}})
        text = said("status", "harbor")
        assert "engine v0.21.8, CLI v0.21.8" in text
        assert "! store: the volume data is a cache of the engine" in text
        assert text.count("limit of 0.5 cpus") == 0, "the notes tell it"
        row = next(line for line in text.splitlines() if "http://127.0.0.1:18733/" in line)
        assert row.split() == ["web", "http://127.0.0.1:18733/", "80", "3", "1", "K", "80", "M"]
        shape = loaded("status", "harbor")
        assert shape["run"]["versions"] == {"engine": "v0.21.8", "CLI": "v0.21.8"}
        store, web = shape["services"]
        assert store["notes"] == ["the volume data is a cache of the engine"]
        assert use.items() <= web["ports"][0].items()
        os.close(held)

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

    def test_status_outside_any_project_shows_all_of_them(self, harbor: Path) -> None:
        assert "harbor" in said("status")
        assert loaded("status")["project"]["name"] == "harbor"

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
