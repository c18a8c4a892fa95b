"""`label_file`: labels from files, which are written like env files.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#label_file
"""

from __future__ import annotations

import os
from pathlib import Path

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.interpolate import Findings
from hubtui.stacks.spec.resolve.environments import env_file_variables


def file_labels(service: Place, findings: Findings) -> dict[str, str]:
    """What the files say, later ones over earlier ones; they may refer to each other's labels, but to no variable."""
    place = service.get("label_file")
    files = [Path(path) for path in place.strings()] if place else []
    for path in files:
        if place is not None and not os.path.exists(path):
            raise place.error(f"names {path}, which is not there")
    with (place or service).naming():
        return env_file_variables(files, {}, findings)
