"""The templates that ship: they install, load, and the demo's services really do what their page says."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hubtui.errors import StackError, UsageError
from hubtui.stacks import plan, templates
from hubtui.stacks.engines.dagger.sources.select import select_context
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Condition, RestartPolicy

T = TypeVar("T")
DEADLINE = 20.0  # for what takes a second or two on an idle machine


# -- installing ---------------------------------------------------------------------------------------------------


def test_every_template_folder_is_named_and_described() -> None:
    folders = {f.name for f in files(templates).iterdir() if f.is_dir() and not f.name.startswith("_")}
    assert set(templates.names()) == folders == {"demo", "demo-reef", "commandcenter", "hypercode"}
    for name in templates.names():
        line = templates.describe(name)
        assert line and "\n" not in line


@pytest.mark.parametrize("name", templates.names())
def test_install_copies_plain_files(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "project"
    templates.install(name, folder)
    installed = [path for path in folder.rglob("*") if path.is_file()]
    assert folder / "compose.yaml" in installed
    private = [path for path in installed if stat.S_IMODE(path.stat().st_mode) != 0o644]
    assert private == ([folder / ".env"] if name == "commandcenter" else [])
    assert not list(folder.rglob("__pycache__"))
    assert (folder / ".env.example").exists() == (name == "commandcenter")
    assert (folder / "service.py").exists() == name.startswith("demo")


def test_install_takes_an_empty_folder_and_refuses_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    templates.install("demo", folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(UsageError, match="not an empty folder"):
        templates.install("demo-reef", folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before

    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="not an empty folder"):
        templates.install("demo", tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be written"):
        templates.install("demo", tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_unknown_template_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    for name in ("nonsense", "_shared", "../templates/demo", ""):
        with pytest.raises(UsageError, match="no template") as refused:
            templates.install(name, tmp_path / "project")
        assert "commandcenter" in refused.value.hint
    assert not (tmp_path / "project").exists()


# -- loading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", templates.names())
def test_compose_file_loads_and_is_whole(name: str, tmp_path: Path) -> None:
    templates.install(name, tmp_path / name)
    stack = load_stack(tmp_path / name, environ={})
    assert stack.warnings == ()
    staged = [service for stage in stack.stages for service in stage.services]
    assert sorted(staged) == sorted(stack.services)
    for service in stack.services.values():
        assert service.image or (service.build and (service.build.context / "Dockerfile").is_file())
        has_check = {other for other, s in stack.services.items() if s.health}
        for dependency in service.depends_on:
            assert dependency.condition is Condition.HEALTHY
            assert dependency.service in has_check, "Compose refuses to wait for what has no healthcheck"


@pytest.mark.parametrize(("name", "project", "base"), [("demo", "harbor", 8710), ("demo-reef", "reef", 8720)])
def test_demo_stacks_are_all_processes_on_movable_ports(name: str, project: str, base: int, tmp_path: Path) -> None:
    templates.install(name, tmp_path / name)
    stack = load_stack(tmp_path / name, environ={})
    assert (stack.name, stack.engine) == (project, "process")
    assert [(s.name, s.services) for s in stack.stages] == [
        ("infrastructure", ("store",)),
        ("core", ("api", "worker")),
        ("edge", ("web",)),
    ]
    for number, listener in enumerate(("web", "store", "api")):
        had = stack.services[listener]
        assert [(p.host_port, p.target) for p in had.ports] == [(base + number, base + number)]
        assert had.environment["PORT"] == str(base + number)
        assert had.health and had.health.url == f"http://127.0.0.1:{base + number}/health"
        assert (had.health.interval, had.health.timeout) == (5, 2)
        assert (had.health.retries, had.health.start_period) == (3, 20)
    for service in stack.services.values():
        assert service.process == ("python3", "-u", f"{service.name}.py")
        assert service.command
        assert (tmp_path / name / service.process[-1]).is_file()
    worker = stack.services["worker"]
    assert not worker.ports
    check = worker.health.command if worker.health else None
    assert check == (("test", "-f", ".worker.ready") if project == "reef" else None)

    moved = load_stack(tmp_path / name, environ={f"{project.upper()}_API_PORT": "9001"})
    api = moved.services["api"]
    assert (api.ports[0].host_port, api.environment["PORT"]) == (9001, "9001")
    assert api.health and api.health.url == "http://127.0.0.1:9001/health"
    assert moved.services["worker"].environment["API_URL"] == "http://127.0.0.1:9001"


def test_harbor_says_what_only_harbor_has(tmp_path: Path) -> None:
    templates.install("demo", tmp_path / "harbor")
    services = load_stack(tmp_path / "harbor", environ={}).services
    assert services["web"].process_build == ("python3", "-u", "build_assets.py")
    assert services["worker"].restart is RestartPolicy.ON_FAILURE
    assert (services["api"].limits.cpus, services["api"].limits.memory) == (0.5, 128 * 1024 * 1024)


def test_commandcenter_is_called_as_its_folder_and_hides_its_password(tmp_path: Path) -> None:
    templates.install("commandcenter", tmp_path / "shop")
    stack = load_stack(tmp_path / "shop", environ={})
    assert (stack.name, stack.volumes["redis-data"].name) == ("shop", "shop_redis-data")
    password = stack.services["postgres"].environment["POSTGRES_PASSWORD"]
    assert password in stack.services["backend"].environment["DATABASE_URL"]
    assert password in stack.secrets
    check = stack.services["postgres"].health
    assert check and check.command[-1] == 'pg_isready -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"'
    (tmp_path / "shop" / ".env").unlink()
    with pytest.raises(StackError, match=r"POSTGRES_PASSWORD.*set it in \.env"):
        load_stack(tmp_path / "shop", environ={})


def test_commandcenters_redis_asks_for_a_password_only_where_one_is_set(tmp_path: Path) -> None:
    templates.install("commandcenter", tmp_path)
    stack = load_stack(tmp_path, environ={})
    assert stack.config_sources["redis"].value == 'protected-mode no\nrequirepass ""\n'
    assert "REDIS_PASSWORD" not in stack.services["redis"].environment
    assert stack.services["backend"].environment["REDIS_URL"] == "redis://redis:6379/0"
    stack = load_stack(tmp_path, environ={"REDIS_PASSWORD": "barnacle"})
    assert stack.config_sources["redis"].value == 'protected-mode no\nrequirepass "barnacle"\n'
    assert stack.services["redis"].environment["REDIS_PASSWORD"] == "barnacle"
    assert stack.services["backend"].environment["REDIS_URL"] == "redis://:barnacle@redis:6379/0"
    assert "barnacle" in stack.secrets
    assert not [s.name for s in stack.services.values() if "barnacle" in " ".join(s.command or ())]


@pytest.mark.parametrize(
    ("service", "files"), [("backend", {"app.py", "stores.py"}), ("frontend", {"app.py", "index.html"})]
)
def test_commandcenters_images_are_built_of_what_runs_alone(service: str, files: set[str], tmp_path: Path) -> None:
    templates.install("commandcenter", tmp_path)
    build = load_stack(tmp_path, environ={"PYTHON_IMAGE": "mirror/python:3"}).services[service].build
    assert build and build.args == {"BASE": "mirror/python:3"}
    (build.context / "notes.txt").write_text("not for the image")
    sent = select_context(build.context, build.dockerfile)
    assert sent.files == len(files | {"Dockerfile", ".dockerignore"})
    assert {path.name for path in build.context.iterdir()} == files | {"Dockerfile", ".dockerignore", "notes.txt"}
    copied = re.findall(r"^COPY (\S+) \./$", (build.context / "Dockerfile").read_text(), re.M)
    assert {name for name in files if any(Path(name).match(pattern) for pattern in copied)} == files


def test_hypercode_agents_wait_for_their_profile(tmp_path: Path) -> None:
    templates.install("hypercode", tmp_path)
    stack = load_stack(tmp_path, environ={})
    assert plan.select(stack) == ("core",)
    agents = set(plan.select(stack, profiles=["agents"])) - {"core"}
    assert agents == {"agent-coder", "agent-reviewer"}
    assert {stack.services[name].limits.memory for name in agents} == {512 * 1024 * 1024}


# -- running ------------------------------------------------------------------------------------------------------


class Demo:
    """A demo's services, started by hand in their folder."""

    def __init__(self, name: str, folder: Path) -> None:
        templates.install(name, folder)
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        with socket.socket() as a, socket.socket() as b, socket.socket() as c:
            held = (a, b, c)
            for one in held:
                one.bind(("127.0.0.1", 0))
            self.ports = dict(zip(("store", "api", "web"), (s.getsockname()[1] for s in held), strict=True))

    def run(self, script: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a script; what it prints goes to NAME.log."""
        name = script.removesuffix(".py")
        given = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.ports.get(name, 0)),
            "STORE_URL": f"http://127.0.0.1:{self.ports['store']}",
            "API_URL": f"http://127.0.0.1:{self.ports['api']}",
            "HTTP_PROXY": "http://127.0.0.1:9",  # must not be asked
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-u", script],
                cwd=self.folder,
                env=given | env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self.running[name]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def get(self, name: str, path: str) -> tuple[int, str]:
        """Status and text; status 0 while nothing listens."""
        assert self.running[name].poll() is None, self.log(name)
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def healthy(self, name: str) -> None:
        until(lambda: self.get(name, "/health")[0] == 200, f"{name} healthy")

    def counts(self) -> dict[str, Any]:
        status, text = self.get("api", "/counts")
        assert status == 200, text
        found: dict[str, Any] = json.loads(text)
        return found

    def end(self) -> dict[str, int]:
        """SIGTERM to everything that runs; the exit codes."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(timeout=5) for name, process in self.running.items()}

    def kill(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


def until(look: Callable[[], T], what: str) -> T:
    """Wait until `look` sees something, and return that."""
    deadline = time.monotonic() + DEADLINE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not in {DEADLINE:.0f} s: {what}"
        time.sleep(0.02)
    return seen


@pytest.fixture
def harbor(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo("demo", tmp_path / "harbor")
    yield demo
    demo.kill()


@pytest.fixture
def reef(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo("demo-reef", tmp_path / "reef")
    yield demo
    demo.kill()


def test_harbor_runs_for_real(harbor: Demo) -> None:
    harbor.run("store.py")
    harbor.healthy("store")

    harbor.run("api.py", WARMUP_SECONDS="1.5")
    until(lambda: harbor.get("api", "/health")[0], "api listens")
    status, text = harbor.get("api", "/health")
    assert status == 503 and re.search(r"warming cache \d+ %", text)
    harbor.healthy("api")

    assert harbor.run("build_assets.py", SITE=".build", BUILD_SECONDS="0.1").wait(timeout=DEADLINE) == 0
    harbor.run("worker.py")
    harbor.run("web.py", SITE=".build")
    harbor.healthy("web")

    first = harbor.counts()["done"]
    until(lambda: harbor.counts()["done"] > first, "the worker does a job")
    seen = harbor.counts()
    until(lambda: json.loads(harbor.get("web", "/live")[1])["counts"]["done"] >= seen["done"], "web follows")
    status, page = harbor.get("web", "/")
    assert status == 200 and "{{" not in page and "/*css*/" not in page
    shown = {name: int(n) for name, n in re.findall(r'data-count="(\w+)">(\d+)<', page)}
    assert shown["ships"] > 0 and shown["done"] >= seen["done"] and shown["crates"] >= seen["crates"] > 0
    for asset, kind in (("app.css", "grid"), ("app.js", "follow"), ("icon.svg", "<svg")):
        status, text = harbor.get("web", f"/{asset}")
        assert status == 200 and kind in text
    assert harbor.get("web", "/../compose.yaml")[0] == harbor.get("web", "/nothing")[0] == 404

    requests = set(re.findall(r"req=(\w+) job", harbor.log("worker")))
    assert requests & set(re.findall(r"req=(\w+) (?:slow )?pop", harbor.log("store"))), "one id from worker to store"

    del harbor.running["build_assets"]
    began = time.monotonic()
    assert harbor.end() == {"store": 0, "api": 0, "worker": 0, "web": 0}
    assert time.monotonic() - began < 2, "each ends within a second"
    for name in ("store", "api", "worker", "web"):
        lines = harbor.log(name).splitlines()
        stamped = re.compile(r"\d\d:\d\d:\d\d (INFO |WARN |ERROR) \S")
        assert all(map(stamped.match, lines)), lines
        assert any("SIGTERM: stopped cleanly" in line for line in lines[-3:])


def test_build_counts_its_steps_and_is_cached_until_something_changes(harbor: Demo) -> None:
    def build() -> str:
        assert harbor.run("build_assets.py", SITE=".build", BUILD_SECONDS="0").wait(timeout=DEADLINE) == 0
        return harbor.log("build_assets")

    whole = build()
    assert re.findall(r"^\[(\d+)/12\] ", whole, re.M) == [str(n) for n in range(1, 13)]
    assert "[3/12] bundling harbor.css" in whole
    page = harbor.folder / ".build/index.html"
    made = page.stat().st_mtime_ns
    assert "cached" not in whole and "cached" in build()
    assert page.stat().st_mtime_ns == made

    page.write_text("damaged")
    assert "cached" not in build()
    css = harbor.folder / "assets/harbor.css"
    css.write_text(css.read_text() + "h2 { color: tomato }\n")
    assert "cached" not in build()
    assert "tomato" in page.read_text()


def test_a_taken_port_is_said_and_ends_the_service(harbor: Demo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", harbor.ports["store"]))
        taken.listen()
        assert harbor.run("store.py").wait(timeout=DEADLINE) == 1
    assert f"cannot listen on 127.0.0.1:{harbor.ports['store']}: Address already" in harbor.log("store")


def test_web_without_its_build_says_what_to_do(harbor: Demo) -> None:
    assert harbor.run("web.py", SITE=".build").wait(timeout=DEADLINE) == 1
    assert "python3 build_assets.py" in harbor.log("web")


def test_services_outlive_one_that_is_gone(harbor: Demo) -> None:
    """The store dies and comes back: the others say so, stay, and go on."""
    store = harbor.run("store.py")
    harbor.healthy("store")
    harbor.run("api.py", WARMUP_SECONDS="0")
    harbor.healthy("api")
    store.kill()
    store.wait()
    status, text = harbor.get("api", "/counts")
    assert status == 502 and "Connection refused" in text
    until(lambda: "cannot be booked in" in harbor.log("api"), "the api says that the store is gone")
    harbor.run("store.py")
    harbor.healthy("store")
    until(lambda: harbor.counts()["ships"], "ships come in again")


def test_reefs_worker_fails_says_why_and_runs_once_mended(reef: Demo) -> None:
    for name in ("store", "api", "web"):
        reef.run(f"{name}.py", SITE="site")
        reef.healthy(name)
    assert reef.run("worker.py").wait(timeout=DEADLINE) == 2
    ready = reef.folder / ".worker.ready"
    assert not ready.exists(), "so the start job cannot take it for healthy"
    ini = reef.folder / "worker.ini"
    last = reef.log("worker").splitlines()[-4:]
    assert "unknown queue 'oders', did you mean 'orders'?" in last[0]
    assert f"it stands in {ini}:3" in last[1]
    assert "change that line to: queue = orders" in last[2]
    assert "then press s again" in last[3]

    lines = ini.read_text().splitlines()
    assert lines[2] == "queue = oders"
    lines[2] = "queue = orders"
    ini.write_text("\n".join(lines))
    worker = reef.run("worker.py")
    until(lambda: reef.counts()["done"] > 0, "the worker packs an order")
    assert worker.poll() is None and ready.exists()
    done = reef.counts()["done"]
    until(lambda: json.loads(reef.get("web", "/live")[1])["counts"]["done"] >= done, "web follows")
    assert re.search(r'data-count="done">[1-9]', reef.get("web", "/")[1])
    assert reef.end() == {"store": 0, "api": 0, "worker": 0, "web": 0}
    assert not ready.exists()
