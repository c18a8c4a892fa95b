"""Health checks: one probe (http, https, tcp or a command), and probing on and on.

A probe never raises for what it looks at: whatever is wrong becomes one sentence. It never follows a redirect or a
proxy, never reads more than 64 KiB, and never talks to a cloud's metadata address, whatever a name resolves to.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from hubtui.models import Health
from hubtui.stacks import proctree
from hubtui.stacks.causes import endings
from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.spec.model import HealthCheck
from hubtui.stacks.verdict import Verdict

if TYPE_CHECKING:
    import httpx

_CAP = 64 * 1024
_FORBIDDEN = (ip_network("169.254.0.0/16"), ip_network("fd00:ec2::254/128"))
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Probe:
    """What one look at a service found; `message` is one sentence, not yet safe text."""

    ok: bool
    latency_ms: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command probe runs: the service's folder and its whole environment."""

    folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=dict)


async def probe(check: HealthCheck, timeout: float, place: Place | None = None) -> Probe:  # noqa: ASYNC109
    """Look once, `timeout` seconds at most."""
    if check.url.startswith("http"):
        await prepare()  # its time is not the service's
    began = time.perf_counter()
    try:
        async with asyncio.timeout(timeout):
            if check.command:
                problem = await _command(check.command, place or Place())
            else:
                problem = await _url(check.url)
    except TimeoutError:
        return Probe(False, None, f"no answer from {shown(check)} within {timeout:g} s")
    except OSError as error:
        return Probe(False, None, f"{_reason(error)}: {shown(check)}")
    except Exception as error:  # a URL that no library can use, and whatever else an answer may bring up
        return Probe(False, None, f"{type(error).__name__}: {error}")
    return Probe(not problem, (time.perf_counter() - began) * 1000, problem or f"{shown(check)} answers")


