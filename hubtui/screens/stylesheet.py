"""Where the stylesheet is."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def stylesheet() -> Path:
    """hubtui.tcss: beside app.py in an installed wheel, at the root of the repository in a checkout."""
    beside = _PACKAGE / "hubtui.tcss"
    return beside if beside.exists() else _PACKAGE.parent / "hubtui.tcss"
