"""Let the app draw its own pictures: the real dashboard on the real demo, started for it and stopped after it.

make pictures      (writes docs/pictures/*.svg)
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from hubtui.cli.demo import prepare
from hubtui.models import JobType
from hubtui.paths import Home
from hubtui.store import projects
from hubtui.workers import lease, operations
from hubtui.workers.hub import Hub

PICTURES = Path(__file__).parent / "pictures"
HOME = Home(Path("/tmp/hubtui-demo"))  # noqa: S108 - its path is in the pictures
SIZE = (112, 30)
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # from somebody's server; any monospace font will do


async def main() -> None:
    """Start both demo projects and draw what a person sees on the way."""
    socket.gethostname = lambda: "build-7"
    from hubtui.app import HubtuiApp

    prepare(HOME)
    PICTURES.mkdir(exist_ok=True)
    with Hub(HOME) as hub:
        app = HubtuiApp(HOME)
        async with app.run_test(size=SIZE) as pilot:

            async def draw(name: str, ready: Callable[[], bool]) -> None:
                async with asyncio.timeout(60):
                    while not ready():
                        await pilot.pause(0.2)
                await pilot.pause(1.5)
                picture = FONTS.sub("", app.export_screenshot(title="hubtui"))
                (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")

            operations.ask(hub, JobType.START, "reef")
            operations.ask(hub, JobType.START, "harbor")
            await draw("starting", lambda: states(hub, "harbor").get("api") == "running")
            await pilot.press("j")
            await draw("failure", lambda: states(hub, "reef").get("worker") == "failed")
            await pilot.press("k")
            await draw("dashboard", lambda: set(states(hub, "harbor").values()) == {"running"})
        for name in ("harbor", "reef"):
            operations.ask(hub, JobType.STOP, name)
            while lease.held(HOME.lease(name)):  # noqa: ASYNC110 - the kernel rings no bell
                await asyncio.sleep(0.1)
    shutil.rmtree(HOME.root)


def states(hub: Hub, project: str) -> dict[str, str]:
    """The state of each service now."""
    con = hub.reader()
    try:
        return {s.name: s.state.value for s in projects.view(con, project).services}
    finally:
        con.close()


if __name__ == "__main__":
    asyncio.run(main())
