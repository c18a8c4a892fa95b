"""The services of a project as a table: columns fit their contents, and drop out one by one where room is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from hubtui.models import PortView, Service
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, plain, right, said
from hubtui.widgets.units import size
from hubtui.widgets.words import age, health_mark, service_mark

_HEADS = ("  SERVICE", "STATE", "HEALTH", "PORT", "CPU", "MEM", "UP", "CONN", "IN/OUT", "RESTARTS", "LIMITS", "")
_LEAST = (9, 8, 8, 4, 4, 5, 3, 4, 7, 8, 12, 0)
_RIGHT = frozenset({4, 5, 6, 7, 8, 9})
_WIDE_ONLY = (9, 10)  # shown from 90 cells on
_WHERE_KNOWN = (7, 8, *_WIDE_ONLY)  # and these only where there is something to say
_MESSAGE = 11
_GOES_FIRST = (10, 8, 7, 4, 5, 6, 3, 2)  # what is left out where there is no room
_DEAR = (3, 2)
_NAME = 24  # cells that a name has at least before those are left out
WIDE = 90


@dataclass(frozen=True, slots=True)
class Table:
    """A table cut to a width: the columns it has and how wide each is."""

    columns: tuple[int, ...]
    widths: tuple[int, ...]
    gap: str = " "

    def line(self, cells: Sequence[Content]) -> Content:
        """One row, aligned."""
        parts = [
            (right if column in _RIGHT else fit)(cells[column], width)
            for column, width in zip(self.columns, self.widths, strict=True)
        ]
        return joined(parts, self.gap)

    @property
    def head(self) -> Content:
        """The line of column names."""
        return self.line([said("PORT/URL" if i == 3 and self._has_url else head, DIM) for i, head in enumerate(_HEADS)])

    @property
    def _has_url(self) -> bool:
        return 3 in self.columns and self.widths[self.columns.index(3)] > 8


def cells(service: Service, now: datetime, wide: bool) -> list[Content]:
    """All that can be said of a service, a cell each, in the order of the columns."""
    state, health = service_mark(service), health_mark(service)
    return [
        Content.assemble((state.glyph, state.style), " ", plain(service.name)),
        said(state.word, state.style),
        Content.assemble((f"{health.glyph} " if health.glyph else "", health.style), (health.word, health.style)),
        plain(ports(service.ports, wide)),
        said(f"{service.cpu_percent:.0f} %" if service.cpu_percent is not None else "", ""),
        said(size(service.memory_bytes)),
        said(age(service.since, now) if service.state in ("running", "starting", "restarting") else "", DIM),
        *traffic(service),
        said(str(service.restarts) if service.restarts else "", "$text-warning"),
        said(limits(service), DIM),
        plain(service.message, DIM),
    ]


def ports(published: Sequence[PortView], wide: bool) -> str:
    """The first address a person would use, and how many more there are."""
    if not published:
        return ""
    first = next((p for p in published if p.url), published[0])
    more = f" +{len(published) - 1}" if len(published) > 1 else ""
    if wide and first.url:
        return first.url + more
    return f"{first.published or f'→{first.target}'}{more}"


def traffic(service: Service) -> tuple[Content, Content]:
    """Connections open now, and `1 M/80 M` from and to clients so far, of all ports together; where hubtui carries none
    of them, what the service's network has received and sent."""
    known = [p for p in service.ports if p.connections is not None]
    if not known:
        if service.bytes_received is None:
            return EMPTY, EMPTY
        return EMPTY, said(f"{size(service.bytes_received)}/{size(service.bytes_sent)}")
    bytes_in, bytes_out = sum(p.bytes_in or 0 for p in known), sum(p.bytes_out or 0 for p in known)
    return said(str(sum(p.connections or 0 for p in known))), said(f"{size(bytes_in)}/{size(bytes_out)}")


def limits(service: Service) -> str:
    """`1 cpu 128 M`, and whether nobody enforces it."""
    told = service.limits
    parts = [f"{told.cpus:g} cpu" if told.cpus else "", size(told.memory) if told.memory else ""]
    text = " ".join(part for part in parts if part)
    return text if told.enforced or not text else f"{text} not enforced"


def table(services: Sequence[Service], now: datetime, width: int) -> Table:
    """The columns that fit: as wide as what is in them, messages last in what is left."""
    wide = width >= WIDE
    rows = [cells(service, now, wide) for service in services]
    columns = [i for i in range(len(_HEADS)) if wide or i not in _WIDE_ONLY]
    columns = [i for i in columns if i not in _WHERE_KNOWN or any(row[i] for row in rows)]
    columns.remove(_MESSAGE)
    needed = {i: max([_LEAST[i], len(_HEADS[i]), *(row[i].cell_length for row in rows)]) for i in columns}
    for gone in _GOES_FIRST:
        over = sum(needed.values()) + len(needed) - 1 - width
        if over > 0 and gone in _DEAR:  # rather a part of a very long name
            needed[0] = max(needed[0] - over, min(needed[0], _NAME))
            over = sum(needed.values()) + len(needed) - 1 - width
        if over <= 0:
            break
        needed.pop(gone, None)
    over = sum(needed.values()) + len(needed) - 1 - width
    if over > 0:
        needed[0] = max(needed[0] - over, 4)
    gap = "  " if sum(needed.values()) + 2 * len(needed) <= width else " "
    left = width - sum(needed.values()) - len(gap) * len(needed)
    if left >= 12 and any(row[_MESSAGE] for row in rows):
        needed[_MESSAGE] = left
    return Table(tuple(needed), tuple(needed.values()), gap)


def address_of(services: Sequence[Service], chosen: str | None) -> tuple[str, str] | None:
    """(service, address) to copy: the chosen service's, else the last one that has a URL: the edge of the stack."""
    candidates = [s for s in services if s.name == chosen] if chosen else [s for s in reversed(services) if _url(s)]
    for service in candidates:
        if address := _url(service) or _socket(service):
            return service.name, address
    return None


def _url(service: Service) -> str | None:
    return next((p.url for p in service.ports if p.url), None)


def _socket(service: Service) -> str | None:
    return next((f"{p.address}:{p.published}" for p in service.ports if p.published), None)
