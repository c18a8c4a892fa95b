"""What a shell is offered when a key completes a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from hubtui import cli


def offered(*words: str) -> list[str]:
    """For the last of these words."""
    *before, last = words
    found = BashComplete(cli.cli, {}, "hubtui", "_HUBTUI_COMPLETE").get_completions(before, last)
    return [item.value for item in found]


def test_projects_and_their_services_are_offered(harbor: Path) -> None:
    assert offered("start", "") == ["harbor"]
    assert offered("logs", "har") == ["harbor"]
    assert offered("rm", "") == offered("config", "h") == ["harbor"]
    assert offered("start", "harbor", "harbor/") == ["harbor/store", "harbor/web"]
    assert offered("exec", "harbor/w") == ["harbor/web"]
    assert offered("start", "nope/") == offered("start", "x") == []
    assert offered("rest") == ["restart"]


def test_where_nothing_is_or_nothing_can_be_read_nothing_is_offered_nor_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "state"
    monkeypatch.setenv("HUBTUI_HOME", str(home))
    assert offered("start", "") == []
    assert not home.exists()
    home.mkdir()
    (home / "hubtui.db").write_bytes(b"no database" * 1000)
    assert offered("start", "") == []
