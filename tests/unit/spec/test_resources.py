"""The top-level `volumes`, `secrets` and `configs`."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.stacks.spec.model import FileSource, Volume

from .conftest import Folder

SERVICE = "services: {web: {image: x}}\n"


@pytest.mark.parametrize(
    ("written", "volume"),
    [
        ("", Volume("data", "myshop_1_data")),
        ("{}", Volume("data", "myshop_1_data")),
        ("{name: real}", Volume("data", "real")),
        ("{name: '${STAGE}-data'}", Volume("data", "live-data")),
        ("{driver: local, driver_opts: {type: nfs}, labels: [a=b]}", Volume("data", "myshop_1_data", driver="local")),
        ("{external: true}", Volume("data", "data", external=True)),
        ("{external: 'yes', name: real}", Volume("data", "real", external=True)),
        ("{external: {name: old}}", Volume("data", "old", external=True)),
        ("{external: false, name: real}", Volume("data", "real")),
        ("{external: true, x-note: mine}", Volume("data", "data", external=True)),
    ],
)
def test_a_volume_is_called_as_docker_calls_it(folder: Folder, written: str, volume: Volume) -> None:
    stack = folder.load(f"{SERVICE}volumes:\n  data: {written}\n", {"STAGE": "live"})
    assert stack.volumes == {"data": volume}


def test_what_a_volume_says_beyond_its_fields_is_kept_as_written(folder: Folder) -> None:
    stack = folder.load(SERVICE + "volumes: {data: {driver_opts: {type: nfs}}}\n")
    assert stack.extra == {"volumes": {"data": {"driver_opts": {"type": "nfs"}}}}


@pytest.mark.parametrize("key", ["secrets", "configs"])
@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("{file: ./a/../key}", FileSource("one", Path("FOLDER/key"))),
        ("{file: ~/key}", FileSource("one", Path("/home/ann/key"))),
        ("{file: /etc/key, name: real}", FileSource("real", Path("/etc/key"))),
        ("{environment: HANDED}", FileSource("one", value="over")),
        ("{environment: UNSET}", FileSource("one")),
        ("{content: 'level=${HANDED}'}", FileSource("one", value="level=over")),
        ("{content: ''}", FileSource("one", value="")),
        ("{external: true}", FileSource("one", external=True)),
        ("{external: true, name: real}", FileSource("real", external=True)),
        ("{driver: vault, name: real}", FileSource("real")),
    ],
)
def test_a_secret_or_config_comes_from_one_place(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, key: str, written: str, source: FileSource
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    text = f"{SERVICE}{key}:\n  one: {written}\n"
    for section, other in (("secrets", "content"), ("configs", "driver")):
        if key == section and other in written:  # only the other section knows this key
            assert folder.error(text).endswith(f"{section}.one.{other} is no key that Compose knows")
            return
    if key == "secrets" and "driver" in written:
        assert folder.error(text).endswith("secrets.one has no file or environment")
        return
    stack = folder.load(text, {"HANDED": "over"})
    file = source.file and Path(str(source.file).replace("FOLDER", str(folder.path)))
    expected = {"one": FileSource(source.name, file, source.value, source.external)}
    assert (stack.secret_sources, stack.config_sources) == ((expected, {}) if key == "secrets" else ({}, expected))


def test_only_secrets_are_masked_and_a_variable_that_is_not_set_is_said(folder: Folder) -> None:
    sources = "secrets:\n  a: {environment: HANDED}\n  b: {environment: UNSET}\nconfigs:\n  c: {content: plain-text}\n"
    stack = folder.load(SERVICE + sources, {"HANDED": "hush-hush"})
    assert stack.secrets == {"hush-hush"}
    assert stack.warnings == (f"{folder.file}:4: secrets.b is to come from the variable UNSET, which is not set",)


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ("volumes: [data]", "2: volumes must be a mapping, not a list"),
        ("volumes:\n  data: local", "3: volumes.data must be a mapping, not a string"),
        ("volumes:\n  data:\n    name: [x]", "4: volumes.data.name must be a string, not a list"),
        ("volumes:\n  data:\n    external: maybe", "4: volumes.data.external must be true or false, not 'maybe'"),
        (
            "volumes:\n  data: {external: true, driver: x}",
            "3: volumes.data is external, so it can have a name but no driver",
        ),
        ("secrets: key", "2: secrets must be a mapping, not a string"),
        ("secrets:\n  key:", "3: secrets.key must be a mapping, not empty"),
        ("secrets:\n  key: {}", "3: secrets.key has no file, environment or content"),
        ("secrets:\n  key: {name: x}", "3: secrets.key has no file, environment or content"),
        ("secrets:\n  key:\n    file: ''", "4: secrets.key.file is empty"),
        ("secrets:\n  key:\n    environment: [A]", "4: secrets.key.environment must be a string, not a list"),
        (
            "configs:\n  c: {file: x, content: y}",
            "3: configs.c has file and content, of which only one can count",
        ),
        (
            "configs:\n  c: {external: true, file: x}",
            "3: configs.c is external, so it can have a name but no file",
        ),
    ],
)
def test_errors_say_where_and_what(folder: Folder, top: str, message: str) -> None:
    assert folder.error(f"{SERVICE}{top}\n") == f"compose.yaml:{message}"
