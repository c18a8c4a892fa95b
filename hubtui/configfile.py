"""Where the settings file is, and whether anything is set at all: asked before anything heavy is imported, because
reading the settings (`hubtui.config`) takes 0.17 s of a cold start."""

from __future__ import annotations

import os
from pathlib import Path


def config_file() -> Path:
    """Where the settings file is, whether or not there is one: as `platformdirs.user_config_path` says on Linux, whose
    import alone takes some 10 ms of a runner's first claim."""
    folder = os.environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
    return Path(folder) / "hubtui" / "config.toml"


def anything_set(section: str = "") -> bool:
    """Whether a settings file is there, or a variable sets something (of this section). If not, the defaults hold."""
    start = f"HUBTUI_{section}".upper()
    return any(n.upper().startswith(start) and "__" in n for n in os.environ) or config_file().exists()
