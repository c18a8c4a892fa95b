"""How far a job is and how long it will take, learned from the earlier ones like it. Pure: no clock, no store."""

from hubtui.workers.runner.estimate.estimate import Estimator
from hubtui.workers.runner.estimate.values import Estimate, Seen, Usual

__all__ = ["Estimate", "Estimator", "Seen", "Usual"]
