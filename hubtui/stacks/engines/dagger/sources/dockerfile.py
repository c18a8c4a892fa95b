"""Which paths of its context a Dockerfile names: sources of COPY and ADD, and bind mounts of RUN."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from hubtui.stacks.engines.dagger.sources.patterns import BadPattern, Pattern, clean

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)")
_FLAG = re.compile(r"\s*--(\w+)(?:=(\S*))?\s*")
_HEREDOC = re.compile(r"(?:^|\s)\d*<<(-?)([\"']?)([A-Za-z_][\w.]*)\2")
_URL = re.compile(r"[a-z][a-z+]*://|git@", re.IGNORECASE)


def named_sources(text: str) -> tuple[str, ...]:
    """The paths (cleaned, perhaps with wildcards behind a literal beginning) that must be there for the build. What
    comes from other stages, from the network or from variables is not among them, nor are `.` and `*`."""
    found: dict[str, None] = {}
    for name, rest in _instructions(text):
        for source in _mounted(rest) if name == "RUN" else _copied(rest) if name in ("COPY", "ADD") else ():
            path = clean("/" + source)  # ".." does not lead out of the context
            if path != "." and path[0] not in "*?[" and "$" not in path and not _URL.match(source):
                found[path] = None
    return tuple(found)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Name (in capitals) and the rest of each instruction, its lines joined, the bodies of heredocs left out."""
    lines = iter(text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    continued = re.compile(re.escape(_escape_character(text)) + r"[ \t]*$")
    whole = ""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):  # skipped within an instruction as well
            continue
        whole += continued.sub("", line)
        if continued.search(line):
            continue
        name, _, rest = whole.strip().replace("\t", " ").partition(" ")
        whole = ""
        if name.upper() in ("RUN", "COPY", "ADD"):
            for dash, _, end in _HEREDOC.findall(rest):
                next((body for body in lines if (body.lstrip("\t") if dash else body) == end), None)
        yield name.upper(), rest


def _escape_character(text: str) -> str:
    for line in text.removeprefix("\ufeff").splitlines():
        directive = _DIRECTIVE.fullmatch(line.strip())
        if not directive:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def _flags(rest: str) -> tuple[list[tuple[str, str]], str]:
    """The flags an instruction begins with (name, value), and what follows them."""
    flags = []
    while flag := _FLAG.match(rest):
        flags.append((flag[1], flag[2] or ""))
        rest = rest[flag.end() :]
    return flags, rest.strip()


def _copied(rest: str) -> list[str]:
    flags, rest = _flags(rest)
    if any(name == "from" for name, _ in flags):
        return []
    words: object = rest.split()
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            pass
    assert isinstance(words, list)
    sources = [word for word in words[:-1] if isinstance(word, str)]
    return [_unquoted(word) for word in sources if word and not word.startswith("<<")]


def _mounted(rest: str) -> Iterator[str]:
    for name, value in _flags(rest)[0]:
        options = dict(option.partition("=")[::2] for option in value.split(","))
        if name == "mount" and options.get("type", "bind") == "bind" and "from" not in options:
            yield options.get("source") or options.get("src") or ""


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word


class Named:
    """Implements `Wanted` for the paths that a build names, written as COPY has them."""

    def __init__(self, sources: Iterable[str]) -> None:
        parts = [source.split("/") for source in sources]
        self._covered = _any_of("/".join(p) for p in parts)
        self._above = _any_of("/".join(p[:depth]) for p in parts for depth in range(1, len(p)))

    def covers(self, path: str) -> bool:
        return self._covered.match(path) is not None

    def leads_to(self, path: str) -> bool:
        return self._above.match(path) is not None


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    regexes = []
    for text in texts:
        try:
            regexes.append(Pattern(text).regex())
        except BadPattern:  # the build will say so
            continue
    return re.compile("|".join(regexes) or r"(?!)", re.ASCII)
