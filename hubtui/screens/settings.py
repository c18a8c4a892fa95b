"""What of the settings the dashboard itself needs: `ui.theme` and `ui.bell`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubtui.configfile import anything_set

if TYPE_CHECKING:
    from hubtui.config import Ui


def ui_settings() -> Ui | None:
    """The `[ui]` section; None where nobody set anything: reading settings costs a third of the start time.

    Raises UsageError for a settings file that cannot be used.
    """
    if not anything_set("ui"):
        return None
    from hubtui import config

    return config.load().ui
