"""Which services are older than their entries: the files say something else by now than what they were started with.

A start leaves alone what is up, so this is all that says so. What an engine would not do otherwise for another entry is
not compared, nor is what only says where an entry stands and when it is started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from hubtui.few import few
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.fingerprint import WORDS
from hubtui.stacks.spec.model import Service, Stack
from hubtui.stacks.supervise.service import Supervised

_NOTHING_THAT_RUNS = frozenset({"name", "file", "line", "profiles", "depends_on", "extra"})
_READ_ALREADY = ("env_file", "label_file")  # what they hold is in other keys
_SHOWN = 4  # keys that are named


@dataclass(frozen=True, slots=True)
class Counted:
    """What of an entry counts on an engine: whether a field of a service does, and one of its other keys; by which verb
    a changed key is applied where a restart does not."""

    own: Callable[[str], bool]
    other: Callable[[str], bool]
    applies: Mapping[str, str] = field(default_factory=dict)


def changed(before: Service, now: Service, counted: Counted) -> list[str]:
    """The keys of a compose file that are different, as far as they count."""
    names = [f.name for f in fields(Service) if f.name not in _NOTHING_THAT_RUNS and counted.own(f.name)]
    found = [WORDS.get(name, name) for name in names if getattr(before, name) != getattr(now, name)]
    old, new = before.extra, now.extra
    for key in dict.fromkeys([*old, *new]):
        if (
            not key.startswith("x-")
            and key not in _READ_ALREADY
            and counted.other(key)
            and old.get(key) != new.get(key)
        ):
            found.append(key)
    return list(dict.fromkeys(found))


class Ages:
    """Tells the notes on the services of one engine: what it does otherwise, and whether they are older than their
    entries."""

    def __init__(self, project: str, reporter: Reporter, services: Mapping[str, Supervised], counted: Counted) -> None:
        self._project, self._reporter, self._services, self._counted = project, reporter, services, counted
        self._stack: Stack | None = None
        self._otherwise: dict[str, list[str]] = {}
        self._said: dict[str, str] = {}
        self._judged: dict[str, Service] = {}  # the entries that were compared with what others have made

    @property
    def older(self) -> Sequence[str]:
        """The services that are, as far as is known, in the order of the stack."""
        known = self._stack.services if self._stack is not None else {}
        return [name for name in known if name in self._said] + [name for name in self._said if name not in known]

    @property
    def unknown(self) -> Sequence[str]:
        """The services that are up and were not started from here."""
        return [name for name, service in self._services.items() if service.up and service.begun_with is None]

    def otherwise(self, name: str, notes: Sequence[str]) -> None:
        """What the engine does otherwise with a service than its file asks."""
        self._otherwise[name] = list(notes)
        self._tell(name)

    def compare(self, stack: Stack | None = None) -> Sequence[str]:
        """Compare all that is up with this stack (None: as it was told last), and tell it; who is older."""
        self._stack = stack or self._stack
        if self._stack is not None:
            for name, service in self._services.items():
                if service.begun_with is not None or not service.up or not self._holds(self._stack, name):
                    self._say(name, self._clause(self._stack, service))
        return self.older

    def suspects(self, stack: Stack) -> Sequence[str]:
        """The same, and those that others have made whose entry has changed since that was compared."""
        older = self.compare(stack)
        return [
            *older,
            *(n for n in self.unknown if n in self._judged and n not in older and not self._holds(stack, n)),
        ]

    def _holds(self, stack: Stack, name: str) -> bool:
        """Whether what was said of a service that was not started from here is about the entry of now."""
        judged, now = self._judged.get(name), stack.services.get(name)
        return judged is not None and now is not None and not changed(judged, now, self._counted)

    def forget(self, name: str) -> None:
        """Somebody else has made a service anew."""
        self._judged.pop(name, None)
        self._say(name, "")

    def made(self, name: str, otherwise: bool) -> None:
        """Whether a service that was not started from here was made from another entry than that of now."""
        service = self._services[name]
        if self._stack is not None and service.up and service.begun_with is None and name in self._stack.services:
            self._judged[name] = self._stack.services[name]
            self._say(name, self._words(self._stack, name, "it was made", []) if otherwise else "")

    def _clause(self, stack: Stack, service: Supervised) -> str:
        name = service.name
        if not service.up:
            return ""
        if name not in stack.services:
            return f"it is not in {_file(stack)} any more: `hubtui stop {self._project}/{name}` ends it"
        if service.begun_with is None:
            return ""
        keys = changed(service.begun_with, stack.services[name], self._counted)
        return self._words(stack, name, "it was started", keys) if keys else ""

    def _words(self, stack: Stack, name: str, since: str, keys: Sequence[str]) -> str:
        verb = next((self._counted.applies[key] for key in keys if key in self._counted.applies), "restart")
        what = f" ({few(keys, _SHOWN)})" if keys else ""
        entry = f"its entry in {_file(stack)} has changed since {since}{what}"
        return f"{entry}: `hubtui {verb} {self._project}/{name}` applies it"

    def _say(self, name: str, clause: str) -> None:
        if clause != self._said.get(name, ""):
            self._said.pop(name, None)
            if clause:
                self._said[name] = clause
            self._tell(name)

    def _tell(self, name: str) -> None:
        clause = self._said.get(name)
        self._reporter.differs(name, [*([clause] if clause else []), *self._otherwise.get(name, [])])


def _file(stack: Stack) -> str:
    """For instance "compose.yaml"; "its files" where there are several."""
    files = stack.read.files or stack.files
    return files[0].name if len(files) == 1 else "its files"
