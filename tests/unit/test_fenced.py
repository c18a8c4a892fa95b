"""The writer of a runner: what its log is told while the store refuses."""

from __future__ import annotations

import pytest

from hubtui.errors import StoreError
from hubtui.models import Project
from hubtui.paths import Home
from hubtui.store import connect, projects, runners
from hubtui.workers.runner.fenced import Fenced


def test_a_store_that_refuses_for_hours_is_one_line_of_the_log(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """The runner asks every second; its log must not grow with that."""
    writer = connect.Writer(home)
    writer.run(lambda con: projects.insert(con, Project("web", home.root, "process", "a test"), []))
    fenced = Fenced(writer, "web", writer.run(lambda con: runners.register(con, "web", 1, 1, "boot")))
    for said in ("full", "full", "full", "damaged", "full"):
        fenced.complain(StoreError(said))
    assert capsys.readouterr().err.splitlines() == ["store: full", "store: damaged", "store: full"]
    fenced.run(lambda con: None)
    fenced.complain(StoreError("full"))
    assert capsys.readouterr().err.splitlines() == ["store: full"], "it had worked meanwhile"
    writer.close()
