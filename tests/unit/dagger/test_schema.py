"""The API's schema, remembered between sessions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from gql import Client
from gql.transport.local_schema import LocalSchemaTransport
from graphql import build_schema

from hubtui.stacks.engines.dagger.schema import KnownSchema

API = build_schema('type Query { "what" version(of: Kind = OLD): String! } enum Kind { OLD NEW @deprecated }')


async def connected(folder: Path, engine: str = "v0.21.8", cli: str = "v0.21.8") -> tuple[bool, list[str]]:
    """Connect a client as a session does: whether the engine was asked for its schema, and the schema's fields."""
    client = Client(transport=LocalSchemaTransport(API), fetch_schema_from_transport=True)
    known = KnownSchema(folder, engine, cli)
    known.give(client)
    async with client:
        known.keep(client)
    assert client.schema is not None
    assert client.schema.query_type is not None
    return bool(client.introspection), list(client.schema.query_type.fields)


ASKED, REMEMBERED = (True, ["version"]), (False, ["version"])


async def test_the_schema_is_asked_for_once(tmp_path: Path) -> None:
    assert await connected(tmp_path) == ASKED
    assert await connected(tmp_path) == REMEMBERED


@pytest.mark.parametrize(("engine", "cli"), [("v0.21.9", "v0.21.8"), ("v0.21.8", "v0.21.9"), ("v0.21.8/../x", "v")])
async def test_another_engine_or_program_is_asked_itself_and_remembered_beside_it(
    tmp_path: Path, engine: str, cli: str
) -> None:
    await connected(tmp_path)
    assert await connected(tmp_path, engine, cli) == ASKED
    assert await connected(tmp_path, engine, cli) == REMEMBERED
    assert await connected(tmp_path) == REMEMBERED
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("engine", "cli"), [("", "v0.21.8"), ("v0.21.8", ""), ("", "")])
async def test_nothing_is_kept_of_an_unknown_version(tmp_path: Path, engine: str, cli: str) -> None:
    assert await connected(tmp_path, engine, cli) == ASKED
    assert list(tmp_path.iterdir()) == []


DAMAGED: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "cut off": lambda text: text[: len(text) // 2],
    "of bytes": lambda text: "\x00" * 100,
    "a list": lambda text: "[]",
    "of another kind": lambda text: '{"data": 1}',
    "without types": lambda text: '{"__schema": {"types": []}}',
    "of wrong types": lambda text: '{"__schema": {"types": 3}}',
    "with a number for a type": lambda text: text.replace('"type": {', '"type": 3, "was": {', 1),
    "of null types": lambda text: json.dumps({"__schema": {**json.loads(text)["__schema"], "types": [None]}}),
    "deep": lambda text: "[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGED)
async def test_a_file_that_is_damaged_is_ignored_and_made_anew(tmp_path: Path, damage: str) -> None:
    await connected(tmp_path)
    [file] = tmp_path.iterdir()
    whole = file.read_text()
    file.write_text(DAMAGED[damage](whole))
    assert await connected(tmp_path) == ASKED
    assert (list(tmp_path.iterdir()), file.read_text()) == ([file], whole)


async def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert await connected(tmp_path / "file") == ASKED
    assert await connected(tmp_path / "missing") == ASKED
    await connected(tmp_path)
    [cache] = [p for p in tmp_path.iterdir() if p.suffix == ".json"]
    cache.unlink()
    cache.mkdir()
    assert await connected(tmp_path) == ASKED
