"""The history is kept within the bounds that the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hubtui.errors import UsageError
from hubtui.paths import Home
from hubtui.store import connect, history, retention
from hubtui.store.history import Wanted
from hubtui.workers.tidy import Keeping, keeping, tidy
from tests.doubles.past import Past, register, write


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings file would be."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = tmp_path / "config" / "hubtui" / "config.toml"
    found.parent.mkdir(parents=True)
    return found


@pytest.fixture
def writer(home: Home) -> Iterator[connect.Writer]:
    made = connect.Writer(home)
    yield made
    made.close()


def kept(writer: connect.Writer) -> list[int]:
    return [job.id for job in writer.run(history.older(Wanted()).read)]


def test_the_defaults_hold_where_nothing_is_set(settings: Path) -> None:
    from hubtui.config import Jobs

    assert keeping() == Keeping(Jobs().keep_days, Jobs().keep)


def test_file_and_environment_are_read_each_time(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.write_text("[jobs]\nkeep = 7\nkeep_days = 2\n")
    assert keeping() == Keeping(2, 7)
    monkeypatch.setenv("HUBTUI_JOBS__KEEP", "9")
    assert keeping() == Keeping(2, 9)
    settings.write_text("[jobs]\nkeep = 0\n")
    monkeypatch.delenv("HUBTUI_JOBS__KEEP")
    with pytest.raises(UsageError, match="keep"):
        keeping()


def test_slice_by_slice_until_there_is_nothing_left_to_do(writer: connect.Writer) -> None:
    writer.run(lambda con: register(con, "web"))
    asked = writer.run(lambda con: write(con, [Past(age=timedelta(days=9))] * 400 + [Past()] * 20))
    slices = 1
    while tidy(writer, Keeping(days=5, jobs=10)):
        slices += 1
    assert kept(writer) == asked[:-11:-1]
    assert slices >= 410 * 3 / retention.SLICE_OF_JOBS
