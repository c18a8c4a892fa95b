"""The dashboard: all projects at the left, the one under the cursor at the right."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from hubtui.commands import COMMANDS
from hubtui.messages import LogArrived
from hubtui.models import Project, ProjectView, Service
from hubtui.screens.desk import Desk
from hubtui.screens.project_actions import ProjectActions
from hubtui.screens.starts import Starts
from hubtui.widgets import useful
from hubtui.widgets.key_bar import Hint, command_hints, service_hints
from hubtui.widgets.plain import EMPTY, Plain, Vanishing, lines, plain
from hubtui.widgets.presentation import header, no_match, welcome
from hubtui.widgets.project_list import ProjectList
from hubtui.widgets.project_panel import ProjectPanel
from hubtui.widgets.row_list import RowList

SETTLE = 0.05  # the panel follows the cursor when it has rested for so long
JOB_TICK, RUN_TICK = 1.0, 20.0  # seconds between two looks at the clock while a job runs, or only stacks are up


class DashboardScreen(ProjectActions):
    """Keys are those of the table of commands; what they do to a project is done by the orchestrator."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            # the filter before all other keys: what is typed right after / are its letters
            Binding(c.key, c.id, c.label, id=c.id, tooltip=c.help, show=False, priority=c.id == "filter")
            for c in COMMANDS
            if c.id != "quit"
        ),
        Binding("escape", "leave_panel", "back to the list", show=False),
        Binding("tab", "next_part", "next part", show=False, priority=True),
        Binding("shift+tab", "previous_part", "previous part", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = ProjectList(desk.projects)
        self.panel = ProjectPanel(desk.view(next((p.name for p in desk.projects), None)))
        self._starts = Starts(desk.home)
        self._header = Plain(id="header")
        self._trouble = Vanishing(id="trouble")
        self._settle: Timer | None = None
        self._clock: Timer | None = None
        self._pace: float | None = None
        self._chosen: str | None = None
        self._watched: tuple[str, tuple[str, ...]] | None = None

    def body(self) -> ComposeResult:
        yield self._header
        yield self._trouble
        with Horizontal(id="body"):
            yield self.list
            yield self.panel

    def on_mount(self) -> None:
        super().on_mount()
        self.list.rows.focus()
        self.desk.changed.subscribe(self, self._on_changed)
        self.desk.log.subscribe(self, self._on_log)
        self.draw()
        self._select(self.selected)

    def redraw(self) -> None:
        self._draw_header()

    def on_screen_resume(self) -> None:
        self.draw()
        self._watch_log(force=True)

    # Drawing

    def draw(self) -> None:
        """Show everything as the desk has it now."""
        self.list.show(self.desk.projects)
        self._show(self.desk.view(self.selected))
        self._draw_header()
        self.keys.set_hints(self.hints())
        self._set_clock()

    def _show(self, view: ProjectView | None) -> None:
        """Show a project; what its starts took follows as soon as it is read."""
        self.panel.instead = self._instead()
        self.panel.show(view)
        if view is not None and self._starts.wanted(view):
            self._read_starts(view)

    def _instead(self) -> Content:
        """What the panel says where no project is under the cursor."""
        if self.desk.projects:
            return EMPTY if self.list.rows.items else no_match()  # of what is listed, the feed will tell
        return welcome() if self.desk.trouble is None else EMPTY  # whether there are none is not known then

    @work(group="starts", exclusive=True, exit_on_error=False, description="starts")
    async def _read_starts(self, view: ProjectView) -> None:
        found = await self._starts.read(view)
        if found is not None:
            self.panel.tell_starts(view.project.name, found)

    async def on_unmount(self) -> None:
        await self._starts.close()

    def _draw_header(self) -> None:
        width = self.size.width - self._header.styles.gutter.width  # its own is none while a tiny terminal hides it
        trouble = self.desk.trouble
        self._header.show(header(self.desk.host, self.desk.projects, width, known=trouble is None))
        told = [plain(f"✗ {trouble.message}", "bold"), plain(f"  {trouble.hint}")] if trouble else []
        self._trouble.show(lines(told))

    def hints(self) -> list[Hint]:
        if self._service is not None:
            return service_hints(self._useful())
        hints = command_hints(self._useful())
        return hints if self.project is not None else [hint for hint in hints if hint.useful]

    def _useful(self) -> frozenset[str]:
        """The commands that make sense as things are."""
        always = {"add", "help", "quit"} | ({"filter"} if len(self.desk.projects) > 1 else set())
        project, service = self.project, self._service
        found = useful.of_project(project) if project is not None else frozenset[str]()
        return found | always | (useful.of_service(service) if service is not None else set())

    def _set_clock(self) -> None:
        """A clock runs only while something on the screen grows with time."""
        open_job = any(p.job is not None and not p.job.finished for p in self.desk.projects)
        running = any(p.run is not None and p.run.active for p in self.desk.projects)
        wanted = JOB_TICK if open_job else RUN_TICK if running else None
        if wanted == self._pace:
            return
        if self._clock is not None:
            self._clock.stop()
        self._pace = wanted
        self._clock = self.set_interval(wanted, self._tick) if wanted is not None else None

    def _tick(self) -> None:
        if self.is_current:
            self.list.rows.repaint()
            self.panel.tick()

    # What the workers tell

    def _on_changed(self, name: str | None) -> None:
        if not self.is_current:
            return
        if name is None or name not in self.desk.views or self.panel.view is None:
            self.draw()
            self._select(self.selected)
            self._choose()
            return
        self.list.show(self.desk.projects)
        if name == self.selected:
            self._show(self.desk.view(name))
            self._watch_log()
        self._draw_header()
        self.keys.set_hints(self.hints())
        self._set_clock()
        self._choose()

    def _on_log(self, news: LogArrived) -> None:
        self.panel.take_log(news)

    # The cursor

    @on(RowList.Moved, "#projects")
    def _project_moved(self) -> None:
        if self._settle is not None:
            self._settle.stop()
        self._settle = self.set_timer(SETTLE, self._settled)

    def _settled(self) -> None:
        if self._settle is not None:
            self._settle.stop()
            self._settle = None
        self._select(self.selected)

    def _select(self, name: str | None) -> None:
        self.desk.feed.select(name)
        self._show(self.desk.view(name))
        self.keys.set_hints(self.hints())
        self._watch_log()

    def choose(self, name: str) -> None:
        """Put the cursor on this project, now or as soon as it is listed."""
        self._chosen = name
        self._choose()

    def _choose(self) -> None:
        if self._chosen is not None and self._chosen in self.desk.views:
            self.list.rows.drop_filter()
            self.list.show(self.desk.projects)
            self.list.rows.select(self._chosen)
            self._chosen = None

    @on(RowList.Moved, "#services")
    def _service_moved(self) -> None:
        self._watch_log()
        self.keys.set_hints(self.hints())

    def on_descendant_focus(self) -> None:
        self._service_moved()

    def _watch_log(self, *, force: bool = False) -> None:
        """Follow the log that belongs on the screen, unless it is followed already."""
        wanted = self.panel.wanted_log
        if not wanted or self.selected is None:
            self.desk.tail.rest()
            self._watched = None
            return
        if force or (self.selected, wanted) != self._watched:
            self._watched = self.selected, wanted
            self.panel.watch_log(wanted, self.desk.tail.watch(self.selected, wanted))

    @property
    def selected(self) -> str | None:
        """The project under the cursor at this very moment: a key right after a move must not hit the last one."""
        return self.list.rows.current_key

    @property
    def view(self) -> ProjectView | None:
        """The selected project's view."""
        return self.desk.view(self.selected)

    @property
    def project(self) -> Project | None:
        """The selected project."""
        return self.list.rows.current

    @property
    def service(self) -> str | None:
        """The service under the cursor, while the cursor is among the services."""
        return self._service.name if self._service is not None else None

    @property
    def _service(self) -> Service | None:
        shown = self.panel.view is not None and self.panel.view.project.name == self.selected
        return self.panel.services.current if shown and self.panel.services.has_focus else None

    def action_filter(self) -> None:
        self.remove_class("-in-panel")
        self.list.rows.type_filter()

    # Moving between the parts

    @on(RowList.Opened, "#projects")
    def _project_opened(self) -> None:
        self._settled()
        self.add_class("-in-panel")
        self.panel.services.focus()

    @on(RowList.Opened, "#services")
    def _service_opened(self) -> None:
        self.action_logs()

    def action_leave_panel(self) -> None:
        """Back to the list; in the list, drop the filter."""
        if self.list.rows.has_focus and self.list.rows.needle:
            self.list.rows.drop_filter()
        self.remove_class("-in-panel")
        self.list.rows.focus()

    def action_next_part(self) -> None:
        """List, services, log, and around."""
        self._focus_part(1)

    def action_previous_part(self) -> None:
        """The other way around."""
        self._focus_part(-1)

    def _focus_part(self, by: int) -> None:
        parts: list[Widget] = [self.list.rows, self.panel.services, self.panel.log_tail]
        at = next((i for i, part in enumerate(parts) if part.has_focus), -by)
        part = parts[(at + by) % len(parts)]
        self._settled()
        self.set_class(part is not self.list.rows, "-in-panel")
        part.focus()