def shown(check: HealthCheck) -> str:
    """The target for people: a URL without its user and password, or the command's name."""
    if check.command:
        return os.path.basename(check.command[0])
    try:
        parts = urlsplit(check.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    except ValueError:
        return "its health URL"


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "name not known"
    return os.strerror(error.errno).lower() if error.errno else str(error) or type(error).__name__


async def _url(url: str) -> str:
    """ "" when healthy, else what is wrong. Raises OSError, TimeoutError."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        return f"not a URL: {error}"
    if parts.scheme not in ("http", "https", "tcp"):
        return f"a health check cannot use {parts.scheme or 'no scheme'}: http, https and tcp can"
    if not parts.hostname or not port:
        return "a health check needs a host and a port"
    addresses = await _resolve(parts.hostname, port)
    for address in addresses:
        if forbidden(address):
            return f"refused: {address} is a link-local metadata address"
    last: OSError | None = None
    for address in addresses:  # "localhost" is ::1 and 127.0.0.1, and a server often has only one of them
        try:
            if parts.scheme == "tcp":
                _, writer = await asyncio.open_connection(address, port)
                writer.close()
                return ""
            return await _http(parts, address, port)
        except OSError as error:
            last = error
    raise last or OSError("no address")


def forbidden(address: str) -> bool:
    """Whether a health check must not go there: addresses where clouds hand out credentials."""
    ip = ip_address(address.partition("%")[0])
    ip = (isinstance(ip, IPv6Address) and ip.ipv4_mapped) or ip
    return any(ip in network for network in _FORBIDDEN if network.version == ip.version)


async def _resolve(host: str, port: int) -> list[str]:
    with contextlib.suppress(ValueError):
        return [str(ip_address(host))]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def _tools() -> tuple[Any, Any, Any]:
    """httpx and two TLS contexts (verifying, loopback): some 110 ms the first time, so call it in a thread."""
    import ssl

    import httpx

    local = ssl.create_default_context()  # a development certificate on this very host is nobody's to check
    local.check_hostname, local.verify_mode = False, ssl.CERT_NONE
    return httpx, ssl.create_default_context(), local


async def prepare() -> None:
    """Import what HTTP probes need, off the loop; call it early and the first probe does not wait for it."""
    if not _tools.cache_info().currsize:
        await asyncio.to_thread(_tools)


async def _http(parts: SplitResult, address: str, port: int) -> str:
    """GET from the address that was checked, under the name that was asked for."""
    httpx, verifying, local = _tools()
    literal = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{literal}:{port}", fragment="").geturl()
    tls = local if ip_address(address.partition("%")[0]).is_loopback else verifying
    host = (parts.hostname or "") if parts.port is None else f"{parts.hostname}:{parts.port}"
    async with httpx.AsyncClient(verify=tls, trust_env=False, follow_redirects=False, timeout=None) as client:
        try:
            extensions = {"sni_hostname": parts.hostname}
            auth = (parts.username, parts.password or "") if parts.username else None
            headers = {"Host": host, "User-Agent": "hubtui"}
            request = client.build_request("GET", target, headers=headers, extensions=extensions)
            response = await client.send(request, stream=True, auth=auth)
            return await _judge(response, parts)
        except httpx.HTTPError as error:
            cause: BaseException | None = error
            while cause:  # "All connection attempts failed" says less than the refusal it was made from
                if isinstance(cause, OSError) and cause.errno:
                    raise OSError(cause.errno, "") from error
                cause = cause.__cause__ or cause.__context__
            return f"{str(error) or type(error).__name__} from {shown(HealthCheck(url=parts.geturl()))}"


async def _judge(response: httpx.Response, parts: SplitResult) -> str:
    seen = 0
    try:
        async for chunk in response.aiter_raw():  # raw: nothing is unpacked, however small it claims to be
            seen += len(chunk)
            if seen >= _CAP:
                break
    finally:
        await response.aclose()
    if 200 <= response.status_code < 400:
        return ""
    return f"HTTP {response.status_code} from {shown(HealthCheck(url=parts.geturl()))}"


async def _command(argv: tuple[str, ...], place: Place) -> str:
    """Run it; its whole group is killed when time is up."""
    tail = bytearray()
    process = subprocess.Popen(  # noqa: ASYNC220  a millisecond; asyncio's own wait for the pipes of grandchildren
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=place.folder,
        env=dict(place.environment) if place.environment else None,
        start_new_session=True,
        umask=proctree.umask(),
        bufsize=0,
    )
    ended = proctree.watch(process)
    pipe = process.stdout
    assert pipe is not None
    fd, loop = pipe.fileno(), asyncio.get_running_loop()
    os.set_blocking(fd, False)

    def read() -> None:  # drained so that it never blocks on what it prints; the end of it is kept for the message
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(fd, 65536)
            tail.extend(chunk)
            del tail[:-1024]
            if not chunk:
                loop.remove_reader(fd)

    loop.add_reader(fd, read)
    try:
        await asyncio.wait([ended])
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        read()
        loop.remove_reader(fd)
        pipe.close()
        await asyncio.wait([ended], timeout=1)
    code = ended.result()
    if code == 0:
        return ""
    words = tail.decode(errors="replace").strip().rpartition("\n")[2].strip()
    how = f"exited with code {code}" if code > 0 else endings.ended(code)
    return f"{os.path.basename(argv[0])} {how}" + (f": {words}" if words else "")


async def watch(
    check: HealthCheck,
    defaults: HealthDefaults,
    tell: Callable[[Health, Probe], None],
    place: Place | None = None,
    look: Callable[[float], Awaitable[Probe]] | None = None,
    *,
    paced: bool = True,
) -> None:
    """Probe until cancelled and `tell` the verdict after every probe. `look` probes in another way, given its
    time-out in seconds; `Verdict` says when (unless not `paced`: `look` itself takes its time), and what follows."""
    verdict = Verdict(check, defaults, time.monotonic())
    while True:
        found = await (look(verdict.timeout) if look else probe(check, verdict.timeout, place))
        tell(verdict.take(found.ok, time.monotonic()), found)
        if paced:
            await asyncio.sleep(verdict.pause())
