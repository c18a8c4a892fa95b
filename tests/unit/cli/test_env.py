"""`env`: which variables a stack wants, from where they come, and the `.env` that it writes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from hubtui.errors import UsageError
from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.stacks.spec.new_env import save_env
from tests.unit.cli.support import call, loaded, refused, said

TEXT = """\
include: [part/compose.yaml]
services:
  web:
    image: "app:${TAG:-1}"
    extends: {file: base.yaml, service: base}
    environment:
      DB: "postgres://u:${DB_PASSWORD:?choose one}@db/${DB_NAME:-shop}"
      HOST: ${PUBLIC_HOST:?the name people type}
      OPT: ${OPT}
"""
NAMES = ("TAG", "DB_PASSWORD", "DB_NAME", "PUBLIC_HOST", "OPT", "PART", "BASE", "A", "B", "COMPOSE_FILE")


@pytest.fixture
def folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = here / "shop"
    (place / "part").mkdir(parents=True)
    (place / "compose.yaml").write_text(TEXT)
    (place / "base.yaml").write_text("services: {base: {environment: {X: '${BASE-}'}}}\n")
    (place / "part" / "compose.yaml").write_text("services: {db: {image: 'pg:${PART:-16}'}}\n")
    (place / "part" / ".env").write_text("PART=15\n")
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(place)
    return place


def rows(*words: str, code: int = 0) -> dict[str, Any]:
    return {row.pop("name"): row for row in loaded("env", *words, code=code)}


def row(required: bool, source: str | None, set: bool) -> dict[str, Any]:  # noqa: A002 - as the shape has it
    return {"required": required, "source": source, "set": set}


def test_every_variable_and_where_it_comes_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_NAME", "other")
    (folder / ".env").write_text("PUBLIC_HOST=shop.example\nUNUSED=1\n")
    assert rows(code=1) == {
        "BASE": row(False, "default", False),
        "DB_NAME": row(False, "shell", True),
        "DB_PASSWORD": row(True, None, False),
        "OPT": row(False, None, False),
        "PART": row(False, "part/.env", True),
        "PUBLIC_HOST": row(True, ".env", True),
        "TAG": row(False, "default", False),
    }
    (folder / "prod.env").write_text("DB_PASSWORD=abcdefgh\nPUBLIC_HOST=x\n")
    named = rows("--env-file", "prod.env")
    assert (named["DB_PASSWORD"], named["PUBLIC_HOST"]) == (row(True, "prod.env", True), row(True, "prod.env", True))


def test_what_is_missing_is_named_with_its_place(folder: Path) -> None:
    result = call("env")
    assert result.exit_code == 1
    assert f"PUBLIC_HOST is required and not set ({folder}/compose.yaml:8: the name people type)" in result.stderr
    assert "hubtui env --init" in result.stderr


def test_a_variable_that_only_an_unused_default_demands_is_not_missing(folder: Path) -> None:
    (folder / "nested.yaml").write_text("services: {a: {image: '${A:-${B:?x}}'}}\n")
    assert set(rows("-f", "nested.yaml", code=1)) == {"A", "B"}
    (folder / ".env").write_text("A=1\n")
    assert rows("-f", "nested.yaml") == {"A": row(False, ".env", True), "B": row(False, None, False)}


def test_what_an_env_file_of_a_service_demands_is_missing_too(folder: Path) -> None:
    (folder / "app.env").write_text("X=${B:?for the app}\n")
    text = "services: {a: {image: x, env_file: [app.env, gone.env]}, b: 1, c: {image: x, env_file: 7}}\n"
    (folder / "files.yaml").write_text(text)
    assert rows("-f", "files.yaml", code=1) == {"B": row(True, None, False)}
    (folder / "none.yaml").write_text("services: 1\n")
    assert rows("-f", "none.yaml") == {}


def test_a_required_one_that_is_empty_is_missing(folder: Path) -> None:
    (folder / ".env").write_text("DB_PASSWORD=\nPUBLIC_HOST=x\n")
    assert rows(code=1)["DB_PASSWORD"] == row(True, ".env", False)


def test_secrets_are_never_shown(folder: Path) -> None:
    (folder / ".env").write_text("DB_PASSWORD=topsecretvalue\nPUBLIC_HOST=http://me:hidden@x/topsecretvalue\n")
    text = said("env")
    assert "topsecretvalue" not in text
    assert "hidden" not in text
    assert "http://••••••@x/" in text


def test_values_cannot_act_on_the_terminal(folder: Path) -> None:
    (folder / ".env").write_text("DB_PASSWORD=topsecret\nPUBLIC_HOST='\x1b]0;mine\x07x'\n")
    assert "\x1b" not in said("env")


def test_a_mistake_in_a_file_is_one_sentence_with_its_line(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services:\n  web: [\n")
    assert "compose.yaml:" in refused("env", code=1)


class TestInit:
    def test_it_writes_what_a_start_needs(self, folder: Path) -> None:
        umask = os.umask(0)
        try:
            text = said("env", "--init", code=1)  # the name people type is still to fill in
        finally:
            os.umask(umask)
        file = folder / ".env"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        found = load_dotenv(file, {})
        assert set(found) == {"DB_PASSWORD", "PUBLIC_HOST"}
        assert (len(found["DB_PASSWORD"]), found["PUBLIC_HOST"]) == (48, "")
        assert found["DB_PASSWORD"] not in text
        assert "# choose one\n" in file.read_text()
        assert "# DB_NAME=shop\n" in file.read_text()
        file.write_text(file.read_text().replace("PUBLIC_HOST=", "PUBLIC_HOST=shop.example"))
        assert all(not r["required"] or r["set"] for r in rows().values())

    def test_two_files_share_no_secret(self, folder: Path) -> None:
        call("env", "--init")
        first = load_dotenv(folder / ".env", {})["DB_PASSWORD"]
        (folder / ".env").unlink()
        call("env", "--init")
        assert load_dotenv(folder / ".env", {})["DB_PASSWORD"] != first

    @pytest.mark.parametrize("dangling", [False, True])
    def test_it_never_writes_over_another(self, folder: Path, dangling: bool) -> None:
        file = folder / ".env"
        file.symlink_to("nowhere") if dangling else file.write_text("MINE=1\n")
        assert f"{file} is there already" in refused("env", "--init")
        assert file.is_symlink() if dangling else file.read_text() == "MINE=1\n"
        assert not (folder / "nowhere").exists()

    def test_it_begins_with_the_example(self, folder: Path) -> None:
        example = (
            "# My shop\nTAG=7\n\nexport DB_PASSWORD=changeme # yours\nJWT_SECRET='old old'\nTLS_KEY=./tls.pem\n"
            'TOKEN_TTL=30\nB_PASSWORD=${DB_PASSWORD}\nOTHER_TOKEN=\nTEXT="two\nAPI_KEY=no entry"\n# OPT=x\n'
        )
        (folder / ".env.example").write_text(example)
        text = said("env", "--init", code=1)
        lines = (folder / ".env").read_text().split("\n")
        wanted = example.rstrip("\n").split("\n")
        differ = [old for old, new in zip(wanted, lines, strict=False) if old != new]
        assert differ == ["export DB_PASSWORD=changeme # yours", "JWT_SECRET='old old'"]
        assert lines[3].startswith("export DB_PASSWORD=")
        assert lines[3].endswith(" # yours")
        found = load_dotenv(folder / ".env", {})
        assert (len(found["DB_PASSWORD"]), len(found["JWT_SECRET"])) == (48, 48)
        assert found["TEXT"] == "two\nAPI_KEY=no entry"
        assert found["PUBLIC_HOST"] == "", "what the example forgot is added"
        assert "to fill in: PUBLIC_HOST" in text

    def test_a_broken_example_is_named_and_nothing_is_written(self, folder: Path) -> None:
        (folder / ".env.example").write_text('A=1\nB="x\n')
        assert ".env.example:2: the quote that begins B never ends" in refused("env", "--init", code=1)
        assert not (folder / ".env").exists()

    def test_a_long_line_takes_no_time(self, folder: Path) -> None:
        (folder / ".env.example").write_text("A=" + " x" * 100 + " " * 400_000 + "#\r\nB_TOKEN=old\r\n")
        said("env", "--init", code=1)
        assert len(load_dotenv(folder / ".env", {})["B_TOKEN"]) == 48

    def test_an_address_with_a_secret_name_is_left_to_a_person(self, folder: Path) -> None:
        (folder / "dsn.yaml").write_text("services: {a: {image: x, environment: {A: '${SENTRY_DSN:?}'}}}\n")
        assert "to fill in: SENTRY_DSN" in said("env", "-f", "dsn.yaml", "--init", code=1)

    def test_a_file_that_cannot_be_made_is_one_sentence(self, folder: Path) -> None:
        with pytest.raises(UsageError, match="cannot be written: no such file"):
            save_env(folder / "gone" / ".env", "A=1\n")

    def test_a_stack_without_variables_gets_no_file(self, folder: Path) -> None:
        (folder / "compose.yaml").write_text("services: {a: {image: x}}\n")
        assert said("env", "--init") == "The stack asks for no variables.\n"
        assert not (folder / ".env").exists()
