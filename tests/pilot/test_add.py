"""Registering a project from the dashboard, with the real registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.screens.add_project import complete, folder_note
from hubtui.screens.dashboard import DashboardScreen
from hubtui.stacks.spec.dotenv import load_dotenv
from tests.pilot.conftest import board
from tests.pilot.stage import Stage


async def type_text(it: object, text: str) -> None:
    from textual.widgets import Input

    field = it.app.screen.focused  # type: ignore[attr-defined]
    assert isinstance(field, Input)
    field.value = text


async def test_a_template_becomes_a_project_under_the_cursor(stage: Stage, tmp_path: Path) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("a")
        await it.shows("Add a project")
        await type_text(it, str(tmp_path / "mine"))
        await it.press("tab", "tab", "j", "enter")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))
        await it.shows("harbor", str(tmp_path)[:12])
        assert it.app.screen.selected == "harbor"  # type: ignore[attr-defined]
    assert (tmp_path / "mine" / "compose.yaml").exists()


async def test_a_template_with_secrets_needs_no_editing(stage: Stage, tmp_path: Path) -> None:
    async with board(stage.home) as it:
        await it.press("a")
        await it.shows("Add a project")
        await type_text(it, str(tmp_path / "shop"))
        await it.press("tab", "tab", "j", "j", "j")
        await it.until(lambda: it.app.screen.template == "commandcenter")  # type: ignore[attr-defined]
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))
        await it.shows("shop", "postgres", "frontend")
    password = load_dotenv(tmp_path / "shop" / ".env", {})["POSTGRES_PASSWORD"]
    assert not [f for f in stage.home.root.rglob("*") if f.is_file() and password.encode() in f.read_bytes()]


async def test_what_is_wrong_is_said_in_the_form(stage: Stage, tmp_path: Path) -> None:
    async with board(stage.home) as it:
        await it.press("a")
        await it.shows("Add a project")
        await type_text(it, str(tmp_path / "nowhere"))
        await it.press("enter")
        await it.shows("There is no folder")
        assert not isinstance(it.app.screen, DashboardScreen)


def test_paths_are_completed(tmp_path: Path) -> None:
    (tmp_path / "stacks" / "deep").mkdir(parents=True)
    (tmp_path / "file").touch()
    assert complete(f"{tmp_path}/st") == f"{tmp_path}/stacks/"
    assert complete(f"{tmp_path}/stacks/") == f"{tmp_path}/stacks/deep/"
    assert complete(f"{tmp_path}/fi") is None
    assert complete(f"{tmp_path}/none/x") is None


def test_a_folder_is_judged_before_it_is_asked_for(tmp_path: Path) -> None:
    assert folder_note("", "") == ("the folder of the project", False)
    assert folder_note(str(tmp_path), "")[1] is False
    assert folder_note(str(tmp_path / "new"), "demo") == ("a new folder", True)
    (tmp_path / "compose.yaml").touch()
    assert folder_note(str(tmp_path), "") == ("compose.yaml found", True)
    assert folder_note(str(tmp_path), "demo")[1] is False


LONG = "/tmp/b" * 2000  # longer than the system takes a path


@pytest.mark.parametrize("typed", [LONG, "~nobody-of-this-name/x", "a\0b"])
async def test_whatever_is_typed_or_pasted_as_a_path_the_form_stays(stage: Stage, typed: str) -> None:
    async with board(stage.home) as it:
        await it.press("a")
        await it.shows("Add a project")
        await type_text(it, typed)
        await it.shows("there is no such folder")
        await it.press("tab", "tab", "j", "k", "enter")
        await it.until(lambda: "adding" not in it.text and ("no folder" in it.text or "cannot be" in it.text))
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))


def test_a_folder_that_may_not_be_read_is_judged_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path / "round")
    assert folder_note(str(tmp_path / "round"), "") == ("there is no such folder", False)
    assert folder_note(str(tmp_path / "round"), "demo")[1] is False
    assert complete(f"{tmp_path}/round/x") is None
    assert complete("~nobody-of-this-name/x") is None


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_what_is_wrong_and_the_keys_are_in_sight_on_a_small_terminal(stage: Stage, size: tuple[int, int]) -> None:
    async with board(stage.home, size) as it:
        await it.press("a")
        await it.shows("Add a project", "enter add", "esc cancel")
        await type_text(it, "/nowhere")
        await it.press("enter")
        await it.shows("There is no folder /nowhere.", "Name a folder", "enter add", "esc cancel")
