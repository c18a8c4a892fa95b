"""The template `commandcenter` on a real engine: added, started, and used without a file being edited.

The stand-in is no place for it: it has no postgres. $LIVE_PYTHON_IMAGE, $LIVE_POSTGRES_IMAGE and $LIVE_REDIS_IMAGE name
other images for an engine that cannot pull the template's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from hubtui.stacks.spec.dotenv import load_dotenv
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import REAL, get, log_lines
from tests.live.dagger.engines import Place

MINUTES = 15 * 60  # for four images that may have to be pulled


@pytest.mark.timeout(2 * MINUTES)
@pytest.mark.parametrize("place", [REAL], indirect=True)
def test_it_starts_counts_and_goes_on_counting_after_a_stop(host: Host, place: Place, tmp_path: Path) -> None:
    folder = tmp_path / f"center{os.getpid()}"  # a name of its own: volumes outlive the test
    project = host.add(folder, engine="dagger", template="commandcenter")
    _other_images(folder, place)
    port = int(load_dotenv(folder / ".env", {})["FRONTEND_PORT"])

    _started(host, project)
    assert "views of this page" in get(port)
    assert json.loads(get(port, "/api/health")) == {"status": "ok", "redis": "ok", "postgres": "ok"}
    first = _view(port)
    assert (_view(port), _view(port)) == (first + 1, first + 2)
    eventually(lambda: _logged(host, project, "frontend") and _logged(host, project, "backend"), 10)
    assert not _with_the_password(host, folder)

    assert host.finished(host.ask(JobType.STOP, project), 120).state is JobState.SUCCESS
    eventually(lambda: not host.held(project), 60)
    with pytest.raises(OSError):
        get(port)

    _started(host, project)
    assert _view(port) == first + 3, "redis kept it"
    assert not _with_the_password(host, folder)


def _other_images(folder: Path, place: Place) -> None:
    with (folder / ".env").open("a") as file:
        file.write(f"PYTHON_IMAGE={place.image}\n")
        for name in ("POSTGRES_IMAGE", "REDIS_IMAGE"):
            if image := os.environ.get(f"LIVE_{name}"):
                file.write(f"{name}={image}\n")


def _started(host: Host, project: str) -> None:
    job = host.finished(host.ask(JobType.START, project), MINUTES)
    assert job.state is JobState.SUCCESS, (job.message, job.error)
    found = {s.name: (s.state.value, s.health.value) for s in host.view(project).services}
    assert found == dict.fromkeys(("postgres", "redis", "backend", "frontend"), ("running", "healthy"))


def _view(port: int) -> int:
    """Count one more view, as the page does when it is opened."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/views", method="POST")
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return int(json.load(answer)["views"])


def _logged(host: Host, project: str, service: str) -> bool:
    return sum("POST '/api/views' 200" in line for line in log_lines(host, project, service)) >= 3


def _with_the_password(host: Host, folder: Path) -> str:
    """The files of the state folder that the generated password is in. Read by another process: one that opens and
    closes the store's files loses the locks that its own connections have on them."""
    password = load_dotenv(folder / ".env", {})["POSTGRES_PASSWORD"]
    found = subprocess.run(["grep", "-rlaF", password, host.home.root], capture_output=True, text=True)
    assert found.returncode in (0, 1), found.stderr
    return found.stdout
