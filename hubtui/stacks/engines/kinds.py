"""The names of the engines. Light: a guard imports it when its runner is dead."""

from __future__ import annotations

OUTLIVES = frozenset({"compose"})
"""Those whose services go on without their runner, so that the next one can take them over. The pipes of a process
stack and the session of a Dagger stack end with their runner."""
