"""A port is taken when a server could not have it, and only then."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.stacks import ports
from hubtui.stacks.ports import Holder, taken


def listen(address: str, port: int = 0, kind: int = socket.SOCK_STREAM, dual: bool = True) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family, kind)
    if family == socket.AF_INET6:
        try:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
        except OSError:
            pytest.skip("no IPv6 here")
    if kind == socket.SOCK_STREAM:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((address, port))
    except OSError as error:
        server.close()
        pytest.skip(f"{address}: {error}")
    if kind == socket.SOCK_STREAM:
        server.listen()
    return server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "0.0.0.0"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("0.0.0.0", "::"),
        ("::1", "::1"),
        ("::", "::1"),
        ("::1", "::"),
    ],
)
def test_a_listener_is_found_and_named(held: str, asked: str) -> None:
    with listen(held) as server:
        holder = taken(asked, port_of(server))
        assert holder and holder.pid == os.getpid() and holder.name
        assert holder.sentence(port_of(server)) == f"port {port_of(server)} is taken by PID {os.getpid()} {holder.name}"
    assert taken(asked, port_of_free(server, held)) is None


def port_of_free(_: socket.socket, address: str) -> int:
    with listen(address) as server:
        return port_of(server)


@pytest.mark.parametrize(("held", "asked"), [("127.0.0.1", "127.0.0.2"), ("127.0.0.1", "::1")])
def test_another_address_is_free(held: str, asked: str) -> None:
    with contextlib.closing(listen(asked)):  # skips where there is no such address
        pass
    with listen(held) as server:
        assert taken(asked, port_of(server)) is None


def test_time_wait_is_free() -> None:
    server = listen("127.0.0.1")
    with socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first waits
        assert client.recv(1) == b""
    port = port_of(server)
    server.close()
    assert f":{port:04X} " in Path("/proc/net/tcp").read_text()
    assert taken("127.0.0.1", port) is None


def test_udp_and_tcp_are_two_worlds() -> None:
    with listen("127.0.0.1", kind=socket.SOCK_DGRAM) as server:
        port = port_of(server)
        assert taken("127.0.0.1", port) is None
        holder = taken("127.0.0.1", port, "udp")
        assert holder and holder.pid == os.getpid()
        assert taken("0.0.0.0", port, "udp")


def test_the_holder_is_the_process_that_has_it() -> None:
    bind = "import socket\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen()"
    code = f"{bind}\nprint(s.getsockname()[1],flush=True);input()"
    argv = [sys.executable, "-S", "-c", code]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            holder = taken("127.0.0.1", int(process.stdout.readline()))
            assert holder and holder.pid == process.pid and str(holder).startswith(f"PID {process.pid} python")
        finally:
            process.kill()


def test_who_cannot_be_seen_is_said_to_be_another_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.net_connections", lambda kind: [])
    with listen("127.0.0.1") as server:
        port = port_of(server)
        holder = taken("127.0.0.1", port)
        assert holder == Holder() and holder.sentence(port) == f"port {port} is taken by a process of another user"


def test_what_no_server_can_bind_is_said() -> None:
    holder = taken("192.0.2.1", 8080)
    assert holder and holder.sentence(8080) == "port 8080 cannot be opened: 192.0.2.1: Cannot assign requested address"
    holder = taken("no.such.host.invalid", 8080)
    assert holder and "no.such.host.invalid: " in holder.problem


def test_ports_imports_no_psutil_before_it_is_needed() -> None:
    code = f"import sys; from {ports.__name__} import taken; taken('127.0.0.1', 0); assert 'psutil' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
