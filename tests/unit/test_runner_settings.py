"""A runner without settings takes the defaults unread: they must be the ones that reading would give."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.workers.runner import settings


def test_the_defaults_are_the_same_unread_and_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    unread = settings.load()
    monkeypatch.setenv("HUBTUI_UI__BELL", "false")  # something is set, and it is nothing that a runner minds
    assert settings.load() == unread
    monkeypatch.setenv("HUBTUI_HEALTH__INTERVAL", "7s")
    assert settings.load().health.interval == 7
