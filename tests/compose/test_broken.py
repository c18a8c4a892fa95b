"""What no loader can use is refused in words: which file, which line, what is wrong; soon, and in little memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.compose import ours
from tests.compose.bombs import BOMBS, REFUSED
from tests.compose.cases import HERE, HOME, Case

BROKEN = sorted((HERE / "broken").iterdir())
SECONDS = 2.0
KIBIBYTES = 200 * 1024

# The time that counts is the loader's, and the memory that of the whole program: the child says both itself.
_MEASURED = """
import re, sys, time
from hubtui.cli import cli
import hubtui.cli.config
begun = time.monotonic()
try:
    cli.main(["config", "--format", "json"])
except SystemExit as left:
    took = time.monotonic() - begun
    peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]  # rusage has the parent's in it
    print(f"measured {took} {peak} {left.code or 0}", file=sys.stderr)
"""


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: folder.name)
def test_refused_with_its_place(folder: Path) -> None:
    """`at` are the places that the message must name, as FILE, FILE:LINE; `says` are words that must be in it."""
    wanted = tomllib.loads((folder / "case.toml").read_text())
    case = Case(folder.name, folder, files=tuple(wanted.get("files", ())), env={"HUBTUI_DEBUG": ""})
    begun = time.monotonic()
    found = ours.resolve(case)
    took = time.monotonic() - begun
    assert found.config is None, "this was not refused"
    for place in wanted.get("at", ()):
        # A line that is asked for may not be the beginning of another number.
        assert re.search(re.escape(place) + (r"(?!\d)" if place[-1].isdigit() else ""), found.error), found.error
    for word in wanted.get("says", ()):
        assert word in found.error
    assert took < SECONDS


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_no_harm(name: str, tmp_path: Path) -> None:
    """It is resolved or refused, never a traceback, and neither takes long or much."""
    BOMBS[name](tmp_path)
    environ = {"HOME": HOME, "PATH": os.environ["PATH"], "PYTHONPATH": str(HERE.parent.parent)}
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURED], cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    measured = re.search(r"^measured (\S+) (\d+) (\d+)$", ended.stderr, re.MULTILINE)
    assert measured, ended.stderr[-2000:]
    assert "unexpected" not in ended.stderr and "Traceback" not in ended.stderr, ended.stderr[-2000:]
    seconds, peak, code = float(measured[1]), int(measured[2]), int(measured[3])
    assert seconds < SECONDS and peak < KIBIBYTES, f"{seconds:.1f} s, {peak // 1024} MB: {ended.stderr[:500]}"
    assert code in (0, 1, 2) and (code or name not in REFUSED), "this was not refused"
    if code:
        named = (str(tmp_path), "compose.yaml", "/dev/zero")
        assert any(file in ended.stderr for file in named), ended.stderr[:2000]
        assert len(ended.stderr) < 20_000, "an error is no place to print the file"


def test_there_are_enough_of_them() -> None:
    """Each broken project says what is expected of it."""
    assert len(BROKEN) + len(BOMBS) >= 40
    assert all((folder / "case.toml").is_file() for folder in BROKEN)
