"""A secret that a service is given, and prints, is nowhere in hubtui's files, command lines or answers."""

from __future__ import annotations

import sys
from pathlib import Path

from hubtui.models import JobState
from tests.doubles import stacks
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually

SECRET = "correct-horse-battery-staple"
TALK = "import os, sys; print('token is', os.environ['API_TOKEN'], flush=True); print(os.environ['API_TOKEN'])\n"


def everything_written(root: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in root.rglob("*") if f.is_file() and "projects" not in f.parts}


def test_a_printed_secret_is_masked_everywhere(host: Host, tmp_path: Path) -> None:
    services = {
        "web": {
            "process": [sys.executable, "-u", "-c", TALK + "import time; time.sleep(600)"],
            "build_process": [sys.executable, "-u", "-c", TALK],
            "environment": {"API_TOKEN": "${TOKEN_FROM_FILE}", "DSN": f"postgres://me:{SECRET}@localhost/db"},
        },
        "broken": {
            "process": [sys.executable, "-u", "-c", "1"],
            "build_process": [sys.executable, "-u", "-c", TALK + "sys.exit(os.environ['API_TOKEN'])"],
            "environment": {"API_TOKEN": SECRET},
        },
    }
    folder = stacks.write(tmp_path / "secretive", services)
    (folder / ".env").write_text(f"TOKEN_FROM_FILE={SECRET}\n")
    project = host.add(folder)
    failed = host.start(project)
    assert failed.state is JobState.FAILURE
    assert failed.error is not None
    assert failed.error.kind == "build_failed"
    assert host.start(project, ["web"]).state is JobState.SUCCESS
    eventually(lambda: "token is" in python("logs", f"{project}/web", home=host.home.root).stdout)

    for file, content in everything_written(host.home.root).items():
        assert SECRET.encode() not in content, file
    for verb in (["logs", project], ["status", project], ["events"], ["job", str(failed.id)], ["ls", "--json"]):
        said = python(*verb, home=host.home.root)
        assert SECRET not in said.stdout + said.stderr, verb
    for pid in (host.runner(project), host.guard(project)):
        assert SECRET.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_secret_in_the_wrong_place_is_not_quoted(host: Host, tmp_path: Path) -> None:
    """Neither where the file cannot be used for it, nor in what to do about a command that cannot be run."""
    folder = stacks.write(tmp_path / "mistaken", {"a": {"process": stacks.SLEEPER}})
    project = host.add(folder)
    (folder / ".env").write_text(f"API_TOKEN={SECRET}\n")
    (folder / SECRET).write_text("not executable")
    for mistake in ({"ports": ["${API_TOKEN}:80"]}, {"process": ["./${API_TOKEN}"]}):
        stacks.write(folder, {"a": {"process": stacks.SLEEPER, **mistake}})
        failed = host.start(project)
        assert failed.error is not None
        assert "••••••" in failed.error.message
        said = python("job", str(failed.id), home=host.home.root)
        assert SECRET not in said.stdout + said.stderr
    said = python("start", project, "--wait", home=host.home.root)
    assert SECRET not in said.stdout + said.stderr
    for file, content in everything_written(host.home.root).items():
        assert SECRET.encode() not in content, file
