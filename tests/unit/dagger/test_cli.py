"""The `dagger` program: where it is found, what version it is, whether the SDK can drive it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from dagger._engine._version import CLI_VERSION

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger import cli
from hubtui.stacks.engines.dagger.cli import Cli
from hubtui.stacks.engines.dagger.settings import DaggerSettings


class Places:
    """Where a `dagger` may be: a folder on PATH, one of the settings, and dagger-io's own cache."""

    def __init__(self, root: Path) -> None:
        self.on_path, self.named = root / "bin" / "dagger", root / "mine" / "dagger"
        self.downloaded = root / "cache" / "dagger" / f"dagger-{CLI_VERSION}"
        for path in (self.on_path, self.named, self.downloaded):
            path.parent.mkdir(parents=True)

    @staticmethod
    def put(path: Path, body: str = "echo dagger v0.21.8", mode: int = 0o755) -> Path:
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(mode)
        return path


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ALL_PROXY", "all_proxy", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # nothing is downloaded here
    return Places(tmp_path)


def test_the_settings_come_before_path_and_path_before_a_download(places: Places) -> None:
    settings = DaggerSettings(cli=places.put(places.named))
    places.put(places.on_path)
    places.put(places.downloaded)
    assert asyncio.run(cli.find_or_download(settings)) == Cli(places.named, "dagger.cli of the settings")
    assert asyncio.run(cli.find_or_download(DaggerSettings())) == Cli(places.on_path, "found on PATH")
    places.on_path.unlink()
    assert cli.find(DaggerSettings()) is None
    assert asyncio.run(cli.find_or_download(DaggerSettings())) == Cli(places.downloaded, "downloaded by dagger-io")


def test_a_program_on_path_that_cannot_be_run_is_passed_over(places: Places) -> None:
    places.put(places.on_path, mode=0o644)
    assert cli.find(DaggerSettings()) is None


@pytest.mark.parametrize("written", ["~/mine/dagger", "mine/dagger", "./bin/../mine/dagger"])
def test_a_program_of_the_settings_is_found_from_any_working_directory(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    places.put(places.named)
    monkeypatch.chdir(tmp_path)
    found = cli.find(DaggerSettings(cli=Path(written)))
    assert found is not None
    assert found.path.is_absolute()
    assert os.path.samefile(found.path, places.named)


@pytest.mark.parametrize("kind", ["missing", "a folder", "not executable"])
def test_a_program_of_the_settings_that_cannot_be_run_is_an_error_even_where_path_has_one(
    places: Places, kind: str
) -> None:
    places.put(places.on_path)
    if kind == "a folder":
        places.named.mkdir()
    elif kind == "not executable":
        places.put(places.named, mode=0o644)
    with pytest.raises(EngineError, match="which is no program that can be run") as caught:
        cli.find(DaggerSettings(cli=places.named))
    assert (caught.value.kind, str(places.named) in caught.value.message) == ("dagger_cli", True)
    assert "leave it out" in caught.value.hint


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "ftp://127.0.0.1", "socks5://127.0.0.1:1", "http://[::1"])
def test_a_download_that_fails_is_told_with_what_to_do(
    places: Places, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(EngineError, match=r"no dagger program on PATH, and it could not be downloaded: .") as caught:
        asyncio.run(cli.find_or_download(DaggerSettings()))
    assert caught.value.kind == "dagger_cli"
    assert f"Install the Dagger CLI {cli.sdk_version()}" in caught.value.hint


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ("echo 'dagger v0.21.8 (registry.dagger.io/engine:v0.21.8) linux/amd64'", "v0.21.8"),
        ("echo 'dagger 0.19.4 (docker-image://x)'", "v0.19.4"),
        ("echo 'dagger v1.0.0-beta.10'", "v1.0.0-beta.10"),
        ('test "$1" = version && echo v0.21.8', "v0.21.8"),
        ('echo "v0.21.$DAGGER_NO_UPDATE_CHECK"', "v0.21.1"),
        ("echo 'a new release: v0.21.9' >&2; echo v0.21.8", "v0.21.8"),
        ("echo dagger devel", ""),
        ("printf '\\377v0.21.8'", ""),
        ("exit 3", ""),
    ],
)
def test_the_version_is_what_the_program_says(places: Places, body: str, version: str) -> None:
    assert asyncio.run(cli.version(places.put(places.named, body))) == version


def test_a_program_that_cannot_be_started_has_no_version(places: Places) -> None:
    assert cli.read_version(places.named) == ""
    places.named.write_bytes(b"\x7fELF no more")
    places.named.chmod(0o755)
    assert cli.read_version(places.named) == ""


@pytest.mark.parametrize(
    ("sdk", "program", "fits"),
    [
        ("0.21.11", "v0.21.8", True),
        ("0.21.1", "v0.21.11", True),
        ("0.19.4", "v0.19.11", True),
        ("0.21.11", "v0.19.4", False),
        ("0.19.4", "v0.21.8", False),
        ("0.21.11", "v1.21.0", False),
        ("0.21.11", "v0.2.11", False),
        ("0.21.11", "", True),
        ("0.21.11.dev1", "v0.21.8", True),
        ("unknown", "v0.21.8", True),
    ],
)
def test_sdk_and_program_fit_where_their_minor_versions_are_the_same(sdk: str, program: str, fits: bool) -> None:
    said = cli.mismatch(sdk, program)
    assert (not said) is fits
    assert fits or (sdk in said and program in said)
