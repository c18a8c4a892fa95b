"""The service under the cursor, below the table: why it is as it is, each port with what goes through it, and what to
know of it on its engine. Pure functions: model -> Content."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from hubtui.models import PortView, Project, Service
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, lines, plain, said
from hubtui.widgets.services import WIDE
from hubtui.widgets.units import size
from hubtui.widgets.words import BUSY

KEY = "bold $text-accent"


def detail(service: Service, width: int, height: int) -> Content:
    """All there is to say of it, in `height` lines; long sentences wrap."""
    rows = _wrapped(plain(service.message), "  ", "", width) if service.message else []
    if not _in_the_table(service.ports, width):
        rows += [fit(Content.assemble("  ", port_line(port, width - 2)), width) for port in service.ports]
    if service.bytes_received is not None:
        words = f"network: {size(service.bytes_received)} received, {size(service.bytes_sent)} sent"
        rows.append(fit(Content.assemble("  ", said(words, DIM)), width))
    for note in service.notes:
        rows += _wrapped(plain(note, DIM), "! ", BUSY, width)
    if len(rows) > height:
        rows = [*rows[: max(height - 1, 0)], said("  … `hubtui status` tells all of it", DIM)]
    return lines(rows)


def _in_the_table(ports: Sequence[PortView], width: int) -> bool:
    """Whether the table has said all there is to say: one port, nothing known of its traffic, its address is there."""
    return len(ports) == 1 and ports[0].connections is None and (ports[0].url is None or width >= WIDE)


def port_line(port: PortView, width: int) -> Content:
    """`http://127.0.0.1:8080/ → 80  3 open  1 M/80 M`; where there is no room, without the port inside."""
    if port.published is None:
        return said(f"{port.target}/{port.protocol} is not published", DIM)
    where, through = plain(port.url or f"{port.address}:{port.published}"), said(traffic_words(port), DIM)
    inside = said(f"→ {port.target}" if port.target != port.published else "", DIM)
    line = joined([joined([where, inside], " "), through])
    return line if line.cell_length <= width else joined([where, through])


def traffic_words(port: PortView) -> str:
    """`3 open  1 M/80 M`: connections, bytes from and to clients; "" where hubtui does not carry it."""
    if port.connections is None:
        return ""
    return f"{port.connections} open  {size(port.bytes_in)}/{size(port.bytes_out)}"


def noted(project: Project, services: Sequence[Service], width: int) -> Content:
    """While no service is chosen: the first note of the one that has any, or whose notes there are; and the key."""
    found = [service for service in services if service.notes]
    if not found:
        return EMPTY
    names = ", ".join(service.name for service in found)
    what = f"{names}: {found[0].notes[0]}" if len(found) == 1 else f"{project.engine} has notes on {names}"
    told = Content.assemble(("! ", BUSY), plain(what, DIM))
    end = Content.assemble(("tab", KEY), (" reads them" if len(found) > 1 else " reads it", DIM))
    return joined([fit(told, min(told.cell_length, width - end.cell_length - 2)), end])


def _wrapped(sentence: Content, lead: str, style: str, width: int) -> list[Content]:
    parts = sentence.wrap(max(width - 2, 10))
    return [Content.assemble((lead, style) if not i else "  ", part) for i, part in enumerate(parts)]
