"""Variables from env files, several of them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.stacks.spec.interpolate import Findings


def env_file_variables(paths: Iterable[Path], above: Mapping[str, str], findings: Findings) -> dict[str, str]:
    """What the files say, later ones over earlier ones; they may refer to `above` and to what was said before."""
    found: dict[str, str] = {}
    for path in paths:
        found |= load_dotenv(path, {**found, **above}, findings, what="env file")
    return found
