"""`build` of a service: everything that it can say, and what is wrong with it when it is."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from hubtui.stacks.spec.model import Build, FileGrant

from .conftest import Folder

DECLARED = "\nsecrets: {npm: {file: ./npm}, pip: {environment: PIP}}\n"


def web(body: str) -> str:
    """A file whose only service has this body, which begins in line 4, and what it can refer to."""
    return "services:\n  web:\n    image: x\n" + textwrap.indent(body, "    ") + DECLARED


EVERYTHING = """\
build:
  context: ./web
  dockerfile: docker/Dockerfile.prod
  target: final
  args: {A: 1, B: true, C: "${HERE}", HERE: , NOWHERE: }
  secrets:
    - npm
    - {source: pip, target: pip_token, uid: "5", mode: 0400}
  ssh: [default, deploy=~/.ssh/deploy, near=./key]
  no_cache: true
  cache_from: [x]
  platforms: [linux/amd64]
"""


def test_a_build_with_everything(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    build = folder.load(web(EVERYTHING), {"HERE": "yes", "PIP": "x"}).services["web"].build
    assert build == Build(
        context=folder.path / "web",
        dockerfile="docker/Dockerfile.prod",
        target="final",
        args={"A": "1", "B": "true", "C": "yes", "HERE": "yes"},
        secrets=(FileGrant("npm", "npm"), FileGrant("pip", "pip_token", "5", mode=0o400)),
        ssh=("default", "deploy=/home/ann/.ssh/deploy", f"near={folder.path}/key"),
        no_cache=True,
        extra={"cache_from": ["x"], "platforms": ["linux/amd64"]},
    )


def test_a_dockerfile_may_stand_in_the_compose_file(folder: Folder) -> None:
    written = "build:\n  dockerfile_inline: |\n    FROM alpine\n    RUN echo $$HOME ${V}\n"
    build = folder.load(web(written), {"V": "v"}).services["web"].build
    assert build == Build(folder.path, dockerfile_inline="FROM alpine\nRUN echo $HOME v\n")


@pytest.mark.parametrize("ssh", ["{default: , deploy: /k}", "[default, deploy=/k]", "[default, 'deploy=/x/../k']"])
def test_ssh_is_a_list_or_a_mapping(folder: Folder, ssh: str) -> None:
    assert folder.service(f"build: {{ssh: {ssh}}}").build == Build(folder.path, ssh=("default", "deploy=/k"))


@pytest.mark.parametrize(
    "context",
    ["https://example.com/a.git#main:web", "git@github.com:a/b.git", "github.com/a/b", "ssh://git@host/a", "git://h/a"],
)
def test_a_context_that_is_no_folder_here_is_kept_as_written(folder: Folder, context: str) -> None:
    for written in (context, f"{{context: '{context}'}}"):
        assert folder.service(f"build: {written}").build == Build(folder.path, extra={"context": context})


@pytest.mark.parametrize(
    ("context", "path"), [("''", "FOLDER"), (".", "FOLDER"), ("~/web", "/home/ann/web"), ("git/web", "FOLDER/git/web")]
)
def test_a_context_that_is_a_folder_here_is_absolute(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, context: str, path: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    build = folder.service(f"build: {context}").build
    assert build == Build(Path(path.replace("FOLDER", str(folder.path))))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        ("3", "4: build must be a mapping, not the number 3"),
        ("\n  context: [a]", "5: build.context must be a string, not a list"),
        (
            "\n  dockerfile: D\n  dockerfile_inline: FROM x",
            "4: build has dockerfile and dockerfile_inline, of which only one can count",
        ),
        ("\n  args: A=1", "5: build.args must be a mapping, not a string"),
        ("\n  args:\n    - =1", "6: build.args[0] has no name before the ="),
        ("\n  args:\n    A: [1]", "6: build.args.A must be a string, not a list"),
        ("\n  ssh: default", "5: build.ssh must be a mapping, not a string"),
        ("\n  ssh: [key]", "5: build.ssh has 'key' without a path; only default, the agent, needs none"),
        ("\n  ssh: {key: }", "5: build.ssh has 'key' without a path; only default, the agent, needs none"),
        ("\n  no_cache: maybe", "5: build.no_cache must be true or false, not 'maybe'"),
        ("\n  secrets: npm", "5: build.secrets must be a list, not a string"),
        ("\n  secrets:\n    - {source: npm, mode: x}", "6: build.secrets[0].mode must be permissions such"),
        ("\n  target: {}", "5: build.target must be a string, not a mapping"),
    ],
)
def test_errors_say_where_and_what(folder: Folder, build: str, message: str) -> None:
    assert folder.error(web(f"build: {build}")).replace("services.web.", "").startswith(f"compose.yaml:{message}")
