"""A command line in words, as Compose splits one: like a shell, but without one.

The measure is mattn/go-shellwords, which Compose uses: a `;`, `&`, `|`, `<` or `>` outside quotes ends the command, and
what stands behind it is lost; a word of the form `$(...)` or with backticks is not run, but it holds together.
"""

from __future__ import annotations

_SPACE = " \t\r\n"


def split(line: str) -> list[str]:
    """The words. ValueError says what is wrong."""
    return _Splitter().read(line)


class _Splitter:
    def __init__(self) -> None:
        self.words: list[str] = []
        self.word = ""
        self.begun = False  # '' is a word, too
        self.quote = ""  # one of ' " ` (
        self.escaped = False

    def read(self, line: str) -> list[str]:
        for char in line:
            if self.escaped:
                self._take(char)
                self.escaped = False
            elif char == "\\" and self.quote != "'":
                self.escaped = True
            elif char in _SPACE and not self.quote:
                self._end()
            elif not self._quoting(char):
                if char in ";&|<>" and not self.quote:
                    if char == ">" and self.word[:1].isdecimal():  # 2>file: the number is part of it
                        self.begun = False
                    break
                self._take(char)
        self._end()
        if self.escaped or self.quote:
            raise ValueError("cannot be split into words: no closing quotation")
        return self.words

    def _quoting(self, char: str) -> bool:
        """Whether a character only begins or ends something."""
        if char in "'\"" and self.quote in ("", char, "`"):
            if self.quote == "`":
                return False
            self.begun = self.begun or bool(self.quote)
            self.quote = "" if self.quote else char
            return True
        if char == "`" and self.quote in ("", "`"):
            self.quote = "" if self.quote else "`"
        elif char == ")" and self.quote in ("", "("):
            self.quote = "" if self.quote else "("
        elif char == "(" and self.quote in ("", "("):
            if self.quote or not self.word.endswith("$"):
                raise ValueError("cannot be split into words: a bracket outside quotes")
            self.quote = "("
        return False

    def _take(self, char: str) -> None:
        self.word += char
        self.begun = True

    def _end(self) -> None:
        if self.begun:
            self.words.append(self.word)
        self.word, self.begun = "", False
