"""What a clean takes and what it leaves, on what a real engine said of two projects and a stranger
(`tests/recordings/compose/disk.json`: Docker 20.10 with shop, built for web, and other, which runs shop's image)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hubtui.stacks.engines.compose.leftovers import EXTRA, Leftover, plan

RECORDED = json.loads((Path(__file__).parents[2] / "recordings" / "compose" / "disk.json").read_text())


@pytest.fixture
def said() -> dict[str, Any]:
    return copy.deepcopy(RECORDED)


def kinds(found: tuple[Leftover, ...]) -> dict[str, list[str]]:
    return {kind: [one.name for one in found if one.kind == kind] for kind in {one.kind for one in found}}


def without_others(said: dict[str, Any]) -> dict[str, Any]:
    said["disk"]["Containers"] = [c for c in said["disk"]["Containers"] if c["Names"][0].startswith("/shop-")]
    return said


def test_only_what_is_its_own_goes_unasked(said: dict[str, Any]) -> None:
    found = plan("shop", **without_others(said), words=())
    assert kinds(found.goes) == {
        "container": ["shop-web-1", "shop-store-1"],
        "network": ["shop_default"],
        "built": ["shop-web:latest"],
    }
    assert kinds(found.stays) == {"pulled": ["box:1"], "volume": ["shop_data"], "cache": ["build cache"]}


@pytest.mark.parametrize(("word", "kind"), [("images", "pulled"), ("volumes", "volume"), ("cache", "cache")])
def test_a_word_more_takes_one_kind_more(said: dict[str, Any], word: str, kind: str) -> None:
    said = without_others(said)
    more, less = plan("shop", **said, words=(word,)), plan("shop", **said, words=())
    assert {one.kind for one in more.goes} - {one.kind for one in less.goes} == {kind}


def test_what_others_use_stays_whatever_is_said(said: dict[str, Any]) -> None:
    found = plan("shop", **said, words=EXTRA)
    kept = {one.name: one.kept for one in found.stays}
    assert set(kept) == {"shop-web:latest", "box:1", "shop_data"}
    assert set(kept.values()) == {"used by containers of others"}


def test_nothing_of_another_project_is_ever_in_it(said: dict[str, Any]) -> None:
    found = plan("other", **said, words=EXTRA)
    assert {one.name for one in found.goes} == {"other-a-1", "other_default", "build cache"}
    assert [(one.name, one.kept) for one in found.stays] == [("shop-web:latest", "built by shop")]


def test_sizes_are_what_a_removal_frees(said: dict[str, Any]) -> None:
    found = plan("shop", **without_others(said), words=EXTRA)
    sizes = {one.name: one.bytes for one in found.goes}
    assert sizes["shop-web-1"] == 6  # what it wrote into its own layer
    assert sizes["shop-web:latest"] == 6  # its base is shared with box:1
    assert sizes["shop_data"] == 0


def test_an_image_goes_by_the_name_that_the_project_has_for_it(said: dict[str, Any]) -> None:
    image = next(i for i in said["disk"]["Images"] if "box:1" in i["RepoTags"])
    image["RepoTags"] = ["mine:keep", "box:1"]
    (found,) = (one for one in plan("shop", **without_others(said), words=("images",)).goes if one.kind == "pulled")
    assert found.id == "box:1"


def test_an_image_that_a_newer_build_took_the_name_of_goes_by_its_id(said: dict[str, Any]) -> None:
    image = next(i for i in said["disk"]["Images"] if "shop-web:latest" in i["RepoTags"])
    image["RepoTags"] = ["<none>:<none>"]
    (found,) = (one for one in plan("shop", **without_others(said), words=()).goes if one.kind == "built")
    assert (found.id, found.note) == (image["Id"], "an older build for web")


def test_a_size_that_the_engine_does_not_tell_is_unknown(said: dict[str, Any]) -> None:
    said["disk"]["Volumes"][0]["UsageData"] = None
    said["disk"]["Images"][0]["SharedSize"] = -1
    found = plan("shop", **without_others(said), words=EXTRA)
    assert {one.name for one in found.goes if one.bytes is None} == {"shop_data", "shop-web:latest"}


def test_a_project_that_has_nothing_there_has_an_empty_plan(said: dict[str, Any]) -> None:
    assert plan("nobody", **said, words=()).goes == ()
    assert plan("nobody", disk={}, networks=(), words=EXTRA) == plan("nobody", {}, (), ())
