"""The clipboard of the machine that hubtui runs on, where it has one; a terminal over SSH has its own, by OSC 52."""

from __future__ import annotations

import os
import shutil
import subprocess

_COMMANDS = (  # (program, arguments, the variable without which it reaches nothing)
    ("wl-copy", (), "WAYLAND_DISPLAY"),
    ("xclip", ("-selection", "clipboard"), "DISPLAY"),
    ("xsel", ("--clipboard", "--input"), "DISPLAY"),
    ("pbcopy", (), ""),
)
_PATIENCE = 2.0  # seconds


def copy_here(text: str) -> str:
    """Put text on the local clipboard; the program that took it, or "" where there is none."""
    for program, arguments, needs in _COMMANDS:
        path = shutil.which(program)
        if path is None or (needs and not os.environ.get(needs)):
            continue
        try:
            subprocess.run(
                [path, *arguments],
                input=text.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return program
    return ""
