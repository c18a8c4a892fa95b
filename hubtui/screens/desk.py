"""What every screen may use, handed to it by the app: the workers, what they told last, and who wants to hear more."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.signal import Signal

from hubtui.messages import LogArrived, OperationDone, OperationRefused, StoreTrouble
from hubtui.models import Project, ProjectView
from hubtui.paths import Home
from hubtui.workers.feed import Feed
from hubtui.workers.orchestrate import Orchestrator
from hubtui.workers.tail import Tail


@dataclass(slots=True)
class Desk:
    """The app's side of things. `projects` are in the order of their names; `views` are what the feed told last."""

    home: Home
    host: str
    feed: Feed
    tail: Tail
    orchestrator: Orchestrator
    changed: Signal[str | None]  # a project's name; None: any of them, or all
    outcome: Signal[OperationDone | OperationRefused]
    log: Signal[LogArrived]
    views: dict[str, ProjectView] = field(default_factory=dict)
    listing: list[Project] = field(default_factory=list)  # what was read before the feed began
    trouble: StoreTrouble | None = None
    told: bool = False  # whether the feed has told all projects once

    @property
    def projects(self) -> list[Project]:
        """All projects as they are now."""
        if not self.told:
            return self.listing
        return sorted((view.project for view in self.views.values()), key=lambda p: p.name.lower())

    def view(self, project: str | None) -> ProjectView | None:
        """What is known of a project."""
        return self.views.get(project) if project is not None else None
