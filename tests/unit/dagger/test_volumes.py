"""The memory of which volumes had data."""

from __future__ import annotations

from pathlib import Path

from hubtui.stacks.engines.dagger.volumes import VolumeMemory


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
