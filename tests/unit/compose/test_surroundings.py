"""What Compose is called with is what the stack was read with, whatever the shell says."""

from __future__ import annotations

import pytest

from hubtui.stacks.engines.compose import program


def test_composes_own_variables_of_a_shell_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "COMPOSE_PROJECT_NAME"):
        monkeypatch.setenv(name, "another")
    monkeypatch.setenv("DOCKER_HOST", "unix:///somewhere")
    found = program.environment()
    assert found["DOCKER_HOST"] == "unix:///somewhere"
    assert not [name for name, value in found.items() if value == "another"]
