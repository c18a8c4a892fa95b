"""What of the settings the dashboard itself needs: `ui.theme` and `ui.bell`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubtui.config import Ui


def ui_settings() -> Ui | None:
    """The `[ui]` section; None where nobody set anything: reading settings costs a third of the start time.

    Raises UsageError for a settings file that cannot be used.
    """
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    set_here = any(name.startswith("HUBTUI_UI__") for name in os.environ)
    if not set_here and not (config_home / "hubtui" / "config.toml").exists():
        return None
    from hubtui import config

    return config.load().ui
