"""Which services a start means, and in which order they come up."""

from __future__ import annotations

import pytest

from hubtui.errors import UsageError
from hubtui.stacks.plan import ranks, select, stages
from hubtui.stacks.spec.model import Stack, Stage

from .conftest import Folder

SHOP = """\
x-started: &started {condition: service_started}
x-maybe: &maybe {condition: service_started, required: false}
services:
  web: {image: x, depends_on: [api]}
  api: {image: x, depends_on: {db: *started, cache: *maybe, mail: *maybe}}
  db: {image: x}
  cache: {image: x}
  mail: {image: x, profiles: [full]}
  debug: {image: x, profiles: [debug, full], depends_on: [db]}
"""


@pytest.fixture
def shop(folder: Folder) -> Stack:
    return folder.load(SHOP)


@pytest.mark.parametrize(
    ("services", "profiles", "selected"),
    [
        ((), (), ("db", "cache", "api", "web")),
        ((), ("debug",), ("db", "cache", "api", "web", "debug")),
        ((), ("full",), ("db", "cache", "mail", "api", "web", "debug")),
        ((), ("*",), ("db", "cache", "mail", "api", "web", "debug")),
        (("db",), (), ("db",)),
        (("debug",), (), ("db", "debug")),
        (("api", "db"), (), ("db", "cache", "api")),
    ],
)
def test_select(shop: Stack, services: tuple[str, ...], profiles: tuple[str, ...], selected: tuple[str, ...]) -> None:
    assert select(shop, services, profiles) == selected


def test_select_refuses_a_name_that_is_not_there(shop: Stack) -> None:
    with pytest.raises(UsageError, match="myshop_1 has no service 'nope'") as caught:
        select(shop, ("nope",))
    assert "web, api, db" in caught.value.hint


def test_ranks(shop: Stack) -> None:
    assert ranks(shop, select(shop)) == [("db", "cache"), ("api",), ("web",)]
    assert ranks(shop, ("web",)) == [("web",)]
    assert ranks(shop, ()) == []


def test_stages_are_derived_or_as_written(folder: Folder, shop: Stack) -> None:
    assert stages(shop, ("db", "api")) == (Stage("stage 1", ("db",)), Stage("stage 2", ("api",)))
    named = folder.load(SHOP + "x-hubtui: {stages: {infra: [db, cache], core: [api]}}\n")
    assert stages(named, select(named)) == (
        Stage("infra", ("db", "cache")),
        Stage("core", ("api",)),
        Stage("other", ("web",)),
    )
    assert stages(named, ("db",)) == (Stage("infra", ("db",)),)


def test_a_stage_of_which_some_is_started_is_tried_as_often(folder: Folder) -> None:
    more = "x-hubtui: {stages: {infra: {services: [db, cache], retries: 2, retry_delay: 1s, timeout: 9s}}}\n"
    assert stages(folder.load(SHOP + more), ("db",)) == (Stage("infra", ("db",), 2, 1.0, 9.0),)
