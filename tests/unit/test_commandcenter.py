"""What the template `commandcenter` ships really runs: its backend and frontend as processes, before stores that answer
as redis and postgres do, and before a real redis where this machine has one."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hubtui.stacks import templates
from hubtui.stacks.spec.load import load_stack
from tests.doubles.stacks import free_ports
from tests.doubles.stores import Postgres, Redis
from tests.doubles.waiting import eventually

SECRET = "barnacle47"


class Center:
    """Both programs, started by hand in their folders."""

    def __init__(self, folder: Path) -> None:
        templates.install("commandcenter", folder)
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports = dict(zip(("backend", "frontend"), free_ports(2), strict=True))

    def run(self, name: str, **environment: str) -> None:
        """Start one of them and wait until it listens; what it prints goes to NAME.log."""
        given = {"PATH": os.environ["PATH"], "PORT": str(self.ports[name]), "BIND": "127.0.0.1"}
        given["BACKEND_URL"] = f"http://127.0.0.1:{self.ports['backend']}"
        given["HTTP_PROXY"] = given["http_proxy"] = "http://127.0.0.1:9"  # must not be asked
        with self.log_file(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=self.folder / name,
                env=given | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(lambda: "listening on" in self.log(name), 20)

    def log_file(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def log(self, name: str) -> str:
        return self.log_file(name).read_text()

    def ask(self, name: str, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def json(self, name: str, method: str, path: str, status: int = 200) -> Any:
        found, text = self.ask(name, method, path)
        assert found == status, text
        return json.loads(text)

    def check(self, name: str) -> subprocess.CompletedProcess[str]:
        """The health check of the compose file, run as it would be in the container."""
        service = load_stack(self.folder, environ={}).services[name]
        assert service.health_command
        argv = [sys.executable if word == "python3" else word for word in service.health_command.command]
        environment = {**os.environ, "PORT": str(self.ports[name])}
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=20)

    def kill(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    center = Center(tmp_path / "center")
    yield center
    center.kill()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.close()


def database(port: int) -> str:
    return f"postgresql://commandcenter:{SECRET}@127.0.0.1:{port}/commandcenter"


@pytest.fixture(params=["double", "double with password", "real", "real with password"])
def redis_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A redis that counts: "redis://:password@host:port/0"."""
    password = SECRET if "password" in request.param else ""
    user = f":{password}@" if password else ""
    if request.param.startswith("double"):
        server = Redis(password=password)
        yield f"redis://{user}127.0.0.1:{server.port}/0"
        server.close()
        return
    if not (program := shutil.which("redis-server")):
        pytest.skip("there is no redis-server on PATH")
    (port,) = free_ports(1)
    (tmp_path / "redis.conf").write_text(_redis_conf(tmp_path / "configured", password))
    argv = [program, "redis.conf", "--appendonly", "yes", "--bind", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: _listens(port), 20)
        yield f"redis://{user}127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def _redis_conf(folder: Path, password: str) -> str:
    """The file that the compose file gives to redis."""
    templates.install("commandcenter", folder)
    stack = load_stack(folder, environ={"REDIS_PASSWORD": password} if password else {})
    text = stack.config_sources["redis"].value
    assert text
    return text


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_a_view_of_the_page_is_counted(center: Center, redis_url: str, postgres: Postgres) -> None:
    center.run("backend", REDIS_URL=redis_url, DATABASE_URL=database(postgres.port))
    center.run("frontend")
    status, page = center.ask("frontend", "GET", "/")
    assert status == 200 and "views of this page" in page and 'ask("POST", "api/views")' in page
    assert center.json("frontend", "GET", "/api/views") == {"views": 0}
    assert center.json("frontend", "POST", "/api/views") == {"views": 1}
    assert center.json("frontend", "POST", "/api/views") == {"views": 2}
    assert center.json("backend", "GET", "/api/views") == {"views": 2}
    well = {"status": "ok", "redis": "ok", "postgres": "ok"}
    assert center.json("backend", "GET", "/health") == center.json("frontend", "GET", "/api/health") == well
    assert postgres.asked == 2
    assert center.check("backend").returncode == center.check("frontend").returncode == 0


