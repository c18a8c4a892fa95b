"""What `status` tells below its table: what goes through each published port, and what to know of each service."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.cli import output
from hubtui.models import Service
from hubtui.safetext import safe_text


def print_traffic(services: Sequence[Service]) -> None:
    """A line a port that hubtui itself carries, and one a service whose network is known; nothing where neither is."""
    rows = [
        (
            service.name,
            port.url or f"{port.address}:{port.published}",
            str(port.target),
            str(port.connections),
            output.memory(port.bytes_in),
            output.memory(port.bytes_out),
        )
        for service in services
        for port in service.ports
        if port.connections is not None
    ]
    rows += [
        (s.name, "its network", "", "", output.memory(s.bytes_received), output.memory(s.bytes_sent))
        for s in services
        if s.bytes_received is not None
    ]
    if rows:
        output.line()
        output.table(rows, header=("SERVICE", "PUBLISHED", "TO", "OPEN", "IN", "OUT"))


def print_notes(services: Sequence[Service]) -> None:
    """That its entry has changed, what its engine does otherwise than asked or may do to its data: a line each."""
    if any(service.notes for service in services):
        output.line()
    for service in services:
        for note in service.notes:
            output.line(f"{output.paint('!', 'yellow')} {safe_text(service.name)}: {safe_text(note)}")
