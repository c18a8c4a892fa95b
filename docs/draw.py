"""Let the app draw its own pictures: the real dashboard on the real demo, started for it and stopped after it; and on
the template commandcenter where there is a Dagger engine ($HUBTUI_DAGGER__RUNNER_HOST names it).

make pictures      (writes docs/pictures/*.svg)
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from hubtui.app import HubtuiApp
from hubtui.cli.demo import prepare
from hubtui.models import JobType
from hubtui.paths import Home
from hubtui.store import projects
from hubtui.workers import lease, operations, registry
from hubtui.workers.hub import Hub

PICTURES = Path(__file__).parent / "pictures"
HOME = Home(Path("/tmp/hubtui-demo"))  # noqa: S108 - its path is in the pictures
SIZE = (112, 30)
WANTING = """\
services:
  wiki:
    image: wiki
    environment:
      DB_USER: ${DB_USER:?the account in the database}
      DB_PASSWORD: ${DB_PASSWORD:?of that account}
"""
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # from somebody's server; any monospace font will do


Draw = Callable[[str, Callable[[], bool]], Awaitable[None]]


async def main() -> None:
    """Start the projects and draw what a person sees on the way."""
    socket.gethostname = lambda: "build-7"
    prepare(HOME)
    PICTURES.mkdir(exist_ok=True)
    with Hub(HOME) as hub:
        await demo(hub)
        await wanting()
        if os.environ.get("HUBTUI_DAGGER__RUNNER_HOST"):
            await dagger(hub)
    shutil.rmtree(HOME.root, ignore_errors=True)  # its last runner may be tidying up behind itself


async def demo(hub: Hub) -> None:
    """A start, a failure, a stack that is up, where the time of its start went."""
    async with opened() as (pilot, draw):
        operations.ask(hub, JobType.START, "reef")
        operations.ask(hub, JobType.START, "harbor")
        await draw("starting", lambda: states(hub, "harbor").get("api") == "running")
        await pilot.press("j")
        await draw("failure", lambda: states(hub, "reef").get("worker") == "failed")
        await pilot.press("k")
        await draw("dashboard", lambda: set(states(hub, "harbor").values()) == {"running"})
        await pilot.press("h", "enter", "w")
        await draw("waterfall", lambda: True)
        await pilot.press("escape", "escape")
        await pilot.pause(12)  # some ships come in
        await pilot.press("l", "0", "ampersand", *"job", "enter", "slash", *"crates", "enter")
        await draw("log", lambda: True)
        await pilot.press("escape", "escape")
    for name in ("harbor", "reef"):
        await stopped(hub, name)


async def wanting() -> None:
    """The form for what a stack lacks, before its first start."""
    from hubtui.screens.env_form import EnvFormScreen

    folder = HOME.root / "wiki"
    folder.mkdir(parents=True)
    (folder / "compose.yaml").write_text(WANTING)
    async with opened() as (pilot, draw):
        await pilot.pause(0.5)
        app = pilot.app
        assert isinstance(app, HubtuiApp)
        app.push_screen(EnvFormScreen(app.desk, folder))
        await draw("variables", lambda: len(app.screen.query("Input")) == 2)
        await pilot.press("ctrl+g", "tab", *"wiki")
        await draw("variables", lambda: True)


async def dagger(hub: Hub) -> None:
    """commandcenter while it starts, and its notes on a service when it is up."""
    registry.add(hub, HOME.root / "center", engine="dagger", template="commandcenter")
    async with opened() as (pilot, draw):
        await pilot.pause(0.5)
        operations.ask(hub, JobType.START, "center")
        await draw("dagger-starting", lambda: states(hub, "center").get("postgres") == "starting")
        await pilot.press("tab", "j")
        await draw("dagger", lambda: set(states(hub, "center").values()) == {"running"})
    await stopped(hub, "center")


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[tuple[Pilot[None], Draw]]:
    """The dashboard, and what draws it once something is so."""
    app = HubtuiApp(HOME)
    async with app.run_test(size=SIZE) as pilot:

        async def draw(name: str, ready: Callable[[], bool]) -> None:
            async with asyncio.timeout(60):
                while not ready():
                    await pilot.pause(0.1)
            await pilot.pause(0.8)
            picture = FONTS.sub("", app.export_screenshot(title="hubtui"))
            (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")

        yield pilot, draw


async def stopped(hub: Hub, name: str) -> None:
    """End it, and wait until nobody holds it."""
    operations.ask(hub, JobType.STOP, name)
    while lease.held(HOME.lease(name)):  # noqa: ASYNC110 - the kernel rings no bell
        await asyncio.sleep(0.1)


def states(hub: Hub, project: str) -> dict[str, str]:
    """The state of each service now."""
    con = hub.reader()
    try:
        return {s.name: s.state.value for s in projects.view(con, project).services}
    finally:
        con.close()


if __name__ == "__main__":
    asyncio.run(main())
