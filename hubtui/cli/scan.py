"""`add --scan`: the compose projects below a folder, what each would be, and the adding of the chosen ones."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubtui.cli import options, output
from hubtui.errors import HubtuiError, UsageError
from hubtui.few import few
from hubtui.paths import expanded
from hubtui.safetext import safe_text

if TYPE_CHECKING:
    from hubtui.models import Project
    from hubtui.stacks.scan import Scan
    from hubtui.workers.candidates import Candidate

SHOWN_SERVICES, SHOWN_ERRORS = 6, 5


def scan_folder(folder: Path, *, only: Sequence[str], everything: bool, as_json: bool) -> int:
    """Show what is below `folder`; add the candidates of these names, or all that can be. 1 if one could not be."""
    from hubtui.workers import candidates, registry

    top = expanded(folder).absolute()
    if not os.path.isdir(top):
        raise UsageError(f"There is no folder {top}.", "Name the folder that your projects are in.")
    with options.opened() as hub:
        found, seen = candidates.find(hub, top)
        chosen = _chosen(seen, only) if only else [c for c in seen if c.usable and not c.part_of] if everything else []
        added: list[Project] = []
        failed: list[tuple[Candidate, HubtuiError]] = []
        for candidate in chosen:
            try:
                added.append(registry.add(hub, candidate.path, name=candidate.name))
            except HubtuiError as why:  # its file or the store changed meanwhile
                failed.append((candidate, why))
    if as_json:
        output.print_json([_shape(candidate, {project.name for project in added}) for candidate in seen])
    elif chosen:
        output.table([("●", project.name, str(project.path), project.engine) for project in added])
    else:
        _print(seen, top)
    _say_bounds(found)
    for candidate, error in failed:
        output.warn(f"{candidate.name}: {error.message}", error.hint)
    return 1 if failed else 0


def _chosen(seen: Sequence[Candidate], only: Sequence[str]) -> list[Candidate]:
    """The candidates of these names. Raises UsageError for a name that is none or cannot be added."""
    usable = {candidate.name: candidate for candidate in seen if candidate.usable}
    for name in only:
        if name in usable:
            continue
        other = next((candidate for candidate in seen if candidate.name == name), None)
        if other is not None and other.registered:
            raise UsageError(f"{name} is a project already.", "Nothing was added.")
        if other is not None:
            raise UsageError(f"{name} cannot be used: {other.errors[0]}", "Nothing was added.")
        raise UsageError(f"There is no {name!r} below this folder.", f"To add: {', '.join(usable) or 'none'}")
    return [usable[name] for name in dict.fromkeys(only)]


def _shape(candidate: Candidate, added: set[str]) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "path": str(candidate.path),
        "own_name": candidate.own_name or candidate.name,
        "services": list(candidate.services),
        "engine": candidate.engine or None,
        "engine_reason": candidate.engine_reason or None,
        "registered": candidate.registered,
        "part_of": candidate.part_of,
        "usable": candidate.usable,
        "errors": list(candidate.errors),
        "added": candidate.usable and candidate.name in added,
    }


def _print(seen: Sequence[Candidate], top: Path) -> None:
    if not seen:
        output.line(f"No compose file in {safe_text(str(top))} or below.")
        return
    for candidate in seen:
        _print_one(candidate)
    usable = [candidate.name for candidate in seen if candidate.usable and not candidate.part_of]
    if not usable:
        output.line("Nothing here is left to add.")
        return
    command = f"hubtui add --scan {shlex.quote(safe_text(str(top)))}"
    output.line(f"Nothing was added yet. All {len(usable)}: {command} --yes")
    output.line(f"Some of them: {command} --only {usable[0]}")


def _print_one(candidate: Candidate) -> None:
    glyph, colour, word = ("○", "", "")
    if candidate.registered:
        glyph, colour, word = ("●", "green", "is a project already")
    elif candidate.errors:
        glyph, colour, word = ("✗", "red", "cannot be used")
    head = "  ".join(part for part in (safe_text(candidate.name), safe_text(str(candidate.path)), word) if part)
    output.line(f"{output.paint(glyph, colour)} {head}")
    for error in candidate.errors[:SHOWN_ERRORS]:
        output.line(f"    {safe_text(error)}")
    if len(candidate.errors) > SHOWN_ERRORS:
        output.line(f"    and {len(candidate.errors) - SHOWN_ERRORS} more mistakes")
    if candidate.hint:
        output.line(f"    to do:    {safe_text(candidate.hint)}")
    if candidate.errors or candidate.registered:
        return
    if candidate.part_of:
        output.line(f"    part of:  {safe_text(candidate.part_of)}, which includes it; --yes does not add it")
    if candidate.own_name:
        output.line(f"    name:     its own, {safe_text(candidate.own_name)}, is taken")
    output.line(f"    services: {safe_text(few(candidate.services, SHOWN_SERVICES))}")
    output.line(f"    engine:   {safe_text(candidate.engine)}, because {safe_text(candidate.engine_reason)}")


def _say_bounds(found: Scan) -> None:
    """What was not looked at."""
    from hubtui.stacks.scan import MAX_DEPTH

    if found.stopped:
        output.warn(f"Stopped after {found.looked} folders: there are more.", "Name a folder further down.")
    if found.deeper:
        count = f"{found.deeper} folder{'s' if found.deeper > 1 else ''}"
        output.note(f"More than {MAX_DEPTH} levels down and not looked into: {count}.")
    for folder in found.unreadable[:5]:
        output.note(f"{folder} cannot be read.")
    if len(found.unreadable) > 5:
        output.note(f"{len(found.unreadable) - 5} more folders cannot be read.")
