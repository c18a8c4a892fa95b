"""Trace ids: what the engine does for a service carries the service's own, so telemetry needs no guessing.

The SDK puts the current OpenTelemetry context into a `traceparent` header, and the engine's spans, logs and metrics
for that request keep its trace id; the sampled flag must be set (engine/telemetry in Dagger's source).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator


class Trace:
    """One service's in one session. Where an output could belong to several, the engine takes the smallest id
    (core/service.go), so dependencies get smaller `rank`s than their dependents."""

    def __init__(self, rank: int) -> None:
        self._number = (rank + 1) << 112 | secrets.randbits(112)
        self.id = f"{self._number:032x}"

    @contextlib.contextmanager
    def operation(self) -> Iterator[str]:
        """Requests made within belong to one operation; yields its id, the parent of all spans it causes."""
        from opentelemetry import context
        from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

        number = secrets.randbits(63) | 1
        span = SpanContext(self._number, number, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        token = context.attach(set_span_in_context(NonRecordingSpan(span)))
        try:
            yield f"{number:016x}"
        finally:
            context.detach(token)
