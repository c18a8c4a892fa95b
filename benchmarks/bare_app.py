"""The peer of the dashboard: the least Textual app that shows a hundred projects. Header, DataTable, Footer."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header


class BareApp(App[None]):
    """A list to move through."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("project", "state", "services", "engine")
        for number in range(100):
            table.add_row(f"project-{number:03}", "stopped", "2", "process")


if __name__ == "__main__":
    BareApp().run()
