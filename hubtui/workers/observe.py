"""What the store cannot know: whether a runner lives and answers, and what its services take now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hubtui.models import PortView, Project, ProjectView, Run, Runner, Service
from hubtui.paths import Home
from hubtui.workers import heartbeat, lease


def runner_of(home: Home, run: Run) -> Runner:
    """The process behind an active run; of an ended one there is none."""
    if not run.active:
        return Runner()
    if not lease.held(home.lease(run.project)):
        return Runner(alive=False)
    beat = heartbeat.read(home.heartbeat(run.project))
    return Runner(beat.pid, True, beat.responsive) if beat else Runner(alive=True)


def usage_of(home: Home, project: str) -> Mapping[str, Mapping[str, Any]]:
    """{service: {cpu_percent, memory_bytes, latency_ms, ...}} of the last heartbeat, {} where it is old."""
    beat = heartbeat.read(home.heartbeat(project))
    return beat.usage if beat is not None and beat.responsive else {}


def project_with_runner(home: Home, project: Project) -> Project:
    """The project with its run's runner filled in."""
    if project.run is None:
        return project
    return replace(project, run=replace(project.run, runner=runner_of(home, project.run)))


def with_live(home: Home, view: ProjectView) -> ProjectView:
    """The view with runner and usage filled in; unchanged where its run has ended."""
    if view.project.run is None or not view.project.run.active:
        return view
    usage = usage_of(home, view.project.name)
    return replace(
        view,
        project=project_with_runner(home, view.project),
        services=tuple(_with_usage(s, usage.get(s.name, {})) for s in view.services),
    )


def _with_usage(service: Service, usage: Mapping[str, Any]) -> Service:
    if not usage or service.state != "running":
        return service
    return replace(
        service,
        cpu_percent=usage.get("cpu_percent"),
        memory_bytes=usage.get("memory_bytes"),
        latency_ms=usage.get("latency_ms"),
        bytes_received=usage.get("bytes_received"),
        bytes_sent=usage.get("bytes_sent"),
        ports=tuple(_with_traffic(p, usage.get("ports", {}).get(str(p.published), {})) for p in service.ports),
    )


def _with_traffic(port: PortView, use: Mapping[str, int]) -> PortView:
    if not use:
        return port
    return replace(port, connections=use["connections"], bytes_in=use["bytes_in"], bytes_out=use["bytes_out"])
