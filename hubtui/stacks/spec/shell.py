"""What the shell says to a registered project: its variables, but not Compose's own."""

from __future__ import annotations

import os
from collections.abc import Mapping


def without_compose(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a process (this one's if None) without COMPOSE_FILE, COMPOSE_PROFILES and all that begin so.

    A registered project is read by dashboards, commands and its runner, each started from some shell: which files,
    profiles and name it has must not depend on which of them it was. Those of its own `.env` count, as in Compose.
    """
    environ = os.environ if environ is None else environ
    return {name: value for name, value in environ.items() if not name.startswith("COMPOSE_")}
