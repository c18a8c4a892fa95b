"""Named environments: what the compose file says of them, what the names of files do, and a stack read in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.errors import StackError, UsageError
from hubtui.stacks import plan
from hubtui.stacks.spec import named_environments as named
from hubtui.stacks.spec.load import load_stack

WEB = "services: {web: {image: 'app:${TAG:-1}'}, tool: {image: t, profiles: [agents]}}\n"
DECLARED = """\
x-hubtui:
  environments:
    production:
      files: [compose.yaml, compose.prod.yaml]
      env_files: [.env.production]
      profiles: [agents]
      cpus: 8
      memory: 16GiB
    staging:
"""


@pytest.fixture(autouse=True)
def _nobodys_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "TAG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    def write(**files: str) -> Path:
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        return tmp_path

    return write


def test_what_the_compose_file_says(put: Callable[..., Path]) -> None:
    folder = put(compose__yaml=WEB + DECLARED, compose__prod__yaml="services: {web: {hostname: live}}")
    put(__env__production="TAG=9")
    found = named.of_folder(folder)
    assert list(found) == ["development", "production", "staging"], "what files are called does not count then"
    production = found["production"]
    assert (production.cpus, production.memory) == (8, 16 << 30)
    assert production.words() == [
        "files compose.yaml, compose.prod.yaml",
        "env files .env.production",
        "profiles agents",
        "8 CPU",
        "16 GiB",
    ]
    stack = load_stack(folder, wanted=production.wanted())
    assert (stack.services["web"].image, stack.services["web"].hostname) == ("app:9", "live")
    assert plan.select(stack) == ("web", "tool")
    plain = load_stack(folder, wanted=found["staging"].wanted())
    assert (plain.services["web"].image, plan.select(plain)) == ("app:1", ("web",))


def test_what_the_names_of_files_say(put: Callable[..., Path]) -> None:
    folder = put(compose__yaml=WEB, compose__prod__yml="services: {web: {hostname: live}}", __env="TAG=2\nA=b")
    put(compose__override__yaml="services: {web: {hostname: mine}}", __env__prod="TAG=9", __env__ci="TAG=3")
    put(__env__example="TAG=", compose__override__yml="services: {}")
    found = named.of_folder(folder)
    assert list(found) == ["development", "ci", "prod"]
    assert found["prod"].files == ("compose.yaml", "compose.prod.yml")
    assert found["prod"].env_files == (".env", ".env.prod")
    stack = load_stack(folder, wanted=found["prod"].wanted())
    assert (stack.services["web"].image, stack.services["web"].hostname) == ("app:9", "live")
    assert load_stack(folder, wanted=found["ci"].wanted()).services["web"].image == "app:3"
    assert load_stack(folder, wanted=found["development"].wanted()).services["web"].image == "app:2"


def test_an_unknown_environment_names_those_there_are(put: Callable[..., Path]) -> None:
    folder = put(compose__yaml=WEB, __env__prod="")
    with pytest.raises(UsageError, match="no environment 'prodd'") as told:
        named.find(folder, "prodd")
    assert told.value.hint == "Its environments: development, prod"
    assert named.find(folder, None) == named.PLAIN


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("production: {file: [a]}", r"compose.yaml:2:\d+: .*production.file is none of files, env_files"),
        ("production: {memory: much}", r"production.memory must be a size"),
        ("production: {cpus: 0}", r"production.cpus must be more than 0"),
        ("production: [a]", r"production must be a mapping"),
        ("'a b': {}", r"a b is no name for an environment"),
        ("production: {files: {a: b}}", r"production.files must be a list"),
    ],
)
def test_what_is_wrong_with_one_is_said_when_the_stack_is_read(
    put: Callable[..., Path], written: str, told: str
) -> None:
    folder = put(compose__yaml=WEB + f"x-hubtui: {{environments: {{{written}}}}}\n")
    for read in (named.of_folder, load_stack):
        with pytest.raises(StackError, match=told):
            read(folder)


def test_an_environment_with_a_file_that_is_missing_says_which(put: Callable[..., Path]) -> None:
    folder = put(compose__yaml=WEB + DECLARED, __env__production="")
    with pytest.raises(StackError, match=r"compose.prod.yaml"):
        load_stack(folder, wanted=named.find(folder, "production").wanted())


def test_it_lies_over_all_files_that_compose_file_names(
    put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(compose__yaml=WEB, more__yaml="services: {web: {user: me}}", compose__live__yaml="services: {}")
    put(compose__override__yaml="services: {web: {hostname: mine}}", __env="COMPOSE_FILE=compose.yaml:more.yaml")
    assert named.find(folder, "live").files == ("compose.yaml", "more.yaml", "compose.live.yaml")
    monkeypatch.setenv("COMPOSE_FILE", "compose.yaml:compose.live.yaml")
    assert named.find(folder, "live").files == ("compose.yaml", "compose.live.yaml")


def test_the_profiles_of_compose_profiles_belong_to_every_start(put: Callable[..., Path]) -> None:
    folder = put(compose__yaml=WEB)
    assert plan.select(load_stack(folder, environ={"COMPOSE_PROFILES": "agents"})) == ("web", "tool")
