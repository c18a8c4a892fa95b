"""What a start was made of, from real compose files and real repositories, and what differs from the last good one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hubtui.stacks.fingerprint import MOST, differences, of_stack
from hubtui.stacks.gitstate import git_state
from hubtui.stacks.spec.load import load_stack

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
COMPOSE = """
services:
  web:
    image: app:1
    build: {context: ., args: {NPM_TOKEN: "${TOKEN:-t0psecret}"}}
    command: [serve, --key, "${TOKEN:-t0psecret}", --pin, "${PIN_SECRET:-77}"]
    ports: ["8080:80"]
    environment: {API_URL: "http://api", DB_PASSWORD: "hunter22", PIN_SECRET: "${PIN_SECRET:-77}"}
  db:
    image: postgres:16@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    (made / "compose.yaml").write_text(COMPOSE)
    (made / "Dockerfile").write_text("FROM scratch\n")
    return made


def taken(folder: Path, *names: str, **environ: str) -> dict[str, Any]:
    """The fingerprint as the store gives it back."""
    stack = load_stack(folder, environ=environ)
    return dict(json.loads(json.dumps(of_stack(stack, names or tuple(stack.services)))))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_same_twice_differs_in_nothing(folder: Path) -> None:
    assert differences(taken(folder), taken(folder)) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("app:1", "app:2", "image of web: app:1 > app:2"),
        ("sha256:aaaaaaa", "sha256:bbbbbbb", "image of db: aaaaaaa > bbbbbbb"),
        ("postgres:16@", "postgres:17@", "image of db: postgres:16 > postgres:17"),
        ("API_URL:", "API_ADDRESS:", "variable API_URL of web is gone"),
        ("API_URL:", "API_URL: x, LEVEL:", "variable LEVEL of web is new"),
        ("8080:80", "8081:80", "definition of web (ports)"),
        ("[serve,", "[serve, -v,", "definition of web (command)"),
        ("NPM_TOKEN:", "OTHER_TOKEN:", "definition of web (build)"),
        ("  db:", "  cache: {image: redis}\n  db:", "service cache is new"),
        ("services:", "# only a comment\nservices:", "compose.yaml"),
    ],
)
def test_what_was_edited_is_said(folder: Path, old: str, new: str, said: str) -> None:
    before = taken(folder)
    edit(folder / "compose.yaml", old, new)
    found = differences(before, taken(folder))
    assert said in found
    assert found[-1] == "compose.yaml", "the least telling comes last"


def test_a_dockerfile_counts_and_the_compose_file_does_not_then(folder: Path) -> None:
    before = taken(folder)
    (folder / "Dockerfile").write_text("FROM scratch\nRUN x\n")
    assert differences(before, taken(folder)) == ("Dockerfile of web",)


def test_several_changes_stand_in_the_order_of_what_they_tell(folder: Path) -> None:
    before = taken(folder)
    edit(folder / "compose.yaml", "app:1", "app:2")
    edit(folder / "compose.yaml", "API_URL", "API_ADDRESS")
    edit(folder / "compose.yaml", '"8080:80"', '"8081:80"')
    edit(folder / "compose.yaml", "[serve,", "[serve, -v,")
    assert differences(before, taken(folder)) == (
        "image of web: app:1 > app:2",
        "variable API_URL of web is gone",
        "variable API_ADDRESS of web is new",
        "definition of web (command, ports)",
        "compose.yaml",
    )


def test_no_value_of_a_variable_is_kept_nor_can_be_guessed_from_it(folder: Path) -> None:
    first, second = taken(folder), taken(folder, TOKEN="another-secret", PIN_SECRET="1234")
    kept = json.dumps(first)
    for value in ("t0psecret", "hunter22", "http://api"):
        assert value not in kept
    edit(folder / "compose.yaml", "image: app:1", 'image: "${TOKEN:-t0psecret}/app:1"')
    assert taken(folder)["services"]["web"]["image"] == "••••••/app:1"
    assert first == second, "a digest that moved with a secret would tell who tries all PINs which one it is"


def test_a_service_alone_is_compared_with_itself_alone(folder: Path) -> None:
    before = taken(folder)
    edit(folder / "compose.yaml", "app:1", "app:2")
    assert differences(before, taken(folder, "db")) == ("compose.yaml",)
    assert "service" not in " ".join(differences(before, taken(folder, "db")))


def test_files_that_cannot_be_read_are_left_out_and_nothing_hangs(folder: Path) -> None:
    (folder / "Dockerfile").unlink()
    os.mkfifo(folder / "Dockerfile")
    assert "dockerfile" not in taken(folder)["services"]["web"]
    (folder / "Dockerfile").unlink()
    (folder / "Dockerfile").mkdir()
    assert "dockerfile" not in taken(folder)["services"]["web"]


@pytest.mark.parametrize(
    "odd", [{}, {"services": 3}, {"services": {"web": None}, "files": [], "git": "x", "known": {"a": 1}}]
)
def test_what_an_older_store_kept_is_passed_over(folder: Path, odd: dict[str, Any]) -> None:
    for a, b in ((odd, taken(folder)), (taken(folder), odd)):
        assert all(isinstance(said, str) for said in differences(a, b))


def test_names_from_a_file_cannot_act_on_a_terminal(folder: Path) -> None:
    before = taken(folder)
    after = taken(folder)
    after["services"]["web"]["environment"].append("\x1b]0;title\x07X")
    after["services"]["web"]["image"] = "\x1b[2Japp"
    assert all(said.isprintable() for said in differences(before, after))


