"""A stack as rows for people: its services with their ports, addresses and limits, before anything runs."""

from __future__ import annotations

from urllib.parse import urlsplit

from hubtui.models import LimitsView, PortView, ServiceState
from hubtui.models import Service as ServiceView
from hubtui.stacks.spec.model import Port, Service, Stack

# IANA names of ports that do not speak HTTP though services publish them: ssh, smtp, dns, ldap, amqp, databases, caches
NOT_HTTP = frozenset({22, 25, 53, 389, 465, 587, 636, 1433, 1521, 1883, 3306, 4222, 5432, 5672, 6379, 6650, 9042, 9092})
NOT_HTTP |= {11211, 27017, 26257}


def services(stack: Stack, address: str) -> list[ServiceView]:
    """Every service of the stack, stopped; `address` stands where a port names none."""
    return [
        ServiceView(
            name=service.name,
            state=ServiceState.STOPPED,
            ports=tuple(port(service, p, address) for p in service.ports),
            limits=LimitsView(service.limits.cpus, service.limits.memory),
        )
        for service in stack.services.values()
    ]


def port(service: Service, wanted: Port, address: str) -> PortView:
    """A port as it will be reachable on this host."""
    host = wanted.address or address
    return PortView(wanted.host_port, wanted.target, wanted.protocol, host, url(service, wanted, host))


def url(service: Service, wanted: Port, host: str) -> str | None:
    """Where a browser finds the port; None where it does not speak HTTP, as far as can be told."""
    if wanted.protocol != "tcp":
        return None
    scheme = "http"
    if service.health is not None and service.health.url:
        probe = urlsplit(service.health.url)
        if probe.port in (wanted.host_port, wanted.target):
            if probe.scheme == "tcp":
                return None
            scheme = probe.scheme
    elif wanted.target in NOT_HTTP:
        return None
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{scheme}://{shown}:{wanted.host_port}/"
