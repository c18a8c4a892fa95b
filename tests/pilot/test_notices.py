"""What is to be known of a job that goes on is said wherever one is, and once."""

from __future__ import annotations

from hubtui.messages import JobNoted
from hubtui.models import Notice, now
from hubtui.store import attempts
from tests.pilot.conftest import board
from tests.pilot.stage import Stage


async def test_a_job_that_seems_stuck_is_said_once_on_every_screen(stage: Stage) -> None:
    stage.add("alpha")
    stage.add("beta")
    job = stage.building("beta")

    def note(message: str) -> None:
        stage.write(lambda con: attempts.note(con, job.id, [Notice("stuck", message, now())]))

    async with board(stage.home) as it:
        await it.shows("alpha")
        note("possibly stuck in pip install 14 min, usually 3 min")
        await it.until(lambda: f"beta: start #{job.id} is possibly stuck in pip install 14 min" in it.toasts)
        note("possibly stuck in pip install 15 min, usually 3 min")
        stage.progress(job, 77, "pip install")
        await it.until(lambda: it.app.desk.views["beta"].project.job.progress == 77)  # type: ignore[union-attr]
        assert len([m for m in it.posted if isinstance(m, JobNoted)]) == 1
