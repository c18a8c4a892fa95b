"""Three truths side by side: what the record says, what the process table says, what the engine says.

`look` gathers them and names every difference; `take_over`, `stop` and `mark_failed` are what can be done about it.
What mends itself (see `workers.reconcile`) is mended before a person sees it here: what is left needs their word.
"""

from hubtui.workers.truths.act import carry_out, mark_failed, stop, take_over
from hubtui.workers.truths.gather import look, look_at_all
from hubtui.workers.truths.model import Action, Difference, Row, Truths

__all__ = (
    "Action",
    "Difference",
    "Row",
    "Truths",
    "carry_out",
    "look",
    "look_at_all",
    "mark_failed",
    "stop",
    "take_over",
)
