"""Probes against real servers, and the schedule that makes a verdict of them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hubtui.models import Health
from hubtui.stacks import health, proctree
from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.health import Place, Probe, probe, watch
from hubtui.stacks.spec.model import HealthCheck


class Server:
    """Answers every request with `answer`, byte by byte as given; counts and keeps the requests."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        self.requests: list[bytes] = []
        self.port = 0
        self.sent = 0
        self.forever = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            await writer.drain()
            while self.forever:
                writer.write(self.forever)
                await writer.drain()
                self.sent += len(self.forever)
                await asyncio.sleep(0)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def url(self, path: str = "/health") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.serve, host, 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


async def look(url: str, timeout: float = 5) -> Probe:
    return await probe(HealthCheck(url=url), timeout)


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "302 Found", "304 Not Modified"])
async def test_two_and_three_hundred_are_healthy(status: str) -> None:
    async with serving() as server:
        server.answer = f"HTTP/1.1 {status}\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n".encode()
        found = await look(server.url())
        assert found.ok and found.latency_ms is not None and 0 < found.latency_ms < 5000
        assert len(server.requests) == 1  # a redirect is never followed


async def test_what_is_asked_is_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with serving() as server:
        found = await look(f"http://me:geheim@localhost:{server.port}/health?x=1#top")
        assert found.ok and "geheim" not in found.message
        request = server.requests[0].decode()
        assert request.startswith("GET /health?x=1 HTTP/1.1\r\n") and f"Host: localhost:{server.port}\r\n" in request
        assert "Authorization: Basic " in request


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "503 Service Unavailable"])
async def test_other_answers_are_said_with_their_url(status: str) -> None:
    async with serving() as server:
        server.answer = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
        found = await look(f"http://me:geheim@127.0.0.1:{server.port}/health?token=x")
        assert found == Probe(False, found.latency_ms, f"HTTP {status[:3]} from {server.url()}")


async def test_nobody_there() -> None:
    async with serving() as server:
        port = server.port
    for scheme in ("http", "tcp"):
        found = await look(f"{scheme}://127.0.0.1:{port}")
        assert not found.ok and found.message == f"connection refused: {scheme}://127.0.0.1:{port}"
    found = await look("http://no.such.host.invalid/")
    assert not found.ok and found.message.startswith("name not known")


async def test_tcp_is_healthy_when_it_connects() -> None:
    async with serving() as server:
        assert (await look(f"tcp://localhost:{server.port}")).ok


async def test_an_endless_body_is_read_to_the_cap_only() -> None:
    async with serving() as server:
        server.answer, server.forever = b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536
        assert (await look(server.url())).ok
        assert server.sent < 32 << 20  # what lay in the sockets' buffers


@pytest.mark.timed
async def test_a_slow_drip_ends_with_the_timeout() -> None:
    async with serving() as server:
        server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"
        hold = asyncio.Event()

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(server.answer)
            await hold.wait()

        slow = await asyncio.start_server(drip, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{slow.sockets[0].getsockname()[1]}/"
        await health.prepare()
        began = time.monotonic()
        found = await look(url, 0.3)
        hold.set()
        slow.close()
        assert not found.ok and found.message == f"no answer from {url} within 0.3 s"
        assert time.monotonic() - began < 1


async def test_nonsense_is_no_answer() -> None:
    async with serving() as server:
        server.answer = b"SSH-2.0-OpenSSH\r\n"
        found = await look(server.url())
        assert not found.ok and server.url() in found.message


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.1.1/",
        "tcp://169.254.169.254:80",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
    ],
)
async def test_metadata_addresses_are_refused(url: str) -> None:
    found = await look(url)
    assert not found.ok and "refused" in found.message and "metadata" in found.message


async def test_a_name_that_leads_to_metadata_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(2, 1, 6, "", ("127.0.0.1", 80)), (2, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    assert "refused" in (await look("http://innocent.example/")).message


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "/health",
        "http://",
        "http://x:99999/",
        "http://[/",
        f"http://{'x' * 70}.y/",
        "http://a b/",
    ],
)
async def test_other_schemes_and_nonsense_are_refused(url: str) -> None:
    found = await look(url)
    assert not found.ok and found.message


