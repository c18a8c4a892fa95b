"""`demo`: the dashboard on two ready projects, in a state folder of its own that leaves the real one alone."""

from __future__ import annotations

import contextlib
import os
import shlex

import click

from hubtui.paths import Home, expanded

TEMPLATES = {"harbor": "demo", "reef": "demo-reef"}  # project -> its template


@click.command("demo", help="The dashboard on two ready projects in a folder of their own.")
def demo_verb() -> int:
    from hubtui.cli import open_dashboard

    home = demo_home()
    open_dashboard(home, lambda: prepare(home))
    root = shlex.quote(str(home.root))
    click.echo(f"Jobs go on. Look again with: hubtui demo   (state: HUBTUI_HOME={root} hubtui status)")
    return 0


def demo_home() -> Home:
    """The demo's own state folder: $HUBTUI_DEMO_HOME, else hubtui-demo beside hubtui's: HUBTUI_HOME moves it not."""
    chosen = os.environ.get("HUBTUI_DEMO_HOME")
    if chosen:
        return Home(expanded(chosen).absolute())
    from platformdirs import user_state_path

    return Home(user_state_path("hubtui-demo"))


def prepare(home: Home) -> None:
    """Install and register what is not there yet. Files of a project that is there are never touched."""
    from hubtui.stacks import templates
    from hubtui.store import projects
    from hubtui.workers import registry
    from hubtui.workers.hub import Hub

    home.prepare()
    with Hub(home) as hub:
        with contextlib.closing(hub.reader()) as con:
            known = {p.name for p in projects.ALL.all(con)}
        for name, template in TEMPLATES.items():
            if name in known:
                continue
            folder = home.root / "projects" / name
            if not (folder / "compose.yaml").exists():
                templates.install(template, folder)
            registry.add(hub, folder, name=name)
