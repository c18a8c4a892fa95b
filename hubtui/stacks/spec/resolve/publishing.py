"""A port in the short form, `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, each part possibly a range.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#short-syntax-3
"""

from __future__ import annotations

from typing import Any

from hubtui.stacks.spec.ports import parts


def short_port(written: str, limit: int) -> list[dict[str, Any]] | None:
    """The long forms, one for each target, in Compose's order; None for what is no port, or more than `limit`."""
    try:
        address, host, targets, protocol = parts(written)
        if len(targets) > limit or 0 in targets:
            return None
        hosts = _spread(host, targets)
    except ValueError:
        return None
    found = []
    for target, published in sorted(zip(targets, hosts, strict=True), key=lambda pair: str(pair[0])):
        port: dict[str, Any] = {"mode": "ingress", "target": target, "protocol": protocol}
        if address:
            port["host_ip"] = address
        if published:
            port["published"] = published
        found.append(port)
    return found


def _spread(host: str, targets: list[int]) -> list[str]:
    """The published port of each target; a range for a single one stays a range."""
    if not host or len(targets) == 1:
        first, _, last = host.partition("-")
        return [first if last in ("", first) else host] * len(targets)
    first, _, last = host.partition("-")
    start, end = int(first), int(last or first)
    if end - start + 1 != len(targets):
        raise ValueError("ranges of different length")
    return [str(start + n) for n in range(len(targets))]
