"""`healthcheck` and `x-hubtui.health`: how a service shows that it works."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import argv, boolean, duration, integer, text
from hubtui.stacks.spec.model import HealthCheck


def read_health(healthcheck: Place | None, health: Place | None) -> HealthCheck | None:
    """The check of a service; None where there is none or it is switched off.

    `healthcheck.test` as in https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck;
    x-hubtui's `health` stands above it and keeps its timings, because a URL needs no curl in the image.
    """
    url = ""
    command: tuple[str, ...] = ()
    timings: dict[str, Any] = {}
    if healthcheck is not None:
        timings = _timings(healthcheck)
        disable, test = healthcheck.get("disable"), healthcheck.get("test")
        off = disable is not None and disable.to(boolean)
        command = _test(test) if test is not None and not off else ()
    if health is not None:
        url, command = ("", health.to(argv)) if isinstance(health.value, list) else (health.to(_url), ())
        if not url and not command:
            raise health.error("is an empty command")
    return HealthCheck(url=url, command=command, **timings) if url or command else None


def _timings(place: Place) -> dict[str, Any]:
    found = {
        key: value.to(duration)
        for key in ("interval", "timeout", "start_period")
        if (value := place.get(key)) is not None
    }
    retries = place.get("retries")
    return {**found, "retries": retries.to(integer)} if retries else found


def _test(place: Place) -> tuple[str, ...]:
    """`test` as argv; () for NONE."""
    if isinstance(place.value, str):
        return _shell(place.to(text))
    words = place.to(argv)
    kind, rest = (words[0], words[1:]) if words else ("", ())
    if kind == "NONE":
        return ()
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
