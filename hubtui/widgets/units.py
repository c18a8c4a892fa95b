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
    value, units = float(count), "BKMGT"
    while value >= 1000 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.1f} {units[0]}" if units[0] in "GT" and value < 99.95 else f"{value:.0f} {units[0]}"
