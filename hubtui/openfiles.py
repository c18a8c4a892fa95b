"""How many files this process may have open: as many as the host lets it, where the usual 1024 are too few."""

from __future__ import annotations

import resource

WANTED = 65536


def allow_many() -> None:
    """Raise the limit to WANTED, or as far as the hard limit lets one (getrlimit(2), RLIMIT_NOFILE)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
