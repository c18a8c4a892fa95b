"""Environments and profiles to choose from: a row each, and what is to be known of the one under the cursor."""

from __future__ import annotations

from textual.content import Content

from hubtui.widgets.plain import DIM, fit, lines, plain, said
from hubtui.widgets.units import size
from hubtui.workers.choices import EnvironmentChoice, ProfileChoice

_LABEL = 11


def environment_row(choice: EnvironmentChoice, width: int) -> Content:
    """`● production  chosen  changes files, profiles`."""
    changes = choice.changes
    parts = (("files", changes.files), ("env files", changes.env_files), ("profiles", changes.profiles))
    told = [word for word, names in parts if names] + (["limits"] if changes.cpus or changes.memory else [])
    what = f"changes {', '.join(told)}" if told else "the folder as Compose reads it"
    mark = said("● ", "$text-success") if choice.chosen else said("○ ", DIM)
    state = fit(said("chosen" if choice.chosen else "", "$text-success"), 8)
    name = fit(plain(choice.name, "bold") if choice.name else said("none", "bold"), 22)
    return fit(Content.assemble(mark, name, " ", state, said(what, DIM)), width)


def environment_note(choice: EnvironmentChoice, engine: str, width: int) -> Content:
    """Five lines: its files, env files, profiles and limits, and where that is said. Limits are a Dagger engine's: on
    another `engine` nobody enforces them."""
    changes = choice.changes
    limits = f"{choice.cpus:g} CPU, {size(choice.memory)}"
    whose = "for a Dagger engine of hubtui's own" if engine == "dagger" else f"on Dagger: the engine {engine} has none"
    rows = (
        ("FILES", ", ".join(changes.files) or "as Compose finds them"),
        ("ENV FILES", ", ".join(changes.env_files) or ".env, if there is one"),
        ("PROFILES", ", ".join(changes.profiles) or "none of its own"),
        ("LIMITS", f"{limits} {whose}"),
        ("SAID BY", changes.reason or "nothing: it is always there"),
    )
    return lines([_row(label, text, width) for label, text in rows])


def profile_row(choice: ProfileChoice, on: bool, width: int) -> Content:
    """`[x] agents  on  planner, worker`."""
    mark = said("[x] " if on else "[ ] ", "$text-success" if on else DIM)
    state = fit(said("always" if choice.always else "on" if on else "off", DIM), 8)
    name = fit(plain(choice.name, "bold"), 20)
    return fit(Content.assemble(mark, name, " ", state, plain(", ".join(choice.services), DIM)), width)


def profile_note(choice: ProfileChoice, width: int) -> Content:
    """Its services, and where it is active without being asked for."""
    why = "the environment or COMPOSE_PROFILES has it active" if choice.always else "active only if chosen"
    return lines([_row("SERVICES", ", ".join(choice.services), width), _row("PROFILE", why, width)])


def _row(label: str, text: str, width: int) -> Content:
    return fit(Content.assemble(fit(said(label, DIM), _LABEL), plain(text)), width)
