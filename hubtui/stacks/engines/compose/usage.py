"""What containers take, from two readings of their counters. Pure but for the clock that is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters of one container: nanoseconds of CPU, bytes."""

    cpu: int | None
    memory: int | None
    received: int | None
    sent: int | None
    at: float  # monotonic seconds


def read(found: Mapping[str, Any], at: float) -> Reading:
    """From the answer of /containers/ID/stats. Memory is as `docker stats` shows it: without the page cache that can be
    given up, `inactive_file` (cgroup v2) or `total_inactive_file` (v1); cli/command/container/stats_helpers.go."""
    cpu = (found.get("cpu_stats") or {}).get("cpu_usage", {}).get("total_usage")
    memory, stats = found.get("memory_stats") or {}, (found.get("memory_stats") or {}).get("stats") or {}
    usage = memory.get("usage")
    if usage is not None:
        cache = int(stats.get("total_inactive_file", stats.get("inactive_file", 0)))
        usage = max(int(usage) - cache, 0) if cache < int(usage) else int(usage)
    networks = (found.get("networks") or {}).values()
    received = sum(int(n.get("rx_bytes") or 0) for n in networks) if networks else None
    sent = sum(int(n.get("tx_bytes") or 0) for n in networks) if networks else None
    return Reading(int(cpu) if cpu else None, usage, received, sent, at)


def percent(before: Reading | None, now: Reading) -> float | None:
    """Per cent of one core between two readings; None where there is only one, or the container began anew."""
    if before is None or before.cpu is None or now.cpu is None or now.at <= before.at or now.cpu < before.cpu:
        return None
    return (now.cpu - before.cpu) / 1e9 / (now.at - before.at) * 100
