"""`config`: what it prints of a stack, from files of one's own choice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hubtui import cli
from tests.unit.cli.support import call, loaded, refused, said

TEXT = """\
services:
  web:
    image: "app:${TAG:-1}"
    command: echo $$HOME
    volumes: [data:/data]
    x-own: kept
  db: {build: db}
  debug: {image: tool, profiles: [debug]}
volumes: {data: , unused: }
"""


@pytest.fixture
def folder(tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    (place / "compose.yaml").write_text(TEXT)
    monkeypatch.chdir(place)
    for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "TAG"):
        monkeypatch.delenv(name, raising=False)
    return place


def test_json_is_composes_and_yaml_can_be_read_again(folder: Path) -> None:
    shape = json.loads(said("config", "--format", "json"))
    assert (shape["name"], list(shape["services"]), list(shape["volumes"])) == ("shop", ["web", "db"], ["data"])
    assert shape["services"]["web"]["command"] == ["echo", "$$HOME"]
    assert "x-own" not in shape["services"]["web"]
    yaml = said("config")
    assert "x-own: kept" in yaml
    (folder / "again.yaml").write_text(yaml)
    assert json.loads(said("config", "-f", "again.yaml", "--format", "json")) == shape


def test_files_profiles_env_files_and_a_name(folder: Path) -> None:
    (folder / "more.yaml").write_text("services: {web: {tty: true}}\n")
    (folder / "prod.env").write_text("TAG=2\n")
    words = ("-f", "compose.yaml", "-f", "more.yaml", "--env-file", "prod.env", "--profile", "debug", "-p", "mine")
    shape = json.loads(said("config", *words, "--format", "json"))
    assert shape["name"] == "mine"
    assert sorted(shape["services"]) == ["db", "debug", "web"]
    assert (shape["services"]["web"]["image"], shape["services"]["web"]["tty"]) == ("app:2", True)
    assert said("config", "-q") == ""


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("--services",), ["db", "web"]),
        (("--services", "--profile", "*"), ["db", "debug", "web"]),
        (("--volumes",), ["data"]),
        (("--networks",), ["default"]),
        (("--profiles",), ["debug"]),
        (("--images",), ["app:1", "shop-db"]),
    ],
)
def test_lists(folder: Path, words: tuple[str, ...], lines: list[str]) -> None:
    assert said("config", *words).splitlines() == lines


def test_variables_and_hashes(folder: Path) -> None:
    head, row = said("config", "--variables").splitlines()
    assert head.split() == ["NAME", "REQUIRED", "DEFAULT", "VALUE", "ALTERNATE", "VALUE"]
    assert row.split() == ["TAG", "false", "1"]
    first = dict(line.split() for line in said("config", "--hash", "*").splitlines())
    (folder / "compose.yaml").write_text(TEXT.replace("data:/data", "data:/elsewhere"))
    second = dict(line.split() for line in said("config", "--hash", "web,db").splitlines())
    assert (first["web"] == second["web"], first["db"] == second["db"]) == (False, True)
    assert "no service 'nobody'" in refused("config", "--hash", "nobody")


def test_every_mistake_has_its_line(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services:\n  web: {imag: x}\n  db: {image: 3}\n")
    ended = call("config")
    assert ended.exit_code == 1
    assert f"{folder}/compose.yaml:2:9: services.web.imag is no key" in ended.stderr
    assert "Did you mean image?" in ended.stderr
    assert f"{folder}/compose.yaml:3:8: services.db.image must be a string" in ended.stderr


def test_a_named_environment(folder: Path) -> None:
    (folder / "compose.prod.yaml").write_text("services: {web: {hostname: live}}")
    (folder / ".env.prod").write_text("TAG=7")
    assert said("config", "--environments") == (
        "development: the folder as Compose reads it\n"
        "prod: files compose.yaml, compose.prod.yaml; env files .env.prod\n"
    )
    web = json.loads(said("config", "--environment", "prod", "--format", "json"))["services"]["web"]
    assert (web["image"], web["hostname"]) == ("app:7", "live")
    assert "debug" in said("config", "--environment", "prod", "--profile", "debug", "--services")
    assert said("config", "--environment", "development") == said("config")
    assert "Its environments: development, prod" in refused("config", "--environment", "production")
    assert "an environment" in refused("config", "-f", "compose.yaml", "--environment", "prod")


def test_composes_own_variables_of_a_shell_count_only_where_nothing_is_registered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.yaml").write_text("services: {other: {image: x}}\n")
    monkeypatch.setenv("COMPOSE_FILE", "other.yaml")
    monkeypatch.setenv("COMPOSE_PROFILES", "debug")
    assert said("config", "--services").split() == ["other"], "as docker compose"
    assert said("add", "--engine", "dagger").split()[0] == "shop", "what is registered is read without them"
    registered = call("config", "--services")
    assert registered.stdout.split() == ["db", "web"]
    assert "COMPOSE_FILE, COMPOSE_PROFILES of this shell not counted" in registered.stderr
    assert said("config", "shop", "--services").split() == ["db", "web"]
    assert said("config", "-f", "compose.yaml", "--services").split() == ["db", "debug", "web"], "-f: as docker"
    (folder / ".env").write_text("COMPOSE_FILE=other.yaml\n")
    assert said("config", "shop", "--services").split() == ["other"], "that of its own .env counts"


def test_other_variables_of_a_shell_count_for_a_registered_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAG", "9")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "another")
    said("add", "--engine", "dagger")
    shape = json.loads(said("config", "shop", "--format", "json"))
    assert (shape["name"], shape["services"]["web"]["image"]) == ("shop", "app:9")
    (row,) = loaded("env")
    assert (row["name"], row["source"]) == ("TAG", "shell")


def test_what_each_engine_would_not_do_as_written(folder: Path) -> None:
    printed = said("config", "--engines").splitlines()
    assert "process: cannot run it" in printed
    assert [line.split() for line in printed if line.lstrip().startswith("db ")][-1][:2] == ["db", "refused"]
    rows = json.loads(said("config", "--engines", "--format", "json"))
    assert {row["engine"] for row in rows} == {"dagger", "process"}, "Docker Compose does all of it"
    assert {tuple(row) for row in rows} == {("engine", "service", "kind", "message")}
    assert {row["service"] for row in rows} == {"web", "db"}, "no profile enables debug"


def test_yaml_keeps_strings_that_another_reader_would_take_for_numbers(folder: Path) -> None:
    (folder / "compose.yaml").write_text(
        "services: {a: {image: x, environment: {A: '1e5', B: '0o17', C: '=', D: ~}}}\n"
    )
    printed = said("config")
    assert "A: '1e5'" in printed
    (folder / "again.yaml").write_text(printed)
    assert "B: '0o17'" in said("config", "-f", "again.yaml")


def test_a_file_from_standard_input(folder: Path) -> None:
    """As docker compose: relative paths begin in the current folder, and another file may lie over it."""

    def given(text: str, *words: str) -> Result:
        return CliRunner().invoke(cli.cli, ["config", "-f", "-", *words], input=text)

    (folder / "more.yaml").write_text("services: {web: {tty: true}}\n")
    text = "services: {web: {image: 'a:${TAG:-1}', volumes: ['./x:/x']}}\n"
    shape = json.loads(given(text, "-f", "more.yaml", "--format", "json").stdout)
    assert (shape["name"], shape["services"]["web"]["tty"]) == ("shop", True)
    assert shape["services"]["web"]["volumes"][0]["source"] == str(folder / "x")
    assert given(text, "--variables").stdout.split()[-3:] == ["TAG", "false", "1"]
    wrong = given("services:\n  web: {imag: x}\n")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "standard input:2:9: services.web.imag is no key" in wrong.stderr
    assert given("").stderr.startswith("hubtui: standard input: this file is empty")
