"""What all services of one compose engine have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hubtui.stacks.engines.base import EngineContext, Reporter
from hubtui.stacks.engines.compose.acts import Acts
from hubtui.stacks.engines.compose.watch import Watch
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.restart import Pace


@dataclass(slots=True)
class Shared:
    """What all services of one engine have in common."""

    context: EngineContext
    reporter: Reporter
    hurry: Hurry
    acts: Acts
    watch: Watch
    remade: Callable[[str], None]  # somebody else has started the containers of a service, or made them, anew
    pace: Pace = field(default_factory=Pace)
