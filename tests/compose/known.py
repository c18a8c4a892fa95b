"""Where hubtui answers otherwise than the expected output on purpose, and why. A test shows that each is needed."""

from __future__ import annotations

KNOWN: dict[str, str] = {}
