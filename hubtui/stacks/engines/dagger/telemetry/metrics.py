"""What services take, from the engine's gauges; it has them for cgroup v2 alone."""

from __future__ import annotations

from hubtui.stacks.engines.dagger.telemetry.otlp import Gauge

_CPU, _MEMORY = "metrics.cpustat.usage", "metrics.memory.current"  # microseconds since the start; bytes


class Meter:
    """The newest readings of each service, by trace id."""

    def __init__(self) -> None:
        self._cpu: dict[str, tuple[float, float]] = {}  # time, microseconds used
        self._percent: dict[str, float] = {}
        self._memory: dict[str, int] = {}

    def take(self, gauge: Gauge) -> None:
        """One reading."""
        if gauge.name == _MEMORY:
            self._memory[gauge.trace] = int(gauge.value)
        elif gauge.name == _CPU:
            before, used = self._cpu.get(gauge.trace, (0.0, 0.0))
            if before and gauge.time > before and gauge.value >= used:  # less than before: another process of it
                self._percent[gauge.trace] = (gauge.value - used) / 1e4 / (gauge.time - before)
            self._cpu[gauge.trace] = (gauge.time, gauge.value)

    def read(self, trace: str) -> tuple[float | None, int | None]:
        """Per cent of one core, and bytes; None where nothing is known."""
        return self._percent.get(trace), self._memory.get(trace)
