"""`.env` and `env_file`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.dotenv import parse_dotenv

from .conftest import Folder

FILE = Path("/p/.env")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", {}),
        ("# only\n\n   # comments\n", {}),
        ("A=1\nB = 2 \n  C=3", {"A": "1", "B": "2", "C": "3"}),
        ("A=\nB=x", {"A": "", "B": "x"}),
        ("export A=1", {"A": "1"}),
        ("A: yaml", {"A": "yaml"}),
        ("A=x # comment", {"A": "x"}),
        ("A=x#y", {"A": "x#y"}),
        ("A= # comment\nB=1", {"A": "# comment", "B": "1"}),
        ("A=#x", {"A": "#x"}),
        ("A=a=b", {"A": "a=b"}),
        ("A=it's", {"A": "it's"}),
        ("A='x # y' # comment", {"A": "x # y"}),
        ('A="x # y"  # comment', {"A": "x # y"}),
        (r"A='a\nb $B'", {"A": r"a\nb $B"}),
        (r"A='it\'s'", {"A": "it's"}),
        (r'A="a\nb\tc\\d\"e"', {"A": 'a\nb\tc\\d"e'}),
        (r'A="\$B \x"', {"A": r"$B \x"}),
        ('A="two\nlines"\nB=1', {"A": "two\nlines", "B": "1"}),
        ("A=1\nB=${A}2\nC=\"$B\"\nD='$B'", {"A": "1", "B": "12", "C": "12", "D": "$B"}),
        ("A=${NONE:-x}", {"A": "x"}),
        ("HOME=/own\nB=$HOME", {"HOME": "/own", "B": "/host"}),
        ("HOME\nNOTHERE\nexport HOME", {"HOME": "/host"}),
        ("A=1\nA=2", {"A": "2"}),
        ("a.b-c=1", {"a.b-c": "1"}),
    ],
)
def test_lines(text: str, entries: dict[str, str]) -> None:
    assert parse_dotenv(text, FILE, {"HOME": "/host"}) == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\nnot a line\n", "/p/.env:2: this line is not KEY=VALUE"),
        ("=x", "/p/.env:1: this line is not KEY=VALUE"),
        ("A=1\nB='x\ny\n", "/p/.env:2: the quote that begins B never ends"),
        ('A="a\nb"c\n', "/p/.env:2: there is more behind the closing quote of A"),
        ("A=1\n\n# x\nB=${1}", "/p/.env:4: '${1' is not a variable"),
        ('A="1\n2"\nB=${', "/p/.env:3: '${' is not a variable"),
        ("A=1\nB=\0", "/p/.env:2: a NUL character is not allowed here"),
        ("\n".join(f"A{i}=1" for i in range(10_001)), "/p/.env:10001: this file has more than 10000 entries"),
    ],
)
def test_errors_say_where(text: str, message: str) -> None:
    with pytest.raises(StackError) as caught:
        parse_dotenv(text, FILE, {})
    assert str(caught.value) == message


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="AB=:'\"#$\\{} \n", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert all(isinstance(v, str) for v in parse_dotenv(text, FILE, {}).values())
    except StackError as caught:
        assert str(caught).startswith("/p/.env:")


@given(st.text(alphabet=st.characters(exclude_characters="'\\\0\r", codec="utf-8"), max_size=30))
def test_single_quotes_keep_any_text(value: str) -> None:
    assert parse_dotenv(f"A='{value}'\n", FILE, {}) == {"A": value}


def test_who_wins(folder: Folder) -> None:
    """environment above env_file, later files above earlier ones; the process above `.env` in what is referred to."""
    folder.write("TAG=dotenv\nONLY=dotenv\nHANDED=dotenv\n", ".env")
    folder.write("A=one\nB=one\nC=one\nREF=$TAG\nHANDED\n", "one.env")
    folder.write("B=two\nC=two\n", "two.env")
    service = folder.service(
        """
        env_file: [one.env, {path: two.env}, {path: none.env, required: false}]
        environment:
          C: three
          T: $TAG/$ONLY
          FROM_PROCESS:
          GONE:
        """,
        {"TAG": "process", "FROM_PROCESS": "here"},
    )
    assert service.environment == {
        "A": "one",
        "B": "two",
        "C": "three",
        "REF": "process",
        "HANDED": "dotenv",
        "T": "process/dotenv",
        "FROM_PROCESS": "here",
    }


def test_environment_as_a_list(folder: Folder) -> None:
    service = folder.service("environment: [A=1, B=, C=x=y, HERE, NOTHERE]", {"HERE": "yes"})
    assert service.environment == {"A": "1", "B": "", "C": "x=y", "HERE": "yes"}


def test_environment_values_are_written_as_compose_writes_them(folder: Folder) -> None:
    service = folder.service(
        "environment: {T: 22:22, N: no, B: true, I: 0022, F: 1.10, G: 1e3, E: 1e21, Z: '007', S: ''}"
    )
    assert service.environment == {
        "T": "22:22",
        "N": "no",
        "B": "true",
        "I": "18",
        "F": "1.1",
        "G": "1000",
        "E": "1e+21",
        "Z": "007",
        "S": "",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("env_file: none.env", "compose.yaml:4: services.web.env_file[0].path names none.env, which is not there"),
        ("env_file:\n  - required: true", "compose.yaml:5: services.web.env_file[0] has no path"),
        ("env_file: {a: b}", "compose.yaml:4: services.web.env_file must be a list, not a mapping"),
        ("environment: 3", "compose.yaml:4: services.web.environment must be a mapping, not the number 3"),
        ("environment:\n  A: [1]", "compose.yaml:5: services.web.environment.A must be a string, not a list"),
        ("environment:\n  - A=1\n  - =x", "compose.yaml:6: services.web.environment[1] has no name before the ="),
        ('environment:\n  A: "a\\0b"', "compose.yaml:5: services.web.environment.A contains a NUL character"),
        ("environment:\n  A=b: c", "compose.yaml:5: services.web.environment.A=b is not the name of a variable"),
    ],
)
def test_environment_errors(folder: Folder, body: str, message: str) -> None:
    assert folder.service_error(body) == message


def test_an_env_file_with_an_error_is_named(folder: Folder) -> None:
    folder.write("A=1\nB 2\n", "web.env")
    assert folder.service_error("env_file: web.env") == "web.env:2: this line is not KEY=VALUE"
    (folder.path / "dir.env").mkdir()
    said = "compose.yaml:4: services.web.env_file names dir.env: this env file is not a regular file"
    assert folder.service_error("env_file: dir.env") == said
