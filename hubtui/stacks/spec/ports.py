"""`ports`, Compose's short and long forms, and `expose`.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import text
from hubtui.stacks.spec.model import Port

MAX_PORTS = 20_000  # of one service; media servers do publish ten thousand
_PROTOCOLS = ("tcp", "udp", "sctp")
_SHORT = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]*):(?=[0-9-]*:))?(?:(?P<host>[0-9]*(?:-[0-9]+)?):)?"
    r"(?P<target>[0-9]+(?:-[0-9]+)?)(?:/(?P<protocol>[a-zA-Z]*))?"
)


def read_ports(place: Place) -> tuple[Port, ...]:
    """All ports of a service, ranges spelled out; the same one twice is one."""
    found: dict[Port, None] = {}
    for item in place.items():
        ports = _long(item) if isinstance(item.value, dict) else item.to(short)
        found.update(dict.fromkeys(ports))
        if len(found) > MAX_PORTS:
            raise place.error(f"has more than {MAX_PORTS} ports")
    return tuple(found)


def read_expose(place: Place) -> tuple[int, ...]:
    """The ports of `expose`, ranges spelled out; which protocol they speak is only checked."""
    found: dict[int, None] = {}
    for item in place.items():
        found.update(dict.fromkeys(item.to(_exposed)))
        if len(found) > MAX_PORTS:
            raise place.error(f"has more than {MAX_PORTS} ports")
    return tuple(found)


def _exposed(value: Any) -> list[int]:
    written, slash, protocol = text(value).strip().partition("/")
    if slash:
        _protocol(protocol)
    return [port.target for port in _pairs("", written, "tcp", "")]


def short(value: Any) -> list[Port]:
    """`[[address:]published:]target[/protocol]`, each possibly a range; ValueError says what is wrong."""
    address, host, targets, protocol = parts(text(value))
    return list(_pairs(host, f"{targets[0]}-{targets[-1]}", protocol, address))


def parts(written: str) -> tuple[str, str, list[int], str]:
    """Address, published port or range, targets and protocol of the short form; ValueError says what is wrong."""
    match = _SHORT.fullmatch(written)
    if match is None:
        raise ValueError(f"must be a port such as 8080:80 or 127.0.0.1:8080:80/udp, not {written[:60]!r}")
    host = match["host"] or ""
    if host:
        _range(host)
    address = _address((match["ip"] or "").strip("[]"))
    return address, host, _range(match["target"]), _protocol(match["protocol"] or "tcp")


def _long(place: Place) -> list[Port]:
    """`{target, published, protocol, host_ip}`; `mode`, `name` and `app_protocol` mean nothing here."""
    kind = place.field("protocol", lambda v: _protocol(text(v)), "tcp")
    host_ip = place.field("host_ip", lambda v: _address(text(v)), "")
    single, host = place.need("target").to(_single), place.string("published")
    return place.to(lambda _: list(_pairs(host, str(single), kind, host_ip)))


def _pairs(host: str, target: str, protocol: str, address: str) -> Iterator[Port]:
    """One port for each target; a host range for a single target means its first, as nobody else is asked here."""
    targets = _range(target)
    hosts = _range(host) if host else []
    if hosts and len(targets) > 1 and len(hosts) != len(targets):
        raise ValueError(f"has ranges of different length: {host} and {target}")
    for n, port in enumerate(targets):
        if port == 0:
            raise ValueError("has the target 0; a service listens on 1 to 65535")
        yield Port(port, (hosts[n] or None) if hosts else None, protocol, address)


def _range(written: str) -> list[int]:
    """`3000` or `3000-3002`."""
    first, _, last = written.partition("-")
    if not re.fullmatch(r"[0-9]{1,5}(?:-[0-9]{1,5})?", written):
        raise ValueError(f"has {written!r}, which is no port and no range")
    start, end = int(first), int(last or first)
    if start > 65535 or end > 65535:
        raise ValueError(f"has the port {max(start, end)}; the highest is 65535")
    if end < start:
        raise ValueError(f"has the range {written}, which runs backwards")
    if end - start >= MAX_PORTS:
        raise ValueError(f"has the range {written}; more than {MAX_PORTS} ports are too many")
    return list(range(start, end + 1))


def _single(value: Any) -> int:
    ports = _range(text(value))
    if len(ports) != 1:
        raise ValueError("must be a single port")
    return ports[0]


def _protocol(written: str) -> str:
    if written.lower() not in _PROTOCOLS:
        raise ValueError(f"has the protocol {written!r}; known are {', '.join(_PROTOCOLS)}")
    return written.lower()


def _address(written: str) -> str:
    if written:
        try:
            ipaddress.ip_address(written)
        except ValueError:
            raise ValueError(f"has {written!r}, which is no IP address") from None
    return written
