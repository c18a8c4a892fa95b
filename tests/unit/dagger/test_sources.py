"""What of a folder goes to the engine: Docker's rules where there is a .dockerignore, else git's."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from hubtui.errors import StackError
from hubtui.stacks.engines.dagger.sources.select import Selection, select_context, select_mount
from hubtui.stacks.engines.dagger.sources.walk import Stopped


def tree(root: Path, *paths: str) -> Path:
    """Files with a little text, and folders where a path ends in /."""
    for path in paths:
        file = root / path
        if path.endswith("/"):
            file.mkdir(parents=True, exist_ok=True)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("text\n")
    return root


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=folder, check=True, capture_output=True
    )


def test_dockerignore_decides_with_dockers_meaning(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "src/a.py", "src/b.log", "docs/c.md", "docs/README.md", ".git/x", "node_modules/y")
    (tmp_path / ".dockerignore").write_text("# what nobody needs\n**/*.log\ndocs\n!docs/README.md\nnode_modules/\n")
    found = select_context(tmp_path)
    assert found.exclude[:4] == ("**/*.log", "docs", "!docs/README.md", "node_modules")
    assert (found.rules, found.files) == (".dockerignore", 5)  # Dockerfile, .dockerignore, a.py, README.md, .git/x


def test_the_dockerfile_and_the_ignore_file_go_along_whatever_it_says(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "src/a.py")
    (tmp_path / ".dockerignore").write_text("*\n")
    found = select_context(tmp_path)
    assert found.files == 2
    assert found.exclude == ("*", "!Dockerfile", "!.dockerignore")


def test_a_dockerfiles_own_ignore_file_comes_first(tmp_path: Path) -> None:
    tree(tmp_path, "docker/prod.Dockerfile", "a", "b")
    (tmp_path / ".dockerignore").write_text("a\n")
    (tmp_path / "docker" / "prod.Dockerfile.dockerignore").write_text("b\n")
    assert "b" in select_context(tmp_path, "docker/prod.Dockerfile").exclude
    assert "a" not in select_context(tmp_path, "docker/prod.Dockerfile").exclude


def test_without_one_git_decides_and_its_own_folder_stays(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "a.py", "a.pyc", "deep/b.pyc", "deep/keep.pyc", "node_modules/x/y")
    (tmp_path / ".gitignore").write_text("*.pyc\n/node_modules\n")
    (tmp_path / "deep" / ".gitignore").write_text("!keep.pyc\n")
    git(tmp_path, "init", "-q")
    found = select_context(tmp_path)
    assert set(found.exclude) == {".git", "a.pyc", "deep/b.pyc", "node_modules"}
    assert found.rules == ".gitignore"


def test_what_the_dockerfile_names_goes_along_although_git_ignores_it(tmp_path: Path) -> None:
    tree(tmp_path, "dist/app.js", "dist/map", "build/x", "secret")
    (tmp_path / "Dockerfile").write_text('FROM x\nCOPY --from=a build /b\nCOPY ["dist/app.js", "/a"]\nCOPY . /all\n')
    (tmp_path / ".gitignore").write_text("dist\nbuild\nsecret\n")
    git(tmp_path, "init", "-q")
    assert set(select_context(tmp_path).exclude) == {".git", "dist/map", "build", "secret"}


def test_what_git_tracks_is_never_ignored(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "kept.log", "other.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "kept.log")
    assert set(select_context(tmp_path).exclude) == {".git", "other.log"}


def test_a_mount_is_what_is_in_it_without_what_git_ignores(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "dist/a", "src/b")
    (tmp_path / "Dockerfile").write_text("FROM x\nCOPY dist /d\n")
    (tmp_path / ".gitignore").write_text("dist\n")
    git(tmp_path, "init", "-q")
    assert "dist" in select_mount(tmp_path).exclude


def test_the_largest_of_what_stays_is_weighed_with_its_rule(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "node_modules/a/")
    (tmp_path / "node_modules/a/big").write_bytes(bytes(100_000))
    (tmp_path / ".gitignore").write_text("\nnode_modules\n")
    git(tmp_path, "init", "-q")
    assert select_context(tmp_path).skipped[0] == ("node_modules/", 100_000, ".gitignore:2 node_modules")


@pytest.mark.parametrize("name", ["with space", "br[a]cket", "st*r", "ünïcode", "-dash", "!bang", "new\nline"])
def test_names_with_special_characters_are_meant_literally(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "Dockerfile", f"{name}/x", "stay/y")
    git(tmp_path, "init", "-q")
    (tmp_path / ".git" / "info" / "exclude").write_text("*/x\n")
    found = select_context(tmp_path)
    assert len(found.exclude) == 2
    assert found.files == 2
    pattern = next(p for p in found.exclude if p != ".git")
    assert pattern.replace("\\", "").removesuffix("/x") == name


def test_links_are_not_followed_and_sockets_stay_behind(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "a/b")
    os.symlink("..", tmp_path / "a" / "up")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "sock"))
        found = select_context(tmp_path)
    assert (found.files, found.exclude) == (3, ("sock",))


def test_a_dockerfile_outside_of_its_context_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "app/a", "Dockerfile")
    found = select_context(tmp_path / "app", "../Dockerfile")
    assert found.dockerfile_outside is not None
    assert found.dockerfile_outside.resolve() == (tmp_path / "Dockerfile").resolve()


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="there is no Dockerfile in"):
        select_context(tmp_path)
    with pytest.raises(StackError, match="is no folder"):
        select_context(tmp_path / "missing")
    tree(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_text("ok\n[a-\n")
    with pytest.raises(StackError, match=r"\.dockerignore"):
        select_context(tmp_path)


def test_a_walk_is_ended_when_nobody_wants_it_any_more(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile", "a/b/c")
    with pytest.raises(Stopped):
        select_context(tmp_path, stop=lambda: True)


def test_a_big_folder_that_stays_behind_is_not_entered_to_be_counted_for_long(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_text("data\n")
    for number in range(3000):
        tree(tmp_path, f"data/{number % 50}/{number}")
    found: Selection = select_context(tmp_path)
    assert found.files == 2
    assert found.skipped[0].path == "data/"
