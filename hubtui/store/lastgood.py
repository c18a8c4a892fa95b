"""What a job is measured by: the last one before it that went well. Both walk back from the job and stop at the first
that fits."""

from __future__ import annotations

from hubtui.store import jobs
from hubtui.store.query import Query

_BEFORE = (
    "SELECT good.* FROM jobs AS this, jobs AS good WHERE this.id = ? AND good.project = this.project"
    " AND good.id < this.id AND good.state = 'SUCCESS' AND good.services = this.services"
)

OF_ITS_KIND = Query(f"{_BEFORE} AND good.type = this.type ORDER BY good.id DESC LIMIT 1", jobs.ONE.convert)
COMPARED_WITH = Query(  # as `attempts.LAST_GOOD_FINGERPRINT`; None where the job's own inputs are not known
    f"{_BEFORE} AND good.fingerprint <> '{{}}' AND this.fingerprint <> '{{}}' ORDER BY good.id DESC LIMIT 1",
    jobs.ONE.convert,
)