def test_a_redis_that_wants_another_password_is_said(center: Center, postgres: Postgres) -> None:
    with closing(Redis(password="another")) as server:
        url = f"redis://:{SECRET}@127.0.0.1:{server.port}/0"
        center.run("backend", REDIS_URL=url, DATABASE_URL=database(postgres.port))
        found = center.json("backend", "GET", "/health", 503)
    assert found["redis"].startswith("redis: WRONGPASS") and found["postgres"] == "ok"
    assert SECRET not in center.log("backend")


def test_a_store_that_is_gone_makes_the_backend_unhealthy_and_not_end(center: Center) -> None:
    redis, postgres = Redis(), Postgres()
    url = f"redis://127.0.0.1:{redis.port}/0"
    center.run("backend", REDIS_URL=url, DATABASE_URL=database(postgres.port))
    center.run("frontend")
    assert center.check("backend").returncode == 0
    postgres.close()
    assert "Connection refused" in center.json("backend", "GET", "/health", 503)["postgres"]
    checked = center.check("backend")
    assert checked.returncode == 1 and "a store does not answer" in checked.stdout
    redis.close()
    assert "Connection refused" in center.json("frontend", "POST", "/api/views", 502)["error"]
    assert center.check("frontend").returncode == 0, "it serves its page whatever is behind it"
    again = Redis(redis.port), Postgres(postgres.port)
    assert center.json("backend", "GET", "/health")["status"] == "ok"
    for server in again:
        server.close()


def test_what_answers_on_the_port_of_postgres_must_be_postgres(center: Center) -> None:
    with closing(Redis()) as redis, closing(Postgres(answer=b"H")) as other:
        center.run("backend", REDIS_URL=f"redis://127.0.0.1:{redis.port}/0", DATABASE_URL=database(other.port))
        assert "is not how it answers" in center.json("backend", "GET", "/health", 503)["postgres"]


def test_an_address_that_cannot_be_read_does_not_print_its_password(center: Center) -> None:
    center.run("backend", REDIS_URL=f"redis://:x/{SECRET}@host/0", DATABASE_URL=f"postgresql://u:y/{SECRET}@host/db")
    found = center.json("backend", "GET", "/health", 503)
    assert "REDIS_URL is not a URL" in found["redis"] and "DATABASE_URL is not a URL" in found["postgres"]
    assert SECRET not in center.log("backend") and SECRET not in json.dumps(found)


def test_the_frontend_says_that_the_backend_is_away(center: Center) -> None:
    center.run("frontend")
    assert "the backend does not answer" in center.json("frontend", "GET", "/api/views", 502)["error"]
    assert center.ask("frontend", "GET", "/nothing")[0] == center.ask("frontend", "GET", "/../app.py")[0] == 404
    assert center.ask("frontend", "POST", "/")[0] == 404
    for path in (b"/api/\x7f", "/api/é".encode()):
        with socket.create_connection(("127.0.0.1", center.ports["frontend"]), timeout=10) as raw:
            raw.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
            assert b" 400 " in raw.makefile("rb").readline()


def test_each_request_is_one_line_and_sigterm_ends_it_at_once(center: Center, postgres: Postgres) -> None:
    with closing(Redis()) as redis:
        url = f"redis://127.0.0.1:{redis.port}/0"
        center.run("backend", REDIS_URL=url, DATABASE_URL=database(postgres.port))
        center.run("frontend")
        for _ in range(3):
            center.json("frontend", "POST", "/api/views?token=hush")
    with socket.create_connection(("127.0.0.1", center.ports["frontend"])):  # somebody who says nothing
        for name, process in center.running.items():
            eventually(lambda name=name: center.log(name).count("POST '/api/views' 200") == 3, 5)  # type: ignore[misc]
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
            assert time.monotonic() - began < 2
    for name in center.running:
        lines = center.log(name).splitlines()
        assert all(re.match(r"\d\d:\d\d:\d\d \S", line) for line in lines), lines
        assert "SIGTERM: stopped" in lines[-1]
        assert len(lines) == 5, lines  # listening, three requests, stopped
        assert "hush" not in center.log(name)