def test_a_change_of_everything_is_cut_and_counted(tmp_path: Path) -> None:
    services = {f"s{i}": {"image": "a:1"} for i in range(40)}
    (tmp_path / "compose.yaml").write_text(json.dumps({"services": services}))
    before = taken(tmp_path)
    (tmp_path / "compose.yaml").write_text(json.dumps({"services": {k: {"image": "a:2"} for k in services}}))
    found = differences(before, taken(tmp_path))
    assert len(found) == MOST + 1 and found[-1] == "and 21 more"


@pytest.mark.timed
def test_a_hundred_services_take_no_time_worth_a_thread(tmp_path: Path) -> None:
    one = {
        "image": "app:1",
        "command": ["serve", "--fast"],
        "ports": ["80"],
        "environment": {f"TOKEN_{i}": f"secret-value-{i}" for i in range(20)},
        "healthcheck": {"test": ["CMD", "true"]},
        "volumes": ["data:/data"],
        "deploy": {"resources": {"limits": {"memory": "64M"}}},
    }
    document = {"services": {f"s{i}": one for i in range(100)}, "volumes": {"data": {}}}
    (tmp_path / "compose.yaml").write_text(json.dumps(document))
    stack = load_stack(tmp_path, environ={})
    took = []
    for _ in range(7):
        began = time.perf_counter()
        of_stack(stack, tuple(stack.services))
        took.append(time.perf_counter() - began)
    assert min(took) < 0.02, took


# git


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout.strip()


@pytest.fixture
def repo(folder: Path) -> Path:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def commit(repo: Path) -> str:
    found = git_state(repo)
    assert found is not None
    return found.commit


@needs_git
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda repo: repo, id="a branch"),
        pytest.param(lambda repo: git(repo, "checkout", "-q", "--detach") or repo, id="detached"),
        pytest.param(lambda repo: git(repo, "pack-refs", "--all") or repo, id="packed refs"),
        pytest.param(lambda repo: git(repo, "gc", "-q") or repo, id="packed objects"),
        pytest.param(lambda repo: git(repo, "worktree", "add", "-q", "../second") or repo.parent / "second", id="tree"),
        pytest.param(
            lambda repo: git(repo.parent, "clone", "-q", "shop", "clone") or repo.parent / "clone", id="clone"
        ),
    ],
)
def test_the_commit_is_the_one_that_git_names(repo: Path, shape: Callable[[Path], Path]) -> None:
    place = shape(repo)
    assert git_state(place) == (found := git_state(place / "."))
    assert found is not None and found.commit == git(place, "rev-parse", "HEAD")
    assert not found.changed
    (place / "Dockerfile").write_text("FROM other\n")
    found = git_state(place)
    assert found is not None and found.changed is True


@needs_git
def test_a_change_of_the_same_size_at_the_same_moment_is_seen(repo: Path) -> None:
    (repo / "Dockerfile").write_text("FROM scratcH\n")
    assert git(repo, "status", "--porcelain") == "M Dockerfile"
    assert git_state(repo).changed is True  # type: ignore[union-attr]


@needs_git
def test_a_file_that_was_only_touched_has_not_changed(repo: Path) -> None:
    os.utime(repo / "Dockerfile", (1, 1))
    assert git_state(repo).changed is False  # type: ignore[union-attr]


@needs_git
def test_what_is_staged_counts_as_changed_until_it_is_committed(repo: Path) -> None:
    (repo / "new.txt").write_text("x")
    assert git_state(repo).changed is False, "git add has not seen it"  # type: ignore[union-attr]
    git(repo, "add", "new.txt")
    assert git_state(repo).changed is True  # type: ignore[union-attr]
    git(repo, "commit", "-q", "-m", "two")
    assert git_state(repo).changed is False  # type: ignore[union-attr]


@needs_git
def test_a_folder_in_a_repository_counts_what_is_in_it(repo: Path) -> None:
    (repo / "sub").mkdir()
    (repo / "sub" / "compose.yaml").write_text("services: {a: {image: b}}\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "two")
    (repo / "Dockerfile").write_text("FROM other\n")
    assert git_state(repo / "sub").changed is False  # type: ignore[union-attr]
    (repo / "sub" / "compose.yaml").unlink()
    assert git_state(repo / "sub").changed is True  # type: ignore[union-attr]


@needs_git
def test_a_new_commit_and_uncommitted_changes_are_said(repo: Path) -> None:
    before, old = taken(repo), commit(repo)
    (repo / "Dockerfile").write_text("FROM other\n")
    assert differences(before, taken(repo))[1:] == (f"git {old[:7]} with uncommitted changes",)
    git(repo, "commit", "-qam", "two")
    assert differences(before, taken(repo)) == ("Dockerfile of web", f"git {old[:7]} > {commit(repo)[:7]}")
    (repo / "Dockerfile").write_text("FROM third\n")
    assert differences(before, taken(repo))[1] == f"git {old[:7]} > {commit(repo)[:7]} with uncommitted changes"


@needs_git
@pytest.mark.parametrize("damage", ["HEAD", "index", "refs/heads/main"])
def test_a_damaged_repository_is_no_reason_to_fail(repo: Path, damage: str) -> None:
    (repo / ".git" / damage).write_bytes(b"\x00\xff DIRC ref: ../../../../etc/passwd\n" * 9)
    found = git_state(repo)
    assert found is None or found.changed is None
    assert "services" in taken(repo)


def test_no_repository_is_no_state(folder: Path) -> None:
    assert git_state(folder) is None
    (folder / ".git").mkdir()
    assert git_state(folder) is None
    os.mkfifo(folder / ".git" / "HEAD")
    assert git_state(folder) is None
    assert "git" not in taken(folder)
