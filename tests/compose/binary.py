"""Which real `docker compose` the corpus is compared with, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hubtui-ci" / "docker-compose"


@cache
def compose() -> tuple[str, ...] | None:
    """How to call it, None where there is none: what HUBTUI_TEST_COMPOSE names, the copy that `.ci/compose-binary` has
    fetched, a `docker-compose` of version 2 or later, the plugin of the docker client."""
    named = os.environ.get("HUBTUI_TEST_COMPOSE")
    tried = [(named,)] if named else [(str(KEPT),), ("docker-compose",), ("docker", "compose")]
    return next((call for call in tried if shutil.which(call[0]) and _version(call)), None)


def not_comparable() -> str:
    """Why what it says cannot be compared with hubtui, "" where it can: it is the version that wrote the outcomes."""
    recorded = (Path(__file__).parent / "expected" / "VERSION").read_text().strip()
    if not compose():
        return "no docker compose here"
    return "" if version() == recorded else f"another docker compose than {recorded}: {version()}"


@cache
def version() -> str:
    """What it says of itself, "" where there is none."""
    call = compose()
    return _version(call) if call else ""


def _version(call: tuple[str, ...]) -> str:
    """Empty where it does not run or is the older program, which knows another format."""
    try:
        asked = subprocess.run([*call, "version", "--short"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = asked.stdout.strip().removeprefix("v")
    return said if asked.returncode == 0 and said[:1].isdigit() and not said.startswith("1.") else ""
