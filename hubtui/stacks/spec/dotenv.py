"""`.env` and `env_file`: KEY=VALUE lines as Compose reads them.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax; in doubt the
measure is compose-go's dotenv package: comments, quotes, `export`, escapes in double quotes, quoted values over several
lines, `KEY: value`, a bare `KEY` that is taken from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from hubtui.errors import StackError
from hubtui.stacks.spec.interpolate import Findings, TemplateError, substitute
from hubtui.stacks.spec.source import read_text

MAX_ENTRIES = 10_000
_KEY = re.compile(r"(?:export[ \t]+)?([A-Za-z0-9_.\-]+)[ \t]*([=:]|(?=\r?\n|\Z|#))")
_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_PLAIN = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"[ \t]#.*")  # `a#b` is a value, `a #b` is one with a comment
_BLANK = re.compile(r"[ \t]*(?=[\"'])")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_REST = re.compile(r"[ \t\r]*(?:#[^\n]*)?(?=\n|\Z)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "$": "$$"}


def load_dotenv(
    path: Path, variables: Mapping[str, str], findings: Findings | None = None, *, what: str = ".env file"
) -> dict[str, str]:
    """The entries of a file. `variables` are what its values may refer to, before its own earlier entries."""
    return parse_dotenv(read_text(path, what=what, as_it_is=True), path, variables, findings)


def load_raw(path: Path) -> dict[str, str]:
    """The entries of a file of `format: raw`: every line is KEY=VALUE as it stands; empty ones and comments are not."""
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path, what="env file").split("\n"), 1):
        key, equals, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or not key.strip() or "\0" in line:
            raise StackError("this line is not KEY=VALUE", file=str(path), line=number)
        found[key.strip()] = value
    return found


def parse_dotenv(
    text: str, path: Path, variables: Mapping[str, str], findings: Findings | None = None
) -> dict[str, str]:
    """As load_dotenv, for text that is already here; `path` is what errors name."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise StackError("a NUL character is not allowed here", file=str(path), line=line)
    return _Parser(text, path, variables, findings if findings is not None else Findings()).entries()


class _Parser:
    """One pass over the text with a position; lines are counted along with it."""

    def __init__(self, text: str, path: Path, variables: Mapping[str, str], findings: Findings) -> None:
        self.text = text
        self.path = path
        self.variables = variables
        self.findings = findings
        self.position = 0
        self.line = 1
        self.found: dict[str, str] = {}

    def entries(self) -> dict[str, str]:
        """Read all of it."""
        self._take(_SPACE)
        while self.position < len(self.text):
            match = self._take(_KEY)
            if match is None:
                raise self._error("this line is not KEY=VALUE")
            name = match[1]
            if len(self.found) >= MAX_ENTRIES:
                raise self._error(f"this file has more than {MAX_ENTRIES} entries")
            if match[2]:
                self.found[name] = self._value(name)
            elif name in self.variables:  # a bare KEY: handed on from the environment
                self.found[name] = self.variables[name]
            if self._take(_REST) is None:
                raise self._error(f"there is more behind the closing quote of {name}")
            self._take(_SPACE)
        return self.found

    def _value(self, name: str) -> str:
        self._take(_BLANK)
        quote = self.text[self.position : self.position + 1]
        start = self.line
        if quote == "'":
            return self._quoted(_SINGLE, name).replace("\\'", "'")
        if quote == '"':
            return self._expand(_ESCAPE.sub(_unescape, self._quoted(_DOUBLE, name)), start)
        match = self._take(_PLAIN)
        value = _COMMENT.sub("", match[0].lstrip() if match else "", count=1)
        return self._expand(value.strip(), start)

    def _quoted(self, pattern: re.Pattern[str], name: str) -> str:
        line = self.line
        match = self._take(pattern)
        if match is None:
            raise StackError(f"the quote that begins {name} never ends", file=str(self.path), line=line)
        return match[1]

    def _expand(self, value: str, line: int) -> str:
        try:
            return substitute(value, self._lookup, self.findings, file=str(self.path), line=line)
        except TemplateError as error:
            hint = "Put the value in single quotes to take it as it is."
            raise StackError(str(error), hint, file=str(self.path), line=line) from None

    def _lookup(self, name: str) -> str | None:
        return self.variables[name] if name in self.variables else self.found.get(name)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, if it matches; moves behind it."""
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
            self.line += match[0].count("\n")
        return match

    def _error(self, message: str) -> StackError:
        return StackError(message, file=str(self.path), line=self.line)


def _unescape(match: re.Match[str]) -> str:
    r"""`\n` and its like; an unknown escape stays as written, `\$` becomes `$$` for the interpolation that follows."""
    return _ESCAPES.get(match[1], match[0])
