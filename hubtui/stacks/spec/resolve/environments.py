"""Variables from env files, several of them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.stacks.spec.interpolate import Findings


def env_file_variables(paths: Iterable[Path], above: Mapping[str, str], findings: Findings) -> dict[str, str]:
    """What the files say, later ones over earlier ones; they may refer to `above` and to what was said before."""
    found: dict[str, str] = {}
    origins: dict[str, Path] = {}
    for path in paths:
        read = load_dotenv(path, {**found, **above}, findings, what="env file")
        found |= read
        origins |= dict.fromkeys(read, path)
    findings.origins = {**origins, **findings.origins}  # whatever is read later lies below what was read before
    return found
