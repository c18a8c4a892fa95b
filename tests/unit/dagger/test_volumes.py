"""The memory of which volumes had data."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.volumes import Identity, VolumeMemory, mounting
from hubtui.stacks.spec.load import load_stack


def test_what_was_seen_is_remembered_by_the_next_runner_and_named_when_it_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "made" / "volumes.json"
    VolumeMemory(file).saw_data("pgdata", 7, "engine v0.21.8 at unix:///run/x")
    memory = VolumeMemory(file)
    assert memory.had_data("pgdata")
    assert not memory.had_data("other")
    error = memory.lost("shop", "pgdata", "postgres")
    assert (error.kind, error.service) == ("volume_lost", "postgres")
    assert "run 7" in error.message
    assert "v0.21.8" in error.message
    assert error.hint.endswith("hubtui start shop --empty-volume pgdata")


def test_one_that_may_be_empty_is_forgotten_and_the_others_are_not(tmp_path: Path) -> None:
    memory = VolumeMemory(tmp_path / "volumes.json")
    memory.saw_data("a", 1, "e")
    memory.saw_data("b", 1, "e")
    memory.forget(["a", "unknown"])
    again = VolumeMemory(tmp_path / "volumes.json")
    assert (again.had_data("a"), again.had_data("b")) == (False, True)


def test_a_file_that_cannot_be_read_is_said_and_not_lost_by_looking(tmp_path: Path) -> None:
    file = tmp_path / "volumes.json"
    for damaged in ("{", "[1]", '{"a": 1}', "\x00"):
        file.write_text(damaged)
        assert str(file) in VolumeMemory(file).problem
        assert file.read_text() == damaged


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = VolumeMemory(tmp_path / "file" / "volumes.json")
    memory.saw_data("a", 1, "e")
    assert memory.had_data("a")


def test_a_volume_is_mounted_as_it_was_first_whoever_uses_it_by_now(tmp_path: Path) -> None:
    file, first = tmp_path / "volumes.json", Identity(owner="5:6")
    assert VolumeMemory(file).identify("data", first) == first
    memory = VolumeMemory(file)
    assert memory.known == {}  # nothing was seen in it
    memory.saw_data("data", 1, "e")
    assert VolumeMemory(file).identify("data", Identity(owner="7:8")) == first
    memory.forget(["data"])
    assert memory.identify("data", Identity(owner="7:8")) == Identity(owner="7:8")


def test_several_services_get_one_that_is_shared_unless_data_is_in_one_that_is_not(tmp_path: Path) -> None:
    memory = VolumeMemory(tmp_path / "volumes.json")
    memory.identify("data", Identity())
    assert memory.identify("data", Identity(shared=True)) == Identity(shared=True)
    assert memory.identify("data", Identity()) == Identity(shared=True)  # one service is left
    memory.identify("other", Identity())
    memory.saw_data("other", 1, "e")
    with pytest.raises(EngineError, match="other has data") as caught:
        memory.identify("other", Identity(shared=True))
    assert (caught.value.kind, "--empty-volume other" in caught.value.hint) == ("volume_lost", True)


def test_who_mounts_a_volume(tmp_path: Path) -> None:
    services = "a: {image: x, volumes: ['vol:/v', '/own']}, b: {image: x, volumes: ['vol:/w']}"
    (tmp_path / "compose.yaml").write_text(f"name: s\nvolumes: {{vol: }}\nservices: {{{services}}}\n")
    stack = load_stack(tmp_path, environ={})
    assert (mounting(stack, "vol"), mounting(stack, "a/own")) == (["a", "b"], ["a"])
