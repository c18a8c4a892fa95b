"""Docker's pattern language: what a .dockerignore and the `exclude` of Dagger's Host.directory understand.

Source of the meaning: moby/patternmatcher v0.6.1 (patternmatcher.go, ignorefile/ignorefile.go), which BuildKit and
Dagger use. Patterns are rooted at the context; `**` spans folders; of all that match the last one wins.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPECIAL = re.compile(r"[*?\[\]\\]")
_META = re.compile(r"[*?\[\]\\^{}|]")  # ^{}| get into Go's regular expression as they are
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_ITEM = r"(?:\\.|[^\\\]-])"
_VALID = re.compile(rf"(?:\\.|[^\\\[]|\[\^?(?:{_ITEM}(?:-{_ITEM})?)+\])*", re.DOTALL)
_ANY = "(?s:.*)"


class BadPattern(ValueError):
    """A pattern that Docker and Dagger refuse."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule. `text` is cleaned and without the `!` of an exception; `line` (1-based) is where it stands."""

    text: str
    exception: bool = False
    line: int = 0

    def __str__(self) -> str:
        return "!" * self.exception + self.text

    def regex(self) -> str:
        """For `re.match` (`re.search` if it has a `|`) on a path such as `src/a.py`. Raises BadPattern."""
        if not self.text or not _VALID.fullmatch(self.text):
            raise BadPattern(f"{self} is no pattern")
        raw = rf"^{_translate(self.text)}\Z"
        try:
            re.compile(raw, re.ASCII)
        except re.error as error:
            raise BadPattern(f"{self} is no pattern") from error
        return raw


def read_ignore_file(data: bytes) -> Iterator[Pattern]:
    """The rules of a .dockerignore, not yet checked, without those that can never match anything."""
    lines = data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").split("\n")
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if line.startswith("#") or not text:
            continue
        exception = text.startswith("!")
        text = text[exception:].strip()
        path = clean(text)
        # Dagger takes "." for "*" and drops what leads out of the context; for Docker neither matches anything.
        if not text or (path not in (".", "..") and not path.startswith("../")):
            yield Pattern(path if text else "", exception, number)


def clean(path: str) -> str:
    """Go's filepath.Clean without leading slashes: "/a//b/../c/" is "a/c", and nothing, "/" and "./" are "."."""
    return posixpath.normpath(path).lstrip("/") or "."


def escape(path: str) -> str:
    """The pattern that matches this path (relative, cleaned) only, whatever characters it has."""
    text = _META.sub(r"\\\g<0>", path)
    if path[:1] == "!":
        text = "\\" + text
    if path[-1:].isspace():  # the ends of a pattern are stripped, and "\ " at its end would not survive that
        text = f"{text[:-1]}[{text[-1]}]"
    if len(path) > 1 and path[0].isspace():
        text = f"[{text[0]}]{text[1:]}"
    return _NOT_UTF8.sub("[\ufffd]", text)  # which is what Go reads for such a byte


def _translate(text: str) -> str:
    """patternmatcher.go compile(), with its short cuts: they differ from the long way where a newline is."""
    if not _SPECIAL.search(text):
        return re.escape(text)
    if text.startswith("**") and not _SPECIAL.search(text[2:]):
        return f"(?s:.*/)?{re.escape(text[3:])}" if text[2:3] == "/" else _ANY + re.escape(text[2:])
    if text.endswith("**") and not _SPECIAL.search(text[:-2]):
        return re.escape(text[:-2]) + _ANY
    out, rest = [], text
    while rest:
        if rest.startswith("**"):
            rest = rest[2:].removeprefix("/")
            out.append("(?:.*/)?" if rest else ".*")
            continue
        char, rest = rest[0], rest[1:]
        if char == "\\":
            char, rest = "\\" + rest[:1], rest[1:]
        out.append({"*": "[^/]*", "?": "[^/]"}.get(char) or ("\\" + char if char in ".+()$" else char))
    return "".join(out)
