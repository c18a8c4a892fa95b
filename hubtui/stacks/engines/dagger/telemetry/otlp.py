"""OTLP export requests as the session port sends them (protojson), as values.

protojson is not OTLP's own JSON: ids are base64, 64-bit integers are strings, enums are names
(https://protobuf.dev/programming-guides/json/). Whatever is missing or unknown is passed over.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PREFIX = "dagger.io/"
_NEVER = 2**63  # an end from here on is Go's zero time: not ended


@dataclass(frozen=True, slots=True)
class Link:
    """From a span to another; purpose is "cause" or "error_origin"."""

    trace: str
    span: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Span:
    """One state of a span: the same id comes again when it changes. Ids are hex, times seconds since the epoch, `end`
    None while it runs; attributes without their "dagger.io/"."""

    trace: str
    id: str
    parent: str
    name: str
    start: float
    end: float | None
    failed: bool
    message: str
    attributes: Mapping[str, Any]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A piece of output, not cut at lines. `stream` is out, err, or "" for the engine's own chatter; `verbose` are
    results of calls; `eof` comes once a stream, without text."""

    trace: str
    span: str
    time: float
    stream: str
    text: str
    eof: bool
    verbose: bool


@dataclass(frozen=True, slots=True)
class Gauge:
    """One reading; `trace` and `span` are of the service's process."""

    name: str
    value: float
    trace: str
    span: str
    time: float


def spans(data: Mapping[str, Any]) -> Iterator[Span]:
    """The spans of an ExportTraceServiceRequest."""
    for span in _items(data, "resourceSpans", "scopeSpans", "spans"):
        start, end = _number(span.get("startTimeUnixNano")), _number(span.get("endTimeUnixNano"))
        status = span.get("status") or {}
        yield Span(
            trace=_hex(span.get("traceId")),
            id=_hex(span.get("spanId")),
            parent=_hex(span.get("parentSpanId")),
            name=str(span.get("name", "")),
            start=start / 1e9,
            end=None if end == 0 or end >= _NEVER or end < start else end / 1e9,
            failed=status.get("code") in ("STATUS_CODE_ERROR", 2),
            message=str(status.get("message", "")),
            attributes=_attributes(span),
            links=tuple(_link(link) for link in span.get("links") or ()),
        )


def logs(data: Mapping[str, Any]) -> Iterator[LogRecord]:
    """The records of an ExportLogsServiceRequest."""
    for record in _items(data, "resourceLogs", "scopeLogs", "logRecords"):
        attributes = _attributes(record)
        body = _value(record.get("body") or {})
        yield LogRecord(
            trace=_hex(record.get("traceId")),
            span=_hex(record.get("spanId")),
            time=_number(record.get("timeUnixNano")) / 1e9,
            stream={1: "out", 2: "err"}.get(_number(attributes.get("stdio.stream")), ""),
            text=body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else str(body or ""),
            eof=bool(attributes.get("stdio.eof")),
            verbose=bool(attributes.get("logs.verbose")),
        )


def gauges(data: Mapping[str, Any]) -> Iterator[Gauge]:
    """The gauges' points of an ExportMetricsServiceRequest."""
    for metric in _items(data, "resourceMetrics", "scopeMetrics", "metrics"):
        for point in (metric.get("gauge") or {}).get("dataPoints") or ():
            attributes = _attributes(point)
            yield Gauge(
                name=str(metric.get("name", "")).removeprefix(_PREFIX),
                value=float(point.get("asDouble", _number(point.get("asInt")))),
                trace=str(attributes.get("metrics.trace", "")),
                span=str(attributes.get("metrics.span", "")),
                time=_number(point.get("timeUnixNano")) / 1e9,
            )


def _items(data: Mapping[str, Any], *path: str) -> Iterator[Mapping[str, Any]]:
    """What lies at the end of a path of lists."""
    level: Iterable[Mapping[str, Any]] = [data]
    for key in path:
        level = [item for above in level for item in above.get(key) or () if isinstance(item, Mapping)]
    yield from level


def _attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(a.get("key", "")).removeprefix(_PREFIX): _value(a.get("value") or {}) for a in item.get("attributes") or ()
    }


def _value(value: Mapping[str, Any]) -> Any:
    for kind, found in value.items():
        if kind == "intValue":
            return _number(found)
        if kind == "bytesValue":
            return base64.b64decode(found or "")
        if kind == "arrayValue":
            return [_value(v) for v in found.get("values") or ()]
        if kind != "kvlistValue":
            return found
    return None


def _link(link: Mapping[str, Any]) -> Link:
    purpose = _attributes(link).get("link.purpose") or "cause"
    return Link(_hex(link.get("traceId")), _hex(link.get("spanId")), str(purpose))


def _hex(encoded: Any) -> str:
    try:
        return base64.b64decode(encoded or "").hex()
    except (binascii.Error, ValueError, TypeError):
        return ""


def _number(written: Any) -> int:
    try:
        return int(written or 0)
    except (ValueError, TypeError):
        return 0
