"""Live figures that stand still while nothing happens: a figure is replaced only when it differs noticeably.

Load and memory tremble all the time; every tremble shown would cost bytes on an SSH line and tell nobody anything.
"""

from __future__ import annotations

from dataclasses import replace

from hubtui.models import PortView, ProjectView, Service
from hubtui.paths import Home
from hubtui.workers import observe


def steady_view(home: Home, before: ProjectView | None, now: ProjectView) -> ProjectView:
    """`now` with its runner and its services' figures as they are, or as they were where the difference is small."""
    live = observe.with_live(home, now)
    if before is None or live.project.run is None or not live.project.run.active:
        return live
    known = {service.name: service for service in before.services}
    return replace(live, services=tuple(steady(known.get(s.name), s) for s in live.services))


def steady(before: Service | None, now: Service) -> Service:
    """A service whose figures move only when it matters: 2 % of load, 5 % of memory or of what went over its ports or
    its network, a quarter of the latency."""
    if before is None or before.state is not now.state:
        return now
    ports = {port.published: port for port in before.ports}
    return replace(
        now,
        cpu_percent=_keep(before.cpu_percent, now.cpu_percent, least=2.0, share=0.2),
        memory_bytes=_keep_int(before.memory_bytes, now.memory_bytes, 1 << 20),
        bytes_received=_keep_int(before.bytes_received, now.bytes_received, 1 << 10),
        bytes_sent=_keep_int(before.bytes_sent, now.bytes_sent, 1 << 10),
        latency_ms=_keep(before.latency_ms, now.latency_ms, least=2.0, share=0.25),
        ports=tuple(_steady_port(ports.get(port.published), port) for port in now.ports),
    )


def _steady_port(before: PortView | None, now: PortView) -> PortView:
    if before is None:
        return now
    return replace(
        now,
        bytes_in=_keep_int(before.bytes_in, now.bytes_in, 0),
        bytes_out=_keep_int(before.bytes_out, now.bytes_out, 0),
    )


def _keep(old: float | None, new: float | None, *, least: float, share: float) -> float | None:
    if old is None or new is None or abs(new - old) > max(least, share * abs(old)):
        return new
    return old


def _keep_int(old: int | None, new: int | None, least: int) -> int | None:
    if old is None or new is None or abs(new - old) > max(least, old // 20):
        return new
    return old
