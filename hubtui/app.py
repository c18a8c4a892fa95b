"""The wiring: screens, workers, and the messages that go between them. Nothing here knows how anything is done."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.signal import Signal
from textual.worker import Worker, WorkerState

from hubtui import messages
from hubtui.commands import COMMANDS, by_id
from hubtui.errors import StoreError, UsageError
from hubtui.models import JobState, Project, ProjectView
from hubtui.paths import Home
from hubtui.safetext import safe_text
from hubtui.screens.dashboard import DashboardScreen
from hubtui.screens.desk import Desk
from hubtui.screens.keys_in_order import KeysInOrder
from hubtui.screens.settings import ui_settings
from hubtui.screens.stylesheet import stylesheet
from hubtui.store import connect, projects
from hubtui.workers import hangup
from hubtui.workers.feed import Feed
from hubtui.workers.hub import Hub
from hubtui.workers.orchestrate import Orchestrator
from hubtui.workers.tail import Tail
from hubtui.workers.watch import Watch

THREADS = 32  # three that stay, and room for whatever is asked at once


class HubtuiApp(KeysInOrder):
    """The dashboard of one state folder. It holds no stack: leaving it, or killing it, stops nothing."""

    CSS_PATH = stylesheet()
    TITLE = "hubtui"
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(by_id("quit").key, "quit", by_id("quit").label, id="quit", show=False),
    ]

    def __init__(self, home: Home | None = None) -> None:
        super().__init__()
        self.home = home or Home.default()
        self.hub = Hub(self.home)
        feed = Feed(self.home, self.post_message)
        self.desk = Desk(
            home=self.home,
            host=socket.gethostname(),
            feed=feed,
            tail=Tail(self.home, self.post_message),
            orchestrator=Orchestrator(self.hub, self),
            changed=Signal(self, "changed"),
            outcome=Signal(self, "outcome"),
            log=Signal(self, "log"),
        )
        self._rings = False
        self._watch = Watch(self.hub, lambda: feed.active)

    # Start and end

    def on_load(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="hubtui"))
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                loop.add_signal_handler(number, self.exit)
            except (RuntimeError, ValueError, NotImplementedError):
                pass  # not in the main thread: a test

    def get_default_screen(self) -> Screen[None]:
        """The dashboard, with what the store says at this moment: the first thing painted is true."""
        try:
            con = connect.open_reader(self.home)
            try:
                listing, first = _first_look(con)
            finally:
                con.close()
            self.desk.listing = listing
            self.desk.views = {view.project.name: view for view in first}
        except (StoreError, sqlite3.Error, OSError) as error:
            known = connect.explain(error, self.home) if isinstance(error, sqlite3.Error) else error
            self.desk.trouble = messages.StoreTrouble(str(known), getattr(known, "hint", ""))
        return DashboardScreen(self.desk)

    def on_mount(self) -> None:
        self._dress()

    def _dress(self) -> None:
        """Put on the theme that is set; one that is unknown is said and left."""
        try:
            found = ui_settings()
        except UsageError as error:
            self.notify(safe_text(f"{error.message} {error.hint}"), severity="warning", markup=False)
            return
        if found is None:
            return
        self._rings = found.bell
        if found.theme in self.available_themes:
            self.theme = found.theme
        else:
            self.notify(safe_text(f"There is no theme {found.theme!r} (ui.theme)."), severity="warning", markup=False)

    def on_ready(self) -> None:
        self.start_thread(self.desk.feed.run, name="feed", group="feed")
        self.start_thread(self.desk.tail.run, name="tail", group="tail")
        self.start_thread(self._watch.run, name="watch", group="watch")

    def start_thread(self, work: Callable[[], None], *, name: str, group: str) -> None:
        """Run `work` in a thread of this app; it tells by messages how it went."""
        self.run_worker(work, name=name, group=group, description=name, thread=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A thread that dies would leave the screen standing still without a word."""
        if event.state is WorkerState.ERROR:
            told = f"{event.worker.name} stopped: {type(event.worker.error).__name__}: {event.worker.error}"
            self.notify(safe_text(told), severity="error", markup=False, timeout=30)

    def on_unmount(self) -> None:
        self._watch.stop()
        self.desk.tail.stop()
        self.desk.feed.stop()

    # What the workers tell

    def on_projects_listed(self, message: messages.ProjectsListed) -> None:
        self.desk.views = {view.project.name: view for view in message.views}
        self.desk.told = True
        self.desk.changed.publish(None)

    def on_project_changed(self, message: messages.ProjectChanged) -> None:
        self.desk.views[message.view.project.name] = message.view
        self.desk.changed.publish(message.view.project.name)

    def on_project_forgotten(self, message: messages.ProjectForgotten) -> None:
        self.desk.views.pop(message.project, None)
        self.desk.changed.publish(None)

    def on_store_trouble(self, message: messages.StoreTrouble) -> None:
        self.desk.trouble = message
        self.desk.changed.publish(None)

    def on_store_restored(self, message: messages.StoreRestored) -> None:
        self.desk.trouble = None
        self.desk.changed.publish(None)

    def on_log_arrived(self, message: messages.LogArrived) -> None:
        self.desk.log.publish(message)

    def on_job_finished(self, message: messages.JobFinished) -> None:
        """What is not on the screen is said in a corner of it."""
        job = message.job
        if self._rings:
            self.bell()
        if job.project == self._selected_project():
            return
        failed = job.state is JobState.FAILURE
        sentence = f"{job.project}: {job.type} #{job.id} {job.state}" + (f": {job.message}" if failed else "")
        self.notify(safe_text(sentence), severity="error" if failed else "information", markup=False)

    def on_job_noted(self, message: messages.JobNoted) -> None:
        """A job that takes long, or seems stuck, is said wherever one is; on its own panel its line says it."""
        job = message.job
        if job.project != self._selected_project():
            told = f"{job.project}: {job.type} #{job.id} is {message.message}"
            self.notify(safe_text(told), severity="warning", markup=False, timeout=10)

    def on_operation_done(self, message: messages.OperationDone) -> None:
        self.desk.outcome.publish(message)
        if message.operation == "add":
            self._dashboard.choose(message.message)
        elif message.message:
            self.notify(safe_text(message.message), markup=False)

    def on_operation_refused(self, message: messages.OperationRefused) -> None:
        self.desk.outcome.publish(message)
        if message.operation != "add":  # the form is still open and says it itself
            sentence = f"{safe_text(message.message)}\n{safe_text(message.hint)}".strip()
            self.notify(sentence, severity="error", markup=False, timeout=10)

    @property
    def _dashboard(self) -> DashboardScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, DashboardScreen)
        return screen

    def _selected_project(self) -> str | None:
        return self._dashboard.selected

    def _set_pointer_shape(self, shape: str) -> None:
        """Leave the mouse pointer as it is: Textual would send OSC 22, which ends in a BEL that old terminals ring."""

    # Keys

    def action_help_quit(self) -> None:
        """Ctrl-C: in a program full of other people's work it should not be what leaves by accident."""
        self.notify("Press q to leave; jobs and stacks go on.", markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the table of commands on the dashboard, and how to leave everywhere."""
        on_dashboard = isinstance(screen, DashboardScreen)
        for command in COMMANDS:
            if command.id == "quit" or on_dashboard:
                namespace = "app" if command.id == "quit" else "screen"
                yield SystemCommand(command.label, command.help, self._runs(f"{namespace}.{command.id}"))
        yield SystemCommand("theme", "Other colours, until you leave.", self.action_change_theme)

    def _runs(self, action: str) -> Callable[[], None]:
        def run() -> None:
            self.call_later(self.run_action, action)

        return run


def _first_look(con: sqlite3.Connection) -> tuple[list[Project], list[ProjectView]]:
    """All projects as a list shows them, and the first one whole."""
    con.execute("BEGIN")
    listing = projects.listing(con)
    first = [projects.view(con, listing[0].name)] if listing else []
    con.execute("COMMIT")
    return listing, first


def run_app(home: Home | None = None) -> int:
    """Show the dashboard until the user leaves; returns the exit code."""
    app = HubtuiApp(home)
    hangup.signal_when_gone()
    try:
        app.run()
    finally:
        app.hub.close()
    return app.return_code or 0
