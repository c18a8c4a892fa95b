"""Files that are somewhere else: Compose fetches them, hubtui does not."""

from __future__ import annotations

import re

from hubtui.stacks.spec.document import Place

_REMOTE = re.compile(r"oci://|https?://|git://|ssh://|git@|github\.com/")


def refuse_remote(place: Place, written: str) -> None:
    """Raise StackError for a path that is an address."""
    if _REMOTE.match(written):
        raise place.error(f"is {written!r}, but only files here are read", "Fetch it, and name the file.")
