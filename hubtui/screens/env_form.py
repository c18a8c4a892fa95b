"""The variables that a stack cannot start without: asked for one below the other, and written into its `.env`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from hubtui.errors import HubtuiError
from hubtui.screens.desk import Desk
from hubtui.widgets.plain import DIM, Plain, joined, lines, plain

if TYPE_CHECKING:
    from hubtui.stacks.spec.wants import Want

MOST = 4096  # characters of one value
_KEY = "bold $text-accent"


def label_of(want: Want) -> Content:
    """A variable's name, and what the file says about it."""
    about = want.message or f"used in {Path(want.where).name}"
    return joined([plain(want.name, "bold"), plain(about, DIM)])


class EnvFormScreen(ModalScreen[bool]):
    """Dismisses with True once nothing is missing any more. What is named like a secret is not shown while typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("ctrl+s,f2", "submit", "write", show=False),
        Binding("ctrl+g", "generate", "make one up", show=False, priority=True),
    ]

    def __init__(self, desk: Desk, folder: Path, name: str = "") -> None:
        super().__init__()
        self.desk = desk
        self._at, self._name = folder, name or folder.name
        self._fields: dict[str, Input] = {}
        self._rows = VerticalScroll(id="fields")
        self._told = Plain(id="told", classes="wrapping")

    def compose(self) -> ComposeResult:
        keys = (("enter", " next, write  "), ("ctrl+g", " make one up  "), ("esc", " cancel"))
        with Vertical(classes="dialog wide"):
            yield Plain(plain(f"{self._name} needs to know", "bold"))
            yield Plain(plain(f"written to {self._at / '.env'}", DIM))
            yield self._rows
            yield self._told
            yield Plain(Content.assemble(*(part for key, what in keys for part in ((key, _KEY), what))))

    def on_mount(self) -> None:
        self._read()

    @work(group="env", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        from hubtui.workers import first_env

        try:
            missing = await asyncio.to_thread(first_env.missing, self._at)
        except HubtuiError as error:
            self._say(error.message, error.hint or "Press escape, and mend that first.")
            return
        if not missing:
            self.dismiss(True)
            return
        await self._ask(missing)

    async def _ask(self, missing: list[Want]) -> None:
        """A field for each, those of before kept with what was typed."""
        new = [want for want in missing if want.name not in self._fields]
        for want in new:
            field = Input(password=want.secret, compact=True, max_length=MOST)
            field.cursor_blink = False
            self._fields[want.name] = field
            await self._rows.mount(Plain(label_of(want), classes="label"), field)
        if new:
            self._fields[new[0].name].focus()

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Write it, or go to the first field that is still empty."""
        for name, field in self._fields.items():
            if not field.value:
                self._say(f"{name} is still empty.", "")
                field.focus()
                return
        if self._fields:
            self._write({name: field.value for name, field in self._fields.items()})

    @work(group="env", exclusive=True, exit_on_error=False)
    async def _write(self, values: dict[str, str]) -> None:
        from hubtui.workers import first_env

        try:
            await asyncio.to_thread(first_env.give, self.desk.home, self._at, values)
        except HubtuiError as error:
            self._say(error.message, error.hint or "Nothing was changed.")
            return
        self._read()  # a value may have opened the way to a variable that is missing, too

    def action_generate(self) -> None:
        """A new secret into the field under the cursor."""
        from hubtui.stacks.templates import generate

        field = self.focused
        if isinstance(field, Input):
            field.value = generate.secret()
            self._say("Made up; enter goes on.", "")

    def _say(self, sentence: str, hint: str) -> None:
        self._told.show(lines([plain(sentence, "$text-error" if hint else DIM), plain(hint, "$text-primary")]))

    def action_cancel(self) -> None:
        self.dismiss(False)
