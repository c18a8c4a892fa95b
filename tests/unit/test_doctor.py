"""What `doctor` finds: each check on made-up facts, and the whole on this host."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest
from click.testing import CliRunner

from hubtui.cli import cli
from hubtui.paths import Home
from hubtui.store import connect
from hubtui.workers import doctor, logind
from hubtui.workers.logind import Login

SESSION = "/user.slice/user-1000.slice/session-3.scope"
MANAGER = "/user.slice/user-1000.slice/user@1000.service/app.slice/foot.scope"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A prepared state folder, and settings of its own."""
    monkeypatch.setenv("HUBTUI_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    home = Home(tmp_path / "state")
    home.prepare()
    return home


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((3, 40, 1), "warn"),
        ((3, 44, 5), "warn"),
        ((3, 44, 6), "ok"),
        ((3, 45, 1), "warn"),
        ((3, 50, 6), "warn"),
        ((3, 50, 7), "ok"),
        ((3, 51, 2), "warn"),
        ((3, 51, 3), "ok"),
        ((3, 53, 0), "ok"),
    ],
)
def test_the_wal_reset_bug(version: tuple[int, ...], state: str) -> None:
    (found,) = doctor.sqlite(version)
    assert found.state == state
    assert (state == "ok") or "write lock covers it" in found.message


def test_an_old_python_fails() -> None:
    assert doctor.python((3, 10, 9))[0].state == "fail"
    assert doctor.python((3, 11, 0))[0].state == "ok"


@pytest.mark.parametrize(
    ("login", "state", "words"),
    [
        (Login("me", systemd=False), "ok", "No systemd here"),
        (Login("me", cgroup=SESSION), "ok", "KillUserProcesses=no"),
        (Login("me", cgroup=SESSION, linger=True), "ok", "KillUserProcesses=no"),
        (Login("me", cgroup=SESSION, kills=True), "warn", "KillUserProcesses=yes"),
        (Login("me", cgroup=SESSION, kills=True, linger=True), "warn", "KillUserProcesses=yes"),
        (Login("me", cgroup=MANAGER), "warn", "ends with your last logout"),
        (Login("me", cgroup=MANAGER, linger=True), "ok", "your user manager lingers"),
        (Login("me", cgroup="/system.slice/cron.service", kills=True), "ok", "no login session"),
    ],
)
def test_what_a_logout_ends(login: Login, state: str, words: str) -> None:
    found = logind.finding(login)
    assert (found.check, found.state) == ("logout", state)
    assert words in found.message
    assert ("enable-linger me" in found.hint) is (state == "warn" and not login.linger)


def test_start_is_told_only_of_what_would_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logind, "read", lambda: Login("me", cgroup=SESSION))
    assert logind.will_logout_kill() is None
    monkeypatch.setattr(logind, "read", lambda: Login("me", cgroup=MANAGER))
    assert logind.will_logout_kill() == logind.finding(Login("me", cgroup=MANAGER))


