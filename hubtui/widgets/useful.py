"""Which commands make sense for a project, and for the service under the cursor, as they are now."""

from __future__ import annotations

from hubtui.models import JobState, Project, Service
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.widgets.services import address_of
from hubtui.widgets.trouble import trouble_of
from hubtui.widgets.words import is_stuck


def of_project(project: Project) -> frozenset[str]:
    """The ids of commands."""
    run, job = project.run, project.job
    up = run is not None and run.active
    open_job = job is not None and not job.finished
    useful = {"logs", "history"}
    useful |= {"cancel", "stop"} if open_job else set()
    useful |= {"stop", "restart"} if up else set()
    useful |= {"adopt", "stop"} if not up and not open_job and project.engine in OUTLIVES else set()
    again = job is not None and job.state in (JobState.FAILURE, JobState.REVOKED)
    useful |= {"retry"} if again else set()
    useful |= {"retry_now"} if job is not None and job.retry_at is not None and open_job else set()
    useful |= {"be_patient", "restart"} if is_stuck(job) else set()
    whole = up and trouble_of(project) is None and project.services_healthy >= project.services_total
    useful |= {"start"} if not open_job and not whole else set()
    return frozenset(useful)


def of_service(service: Service) -> frozenset[str]:
    """The ids of commands that are about one service."""
    useful = {"restart_service"}
    useful |= {"stop_service"} if not service.state.down else set()
    useful |= {"copy_url"} if address_of([service], service.name) is not None else set()
    return frozenset(useful)
