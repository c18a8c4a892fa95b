"""Whether a port of this host can be had, and who has it.

The test is the bind a server itself would do, so TIME_WAIT does not count as taken, while a listener on 0.0.0.0 or ::
does for every address.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from hubtui.stacks import proctree

_RUNNER = "hubtui.workers.guard"  # in a runner's argv, before its state folder and its project


@dataclass(frozen=True, slots=True)
class Holder:
    """Why a port cannot be had: a process (`pid` None: another user's, not to be seen), or a `problem` in words.
    `project` is the one of hubtui's that the process belongs to."""

    pid: int | None = None
    name: str = ""
    problem: str = ""
    project: str = ""

    def __str__(self) -> str:
        if self.pid is None:
            return "a process of another user"
        process = f"PID {self.pid} {self.name}".rstrip()
        return f"the project {self.project} ({process})" if self.project else process

    def sentence(self, port: int) -> str:
        """One clause for a person: "port 5432 is taken by PID 812 postgres"."""
        return f"port {port} cannot be opened: {self.problem}" if self.problem else f"port {port} is taken by {self}"


def taken(address: str, port: int, protocol: str = "tcp") -> Holder | None:
    """Who keeps a server from binding this port (1..65535, "tcp" or "udp"), or None where it is free."""
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    try:
        family, _, _, _, where = socket.getaddrinfo(address, port, type=kind)[0]
    except socket.gaierror as error:
        return Holder(problem=f"{address}: {error.strerror}")
    try:
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:  # what servers set; on UDP it would let two share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:  # "::" stands for IPv4 too, as most servers mean it
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _holder(str(where[0]), port, protocol)
        return Holder(problem=f"{address}: {os.strerror(error.errno or 0)}")
    return None


def _holder(address: str, port: int, protocol: str) -> Holder:
    import psutil  # here: it is needed only when something is wrong

    try:
        sockets = psutil.net_connections(kind="udp" if protocol == "udp" else "tcp")
    except (psutil.Error, OSError):
        return Holder()
    found = [s for s in sockets if s.laddr and s.laddr.port == port and _meet(s.laddr.ip, address)]
    # a listener first; a connection that happens to use this number as its own port comes last
    found.sort(key=lambda s: (s.status not in (psutil.CONN_LISTEN, psutil.CONN_NONE), s.pid is None))
    if not found or found[0].pid is None:
        return Holder()
    pid = found[0].pid
    try:
        process = psutil.Process(pid)
        return Holder(pid, process.name(), project=_project(pid, process.cmdline()))
    except psutil.Error:
        return Holder(pid)


def _project(pid: int, argv: Sequence[str]) -> str:
    """The project whose service or runner this is, "" for none."""
    if mark := proctree.environment(pid).get(proctree.MARKER):
        return mark.split(":")[-2] if mark.count(":") > 1 else ""
    if _RUNNER in argv[:-2]:
        return argv[argv.index(_RUNNER) + 2]
    return ""


def _meet(one: str, other: str) -> bool:
    """Whether sockets on these two addresses are in each other's way."""
    a, b = _plain(one), _plain(other)
    return a == b or ip_address(a).is_unspecified or ip_address(b).is_unspecified


def _plain(address: str) -> str:
    """Without a zone; an IPv4 address mapped into IPv6 as itself."""
    ip = ip_address(address.partition("%")[0])
    return str(getattr(ip, "ipv4_mapped", None) or ip)
