"""`healthcheck` and `x-hubtui.health`: how a service shows that it works."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import argv, boolean, duration, integer, text
from hubtui.stacks.spec.model import HealthCheck


def read_health(healthcheck: Place | None, health: Place | None) -> tuple[HealthCheck | None, HealthCheck | None, bool]:
    """The check that counts, the one of `healthcheck` alone, and whether that is switched off; None = there is none.

    `healthcheck` as in https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck;
    x-hubtui's `health` stands above it and keeps its timings, because a URL needs no curl in the image.
    """
    command: tuple[str, ...] = ()
    timings: dict[str, Any] = {}
    disabled = False
    if healthcheck is not None:
        timings = _timings(healthcheck)
        disabled = healthcheck.field("disable", boolean, False) or healthcheck.part("test", _is_none, False)
        command = () if disabled else healthcheck.part("test", _test, ())
    inside = HealthCheck(command=command, **timings) if command else None
    if health is None:
        return inside, inside, disabled
    url, command = ("", health.to(argv)) if isinstance(health.value, list) else (health.to(_url), ())
    if not url and not command:
        raise health.error("is an empty command")
    return HealthCheck(url=url, command=command, **timings), inside, disabled


def _timings(place: Place) -> dict[str, Any]:
    found = {
        key: value.to(duration)
        for key in ("interval", "timeout", "start_period")
        if (value := place.get(key)) is not None
    }
    retries = place.get("retries")
    return {**found, "retries": retries.to(integer)} if retries else found


def _is_none(test: Place) -> bool:
    """Whether a `test` switches off the image's own check."""
    return isinstance(test.value, list) and test.value[:1] == ["NONE"]


def _test(place: Place) -> tuple[str, ...]:
    """`test` as argv; () for an empty line."""
    if isinstance(place.value, str):
        return _shell(place.to(text))
    words = place.to(argv)
    kind, rest = (words[0], words[1:]) if words else ("", ())
    if kind == "CMD" and rest:
        return rest
    if kind == "CMD-SHELL" and rest:
        return _shell(" ".join(rest))
    raise place.error("must begin with CMD, CMD-SHELL or NONE, and CMD needs a command")


def _shell(line: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", line) if line.strip() else ()


def _url(value: Any) -> str:
    written = text(value)
    try:
        parts = urlsplit(written)
        good = bool(parts.hostname) and parts.scheme in ("http", "https", "tcp") and parts.port != 0
        good = good and (parts.scheme != "tcp" or (parts.port is not None and not parts.path))
    except ValueError:  # a port beyond 65535, a bracket that never closes
        good = False
    if not good or any(c.isspace() for c in written):
        raise ValueError("must be http://..., https://..., tcp://host:port, or a command as a list")
    return written
