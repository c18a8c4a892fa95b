"""The settings that a runner needs, as the engines want them."""

from __future__ import annotations

from dataclasses import dataclass

from hubtui.stacks.engines.base import HealthDefaults, LogLimits


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """What a run begins with; a change of the settings file applies to the next run."""

    health: HealthDefaults
    logs: LogLimits
    address: str


def load() -> RunnerSettings:
    """Read the settings. Raises HubtuiError for a file that cannot be used."""
    from hubtui import config

    found = config.load()
    health, logs = found.health, found.logs
    return RunnerSettings(
        HealthDefaults(health.interval, health.timeout, health.retries, health.start_period),
        LogLimits(logs.file_size, logs.files, logs.line_size),
        found.ports.address,
    )
