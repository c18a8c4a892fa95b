"""What went into a start, kept with its job beside what of it is different since the last good one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from hubtui.models import Job
from hubtui.stacks import fingerprint
from hubtui.store import attempts


def keep(con: sqlite3.Connection, job: Job, found: Mapping[str, Any]) -> None:
    """Compare a fingerprint with that of the last good job on the same services, and keep both with this one."""
    before = attempts.LAST_GOOD_FINGERPRINT.first(con, job.id)
    attempts.compare(con, job.id, found, fingerprint.differences(before, found) if before else ())
