"""A restart of a whole stack, with real runners: nothing is stopped for files that it could not start again from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from hubtui.workers import operations
from tests.doubles import stacks
from tests.doubles.host import Host


def _bad_yaml(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services:\n  a:\n    image: x\n   ports: []\n")


def _a_variable_is_missing(folder: Path) -> None:
    text = (folder / "compose.yaml").read_text()
    (folder / "compose.yaml").write_text(text.replace("scratch", "${NOT_SET_ANYWHERE:?}"))


def _no_word_for_the_engine(folder: Path) -> None:
    document = json.loads((folder / "compose.yaml").read_text())
    del document["services"]["a"]["x-hubtui"]["process"]
    (folder / "compose.yaml").write_text(json.dumps(document))


@pytest.mark.parametrize("break_it", [_bad_yaml, _a_variable_is_missing, _no_word_for_the_engine, shutil.rmtree])
def test_a_restart_that_could_not_start_again_stops_nothing(
    host: Host, tmp_path: Path, break_it: Callable[[Path], None]
) -> None:
    folder = tmp_path / "p"
    project = host.add(stacks.write(folder, {"a": {"process": stacks.SLEEPER}, "b": {"process": stacks.SLEEPER}}))
    host.start(project)
    before = host.pids(project)
    break_it(folder)
    failed = host.finished(host.ask(JobType.RESTART, project))
    assert failed.state is JobState.FAILURE
    assert host.pids(project) == before
    assert host.states(project) == {"a": "running", "b": "running"}
    stacks.write(folder, {"a": {"process": stacks.SLEEPER}, "b": {"process": stacks.SLEEPER}})
    again = operations.retry(host.hub, failed.id, by="a test").job
    assert again.type is JobType.RESTART, "nothing of it was done, so all of it is to be done"
    assert host.finished(again).state is JobState.SUCCESS
    after = host.pids(project)
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())


def test_nor_does_one_whose_settings_cannot_be_read(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    project = host.add(stacks.write(tmp_path / "p", {"a": {"process": stacks.SLEEPER}}))
    host.start(project)
    before = host.pids(project)
    settings = tmp_path / "config" / "hubtui" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[jobs\n")
    assert host.finished(host.ask(JobType.RESTART, project)).state is JobState.FAILURE
    assert host.pids(project) == before
    settings.write_text("[jobs]\nconcurrency = 1\n")
    assert host.finished(host.ask(JobType.RESTART, project)).state is JobState.SUCCESS
