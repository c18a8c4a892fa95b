"""A project's `.env`: made once, private, with secrets and ports of its own, and never over one that is there."""

from __future__ import annotations

import itertools
import os
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.errors import UsageError
from hubtui.stacks import templates
from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.stacks.templates import generate

EXAMPLE = """\
# <generate> in a comment is a word
APP_PASSWORD=<generate>
API_TOKEN=<generate>
WEB_PORT=<port 8080>
ADMIN_PORT=<port 8080>
# OTHER_PORT=<port 8080>
NAME=plain <generate> text
"""


@pytest.fixture(params=[0o022, 0o077, 0o277])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def entries(text: str, folder: Path) -> dict[str, str]:
    (folder / "filled").write_text(text)
    return load_dotenv(folder / "filled", {})


def test_only_marked_values_are_generated(tmp_path: Path) -> None:
    text = generate.fill(EXAMPLE, free=lambda _: True)
    found = entries(text, tmp_path)
    assert set(found) == {"APP_PASSWORD", "API_TOKEN", "WEB_PORT", "ADMIN_PORT", "NAME"}
    assert found["NAME"] == "plain <generate> text"
    untouched = [line for line in EXAMPLE.splitlines() if line.startswith(("#", "NAME"))]
    assert [line for line in text.splitlines() if line.startswith(("#", "NAME"))] == untouched


def test_secrets_are_letters_and_digits_and_never_the_same(tmp_path: Path) -> None:
    made = [entries(generate.fill(EXAMPLE, free=lambda _: True), tmp_path) for _ in range(20)]
    secrets = [found[name] for found in made for name in ("APP_PASSWORD", "API_TOKEN")]
    assert len(set(secrets)) == 40
    assert all(re.fullmatch(r"[A-Za-z0-9]{32,}", secret) for secret in secrets)


@pytest.mark.parametrize(
    ("busy", "taken", "given"),
    [
        ([], [], ("8080", "8081")),
        ([8080], [], ("8081", "8082")),
        ([8081], [8080, 8083], ("8082", "8084")),
    ],
)
def test_ports_are_the_first_that_nobody_has(busy: list[int], taken: list[int], given: object, tmp_path: Path) -> None:
    found = entries(generate.fill(EXAMPLE, busy, lambda port: port not in taken), tmp_path)
    assert (found["WEB_PORT"], found["ADMIN_PORT"]) == given


def test_a_port_that_somebody_listens_on_is_not_given(tmp_path: Path) -> None:
    for address in ("127.0.0.1", "0.0.0.0"):
        with socket.create_server((address, 0)) as listening:
            port = listening.getsockname()[1]
            found = entries(generate.fill(f"PORT=<port {port}>\n"), tmp_path)
            assert int(found["PORT"]) > port


def test_no_port_left_is_said() -> None:
    with pytest.raises(UsageError, match="No port from 65535 on is free"):
        generate.fill("A=<port 65535>\nB=<port 65535>\n", free=lambda _: True)
    asked = itertools.count()
    with pytest.raises(UsageError, match="No port from 8080"):
        generate.fill(EXAMPLE, free=lambda _: next(asked) < 0)
    assert next(asked) == 1000, "it gives up"


def test_it_is_its_owners_alone_whatever_the_umask(umask: int, tmp_path: Path) -> None:
    made: list[Path] = []
    generate.write_private(tmp_path / ".env", "A=1\n", made)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert made == [tmp_path / ".env"]
    assert (tmp_path / ".env").read_text() == "A=1\n"


@pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
def test_one_that_is_there_is_not_touched(kind: str, tmp_path: Path) -> None:
    target = tmp_path / ("elsewhere" if "link" in kind else ".env")
    if kind != "dangling link":
        target.write_text("MINE=1\n")
        target.chmod(0o644)
    if "link" in kind:
        (tmp_path / ".env").symlink_to(target)
    before = target.lstat() if target.exists() else None
    made: list[Path] = []
    with pytest.raises(FileExistsError):
        generate.write_private(tmp_path / ".env", "A=1\n", made)
    assert made == []
    assert (target.lstat() if target.exists() else None) == before
    assert before is None or target.read_text() == "MINE=1\n"


# -- with a template ----------------------------------------------------------------------------------------------


def test_two_projects_share_no_secret_and_no_port(tmp_path: Path) -> None:
    found: list[dict[str, str]] = []
    for name in ("one", "two"):
        busy = [int(value) for key, value in (found[0] if found else {}).items() if key.endswith("_PORT")]
        templates.install("commandcenter", tmp_path / name, busy)
        assert stat.S_IMODE((tmp_path / name / ".env").stat().st_mode) == 0o600
        found.append(load_dotenv(tmp_path / name / ".env", {}))
    one, two = found
    assert set(one) == set(two) == {"POSTGRES_PASSWORD", *(f"{s}_PORT" for s in _SERVICES)}
    assert not set(one.values()) & set(two.values())
    assert len(set(one.values())) == len(one)


_SERVICES = ("POSTGRES", "REDIS", "BACKEND", "FRONTEND")


@pytest.mark.parametrize("name", templates.names())
def test_no_marker_of_a_template_is_left(name: str, tmp_path: Path) -> None:
    templates.install(name, tmp_path / name)
    example = tmp_path / name / ".env.example"
    marked = example.exists() and generate.is_marked(example.read_text())
    assert (tmp_path / name / ".env").exists() == marked
    if marked:
        assert ".env" in (tmp_path / name / ".gitignore").read_text().splitlines()
        values = load_dotenv(tmp_path / name / ".env", {}).values()
        assert not [value for value in values if "<" in value]


def test_a_refused_folder_is_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / ".env").write_text("MINE=1\n")
    with pytest.raises(UsageError, match="not an empty folder"):
        templates.install("commandcenter", folder)
    assert [(p.name, p.read_text()) for p in folder.iterdir()] == [(".env", "MINE=1\n")]


@pytest.mark.parametrize("there", [True, False])
def test_what_was_begun_is_taken_away_when_it_cannot_be_finished(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "deep" / "shop"
    if there:
        folder.mkdir(parents=True)

    def fails(*_: object) -> str:
        assert (folder / "backend" / "app.py").exists()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generate, "fill", fails)
    with pytest.raises(UsageError, match="No space left"):
        templates.install("commandcenter", folder)
    assert list(tmp_path.rglob("*")) == ([folder.parent, folder] if there else [])


def test_what_somebody_else_put_there_meanwhile_stays(tmp_path: Path) -> None:
    made = templates.install("commandcenter", tmp_path / "shop")
    (tmp_path / "shop" / "backend" / "mine.py").write_text("mine")
    templates.uninstall(made)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / "shop" / "backend" / "mine.py"]
