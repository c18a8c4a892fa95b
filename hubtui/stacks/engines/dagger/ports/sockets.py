"""Sockets as published ports need them: listening on a name, let go with a reset, looked at without being read."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import struct
from ipaddress import IPv4Address

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks.ports import Holder, taken

BACKLOG = 1024

_LOCAL = "127.0.0.1"
_SOURCES = int(IPv4Address("127.1.0.0")), int(IPv4Address("127.254.0.0"))
_NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_CONNECT = 2.0  # seconds; a listener on this host that accepts takes microseconds
_RESET = struct.pack("ii", 1, 0)
# Seconds of silence, seconds between keep-alive probes, and how many of them, until a client is taken for vanished.
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 20), (socket.TCP_KEEPCNT, 4))


async def listen(address: str, port: int) -> list[socket.socket]:
    """Listeners on every address that `address` (an IP address or a name) stands for; with port 0 all on one that is
    free. Raises EngineError saying who holds the port."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _refusal(Holder(problem=f"{address}: {getattr(error, 'strerror', None) or error}"), port) from error
    listeners: list[socket.socket] = []
    missing: OSError | None = None
    for family, where in dict.fromkeys((family, where) for family, _, _, _, where in found):
        number = listeners[0].getsockname()[1] if listeners else port
        try:
            listeners.append(_listener(family, (where[0], number, *where[2:])))
        except OSError as error:
            if error.errno in _NO_SUCH_ADDRESS:  # "localhost" has an IPv6 address where there is no IPv6
                missing = error
                continue
            for listener in listeners:
                listener.close()
            holder = await asyncio.to_thread(taken, str(where[0]), number)
            raise _refusal(holder or Holder(problem=_words(address, error)), number) from error
    if not listeners:
        raise _refusal(Holder(problem=_words(address, missing or OSError("no address"))), port) from missing
    return listeners


def _listener(family: int, where: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" stands for IPv4 too
        listener.bind(where)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _words(address: str, error: OSError) -> str:
    return f"{address}: {os.strerror(error.errno) if error.errno else error}"


def _refusal(holder: Holder, port: int) -> EngineError:
    hint = "End what holds it, or publish another port, and press s again."
    return EngineError(safe_text(holder.sentence(port), 200), hint, kind="port_taken")


def prepare_client(client: socket.socket) -> None:
    """Set what a client's connection needs; one that is gone already is found out later."""
    client.setblocking(False)
    with contextlib.suppress(OSError):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE:
            client.setsockopt(socket.IPPROTO_TCP, option, value)


async def connect(port: int, use: int) -> socket.socket:
    """The `use`th connection to a tunnel on this port of this host. Raises OSError.

    The engine knows a connection by the client's address and port, never forgets one, and stops carrying the whole
    tunnel's data when one comes back. So each has a source address of its own: all of 127/8 is this host.
    """
    first, end = _SOURCES
    source = IPv4Address(first + use % (end - first))
    upstream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        upstream.setblocking(False)
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        upstream.bind((str(source), 0))
        async with asyncio.timeout(_CONNECT):
            await asyncio.get_running_loop().sock_connect(upstream, (_LOCAL, port))
    except BaseException:
        upstream.close()
        raise
    return upstream


def reset(connection: socket.socket) -> None:
    """Close it so that the other side gets an error instead of an end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()


def say_all(connection: socket.socket) -> None:
    """Tell the other side that nothing more will be sent; what it says is still read."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def at_end(connection: socket.socket) -> bool:
    """Whether the other side has closed and nothing is left to read. Reads nothing."""
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


async def closes_within(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side closes within so many seconds without having said anything. Reads nothing."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, lambda: None if heard.done() else heard.set_result(None))
    try:
        await asyncio.wait([heard], timeout=seconds)
    finally:
        loop.remove_reader(connection)
    return heard.done() and at_end(connection)
