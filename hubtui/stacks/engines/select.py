"""Which engine a project uses: decided once, when it is added, and recorded with its reason."""

from __future__ import annotations

from hubtui.errors import EngineError, UsageError
from hubtui.stacks.engines.base import EngineContext, EngineFactory, Reporter
from hubtui.stacks.spec.model import Stack

SHIPPED = ("process",)
NONE = "none"


def decide(stack: Stack, asked: str | None = None) -> tuple[str, str]:
    """(engine, reason). Raises UsageError for a word that names no engine of this version."""
    if asked is not None:
        if asked not in SHIPPED:
            raise UsageError(f"There is no engine {asked!r} in this version.", f"Engines: {', '.join(SHIPPED)}")
        return asked, "asked for with --engine"
    if stack.engine:
        return stack.engine, "x-hubtui.engine in the compose file"
    without = [s.name for s in stack.services.values() if not s.process]
    if not without:
        return "process", "every service says how it runs as a process"
    return NONE, f"no engine can run it: {', '.join(without)} has no x-hubtui.process"


def factory(engine: str, reason: str) -> EngineFactory:
    """What makes the engine, imported only now. Raises EngineError where this version cannot run the project."""
    if engine == "process":
        from hubtui.stacks.engines.process.engine import ProcessEngine

        def make(context: EngineContext, reporter: Reporter) -> ProcessEngine:
            return ProcessEngine(context, reporter)

        return make
    raise EngineError(
        f"Nothing here can run it: engine {engine} ({reason}).",
        "Give every service an `x-hubtui: {process: ...}`; this version runs stacks as plain processes.",
        kind="no_engine",
    )
