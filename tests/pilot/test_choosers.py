"""Choosing an environment and profiles on the dashboard, from real compose files."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.workers import environments, registry
from hubtui.workers.hub import Hub
from tests.pilot.conftest import board
from tests.pilot.stage import Stage

TEXT = """\
name: shop
x-hubtui:
  environments:
    production:
      files: [compose.yaml, compose.prod.yaml]
      env_files: [.env.production]
      profiles: [agents]
      memory: 16GiB
services:
  web: {image: a, x-hubtui: {process: [sleep, "300"]}}
  planner: {image: a, profiles: [agents], x-hubtui: {process: [sleep, "300"]}}
  shell: {image: a, profiles: [tools], x-hubtui: {process: [sleep, "300"]}}
"""


@pytest.fixture
def shop(stage: Stage, tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "compose.yaml").write_text(TEXT)
    (folder / "compose.prod.yaml").write_text("services: {web: {hostname: live}}")
    (folder / ".env.production").write_text("")
    with Hub(stage.home) as hub:
        registry.add(hub, folder)
    return folder


@pytest.mark.usefixtures("shop")
async def test_an_environment_says_what_it_changes_and_is_kept_for_the_next_starts(stage: Stage) -> None:
    async with board(stage.home) as it:
        await it.press("e")
        await it.shows("Environment of  shop", "● none", "chosen", "production", "as Compose finds them", "4 CPU")
        await it.press("end")
        await it.shows("compose.yaml, compose.prod.yaml", ".env.production", "agents", "8 CPU", "16", "x-hubtui.env")
        await it.shows("the engine process has none")
        await it.press("enter")
        await it.until(lambda: "shop starts in production from now on." in it.toasts)
        await it.until(lambda: stage.view("shop").project.environment == "production")
        await it.shows("production")  # in the panel's title
        await it.press("s")
        await it.until(lambda: [job.environment for job in stage.jobs("shop")] == ["production"])
        await it.press("e")
        await it.shows("● production")
        await it.press("home", "enter")
        await it.until(lambda: stage.view("shop").project.environment is None)


@pytest.mark.usefixtures("shop")
async def test_profiles_are_switched_with_space_and_started_with_enter(stage: Stage) -> None:
    async with board(stage.home) as it:
        await it.press("p")
        await it.shows("Profiles of  shop", "[ ] agents", "planner", "[ ] tools", "shell")
        await it.press("down", "space")
        await it.shows("[ ] agents", "[x] tools")
        await it.press("enter")
        await it.until(lambda: [job.profiles for job in stage.jobs("shop")] == [("tools",)])


@pytest.mark.usefixtures("shop")
async def test_the_profiles_of_the_environment_are_always_on(stage: Stage) -> None:
    with Hub(stage.home) as hub:
        environments.choose(hub, "shop", "production")
    async with board(stage.home) as it:
        await it.press("p")
        await it.shows("[x] agents", "always", "[ ] tools")
        await it.press("space", "enter")
        await it.until(lambda: [(j.profiles, j.environment) for j in stage.jobs("shop")] == [((), "production")])


async def test_what_is_wrong_with_the_compose_file_is_said(stage: Stage, shop: Path) -> None:
    (shop / "compose.yaml").write_text("services: {web: {imag: a}}\nx-hubtui: {environments: {a: {fils: [b]}}}\n")
    async with board(stage.home) as it:
        await it.press("e")
        await it.shows("compose.yaml:2:", "is none of files")
        await it.press("enter", "escape", "p")
        await it.shows("Profiles of", "compose.yaml:")
        await it.press("escape")
    assert stage.jobs("shop") == []


@pytest.mark.usefixtures("shop")
def test_a_choice_while_it_is_up_says_that_what_is_up_stays(stage: Stage) -> None:
    with Hub(stage.home) as hub:
        stage.begin("shop")
        told = environments.said(environments.choose(hub, "shop", "production"))
    assert told == "shop starts in production after its next stop; what is up stays in development."
