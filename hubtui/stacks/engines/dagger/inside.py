"""What looks after a service from inside its container: Dagger can execute nothing in one that runs.

A few lines of shell go before the service's own command, which they then become (`exec`: its PID, signals and exit code
are its own). Before that they see whether a volume that had data is empty now; beside it they run the health check and
watch for a volume's first data. What they find is printed between two RS characters (0x1e) with a token of this run,
and taken out of the service's output again: "health CODE TEXT", "full VOLUME" (its first data), "kept VOLUME" (one that
was expected to have data has it), "lost VOLUME" (it has none, and the service is not begun).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence

from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.spec.model import HealthCheck

LOST = 86  # exit code of a service that was not begun: a volume of it is empty and should not be
_RS = b"\x1e"
_LONGEST = 2048  # bytes of a marker; the shell never prints more than a fraction of it

_SCRIPT = r"""
say() { printf '\036hubtui:TOKEN:%s\036' "$*" >&2; }
full() { [ -n "$(ls -A "$1" 2>/dev/null | head -n 1)" ]; }
once() {
  if command -v timeout >/dev/null 2>&1; then set -- timeout -s KILL TIMEOUT "$@"; fi
  out=$("$@" 2>&1 </dev/null); code=$?
  say health $code "$(printf %s "$out" | tail -n 1 | tail -c 300 | tr '\036' ' ')"
  return $code
}
health() {
  gap=0.1
  until once "$@"; do
    sleep $gap 2>/dev/null || sleep 1
    case $gap in 0.1) gap=0.2;; 0.2) gap=0.4;; 0.4) gap=0.7;; 0.7) gap=1;; 1) gap=2;; esac
  done
  while sleep INTERVAL; do once "$@"; done
}
"""


def command(
    argv: Sequence[str],
    token: str,
    check: HealthCheck | None,
    defaults: HealthDefaults,
    volumes: Mapping[str, str],
    expected: Sequence[str],
) -> tuple[str, ...]:
    """`argv` with what looks after it: a health check that is a command, the volumes (mount points by name), and the
    names of those that must not be empty. Unchanged where there is nothing to look after. Needs /bin/sh."""
    run = check is not None and bool(check.command)
    if not run and not volumes:
        return tuple(argv)
    interval = (check.interval if check else None) or defaults.interval
    timeout = (check.timeout if check else None) or defaults.timeout
    lines = [_SCRIPT.replace("TOKEN", token).replace("TIMEOUT", f"{timeout:g}").replace("INTERVAL", f"{interval:g}")]
    for name, place in volumes.items():
        look, said = f"full {shlex.quote(place)}", shlex.quote(name)
        if name in expected:
            lines.append(f"{look} || {{ say lost {said}; exit {LOST}; }}; say kept {said}")
        lines.append(f"( ( until {look}; do sleep 1; done; say full {said} ) & )")
    if check is not None and run:
        lines.append(f"( health {shlex.join(check.command)} & )")
    lines.append('exec "$@"')
    return ("/bin/sh", "-c", "\n".join(lines), "hubtui", *argv)


class Markers:
    """Takes the markers out of one output stream; `heard` gets each one's text, such as "health 0 ok"."""

    def __init__(self, token: str, heard: Callable[[str], None]) -> None:
        self._begin = _RS + f"hubtui:{token}:".encode()
        self._heard = heard
        self._held = b""

    def clean(self, chunk: bytes) -> bytes:
        """The output without markers; what may be the beginning of one is held back until it is complete."""
        data, self._held = self._held + chunk, b""
        if _RS not in data:
            return data
        kept: list[bytes] = []
        while (at := data.find(_RS)) >= 0:
            kept.append(data[:at])
            data = data[at:]
            if not data.startswith(self._begin):
                if self._begin.startswith(data):
                    break
                kept.append(_RS)
                data = data[1:]
                continue
            end = data.find(_RS, len(self._begin))
            if end < 0:
                if len(data) <= _LONGEST:
                    break
                end = len(self._begin) - 1
                kept.append(self._begin)
            else:
                self._heard(data[len(self._begin) : end].decode(errors="replace"))
            data = data[end + 1 :]
        else:
            return b"".join([*kept, data])
        self._held = data
        return b"".join(kept)

    def rest(self) -> bytes:
        """What was held back, now that nothing follows."""
        held, self._held = self._held, b""
        return held