async def test_tls_of_a_development_certificate_on_this_host_is_fine(tmp_path: Path) -> None:
    import ssl
    import subprocess

    made = subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "key",
            "-out",
            "cert",
            "-days",
            "1",
            "-subj",
            "/CN=x",
        ],
        cwd=tmp_path,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("no openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
    port = listener.sockets[0].getsockname()[1]
    try:
        assert (await look(f"https://localhost:{port}/")).ok
    finally:
        listener.close()


async def run(*argv: str, timeout: float = 5, place: Place | None = None) -> Probe:
    return await probe(HealthCheck(command=argv), timeout, place)


async def test_a_command_in_its_place(tmp_path: Path) -> None:
    place = Place(tmp_path, {"COLOUR": "blue", "PATH": "/usr/bin:/bin"})
    assert (await run("sh", "-c", f'test "$PWD" = {tmp_path} -a "$COLOUR" = blue', place=place)).ok
    found = await run("sh", "-c", "echo first; echo no such table >&2; exit 3")
    assert not found.ok and found.message == "sh exited with code 3: no such table"
    assert (await run("sh", "-c", "kill -9 $$")).message == "sh was ended by SIGKILL"
    assert (await run("no-such-check", place=place)).message.startswith("no such file or directory")
    assert (await run("sh", "-c", "yes | head -c 3000000")).ok  # more than a pipe holds


async def test_a_command_is_killed_with_its_group_when_time_is_up() -> None:
    began, unique = time.monotonic(), f"71.{os.getpid()}"
    found = await run("sh", "-c", f"trap '' TERM; sleep {unique} & sleep {unique}", timeout=0.2)
    assert not found.ok and found.message == "no answer from sh within 0.2 s" and time.monotonic() - began < 2
    deadline = time.monotonic() + 2
    while any(unique.encode() in _cmdline(pid) for pid in proctree.descendants(1)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.timed
async def test_a_command_whose_child_keeps_the_pipe_does_not_hang() -> None:
    began = time.monotonic()
    assert (await run("sh", "-c", "setsid sleep 1 & exit 0")).ok
    assert time.monotonic() - began < 0.9


# The schedule


class Script:
    """Plays answers instead of probing, and notes when it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: str) -> None:
        self.answers, self.asked = answers, list[float]()
        self.told: list[Health] = []
        monkeypatch.setattr(health, "probe", self.probe)

    async def probe(self, check: HealthCheck, timeout: float, place: Place | None) -> Probe:
        self.asked.append(time.monotonic())
        at = min(len(self.asked), len(self.answers)) - 1
        return Probe(self.answers[at] == "+", 1.0, "said so")

    async def play(self, check: HealthCheck, done: Callable[[], bool], defaults: HealthDefaults) -> None:
        task = asyncio.create_task(watch(check, defaults, lambda verdict, _: self.told.append(verdict)))
        deadline = time.monotonic() + 10
        while not done():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.timed
async def test_a_starting_service_is_probed_soon_and_ever_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, "-----+")
    await script.play(HealthCheck(url="x"), lambda: Health.HEALTHY in script.told, HealthDefaults())
    gaps = [b - a for a, b in zip(script.asked, script.asked[1:], strict=False)]
    expected = [0.1, 0.15, 0.225, 0.3375, 0.506]
    assert all(e <= gap < e + 0.1 for gap, e in zip(gaps, expected, strict=True))
    assert script.told == [Health.STARTING] * 5 + [Health.HEALTHY]


@pytest.mark.timed
async def test_then_only_every_interval_and_a_row_of_failures_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, "+--+---+")
    check = HealthCheck(url="x", interval=0.05, retries=3)
    await script.play(check, lambda: len(script.told) == 8, HealthDefaults())
    up, down = Health.HEALTHY, Health.UNHEALTHY
    assert script.told == [up, up, up, up, up, up, down, up]
    assert all(0.05 <= b - a < 0.2 for a, b in zip(script.asked, script.asked[1:], strict=False))


async def test_failures_in_the_start_period_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, "-")
    check = HealthCheck(url="x", interval=0.05, retries=2, start_period=0.6)
    began = time.monotonic()
    await script.play(check, lambda: Health.UNHEALTHY in script.told, HealthDefaults())
    assert 0.6 <= time.monotonic() - began < 3
    assert script.told.count(Health.STARTING) >= 4


async def test_a_check_keeps_the_patience_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker would wait retries x interval: probing more often must not make that shorter."""
    script = Script(monkeypatch, "-----+")
    check = HealthCheck(url="x", interval=0.6, retries=3, start_period=0)
    await script.play(check, lambda: Health.HEALTHY in script.told, HealthDefaults())
    assert Health.UNHEALTHY not in script.told


async def test_defaults_are_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, "+-")
    await script.play(
        HealthCheck(url="x"), lambda: Health.UNHEALTHY in script.told, HealthDefaults(interval=0.05, retries=1)
    )
    assert script.told == [Health.HEALTHY, Health.UNHEALTHY]


@pytest.mark.timed
async def test_the_first_http_probe_does_not_hold_up_the_loop() -> None:
    import subprocess
    import sys

    code = """
import asyncio, time
from hubtui.stacks.health import probe
from hubtui.stacks.spec.model import HealthCheck
async def main():
    worst, began = 0.0, time.monotonic()
    task = asyncio.create_task(probe(HealthCheck(url="http://127.0.0.1:9/"), 5))
    while not task.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        worst = max(worst, time.monotonic() - before)
    print(worst / (time.monotonic() - began))
import sys
assert "httpx" not in sys.modules
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.6  # of the time it took; on the loop it would be all of it


async def test_a_command_that_is_ended_by_a_signal_without_a_name() -> None:
    found = await probe(HealthCheck(command=("sh", "-c", "kill -40 $$")), 5)
    assert found.message == "sh was ended by signal 40"
