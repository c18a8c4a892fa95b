"""What all services of one Dagger engine have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubtui.stacks.engines.base import EngineContext, Reporter
from hubtui.stacks.engines.dagger.volumes import VolumeMemory
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.restart import Pace

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.service import DaggerService


@dataclass(slots=True)
class Shared:
    """What all services of one engine have in common; `services` are they. `hangs` is told of a service that neither
    starts nor ends, and returns when it has: its start has returned, or its session is closed."""

    context: EngineContext
    reporter: Reporter
    pace: Pace
    hurry: Hurry
    token: str
    memory: VolumeMemory
    hangs: Callable[[DaggerService], Awaitable[None]]
    services: dict[str, DaggerService] = field(default_factory=dict)
