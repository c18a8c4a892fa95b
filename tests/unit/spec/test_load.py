"""A whole stack: finding, naming, checking, secrets, what `config` prints."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hubtui.errors import StackError
from hubtui.stacks.spec.find import find_compose_file
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Stage
from hubtui.stacks.spec.resolve.config import resolve

from .conftest import Folder

SIMPLE = "services: {web: {image: x}}\n"


def test_composes_order_of_preference(folder: Folder) -> None:
    for name in ("docker-compose.yaml", "docker-compose.yml", "compose.yml", "compose.yaml"):
        folder.write(SIMPLE, name)
        assert find_compose_file(folder.path).name == name


def test_no_file_and_no_folder(folder: Folder) -> None:
    with pytest.raises(StackError, match=r"no compose\.yaml in this folder") as caught:
        load_stack(folder.path)
    assert "--template" in caught.value.hint
    with pytest.raises(StackError, match="there is no such folder"):
        load_stack(folder.path / "none")


def test_another_file(folder: Folder) -> None:
    folder.write(SIMPLE, "other.yaml")
    stack = load_stack(folder.path, file=Path("other.yaml"), environ={})
    assert stack.files == (folder.path / "other.yaml",)
    assert stack.folder == folder.path
    with pytest.raises(StackError, match=r"none\.yaml: there is no such compose file"):
        load_stack(folder.path, file=Path("none.yaml"))


def test_a_relative_folder_becomes_absolute(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write(SIMPLE)
    monkeypatch.chdir(folder.path)
    assert load_stack(Path("."), environ={}).folder == folder.path


def test_the_process_environment_is_the_default(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("services: {web: {image: $HUBTUI_TEST_TAG}}\n")
    monkeypatch.setenv("HUBTUI_TEST_TAG", "t")
    assert load_stack(folder.path).services["web"].image == "t"


@pytest.mark.parametrize(
    ("head", "environ", "name"),
    [
        ("", {}, "myshop_1"),
        ("name: other", {}, "other"),
        ("name: ${N:-from}-file", {}, "from-file"),
        ("name: other", {"COMPOSE_PROJECT_NAME": "given"}, "given"),
    ],
)
def test_the_name(folder: Folder, head: str, environ: dict[str, str], name: str) -> None:
    text = f"{head}\nservices: {{web: {{image: 'x-$COMPOSE_PROJECT_NAME'}}}}\n"
    stack = folder.load(text, environ)
    assert (stack.name, stack.services["web"].image) == (name, f"x-{name}")


def test_names_that_do_not_fit(folder: Folder) -> None:
    assert folder.load("name: My Shop\n" + SIMPLE).name == "myshop", "it is made fit, as Compose does"
    assert folder.error("name: '...'\n" + SIMPLE) == ("compose.yaml:1: name is '...', of which no project name is left")
    odd = Folder(folder.path / "___")
    odd.path.mkdir()
    assert odd.error(SIMPLE) == "compose.yaml:1: this folder's name makes no project name"
    folder.write("COMPOSE_PROJECT_NAME=A B", ".env")
    assert folder.error(SIMPLE) == ".env: COMPOSE_PROJECT_NAME is 'A B', which is no project name"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\n", "1: this file has no services"),
        ("name: x\nservices:\n", "1: this file has no services"),
        ("services: {}\n", "1: this file has no services"),
        ("name: x\nservices: [a]\n", "2: services must be a mapping, not a list"),
        ("services:\n  web: 3\n", "2: services.web must be a mapping, not the number 3"),
        ("services:\n  web:\n", "2: services.web must be a mapping, not empty"),
        ("services:\n  a b: {image: x}\n", "2: services.a b is no name"),
        ("services:\n  ..: {image: x}\n", "2: services... is no service name"),
        ("services:\n  web: {ports: [80]}\n", "2: services.web has neither image nor build, nor x-hubtui.process"),
        ("services:\n  web: {image: x}\n  web: {image: y}\n", "3: the key 'web' is already there in line 2"),
        (
            SIMPLE + "x-hubtui:\n  engine: podman\n",
            "3: x-hubtui.engine must be one of dagger, compose, process, not 'po",
        ),
        (SIMPLE + "x-hubtui:\n  stages: [a]\n", "3: x-hubtui.stages must be a mapping, not a list"),
        (SIMPLE + "x-hubtui:\n  stages:\n    one: [web, db]\n", "4: x-hubtui.stages.one[1] names 'db', which is not"),
        (
            SIMPLE + "x-hubtui:\n  stages:\n    one: [web]\n    two: [web]\n",
            "5: x-hubtui.stages.two[0] names 'web', which is already in stage 'one'",
        ),
        (
            SIMPLE + "x-hubtui:\n  stages:\n    one:\n      services: [web]\n      retry: 3\n",
            "6: x-hubtui.stages.one.retry is none of services, retries, retry_delay, timeout",
        ),
        (SIMPLE + "x-hubtui:\n  stages:\n    one: {retries: 3}\n", "4: x-hubtui.stages.one has no services"),
        (
            SIMPLE + "x-hubtui:\n  stages:\n    one:\n      services:\n        - web\n        - db\n",
            "7: x-hubtui.stages.one.services[1] names 'db', which is not",
        ),
        (
            SIMPLE + "x-hubtui:\n  stages:\n    one:\n      services: [web]\n      timeout: soon\n",
            "6: x-hubtui.stages.one.timeout must be a duration such as 10s or 1m30s, not 'soon'",
        ),
        (
            SIMPLE + "x-hubtui:\n  stages:\n    one:\n      services: [web]\n      retries: -1\n",
            "6: x-hubtui.stages.one.retries must be a whole number, not -1",
        ),
        (SIMPLE + "x-hubtui:\n  jobs: 3\n", "3: x-hubtui.jobs must be a mapping, not the number 3"),
        (SIMPLE + "x-hubtui:\n  jobs:\n    soft_limit: 0\n", "4: x-hubtui.jobs.soft_limit must be more than 0"),
        (SIMPLE + "x-hubtui:\n  jobs:\n    max_attempts: 0\n", "4: x-hubtui.jobs.max_attempts must be at least 1"),
        (
            SIMPLE + "x-hubtui:\n  jobs:\n    hard_limit: 1h\n    concurrency: 3\n",
            "5: x-hubtui.jobs.concurrency is none of soft_limit, hard_limit, still_building_after, stuck_after,"
            " retry_delay, max_attempts",
        ),
        (
            "services:\n" + "".join(f"  s{i}: {{image: x}}\n" for i in range(501)),
            "1: services has more than 500 entries",
        ),
    ],
)
def test_errors_say_where_and_what(folder: Folder, text: str, message: str) -> None:
    assert folder.error(text).startswith(f"compose.yaml:{message}")


def test_a_dependency_on_nobody(folder: Folder) -> None:
    with pytest.raises(StackError) as caught:
        folder.load("services:\n  db: {image: x}\n  web:\n    image: x\n    depends_on:\n      - dbb\n")
    text = str(caught.value).replace(f"{folder.path}/", "")
    assert text == "compose.yaml:6:9: service 'web' depends on 'dbb', which is not a service of this file"
    assert caught.value.hint == "The other services: db"


def test_circles_are_named_in_full(folder: Folder) -> None:
    text = "services:\n" + "".join(
        f"  {name}:\n    image: x\n    depends_on: [{other}]\n" for name, other in zip("abcd", "bcdb", strict=True)
    )
    message = "services depend on each other in a circle: b -> c -> d -> b"
    assert folder.error(text) == f"compose.yaml:7: {message}"
    alone = "services:\n  a:\n    image: x\n    depends_on: [a]\n"
    assert folder.error(alone) == "compose.yaml:4: services depend on each other in a circle: a -> a"


def test_chains_are_bounded(folder: Folder) -> None:
    text = "services:\n  s0: {image: x}\n" + "".join(
        f"  s{i}: {{image: x, depends_on: [s{i - 1}]}}\n" for i in range(1, 200)
    )
    folder.load(text)  # each is already done when the next asks
    backwards = "services:\n" + "".join(f"  s{i}: {{image: x, depends_on: [s{i + 1}]}}\n" for i in range(200))
    assert "more than 100 services depend on each other in a row" in folder.error(backwards + "  s200: {image: x}\n")


def test_stages_and_engine(folder: Folder) -> None:
    services = "services:\n  db: {image: x}\n  web: {image: x, depends_on: [db]}\n"
    stack = folder.load(services + "x-hubtui:\n  engine: process\n  stages: {infra: [db], edge: [web]}\n  odd: 1\n")
    assert stack.stages == (Stage("infra", ("db",)), Stage("edge", ("web",)))
    assert (stack.engine, stack.extra) == ("process", {"x-hubtui": {"odd": 1}})
    turned = folder.error(services + "x-hubtui:\n  stages:\n    edge: [web]\n    infra: [db]\n")
    assert turned == "compose.yaml:5: x-hubtui.stages puts 'web' into 'edge', before 'db', on which it depends"


def test_a_stage_says_how_often_it_is_tried_and_how_long_it_has(folder: Folder) -> None:
    services = "services:\n  db: {image: x}\n  web: {image: x, depends_on: [db]}\n"
    long = "core: {services: [db], retries: 3, retry_delay: 500ms, timeout: 5m}"
    stack = folder.load(services + f"x-hubtui:\n  stages:\n    {long}\n    edge: {{services: [web]}}\n")
    assert stack.stages == (Stage("core", ("db",), 3, 0.5, 300.0), Stage("edge", ("web",), 0, 2.0, None))


def test_a_project_has_limits_of_its_own(folder: Folder) -> None:
    jobs = "jobs: {soft_limit: 10m, stuck_after: 90, retry_delay: '${DELAY:-1.5s}', max_attempts: 1}"
    stack = folder.load(SIMPLE + f"x-hubtui:\n  {jobs}\n")
    assert stack.jobs == {"soft_limit": 600.0, "stuck_after": 90.0, "retry_delay": 1.5, "max_attempts": 1}
    assert "x-hubtui" not in stack.extra
    assert folder.load(SIMPLE).jobs == {}


def test_top_level_keys_are_kept(folder: Folder) -> None:
    stack = folder.load("version: '3'\nvolumes: {a: }\nx-y: [$V]\n" + SIMPLE, {"V": "v"})
    assert stack.extra == {"volumes": {"a": None}, "x-y": ["v"]}


def test_secrets(folder: Folder) -> None:
    folder.write("DB_PASSWORD=from dotenv\nAPI_TOKEN=unused-token\n", ".env")
    folder.write("WEB_SECRET=in-env-file\n", "web.env")
    folder.write("line one of a key file\nline two of a key file\nend\n", "key.txt")
    stack = folder.load(
        """\
        services:
          web:
            image: x
            env_file: web.env
            build: {context: ., args: {NPM_TOKEN: build-token}}
            environment:
              URL: postgres://u:${DB_PASSWORD}@db/${OTHER_PASSWORD:-its-default}
              ADMIN_PASSWORD: admin-word
              SHORT_PASSWORD: short
              NAME: not-a-secret
        secrets:
          one: {environment: HANDED}
          two: {file: key.txt}
          three: {file: none.txt}
          four: {external: true}
        """,
        {"HANDED": "handed-over"},
    )
    assert stack.secrets == {
        "from dotenv",
        "in-env-file",
        "build-token",
        "its-default",
        "admin-word",
        "handed-over",
        "line one of a key file",
        "line two of a key file",
        "line one of a key file\nline two of a key file\nend",
    }


def test_resolve_is_plain_and_complete(folder: Folder) -> None:
    folder.write("A=file\nB=file\n", "web.env")
    folder.write(
        """\
        version: "3"
        x-base: &base {image: "x:${TAG:-1}"}
        services:
          web:
            <<: *base
            env_file: web.env
            environment: [B=own, PORT]
            ports: ["80:80"]
          db: {<<: *base}
        """
    )
    resolved = resolve(folder.path, environ={"PORT": "80"})
    assert resolved == {
        "name": "myshop_1",
        "x-base": {"image": "x:1"},
        "services": {
            "web": {
                "image": "x:1",
                "command": None,
                "entrypoint": None,
                "environment": {"A": "file", "B": "own", "PORT": "80"},
                "networks": {"default": None},
                "ports": [{"mode": "ingress", "target": 80, "published": "80", "protocol": "tcp"}],
            },
            "db": {"image": "x:1", "command": None, "entrypoint": None, "networks": {"default": None}},
        },
        "networks": {"default": {"name": "myshop_1_default", "ipam": {}}},
    }
    assert json.loads(json.dumps(resolved)) == resolved


def test_resolve_names_what_is_missing(folder: Folder) -> None:
    folder.write("services: {web: {image: '${TAG:?}'}}")
    with pytest.raises(StackError, match=r"a required variable is not set: TAG \(.*compose\.yaml:1\)"):
        resolve(folder.path, environ={})


@pytest.mark.timed
def test_a_hundred_lines_load_fast(folder: Folder) -> None:
    service = "    image: x:${TAG:-1}\n    environment: {A: b, C: 22:22}\n    ports: ['80:80']\n    restart: always\n"
    text = "services:\n" + "".join(f"  s{i}:\n{service}    depends_on: []\n    labels: {{}}\n" for i in range(14))
    folder.load(text)
    times = []
    for _ in range(5):
        begin = time.process_time()
        load_stack(folder.path, environ={})
        times.append(time.process_time() - begin)
    assert min(times) < 0.05
