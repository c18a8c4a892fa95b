"""What the stand-in streams: rows of protojson shaped like the recordings, served from wherever a reader stopped."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """Whose request something is done for: the trace and span of its `traceparent`."""

    trace: str = "0" * 31 + "1"
    span: str = "0" * 15 + "1"

    @staticmethod
    def of(traceparent: str) -> Operation:
        parts = traceparent.split("-")
        return Operation(parts[1], parts[2]) if len(parts) == 4 else Operation()


@dataclass(slots=True)
class Span:
    """A span that can be told again when it has ended."""

    stream: Telemetry
    operation: Operation
    name: str
    parent: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    began: int = field(default_factory=time.time_ns)
    attributes: dict[str, Any] = field(default_factory=dict)
    causes: Sequence[str] = ()

    def tell(self, *, end: bool = False, error: str = "") -> Span:
        status = {"code": "STATUS_CODE_ERROR", "message": error} if error else {"code": "STATUS_CODE_OK"} if end else {}
        trace = _bytes(self.operation.trace)
        found = {
            "traceId": trace,
            "spanId": _bytes(self.id),
            "parentSpanId": _bytes(self.parent),
            "name": self.name,
            "startTimeUnixNano": str(self.began),
            "endTimeUnixNano": str(time.time_ns() if end else 11651379494838206464),
            "status": status,
            "attributes": _attributes(self.attributes),
            "links": [{"traceId": trace, "spanId": _bytes(cause)} for cause in self.causes],
        }
        self.stream.add("/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": [found]}]}]})
        return self


class Telemetry:
    """The rows of the three streams."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {"/v1/traces": [], "/v1/logs": [], "/v1/metrics": []}

    def add(self, path: str, row: dict[str, Any]) -> None:
        self.rows[path].append(row)

    def span(self, operation: Operation, name: str, parent: str = "", causes: Sequence[str] = (), **more: Any) -> Span:
        """A span that begins now, told at once."""
        attributes = {f"dagger.io/{k.replace('__', '.')}": v for k, v in more.items()}
        return Span(self, operation, name, parent or operation.span, attributes=attributes, causes=causes).tell()

    def gauge(self, operation: Operation, name: str, value: int) -> None:
        """One reading of what a service takes."""
        point = {
            "timeUnixNano": str(time.time_ns()),
            "asInt": str(value),
            "attributes": _attributes({"dagger.io/metrics.trace": operation.trace}),
        }
        metric = {"name": f"dagger.io/metrics.{name}", "gauge": {"dataPoints": [point]}}
        self.add("/v1/metrics", {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})

    def log(self, operation: Operation, span: str, stream: int, text: str, *, eof: bool = False) -> None:
        attributes: dict[str, Any] = {"stdio.stream": stream, **({"stdio.eof": True} if eof else {})}
        record = {
            "timeUnixNano": str(time.time_ns()),
            "traceId": _bytes(operation.trace),
            "spanId": _bytes(span),
            "body": {"stringValue": text},
            "attributes": _attributes(attributes),
        }
        self.add("/v1/logs", {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


def call(field_name: str, **arguments: Sequence[str] | str) -> str:
    """A `dag.call`: callpbv1.Call in protobuf's wire format, base64."""
    message = _field(3, field_name.encode())
    for name, value in arguments.items():
        one = isinstance(value, str)
        literal = _string(value) if one else _field(8, b"".join(_field(1, _string(v)) for v in value))  # type: ignore[arg-type]
        message += _field(4, _field(1, name.encode()) + _field(2, literal))
    return base64.b64encode(message).decode()


def _string(text: str) -> bytes:
    return _field(7, text.encode())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _bytes(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def _attributes(found: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {bool: "boolValue", int: "intValue", str: "stringValue"}
    return [{"key": k, "value": {kinds[type(v)]: str(v) if type(v) is int else v}} for k, v in found.items()]
