"""A Dagger stack in the dashboard: real runners on the stand-in engine, and how what they do reaches the panel."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest
from textual.message import Message
from textual.worker import NoActiveWorker, WorkerState, get_current_worker

from hubtui import messages
from hubtui.app import HubtuiApp
from hubtui.models import Job, ProjectView, Service, ServiceState, StepState
from hubtui.screens.dashboard import DashboardScreen
from hubtui.widgets.project_panel import ProjectPanel
from tests.doubles import dagger
from tests.doubles.host import Host
from tests.live.dagger import engines
from tests.live.dagger.conftest import Projects, get
from tests.live.dagger.engines import Place
from tests.pilot.conftest import Board, board

PATIENCE = 30.0  # seconds; on a busy machine a runner, its CLI and the SDK take some of them to begin


@dataclass(slots=True)
class Traffic:
    """Every message of the workers with the group of the worker that posted it ("": none did) and whether its thread
    was another one than the app's; and all that the panel was given."""

    posted: list[tuple[Message, str, bool]] = field(default_factory=list)
    views: list[ProjectView | None] = field(default_factory=list)
    logs: list[messages.LogArrived] = field(default_factory=list)

    def groups(self, *kinds: type[Message]) -> set[str]:
        """Whose these messages are."""
        return {group for message, group, _ in self.posted if isinstance(message, kinds)}


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> Traffic:
    found, main = Traffic(), threading.get_ident()
    post, show, take_log = HubtuiApp.post_message, ProjectPanel.show, ProjectPanel.take_log

    def posting(app: HubtuiApp, message: Message) -> bool:
        if type(message).__module__ == messages.__name__:
            group = ""
            with suppress(NoActiveWorker):
                group = get_current_worker().group
            found.posted.append((message, group, threading.get_ident() != main))
        return post(app, message)

    def showing(panel: ProjectPanel, view: ProjectView | None) -> None:
        found.views.append(view)
        show(panel, view)

    def taking(panel: ProjectPanel, news: messages.LogArrived) -> None:
        found.logs.append(news)
        take_log(panel, news)

    monkeypatch.setattr(HubtuiApp, "post_message", posting)
    monkeypatch.setattr(ProjectPanel, "show", showing)
    monkeypatch.setattr(ProjectPanel, "take_log", taking)
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The stand-in engine, and no other."""
    for name in (engines.CLI, engines.HOST):
        monkeypatch.delenv(name, raising=False)
    with dagger.installed(tmp_path / "double") as double:
        for name, value in double.environment.items():
            monkeypatch.setenv(name, value)
        yield Place("double", dict(double.environment), False)


@pytest.fixture
def host(place: Place, tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path / "state")
    yield found
    found.close()


@pytest.fixture
def projects(place: Place, tmp_path: Path) -> Projects:
    return Projects(place, tmp_path)


def shop(host: Host, projects: Projects, gate: Path) -> str:
    """A project of two: `web` is built once `gate` exists, and comes back when it crashes; `store` has a volume."""
    web = projects.server("web", restart="on-failure", depends_on={"store": {"condition": "service_healthy"}})
    services = {"web": {**web, "build": {"context": "."}}, "store": projects.server("store", volumes=["data:/data"])}
    folder = projects.write("shop", services, volumes={"data": {}})
    (folder / "Dockerfile").write_text(f"FROM {projects.place.image}\nRUN until [ -e {gate} ]; do sleep 0.02; done\n")
    return host.add(folder)


def panel_of(it: Board) -> ProjectPanel:
    assert isinstance(it.app.screen, DashboardScreen)
    return it.app.screen.panel


def service(it: Board, name: str) -> Service:
    """As the panel has it."""
    view = panel_of(it).view
    assert view is not None
    return next((s for s in view.services if s.name == name), Service(name, ServiceState.STOPPED))


def ask(port: int, path: str = "/") -> None:
    """What a client does; a crash gives no answer."""
    with suppress(OSError, HTTPException):
        get(port, path)


async def test_all_that_a_dagger_stack_does_reaches_the_panel_as_messages_of_the_workers(
    host: Host, projects: Projects, traffic: Traffic, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    shop(host, projects, gate)
    async with board(host.home, (140, 40)) as it:
        port = projects.ports["web"]
        told = len(traffic.views)
        await it.press("s")
        mid_build = ("✓ Dagger session", "◐ build web", "RUN until [ -e", "building")
        await it.until(lambda: all(word in it.text for word in mid_build), PATIENCE)
        assert ("build web", StepState.RUNNING) in steps_seen(traffic)
        gate.touch()
        await started(it)

        await asyncio.to_thread(ask, port, "/crash")
        await it.until(lambda: any(s.exit_code == 7 for s in seen(traffic, "web")), PATIENCE)
        await it.until(lambda: service(it, "web").restarts == 1 and service(it, "web").health == "healthy", PATIENCE)
        await asyncio.to_thread(ask, port, "/hello")
        await it.until(lambda: any("GET /hello" in line.line for news in traffic.logs for line in news.lines), PATIENCE)
        await it.until(lambda: service(it, "web").memory_bytes and service(it, "web").ports[0].bytes_out, PATIENCE)
        await it.shows("dagger v", "IN/OUT", "RESTARTS", "! store: ")

    over = {name for name, state in steps_seen(traffic) if state is StepState.DONE}
    assert {"ports", "Dagger session", "image store", "build web", "store", "web"} <= over
    assert {"building", "running", "restarting"} <= {s.state for s in seen(traffic, "web")}

    assert all(in_a_thread for _, _, in_a_thread in traffic.posted), "nothing is posted from the app's own thread"
    feeds = (messages.ProjectsListed, messages.ProjectChanged, messages.ProjectForgotten, messages.JobFinished)
    assert traffic.groups(*feeds) == {"feed"}
    assert traffic.groups(messages.OperationDone, messages.OperationRefused) == {"operation:shop"}
    assert traffic.groups(messages.LogArrived) == {"tail"}
    given = {id(view) for view in traffic.views[told:]}
    assert given <= {id(view) for view in posted_views(traffic)}, "the panel shows what was posted and nothing else"
    assert {id(news) for news in traffic.logs} <= {id(message) for message, _, _ in traffic.posted}


async def started(it: Board) -> None:
    """The start job has ended well."""
    await it.until(lambda: service(it, "web").health == "healthy", PATIENCE)
    await it.until(lambda: (job := job_of(it)) and job.state == "SUCCESS", PATIENCE)


def job_of(it: Board) -> Job | None:
    """As the panel has it."""
    view = panel_of(it).view
    return view.project.job if view else None


def steps_seen(traffic: Traffic) -> set[tuple[str, StepState]]:
    """Every step that the panel was ever told of, in every state that it had then."""
    return {(s.name, s.state) for view in traffic.views if view for s in view.steps}


def seen(traffic: Traffic, name: str) -> list[Service]:
    """What the panel was ever told of a service."""
    return [s for view in traffic.views if view for s in view.services if s.name == name]


def posted_views(traffic: Traffic) -> Iterator[ProjectView]:
    for message, _, _ in traffic.posted:
        if isinstance(message, messages.ProjectChanged):
            yield message.view
        elif isinstance(message, messages.ProjectsListed):
            yield from message.views


async def test_without_its_feed_a_panel_stands_still(
    host: Host, projects: Projects, traffic: Traffic, tmp_path: Path
) -> None:
    project = shop(host, projects, tmp_path)
    async with board(host.home, (140, 40)) as it:
        panel = panel_of(it)
        await it.press("s")
        await started(it)
        for thread in (it.app.desk.feed, it.app.desk.tail):
            thread.stop()
        feeds = [w for w in it.app.workers if w.group in ("feed", "tail")]
        await it.until(lambda: all(worker.state is WorkerState.SUCCESS for worker in feeds), PATIENCE)
        await it.pilot.pause()
        before, posts, lines = panel.view, len(traffic.posted), list(panel.log_tail.lines)

        await asyncio.to_thread(ask, projects.ports["web"], "/crash")
        await it.until(lambda: [s for s in host.view(project).services if s.restarts == 1], PATIENCE)
        await it.pilot.pause()
        assert panel.view is before
        assert list(panel.log_tail.lines) == lines
        assert "RESTARTS" not in it.text
        assert len(traffic.posted) == posts
