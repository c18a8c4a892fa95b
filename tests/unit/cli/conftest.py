"""A state folder of its own, and a project in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.support import COMPOSE, call


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder and settings of its own, an empty current folder, and guards that are not started."""
    monkeypatch.setenv("HUBTUI_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("HUBTUI_DEBUG", raising=False)
    monkeypatch.setattr("hubtui.workers.spawn.start_guard", lambda *_: None)
    monkeypatch.setattr("hubtui.workers.logind.will_logout_kill", lambda: None)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return tmp_path


@pytest.fixture
def harbor(here: Path) -> Path:
    """The folder of a registered project harbor with the services store and web."""
    folder = here / "harbor"
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE)
    assert call("add", str(folder)).exit_code == 0
    return folder
