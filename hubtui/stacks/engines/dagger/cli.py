"""The `dagger` program: where it is found, and whether the SDK at hand can talk to it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from hubtui.errors import EngineError
from hubtui.paths import expanded
from hubtui.stacks.causes import in_engine_words
from hubtui.stacks.engines.dagger.settings import DaggerSettings

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)\S*")
_PATIENCE = 10.0  # seconds for `dagger version`


@dataclass(frozen=True, slots=True)
class Cli:
    """A program to run, and how it was found."""

    path: Path
    found: str


def find(settings: DaggerSettings) -> Cli | None:
    """`dagger.cli` of the settings, else PATH; None where dagger-io's own download has to serve. Raises EngineError."""
    if settings.cli is not None:
        path = expanded(settings.cli).absolute()  # a session has a working directory of its own
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise EngineError(
                f"dagger.cli is {path}, which is no program that can be run.",
                "Correct it in the settings, or leave it out: then PATH is searched.",
                kind="dagger_cli",
            )
        return Cli(path, "dagger.cli of the settings")
    if path_found := shutil.which("dagger"):
        return Cli(Path(path_found).absolute(), "found on PATH")
    return None


async def find_or_download(settings: DaggerSettings) -> Cli:
    """As `find`; where there is none, the version that dagger-io names is downloaded. Raises EngineError."""
    if found := find(settings):
        return found
    from dagger.provisioning._download import Downloader  # what dagger.connection() itself does

    try:
        return Cli(Path(await Downloader().get()), "downloaded by dagger-io")
    except Exception as error:  # also what its HTTP client and tarfile say: a proxy it cannot use, a torn archive
        cause = in_engine_words(str(error))
        raise EngineError(
            f"There is no dagger program on PATH, and it could not be downloaded: {error}",
            f"Install the Dagger CLI {sdk_version()} (https://docs.dagger.io/install), or name it: dagger.cli.",
            kind=cause.kind if cause else "dagger_cli",
        ) from error


def sdk_version() -> str:
    """Of the installed dagger-io, such as 0.21.11."""
    return metadata.version("dagger-io")


async def version(path: Path) -> str:
    """What `dagger version` says, such as v0.21.8; "" where it says nothing that can be understood."""
    return await asyncio.to_thread(read_version, path)


def read_version(path: Path, patience: float = _PATIENCE) -> str:
    """As `version`; blocks for some 50 ms, `patience` seconds at most."""
    quiet = os.environ | {"DAGGER_NO_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1"}
    try:
        said = subprocess.run([path, "version"], capture_output=True, text=True, timeout=patience, env=quiet)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    found = _VERSION.search(said.stdout)
    return "v" + found.group(0).removeprefix("v") if found else ""


def mismatch(sdk: str, cli: str) -> str:
    """Why this SDK cannot drive this CLI; "" where it can, or where a version is not known.

    0.21.1 of the SDK replaced loadXFromID by node(id), which older engines do not have; beyond that both sides only
    ask for 0.19.0 (engine/version.go). So the minor versions have to be the same.
    """
    ours, theirs = _VERSION.match(sdk), _VERSION.match(cli)
    if ours is None or theirs is None or ours.group(1, 2) == theirs.group(1, 2):
        return ""
    return f"dagger-io {sdk} cannot drive the Dagger CLI {cli}: their minor versions must be the same"
