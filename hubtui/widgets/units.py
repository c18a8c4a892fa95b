"""Bytes and ages in few characters."""

from __future__ import annotations


def coarse(seconds: float) -> str:
    """An age that moves at most once a minute: <1m, 5m, 2h10m, 3d4h."""
    minutes = max(int(seconds), 0) // 60
    if minutes == 0:
        return "<1m"
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02}m"
    return f"{hours // 24}d{hours % 24}h"


def size(count: int | None) -> str:
    """Bytes: 512 B, 48 M, 1.2 G; "" where unknown."""
    if count is None:
        return ""
    if count < 1 << 10:
        return f"{count} B"
    mega = count / (1 << 20)
    if mega < 1:
        return f"{count >> 10} K"
    return f"{mega:.0f} M" if mega < 1000 else f"{mega / 1024:.1f} G"
