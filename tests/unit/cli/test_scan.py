"""`add --scan`: which projects are found below a folder, what is said of them, and what is added."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hubtui.stacks import scan as scanning
from hubtui.stacks.scan import scan
from tests.unit.cli.support import COMPOSE, call, loaded, refused, said

ONE = "services: {web: {image: scratch, x-hubtui: {process: [sleep, '300']}}}\n"


def put(folder: Path, text: str = ONE, name: str = "compose.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


@pytest.fixture
def top(here: Path) -> Path:
    place = here / "src"
    put(place / "harbor", COMPOSE)
    put(place / "group" / "reef", ONE, "docker-compose.yml")
    put(place / "broken", "services:\n  web:\n    imagee: x\n")
    put(place / "wanting", "services: {web: {image: '${TAG_OF_WANTING:?}'}}\n")
    return place


def rows(top: Path, *words: str, code: int = 0) -> dict[str, Any]:
    return {row["name"]: row for row in loaded("add", "--scan", str(top), *words, code=code)}


def names() -> list[str]:
    return [project["name"] for project in loaded("ls")]


class TestShown:
    def test_each_says_what_it_would_be_and_nothing_is_added(self, top: Path) -> None:
        found = rows(top)
        assert list(found) == ["broken", "reef", "harbor", "wanting"]
        harbor = found["harbor"]
        assert (harbor["path"], harbor["services"]) == (str(top / "harbor"), ["store", "web"])
        assert (harbor["engine"], harbor["usable"], harbor["added"]) == ("process", True, False)
        assert names() == []
        text = said("add", "--scan", str(top))
        assert "engine:   process, because every service says how it runs as a process" in text
        assert f"All 2: hubtui add --scan {top} --yes" in text

    def test_what_cannot_be_used_says_why_with_its_place(self, top: Path) -> None:
        found = rows(top)
        assert not found["broken"]["usable"]
        assert f"{top}/broken/compose.yaml:3:" in found["broken"]["errors"][0]
        assert "TAG_OF_WANTING" in found["wanting"]["errors"][0]
        text = said("add", "--scan", str(top))
        assert f"{top}/broken/compose.yaml:3:" in text
        assert f"(cd {top}/wanting && hubtui env --init)" in text

    def test_a_name_that_is_taken_gets_another_one(self, top: Path) -> None:
        put(top / "group" / "two" / "reef")
        put(top / "more" / "two" / "reef")
        said("add", str(top / "harbor"), "--name", "reef")
        found = rows(top)
        assert (found["reef"]["path"], found["reef"]["registered"]) == (str(top / "harbor"), "reef")
        assert [n for n, row in found.items() if row["own_name"] == "reef" and not row["registered"]] == [
            "group-reef",
            "two-reef",
            "reef-2",
        ]
        assert "its own, reef, is taken" in said("add", "--scan", str(top))

    def test_what_another_includes_is_part_of_it(self, top: Path) -> None:
        put(top / "group" / "reef", "include: [parts/compose.yaml]\n" + ONE, "docker-compose.yml")
        put(top / "group" / "reef" / "parts", ONE.replace("web", "db"))
        assert rows(top)["parts"]["part_of"] == "reef"
        said("add", "--scan", str(top), "--yes")
        assert names() == ["harbor", "reef"]

    def test_an_empty_folder_and_one_that_is_not_there(self, here: Path) -> None:
        assert said("add", "--scan", str(here / "elsewhere")).startswith("No compose file in")
        assert "There is no folder" in refused("add", "--scan", str(here / "gone"))

    def test_no_name_can_act_on_the_terminal(self, top: Path) -> None:
        put(top / "a\x1b]0;mine\x07b")
        text = said("add", "--scan", str(top))
        assert "\x1b" not in text
        assert "cannot be used" in text


class TestAdded:
    def test_yes_adds_all_that_can_be_and_again_adds_nothing(self, top: Path) -> None:
        found = rows(top, "--yes")
        assert {n for n, row in found.items() if row["added"]} == {"harbor", "reef"}
        assert names() == ["harbor", "reef"]
        again = rows(top, "--yes")
        assert {n: row["registered"] for n, row in again.items() if row["registered"]} == {
            "harbor": "harbor",
            "reef": "reef",
        }
        assert not any(row["added"] for row in again.values())

    def test_only_the_named_ones(self, top: Path) -> None:
        put(top / "atoll")
        said("add", "--scan", str(top), "--only", "atoll", "reef")
        assert names() == ["atoll", "reef"]

    @pytest.mark.parametrize(("name", "why"), [("broken", "imagee"), ("nobody", "To add: reef, harbor")])
    def test_one_wrong_name_and_nothing_is_added(self, top: Path, name: str, why: str) -> None:
        assert why in refused("add", "--scan", str(top), "--only", "reef", "--only", name)
        assert names() == []

    def test_words_that_do_not_go_together(self, top: Path) -> None:
        assert "--scan DIR" in refused("add", str(top), "--yes")
        assert "--scan takes no" in refused("add", str(top), "--scan", str(top))
        assert "One PATH" in refused("add", str(top), str(top))


class TestBounds:
    def test_hidden_and_foreign_folders_are_skipped_and_links_not_followed(self, top: Path, here: Path) -> None:
        for name in (".git", ".venv", "node_modules", "vendor", ".hidden"):
            put(top / name / "x")
        outside = put(here / "outside")
        (top / "link").symlink_to(outside)
        (top / "group" / "circle").symlink_to(top)
        found = scan(top)
        assert [str(f.relative_to(top)) for f in found.folders] == ["broken", "group/reef", "harbor", "wanting"]

    def test_five_levels_and_no_more_and_it_says_so(self, here: Path) -> None:
        put(here / "a" / "1" / "2" / "3" / "4" / "5")
        put(here / "a" / "1" / "2" / "3" / "4" / "5" / "6")
        assert [f.name for f in scan(here / "a").folders] == ["5"]
        result = call("add", "--scan", str(here / "a"))
        assert "More than 5 levels down and not looked into: 1 folder." in result.stderr

    def test_it_stops_and_says_so(self, here: Path) -> None:
        for number in range(scanning.MAX_FOLDERS + 5):
            os.mkdir(here / "elsewhere" / str(number))
        result = call("add", "--scan", str(here / "elsewhere"))
        assert "Stopped after 10000 folders" in result.stderr
