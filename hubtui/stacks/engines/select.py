"""Which engine a project uses: decided once, when it is added, and recorded with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hubtui.errors import EngineError, UsageError
from hubtui.stacks.engines.base import EngineContext, EngineFactory, Reporter
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.spec.model import Stack

if TYPE_CHECKING:
    from hubtui.stacks.engines.compose.probe import Seen

Running = Callable[[DaggerSettings], str]
Docker = Callable[[], "Seen"]
SHIPPED = ("process", "dagger", "compose")
NONE = "none"


def decide(
    stack: Stack,
    asked: str | None = None,
    dagger: DaggerSettings | None = None,
    running: Running | None = None,
    docker: Docker | None = None,
) -> tuple[str, str]:
    """(engine, reason). It may look for Docker and for a Dagger engine, a second each at most; None for `dagger` looks
    for neither. `running` and `docker` are who looks, where many stacks need only one look. Raises UsageError for a
    word that names no engine of this version."""
    if asked is not None:
        if asked not in SHIPPED:
            raise UsageError(f"There is no engine {asked!r} in this version.", f"Engines: {', '.join(SHIPPED)}")
        return asked, "asked for with --engine"
    if stack.engine:
        return stack.engine, "x-hubtui.engine in the compose file"
    buildable = all(s.image or s.build for s in stack.services.values())
    if dagger is not None and buildable and (found := _by_looking(stack, dagger, running, docker)):
        return found
    without = [s.name for s in stack.services.values() if not s.process]
    if not without:
        return "process", "every service says how it runs as a process"
    return NONE, f"neither Docker nor a Dagger engine answers, and {', '.join(without)} has no x-hubtui.process"


def _by_looking(
    stack: Stack, dagger: DaggerSettings, running: Running | None, docker: Docker | None
) -> tuple[str, str] | None:
    seen = (docker or docker_here)()
    if stack.name in seen.projects:
        return "compose", "Docker has containers or volumes of it"
    if why := (running or running_here)(dagger):
        return "dagger", why
    return ("compose", f"{seen.version} answers") if seen.version else None


def docker_here() -> Seen:
    """What the Docker daemon of this host or context has; it takes a second at most."""
    from hubtui.stacks.engines.compose import probe

    return probe.look()


def running_here(dagger: DaggerSettings) -> str:
    """Why Dagger may be used on this host, "" where it may not; it takes a second at most."""
    from hubtui.stacks.engines.dagger import findings

    return findings.running(dagger)


def factory(engine: str, reason: str, dagger: DaggerSettings) -> EngineFactory:
    """What makes the engine, imported only now. Raises EngineError where this version cannot run the project."""
    if engine == "process":
        from hubtui.stacks.engines.process.engine import ProcessEngine

        def make(context: EngineContext, reporter: Reporter) -> ProcessEngine:
            return ProcessEngine(context, reporter)

        return make
    if engine == "dagger":
        from hubtui.stacks.engines.dagger.engine import DaggerEngine

        def make_dagger(context: EngineContext, reporter: Reporter) -> DaggerEngine:
            return DaggerEngine(context, reporter, dagger)

        return make_dagger
    if engine == "compose":
        from hubtui.stacks.engines.compose.engine import ComposeEngine

        def make_compose(context: EngineContext, reporter: Reporter) -> ComposeEngine:
            return ComposeEngine(context, reporter)

        return make_compose
    raise EngineError(
        f"Nothing here can run it: engine {engine} ({reason}).",
        "Choose one in the compose file: `x-hubtui: {engine: dagger}`, or `process` where every service has a process.",
        kind="no_engine",
    )
