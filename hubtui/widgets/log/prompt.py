"""One line at the bottom to type in: what to search for, or where to go."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from hubtui.widgets.line_field import LineField
from hubtui.widgets.plain import DIM, Plain, joined, plain, said

_KEY = "bold $text-accent"
TYPED = 16  # cells at least for what is typed, whatever is said beside it
_CASES: tuple[bool | None, ...] = (None, True, False)
_CASE_WORDS = {None: "smart case", True: "exact case", False: "any case"}


class LogPrompt(Horizontal):
    """Hidden until `ask`. Its owner is called at once with the kind, the text and whether enter was
    pressed, or when it was left: what is typed right after that is for the view again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel", show=False),
        Binding("ctrl+r", "regex", "regular expression", show=False, priority=True),
        Binding("ctrl+t", "case", "case", show=False, priority=True),
    ]

    def __init__(self, typed: Callable[[str, str, bool], None], left: Callable[[str], None]) -> None:
        super().__init__()
        self._typed, self._left = typed, left
        self.kind = ""
        self.regex = False
        self.case: bool | None = None
        self._label, self._end = Plain(), Plain()
        self._field = LineField(lambda: self._tell(done=True))
        self._fault = ""
        self._label_width = 0

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._field
        yield self._end

    @property
    def open(self) -> bool:
        """Whether it is being typed in."""
        return self.has_class("-open")

    def ask(self, kind: str, label: str, text: str = "", placeholder: str = "") -> None:
        """Begin to type. The keys that come next are its own, however quickly they come."""
        self.kind, self._fault = kind, ""
        with self.prevent(Input.Changed):
            self._field.value = text
        self._field.placeholder = placeholder
        self._field.action_select_all()
        self._label.show(said(label, "bold $text-accent"))
        self._label.styles.width = self._label_width = len(label) + 1
        self.add_class("-open")
        self._draw()
        self.screen.set_focus(self._field)

    def close(self) -> None:
        """Take no more."""
        self.remove_class("-open")

    def fault(self, sentence: str) -> None:
        """What is wrong with what was typed; "" where nothing is."""
        self._fault = sentence
        self._draw()

    def _draw(self) -> None:
        if self._fault:
            end = plain(self._fault, "$text-error")
        elif self.kind == "go":
            end = said("enter to go, esc to stay", DIM)
        else:
            regex = said("regex" if self.regex else "text", "" if self.regex else DIM)
            case = said(_CASE_WORDS[self.case], DIM if self.case is None else "")
            end = joined([said("^r", _KEY), regex, said("^t", _KEY), case], " ")
        self._end.show(end)
        self._end.styles.width = min(end.cell_length, max(self.size.width - self._label_width - TYPED, 10))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.open:
            self._tell()

    def _tell(self, *, done: bool = False) -> None:
        self._typed(self.kind, self._field.value, done)

    def action_leave(self) -> None:
        self._left(self.kind)

    def action_regex(self) -> None:
        if self.kind != "go":
            self.regex = not self.regex
            self._draw()
            self._tell()

    def action_case(self) -> None:
        if self.kind != "go":
            self.case = _CASES[(_CASES.index(self.case) + 1) % len(_CASES)]
            self._draw()
            self._tell()
