"""The panel at the right: one project's headline, its steps or its trouble, its services, and the end of a log."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from hubtui import models
from hubtui.messages import LogArrived
from hubtui.models import FirstAndLater, ProjectView, Service
from hubtui.widgets.log.tail import LogTail
from hubtui.widgets.plain import DIM, EMPTY, Plain, Vanishing, joined, plain, said
from hubtui.widgets.presentation import headline, title
from hubtui.widgets.row_list import RowList
from hubtui.widgets.service_detail import detail, noted
from hubtui.widgets.services import WIDE, Table, cells, table
from hubtui.widgets.steps import failed_service, stage_lines
from hubtui.widgets.trouble import card_of, trouble_of
from hubtui.widgets.units import size


class ServiceRows(RowList[Service]):
    """The services' rows; the columns are chosen for all of them together."""

    always_marked = False

    def __init__(self) -> None:
        super().__init__(self._line, lambda s: s.name, id="services")
        self._known: tuple[int, Table] | None = None
        self.head = Plain(id="services-head")

    def repaint(self) -> None:
        self._known = None
        super().repaint()
        self._show_head()

    def on_resize(self) -> None:
        super().on_resize()
        self._show_head()

    def _show_head(self) -> None:
        """The names of the columns, as wide as these are now."""
        width = self.scrollable_content_region.width - 1
        if not self.items:
            self.head.show(said("  services are known after the first start", DIM))
        elif width > 0:
            self.head.show(Content.assemble(" ", self._table(width).head))

    def _table(self, width: int) -> Table:
        if self._known is None or self._known[0] != width:
            self._known = width, table(self.items, models.now(), width)
        return self._known[1]

    def _line(self, service: Service, width: int) -> Content:
        return self._table(width).line(cells(service, models.now(), width >= WIDE))


class ProjectPanel(Vertical):
    """Shows a view given by `show`; `tick` moves what time moves."""

    def __init__(self, view: ProjectView | None) -> None:
        super().__init__(id="panel")
        self.view = view
        self.services = ServiceRows()
        self.log_tail = LogTail(id="log")
        self._title, self._headline = Plain(id="title"), Vanishing(id="headline")
        self._middle, self._log_head = Vanishing(id="middle"), Plain(id="log-head")
        self._detail = Vanishing(id="detail")
        self._log_names: tuple[str, ...] = ()
        self._log_note = ""
        self._starts: dict[str, FirstAndLater] = {}
        self.instead = EMPTY  # what is shown where there is no project
        self.epoch = 0

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._headline
        yield self._middle
        yield self.services.head
        yield self.services
        yield self._detail
        yield self._log_head
        yield self.log_tail

    def on_mount(self) -> None:
        self.tick()

    def on_resize(self) -> None:
        self.tick()

    def show(self, view: ProjectView | None) -> None:
        """Show this project as it is now; `instead` where there is none."""
        self.view = view
        self.tick()

    def tell_starts(self, project: str, found: FirstAndLater) -> None:
        """What the starts of a project took."""
        self._starts[project] = found
        self.tick()

    def tick(self) -> None:
        """Draw everything for this moment; what is the same is not painted."""
        width = self._title.content_size.width or self.content_size.width - self._title.styles.gutter.width
        if width <= 0:
            return
        view = self.view
        self.set_class(view is None, "-empty")
        if view is None:
            self._middle.show(self.instead)
            for part in (self._title, self._headline, self._detail, self._log_head):
                part.show(EMPTY)
            self.services.show(())
            return
        now = models.now()
        self._title.show(title(view.project, width))
        self._headline.show(headline(view, now, width, self._starts.get(view.project.name)))
        self._middle.show(self._middle_of(view, width))
        self._show_services(view)
        self._show_detail()
        self._show_log_head()

    def _show_services(self, view: ProjectView) -> None:
        rows = len(view.services)
        height = max(1, min(rows, max(self.size.height - 10, 3)))
        if str(self.services.styles.height) != str(height):
            self.services.styles.height = height
        self.services.show(view.services)

    def _show_detail(self) -> None:
        """What there is to know of the service under the cursor; of all of them, that there is something."""
        view, width = self.view, self._title.content_size.width
        if view is None or not width:
            return
        chosen = self.services.current if self.services.has_focus else None
        if chosen is None:
            self._detail.show(noted(view.project, view.services, width))
            return
        above = self._middle.line_count + len(view.services)
        self._detail.show(detail(chosen, width, max(3, self.size.height - 10 - above)))

    def on_row_list_moved(self) -> None:
        self._show_detail()

    def on_descendant_focus(self) -> None:
        self._show_detail()

    def on_descendant_blur(self) -> None:
        self._show_detail()

    def _middle_of(self, view: ProjectView, width: int) -> Content:
        """A failure's card, else the steps of the job under way, else nothing."""
        now = models.now()
        room = self.size.height - 9 - self._headline.line_count - len(view.services)
        if (told := card_of(view, now, width, max(6, room))) is not None:
            return told
        job = view.project.job
        if job is None or job.finished or not view.steps:
            return EMPTY
        # the log wants some lines, too
        most = max(3, min(8, (self.size.height - 6 - self._headline.line_count - len(view.services)) * 2 // 3))
        return stage_lines(view.steps, now, width, most)

    @property
    def wanted_log(self) -> tuple[str, ...]:
        """Whose log belongs on the screen: the service under the cursor, the one that failed, or all."""
        if self.view is None:
            return ()
        names = tuple(service.name for service in self.view.services)
        chosen = self.services.current_key if self.services.has_focus else None
        trouble = trouble_of(self.view.project)
        if chosen is None and trouble is not None and trouble.of_job:
            chosen = failed_service(self.view)
        return (chosen,) if chosen in names and chosen is not None else names

    def watch_log(self, names: tuple[str, ...], epoch: int) -> None:
        """Lines of this epoch, of these services, are about to come."""
        self.epoch = epoch
        self._log_names = names
        self._log_note = ""
        self._show_log_head()

    def take_log(self, news: LogArrived) -> None:
        """Lines came; those of another epoch belong to a project that is no longer shown."""
        if news.epoch != self.epoch:
            return
        if news.fresh:
            self.log_tail.begin(self._log_names, news.lines)
        else:
            self.log_tail.append(news.lines)
        if news.skipped or news.trouble:
            self._log_note = news.trouble or f"{size(news.skipped)} only in the file"
        self._show_log_head()

    def _show_log_head(self) -> None:
        if self.view is None or not self._log_names:
            self._log_head.show(EMPTY)
            return
        whose = self._log_names[0] if len(self._log_names) == 1 else "all services"
        failed = trouble_of(self.view.project) is not None and len(self._log_names) == 1
        tail = self.log_tail
        tail.wraps = failed  # what went wrong is read to its end
        if not tail.lines:
            state = "nothing yet"
        elif tail.following:
            state = "last lines" if failed else "follow"
        else:
            state = f"+{tail.unseen} new, G to follow" if tail.unseen else "G to follow"
        self._log_head.show(
            joined(
                [Content.assemble(("LOG ", DIM), plain(whose, "bold")), said(state, DIM), plain(self._log_note, DIM)]
            )
        )

    def on_log_tail_followed(self) -> None:
        self._show_log_head()
