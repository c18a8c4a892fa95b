"""Why things fail: which failures may pass by themselves, what engines and tools say, how processes end."""

from hubtui.stacks.causes.kinds import TRANSIENT, is_transient, kind_of
from hubtui.stacks.causes.texts import Cause, in_engine_words, in_output

__all__ = ("TRANSIENT", "Cause", "in_engine_words", "in_output", "is_transient", "kind_of")