class TestLogindFiles:
    """A root folder as a host with systemd has it."""

    @pytest.fixture
    def root(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for folder in ("run/systemd/system", "proc/self", "etc/systemd/logind.conf.d", "var/lib/systemd/linger"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_text(f"0::{SESSION}\n")
        monkeypatch.setattr("pwd.getpwuid", lambda _: type("Entry", (), {"pw_name": "ci"}))
        return tmp_path

    @pytest.mark.parametrize(
        ("main", "drop_in", "kills"),
        [
            ("", "", False),
            ("[Login]\n#KillUserProcesses=yes\n", "", False),
            ("[Login]\nKillUserProcesses=yes\n", "", True),
            ("[Login]\nKillUserProcesses=yes\n", "[Login]\nKillUserProcesses=no\n", False),
            ("[Login]\nKillUserProcesses = yes\nKillExcludeUsers=root ci\n", "", False),
            ("[Login]\nKillUserProcesses=yes\nKillOnlyUsers=guest\n", "", False),
        ],
    )
    def test_settings(self, root: Path, main: str, drop_in: str, kills: bool) -> None:
        (root / "etc/systemd/logind.conf").write_text(main)
        (root / "etc/systemd/logind.conf.d/10-mine.conf").write_text(drop_in)
        assert logind.read(root) == Login("ci", kills=kills, cgroup=SESSION)

    def test_linger(self, root: Path) -> None:
        (root / "var/lib/systemd/linger/ci").touch()
        assert logind.read(root).linger is True

    def test_no_systemd(self, root: Path) -> None:
        (root / "run/systemd/system").rmdir()
        assert logind.read(root).systemd is False


def test_busctl_is_understood() -> None:
    names = ("KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers")
    found = logind.parse_properties(names, ["b true", "as 0", 'as 2 "root" "ci"'])
    assert found == {"KillUserProcesses": "true", "KillOnlyUsers": "", "KillExcludeUsers": "root ci"}


class TestStateFolder:
    def test_a_good_one(self, home: Home) -> None:
        assert [f.check for f in doctor.state_folder(home)] == ["state folder", "disk"]
        assert doctor.state_folder(home)[0].state == "ok"

    def test_none_yet(self, tmp_path: Path) -> None:
        assert doctor.state_folder(Home(tmp_path / "none"))[0].state == "ok"

    @pytest.mark.parametrize(("mode", "state"), [(0o777, "fail"), (0o755, "warn"), (0o700, "ok")])
    def test_who_else_may_use_it(self, home: Home, mode: int, state: str) -> None:
        home.root.chmod(mode)
        found = doctor.state_folder(home)[0]
        assert found.state == state
        assert (state == "ok") or "chmod" in found.hint

    def test_a_network_file_system(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor, "filesystem_of", lambda _: "nfs4")
        assert "network file system (nfs4)" in doctor.state_folder(home)[0].message

    def test_a_file_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "state").touch()
        assert doctor.state_folder(Home(tmp_path / "state"))[0].state == "fail"

    def test_little_room(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor, "LOW_SPACE", 1 << 62)
        assert doctor.free_space(home.root)[0].state == "warn"


class TestStore:
    def test_none_yet(self, home: Home) -> None:
        assert doctor.store(home)[0].state == "ok"
        assert not home.database.exists()

    def test_a_good_one(self, home: Home) -> None:
        connect.create(home)
        assert doctor.store(home)[0].message == "0 projects, 0 jobs"

    def test_a_damaged_or_lost_one_is_a_finding(self, home: Home) -> None:
        connect.create(home)
        home.database.write_bytes(b"not a database" * 1000)
        found = next(f for f in doctor.examine(home) if f.check == "store")
        assert (found.state, "damaged" in found.message) == ("fail", True)
        home.database.unlink()
        assert "missing" in next(f for f in doctor.examine(home) if f.check == "store").message


@pytest.mark.parametrize(
    ("environ", "encoding", "state"),
    [
        ({"TERM": "xterm-256color"}, "UTF-8", "ok"),
        ({"TERM": "dumb"}, "UTF-8", "warn"),
        ({}, "UTF-8", "warn"),
        ({"TERM": "xterm"}, "ISO-8859-1", "warn"),
    ],
)
def test_terminal(environ: dict[str, str], encoding: str, state: str) -> None:
    assert doctor.terminal(environ, encoding, True)[0].state == state
    assert doctor.terminal(environ, encoding, False)[0].state == "ok"


def test_few_open_files() -> None:
    assert doctor.open_files(256)[0].state == "warn"
    assert doctor.open_files(4096)[0].state == "ok"
    assert doctor.open_files(resource.RLIM_INFINITY)[0].state == "ok"


def test_hidden_processes(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text("22 1 0:20 / /proc rw,nosuid - proc proc rw,hidepid=invisible\n")
    assert doctor.processes(mounts, 1000)[0].state == "warn"
    assert doctor.processes(mounts, 0)[0].state == "ok"
    mounts.write_text("22 1 0:20 / /proc rw,nosuid - proc proc rw\n23 1 0:21 / /mnt rw - proc proc rw,hidepid=2\n")
    assert doctor.processes(mounts, 1000)[0].state == "ok"


def test_locks_are_seen(home: Home) -> None:
    assert doctor.locks(home)[0].state == "ok"
    assert not list(home.root.glob(".doctor-*"))


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        ("echo 2.26.1", "ok", "docker compose 2.26.1"),
        ("exit 1", "warn", "no version"),
        ("echo 1.29.2", "warn", "1.29.2"),
    ],
)
def test_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, state: str, words: str) -> None:
    """Its Compose is asked for its version; that no daemon listens is said with what to do."""
    for name in ("docker", "config/cli-plugins/docker-compose"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    found, daemon = doctor.docker()
    assert (found.state, words in found.message) == (state, True)
    assert (daemon.state, "systemctl start docker" in daemon.hint) == ("warn", True)


def test_neither_docker_nor_dagger_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [f.state for f in (*doctor.docker(), *doctor.dagger())] == ["ok", "ok"]
    monkeypatch.setenv("HUBTUI_DAGGER__CLI", str(tmp_path / "none"))
    assert doctor.dagger()[0].state == "warn"


def test_the_verb(home: Home) -> None:
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    shapes = json.loads(result.stdout)
    assert all(set(s) == {"check", "state", "message", "hint"} for s in shapes)
    assert {s["state"] for s in shapes} <= {"ok", "warn", "fail"}
    failed = any(s["state"] == "fail" for s in shapes)
    assert result.exit_code == (1 if failed else 0)
    text = CliRunner().invoke(cli, ["doctor"]).stdout
    assert all(s["check"] in text for s in shapes)


def test_broken_settings_are_a_finding(home: Home, tmp_path: Path) -> None:
    (tmp_path / "config" / "hubtui").mkdir(parents=True)
    (tmp_path / "config" / "hubtui" / "config.toml").write_text("[jobs]\nconcurrency = 0\n")
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    assert result.exit_code == 1
    (found,) = (s for s in json.loads(result.stdout) if s["check"] == "settings")
    assert "config.toml:2: jobs.concurrency" in found["message"]
