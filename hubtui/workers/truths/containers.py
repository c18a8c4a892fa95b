"""Of a project whose services are containers: what Docker runs of it, and what to ask for where no runner holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubtui.models import JobType, Project
from hubtui.safetext import safe_text
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.workers import operations
from hubtui.workers.hub import Hub
from hubtui.workers.truths.model import Truths


def running(found: Iterable[Project]) -> Mapping[str, tuple[str, ...]] | None:
    """The services that Docker runs, by the folder of their compose project; asked once, and only where one of these
    projects is Docker's. None where no daemon says, within a second."""
    if not any((p.run.engine if p.run is not None else p.engine) in OUTLIVES for p in found):
        return None
    from hubtui.stacks.engines.compose import probe

    return probe.running_by_folder()


def alone(found: Truths) -> bool:
    """Whether containers run while nobody holds the project: then a job is what takes them over, or ends them."""
    return found.engine in OUTLIVES and not found.kernel.held and bool(found.containers)


def take_over(hub: Hub, found: Truths) -> str:
    """Ask for it. Raises HubtuiError where no runner could be started."""
    job = operations.ask(hub, JobType.ADOPT, found.project).job
    return f"adopt #{job.id} takes over what runs of {safe_text(found.project)}: {_names(found)}."


def stop(hub: Hub, found: Truths, by: str) -> str:
    """Ask for it. Raises as `take_over`."""
    job = operations.ask(hub, JobType.STOP, found.project, by=by).job
    return f"stop #{job.id} ends what runs of {safe_text(found.project)}: {_names(found)}."


def _names(found: Truths) -> str:
    return ", ".join(safe_text(name, 60) for name in found.containers or ())
