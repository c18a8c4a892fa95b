"""Pictures of what is chosen or asked before a start. Accept a change with --snapshot-update."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from hubtui.app import HubtuiApp
from hubtui.models import Project
from hubtui.screens.env_form import EnvFormScreen
from hubtui.store import projects
from hubtui.workers.hub import Hub
from tests.pilot.stage import Stage
from tests.snapshots.conftest import Ready
from tests.snapshots.test_snapshots import SMALL, Compare, keys

SHOP = """\
name: shop
x-hubtui:
  environments:
    production:
      files: [compose.yaml, compose.prod.yaml]
      env_files: [.env.production]
      profiles: [agents]
      memory: 16GiB
    staging: {profiles: [tools]}
services:
  web: {image: a, x-hubtui: {process: [sleep, "300"]}}
  planner: {image: a, profiles: [agents], x-hubtui: {process: [sleep, "300"]}}
  writer: {image: a, profiles: [agents], x-hubtui: {process: [sleep, "300"]}}
  shell: {image: a, profiles: [tools], x-hubtui: {process: [sleep, "300"]}}
"""
WANTING = """\
services:
  web:
    image: scratch
    environment: {P: "${SHOP_PASSWORD:?the database's}", H: "${SHOP_HOST:?the name people type}"}
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "compose.yaml").write_text(text)
    return folder


@pytest.mark.parametrize(
    "pressed",
    [pytest.param(("e", "down"), id="environments"), pytest.param(("p", "down", "space"), id="profiles")],
)
def test_chosen(
    stage: Stage,
    app: HubtuiApp,
    settled: Ready,
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pressed: tuple[str, ...],
) -> None:
    write(tmp_path / "shop", SHOP)
    monkeypatch.chdir(tmp_path)  # so that the picture shows a path that is the same everywhere
    project = Project(name="shop", path=Path("shop"), engine="process", engine_reason="")
    with Hub(stage.home) as hub:
        hub.writer.run(lambda con: projects.insert(con, project, []))
    assert snap_compare(app, terminal_size=SMALL, run_before=keys(*pressed, ready=settled))


def test_asked(
    app: HubtuiApp, settled: Ready, snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "shop", WANTING)
    monkeypatch.chdir(tmp_path)
    assert snap_compare(app, terminal_size=SMALL, run_before=_form(app, settled))


def _form(app: HubtuiApp, ready: Ready) -> Callable[[Pilot[None]], object]:
    async def run(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await app.push_screen(EnvFormScreen(app.desk, Path("shop")))
        await pilot.pause(0.3)
        for key in "shop.example":
            await pilot.press("full_stop" if key == "." else key)
        await pilot.press("tab", "ctrl+g")
        await ready(pilot)

    return run
