"""The settings that a runner needs, as the engines want them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubtui.configfile import anything_set
from hubtui.stacks.engines.base import HealthDefaults, LogLimits
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.workers.runner.watch import Limits

if TYPE_CHECKING:
    from hubtui.stacks.spec.named_environments import NamedEnvironment

PLAIN = "development"


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """What a run begins with; a change of the settings file applies to the next run."""

    health: HealthDefaults
    logs: LogLimits
    address: str
    dagger: DaggerSettings
    limits: Limits


def load(environment: NamedEnvironment | None = None) -> RunnerSettings:
    """Read the settings, for this environment (None: development). Raises HubtuiError for a file that cannot be used.

    Where nothing is set the defaults are taken unread: importing what reads a file takes 0.17 s of a cold start.
    """
    name = environment.name if environment else PLAIN
    cpus, memory = (environment.cpus, environment.memory) if environment else (None, None)
    if not anything_set() and name == PLAIN and not cpus and not memory:
        return RunnerSettings(HealthDefaults(), LogLimits(), "127.0.0.1", DaggerSettings(), Limits())
    from hubtui import config

    found = config.load()
    health, logs, jobs = found.health, found.logs, found.jobs
    limits = found.environments.get(name) or found.environments[PLAIN]
    return RunnerSettings(
        HealthDefaults(health.interval, health.timeout, health.retries, health.start_period),
        LogLimits(logs.file_size, logs.files, logs.line_size),
        found.ports.address,
        DaggerSettings(found.dagger.cli, found.dagger.runner_host, cpus or limits.cpus, memory or limits.memory),
        Limits(
            jobs.soft_limit,
            jobs.hard_limit,
            jobs.still_building_after,
            jobs.stuck_after,
            jobs.max_attempts,
            jobs.retry_delay,
        ),
    )
