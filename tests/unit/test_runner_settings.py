"""A runner without settings takes the defaults unread: they must be the ones that reading would give."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.stacks.spec.named_environments import NamedEnvironment
from hubtui.workers.runner import settings


def test_the_defaults_are_the_same_unread_and_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    unread = settings.load()
    monkeypatch.setenv("HUBTUI_UI__BELL", "false")  # something is set, and it is nothing that a runner minds
    assert settings.load() == unread
    monkeypatch.setenv("HUBTUI_HEALTH__INTERVAL", "7s")
    assert settings.load().health.interval == 7


def test_an_environment_has_limits_of_its_own_else_those_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for environment, limits in (
        (NamedEnvironment("production"), (8, 16 << 30)),
        (NamedEnvironment("production", cpus=3), (3, 16 << 30)),
        (NamedEnvironment("blue"), (4, 8 << 30)),  # the settings do not know it: as development
    ):
        found = settings.load(environment).dagger
        assert (found.cpus, found.memory) == limits
    monkeypatch.setenv("HUBTUI_ENVIRONMENTS__BLUE__CPUS", "1")
    monkeypatch.setenv("HUBTUI_ENVIRONMENTS__BLUE__MEMORY", "1GiB")
    assert settings.load(NamedEnvironment("blue", memory=5)).dagger.cpus == 1
    assert settings.load().dagger == settings.load(NamedEnvironment("development")).dagger
