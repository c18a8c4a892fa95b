"""The settings: defaults, the file, the environment over it, and mistakes that say where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
import pytest

from hubtui import config, configfile
from hubtui.errors import UsageError
from hubtui.stacks.engines.base import HealthDefaults, LogLimits
from hubtui.workers.runner import settings as runner_settings


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings file would be; no variable of this test run gets in."""
    import os

    for name in [n for n in os.environ if n.upper().startswith("HUBTUI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "hubtui").mkdir()
    return tmp_path / "hubtui" / "config.toml"


def test_defaults_are_those_of_the_contract() -> None:
    found = config.load()
    assert found.jobs.model_dump() == {
        "concurrency": 2,
        "max_attempts": 3,
        "retry_delay": 60,
        "soft_limit": 3600,
        "hard_limit": 7200,
        "still_building_after": 600,
        "stuck_after": 300,
        "keep_days": 30,
        "keep": 1000,
    }
    assert found.ports.address == "127.0.0.1"
    assert (found.dagger.cli, found.dagger.runner_host) == (None, None)
    assert found.ui.model_dump() == {"theme": "textual-dark", "bell": False, "clock": False}
    limits = {name: (e.cpus, e.memory // 1024**3) for name, e in found.environments.items()}
    assert limits == {"development": (4, 8), "ci": (2, 4), "staging": (4, 8), "production": (8, 16)}


def test_the_engines_defaults_are_the_same() -> None:
    found = runner_settings.load()
    assert (found.health, found.logs, found.address) == (HealthDefaults(), LogLimits(), "127.0.0.1")


def test_the_file_is_read_where_xdg_says(file: Path) -> None:
    file.write_text("[jobs]\nconcurrency = 7\n")
    assert configfile.config_file() == file
    assert config.load().jobs.concurrency == 7


@pytest.mark.parametrize("xdg", [None, "", "  ", "/srv/config"])
def test_the_settings_file_is_where_the_library_for_that_says(xdg: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not imported for it: that would take a runner's first claim ten milliseconds."""
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    if xdg is not None:
        monkeypatch.setenv("XDG_CONFIG_HOME", xdg)
    assert configfile.config_file() == platformdirs.user_config_path("hubtui") / "config.toml"


def test_a_variable_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[jobs]\nconcurrency = 7\nkeep = 5\n[environments.ci]\ncpus = 1\n")
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "3")
    monkeypatch.setenv("HUBTUI_LOGS__FILE_SIZE", "1MiB")
    monkeypatch.setenv("HUBTUI_ENVIRONMENTS__CI__MEMORY", "2g")
    found = config.load()
    assert (found.jobs.concurrency, found.jobs.keep, found.logs.file_size) == (3, 5, 1024**2)
    assert found.environments["ci"] == config.Environment(cpus=1, memory=2 * 1024**3)


def test_variables_that_are_no_settings_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUBTUI_HOME", "HUBTUI_DEMO_HOME", "HUBTUI_DEBUG", "HUBTUI_RUN"):
        monkeypatch.setenv(name, "x")
    assert config.load() == config.Settings()


@pytest.mark.parametrize(
    ("text", "number"),
    [(30, 30), (0.5, 0.5), ("30", 30), ("30s", 30), ("10m", 600), ("1h30m", 5400), ("250 ms", 0.25), ("2d", 172800)],
)
def test_durations(file: Path, text: Any, number: float) -> None:
    file.write_text(f"[health]\ninterval = {text!r}\n")
    assert config.load().health.interval == number


@pytest.mark.parametrize(
    ("text", "number"),
    [(65536, 65536), ("65536", 65536), ("64KiB", 65536), ("64k", 65536), ("1.5 MiB", 1572864), ("2GB", 2147483648)],
)
def test_sizes(file: Path, text: Any, number: int) -> None:
    file.write_text(f"[logs]\nfile_size = {text!r}\n")
    assert config.load().logs.file_size == number


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[jobs\n", 1, "this is not TOML"),
        ("[jobs]\n\nconcurrency = 0\n", 3, "jobs.concurrency must be greater than or equal to 1 (it is 0)"),
        ("[jobs]\nconcurency = 1\n", 2, "there is no setting jobs.concurency"),
        ("[jbs]\n", 1, "there is no setting jbs"),
        ("jobs = 3\n", 1, "jobs must be a table"),
        ("[environments.edge]\ncpus = 1\n", 1, "environments.edge.memory is missing"),
        ("[logs]\nfiles = 3\nfile_size = 'many'\n", 3, "logs.file_size must be a size such as"),
        ("[health]\ninterval = 'soon'\n", 2, "health.interval must be a duration such as"),
        ("health.interval = -1\n", 1, "health.interval must be greater than 0"),
        ("[health]\ninterval = inf\n", 2, "health.interval must be a finite number"),
        ("[ports]\naddress = 'localhost'\n", 2, "ports.address must be an IP address"),
    ],
)
def test_a_mistake_says_where_and_what(file: Path, text: str, line: int, words: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        config.load()
    assert caught.value.message.startswith(f"{file}:{line}: {words}")
    assert caught.value.hint


def test_a_mistake_in_a_variable_names_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[jobs]\nconcurrency = 1\n")
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "many")
    with pytest.raises(UsageError, match=r"HUBTUI_JOBS__CONCURRENCY: jobs\.concurrency must be a valid integer"):
        config.load()
    monkeypatch.setenv("HUBTUI_JOBS", "{")
    with pytest.raises(UsageError, match="HUBTUI_ variable"):
        config.load()


def test_a_file_that_cannot_be_read(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        config.load()
    file.unlink()
    file.mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        config.load()
