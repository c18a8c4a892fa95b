"""The form for variables that are missing, before a project is added and before it is started."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.widgets import Input

from hubtui.models import JobError, JobState
from hubtui.screens.dashboard import DashboardScreen
from hubtui.screens.env_form import EnvFormScreen
from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.store import jobs
from tests.pilot.conftest import Board, board
from tests.pilot.stage import Stage

TEXT = """\
services:
  web:
    image: scratch
    environment: {P: "${SHOP_PASSWORD:?the database's}", H: "${SHOP_HOST:?the name people type}"}
    x-hubtui: {process: [sleep, "300"]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    (place / "compose.yaml").write_text(TEXT)
    return place


async def type_over(it: Board, text: str) -> None:
    field = it.app.screen.focused
    assert isinstance(field, Input)
    field.value = text
    await it.pilot.pause()


async def asked(it: Board) -> None:
    await it.until(lambda: isinstance(it.app.screen, EnvFormScreen) and len(it.app.screen.query(Input)) == 2)


async def test_a_project_that_lacks_variables_is_asked_for_them_and_added(stage: Stage, folder: Path) -> None:
    async with board(stage.home) as it:
        await it.press("a")
        await it.shows("Add a project")
        await type_over(it, str(folder))
        await it.press("enter")
        await asked(it)
        await it.shows("SHOP_HOST", "the name people type", "SHOP_PASSWORD")
        await type_over(it, "shop.example")
        await it.press("enter")
        await it.shows("SHOP_PASSWORD is still empty.")
        await type_over(it, "topsecretvalue")
        assert "topsecretvalue" not in it.text
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))
        await it.until(lambda: stage.names() == ["shop"])
    file = folder / ".env"
    assert load_dotenv(file, {}) == {"SHOP_PASSWORD": "topsecretvalue", "SHOP_HOST": "shop.example"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_start_that_failed_for_want_of_variables_asks_and_starts(
    stage: Stage, folder: Path, guards: list[str]
) -> None:
    fail(stage, folder)
    (folder / ".env").write_text("# mine\nSHOP_HOST=\n")
    async with board(stage.home) as it:
        await it.press("s")
        await asked(it)
        await type_over(it, "shop.example")
        await it.press("tab", "ctrl+g", "enter")
        await it.until(lambda: len(stage.jobs("shop")) == 2)
    assert set(guards) == {"shop"}  # a slow host is asked again
    found = load_dotenv(folder / ".env", {})
    assert (found["SHOP_HOST"], len(found["SHOP_PASSWORD"])) == ("shop.example", 48)
    assert (folder / ".env").read_text().startswith("# mine\nSHOP_HOST=shop.example\n")


@pytest.mark.parametrize("key", ["s", "t"])
async def test_escape_writes_and_starts_nothing(stage: Stage, folder: Path, key: str) -> None:
    fail(stage, folder)
    async with board(stage.home) as it:
        await it.press(key)
        await asked(it)
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))
    assert not (folder / ".env").exists()
    assert len(stage.jobs("shop")) == 1


@pytest.mark.parametrize("key", ["s", "t"])
async def test_where_nothing_is_missing_any_more_it_goes_on_at_once(stage: Stage, folder: Path, key: str) -> None:
    fail(stage, folder)
    (folder / ".env").write_text("SHOP_HOST=x\nSHOP_PASSWORD=y\n")
    async with board(stage.home) as it:
        await it.press(key)
        await it.until(lambda: len(stage.jobs("shop")) == 2)


async def test_a_file_that_cannot_be_read_is_said(stage: Stage, folder: Path) -> None:
    fail(stage, folder)
    (folder / "compose.yaml").write_text("services: [\n")
    async with board(stage.home) as it:
        await it.press("s")
        await it.shows("shop needs to know", "this is not valid YAML")


def fail(stage: Stage, folder: Path) -> None:
    """The project shop in `folder`, whose first start failed as that of a stack without its variables does."""
    stage.add("shop", [("web", 3000)])
    stage.write(lambda con: con.execute("UPDATE projects SET path = ? WHERE name = 'shop'", (str(folder),)))
    job = stage.ask("shop")
    error = JobError("missing_variable", "required variables are not set: SHOP_PASSWORD, SHOP_HOST", "Set them.")
    stage.write(lambda con: jobs.finish(con, job.id, JobState.FAILURE, "not started", error=error))
