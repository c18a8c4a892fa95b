"""Files that nobody wrote: each is resolved, or refused with file and line, soon and in little memory; and those that
are nearly what people write come out as docker compose has them, or are refused by both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.resolve.config import resolve
from hubtui.stacks.spec.resolve.sources import Wanted
from tests.compose import binary
from tests.compose.cases import HERE, HOME
from tests.compose.compare import differences
from tests.compose.documents import documents

MUTATED = int(os.environ.get("HUBTUI_TEST_MUTATED", "4000"))
COMPARED = int(os.environ.get("HUBTUI_TEST_COMPARED", "120"))
KIBIBYTES = 200 * 1024
ENVIRON = {"HOME": HOME, "PATH": "/usr/bin:/bin", "A": "from-shell", "EMPTY": "", "YES": "true", "ONE": "1"}


def test_broken_bytes_are_refused_with_their_place(tmp_path: Path) -> None:
    """In a process of their own, so that their memory is that of the loader: `tests/compose/fuzz.py`."""
    call = [sys.executable, "-m", "tests.compose.fuzz", str(tmp_path), "0", str(MUTATED)]
    ended = subprocess.run(call, cwd=HERE.parent.parent, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    *wrong, summary = map(json.loads, ended.stdout.splitlines())
    assert not wrong, f"{len(wrong)} of {MUTATED}: {json.dumps(wrong[:5], indent=1)}"
    assert summary["tried"] == MUTATED
    assert summary["slowest"] < 2.0
    assert summary["peak"] < KIBIBYTES
    assert summary["refused"] < 0.97 * MUTATED, "nothing is broken enough, or everything too much"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "one.env").write_text("A=file\nONE_ONLY=1\nX=${A}-x\n")
    (folder / "two.env").write_text('A=second\nQUOTED="a b"\n')
    shared = {"image": "shared", "volumes": ["./here:/there"], "environment": ["A=shared"], "env_file": "one.env"}
    (folder / "shared.yaml").write_text(json.dumps({"services": {"shared": shared}}))
    return folder


@pytest.mark.skipif(bool(binary.not_comparable()), reason=binary.not_comparable() or "it can be compared")
@settings(
    max_examples=COMPARED, deadline=None, derandomize=COMPARED == 120, phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(first=documents(), second=st.none() | documents(first=False), profiles=st.sampled_from([(), ("p",), ("*",)]))
def test_comes_out_as_docker_compose_has_it(
    place: Path, first: dict[str, Any], second: dict[str, Any] | None, profiles: tuple[str, ...]
) -> None:
    files = ["a.yaml"]
    (place / "a.yaml").write_text(json.dumps(first))
    if second:
        files.append("b.yaml")
        (place / "b.yaml").write_text(json.dumps(second))
    theirs = _theirs(place, files, profiles)
    try:
        wanted = Wanted([Path(file) for file in files], profiles=profiles)
        ours: Any = json.loads(json.dumps(resolve(place, wanted=wanted, environ=ENVIRON)))
    except StackError as error:
        assert isinstance(theirs, str), f"only hubtui refuses: {error}"
    else:
        assert not isinstance(theirs, str), f"only docker compose refuses: {theirs}"
        assert not list(differences(ours, theirs))


def _theirs(place: Path, files: list[str], profiles: tuple[str, ...]) -> Any:
    """The stack as docker compose prints it, or the sentence with which it refuses."""
    options = [word for file in files for word in ("-f", file)] + [word for p in profiles for word in ("--profile", p)]
    call = [*(binary.compose() or ()), *options, "config", "--format", "json"]
    ended = subprocess.run(call, cwd=place, env=ENVIRON, capture_output=True, text=True, timeout=60, check=False)
    if ended.returncode:
        return ended.stderr.strip().splitlines()[-1]
    return json.loads(ended.stdout.replace("$$", "$"))
