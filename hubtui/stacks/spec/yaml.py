"""YAML 1.2 with line numbers, made safe for files that somebody else wrote.

Only ruamel's scanner and parser are used: they give events with positions and are not recursive. Building values from
the events is ours, and small, because that is where a loader must count (aliases, depth, size) and must be strict
(duplicate keys). Scalars mean what they mean to Compose, whose YAML library (go.yaml.in/yaml/v3) reads YAML 1.2:
`22:22`, `yes`, `no`, `on` and `off` are strings; `<<` still merges.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document, Key
from hubtui.stacks.spec.source import read_text

MAX_DEPTH = 64
MAX_EVENTS = 25_000  # what is written; a file of 5000 lines has about 15 000
MAX_VALUES = 100_000  # what it means once aliases and merges are spelled out

_TAG = "tag:yaml.org,2002:"
_HALF = re.compile(r"[\ud800-\udfff]")  # "\ud83d\ude00" is JSON's; no path or program can be called that


@dataclass(slots=True)
class Node:
    """One written value; an alias is the same Node again, so building the tree costs what is written."""

    line: int
    value: str | list[Node] | list[tuple[Node, Node]]
    kind: str  # "scalar", "sequence" or "mapping"
    plain: bool = False
    tag: str = ""


def load_yaml(path: Path) -> Document:
    """Read one compose file. Raises StackError with file and line for everything that is wrong with it."""
    return parse_yaml(read_text(path, what="compose file"), path)


def parse_yaml(text: str, path: Path) -> Document:
    """As load_yaml, for text that is already here; `path` is what errors name."""
    root = _Composer(path).compose(text)
    document = Document(path, {}, {})
    if root is None:
        raise StackError("this file is empty", "A stack needs at least `services:`.", file=str(path))
    if root.kind != "mapping":
        raise StackError("a compose file is a mapping; this one is a " + root.kind, file=str(path), line=root.line)
    document.lines[()] = root.line
    tree = _Builder(document).build(root, (), 0)
    return Document(path, tree, document.lines)


class _Composer:
    """Events to nodes, with anchors resolved and everything counted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def compose(self, text: str) -> Node | None:
        """The first document's root; None if there is nothing in it."""
        from ruamel.yaml import YAML  # 30 ms: only when a file is really read
        from ruamel.yaml.error import MarkedYAMLError
        from ruamel.yaml.reader import ReaderError

        try:
            return self._document(YAML(typ="safe", pure=True).parse(text))
        except StackError:
            raise
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else None
            problem = " ".join(str(x) for x in (error.context, error.problem) if x)
            raise self._error(f"this is not valid YAML: {problem}", line) from None
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise self._error("a character that YAML does not allow", line) from None
        except Exception as error:
            # The scanner also lets IndexError, ValueError (\U99999999) and others escape on broken input.
            raise self._error(f"this is not valid YAML ({type(error).__name__})", None) from error

    def _document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            name = type(event).__name__
            if name == "DocumentStartEvent" and root is not None:
                raise self._error("a second document begins here; hubtui reads one per file", _line(event))
            if name not in ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent"):
                root = self._node(event, events, 0)
        if root is not None and root.kind == "scalar" and root.value == "":
            return None
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        """The node that begins with `event`; reads on to its end."""
        self.count += 1
        line = _line(event)
        if self.count > MAX_EVENTS:
            raise self._error(f"this file holds more than {MAX_EVENTS} values", line)
        if depth > MAX_DEPTH:
            raise self._error(f"this file is nested deeper than {MAX_DEPTH} levels", line)
        name = type(event).__name__
        if name == "AliasEvent":
            if event.anchor not in self.anchors:
                raise self._error(f"*{event.anchor} has no anchor &{event.anchor} that ends before it", line)
            return self.anchors[event.anchor]
        tag = str(event.tag or "")
        if name == "ScalarEvent":
            if not event.value.isascii() and (half := _HALF.search(event.value)):
                raise self._error(f"this is not valid YAML: \\u{ord(half[0]):x} is half a character", line)
            node = Node(line, event.value, "scalar", event.implicit[0], tag)
        elif name == "SequenceStartEvent":
            items = [self._node(e, events, depth + 1) for e in _until(events, "SequenceEndEvent")]
            node = Node(line, items, "sequence", tag=tag)
        else:
            pairs = [
                (self._node(e, events, depth + 1), self._node(next(events), events, depth + 1))
                for e in _until(events, "MappingEndEvent")
            ]
            if event.flow_style:
                _mend_flow_keys(pairs)
            node = Node(line, pairs, "mapping", tag=tag)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _error(self, message: str, line: int | None) -> StackError:
        return StackError(message, file=str(self.path), line=line)


class _Builder:
    """Nodes to plain values, with aliases and merges spelled out and the line of every path noted."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines: dict[tuple[Key, ...], int] = document.lines  # filled here, read-only afterwards
        self.count = 0

    def build(self, node: Node, path: tuple[Key, ...], depth: int) -> Any:
        """The value of a node, whose place in the tree is `path`."""
        self._count(node, depth)
        if isinstance(node.value, str):
            return scalar(node.value, node.plain, node.tag)
        if node.kind == "sequence":
            return [self._item(item, (*path, n), depth + 1) for n, item in enumerate(node.value)]
        return self._mapping(node, path, depth)

    def _mapping(self, node: Node, path: tuple[Key, ...], depth: int) -> dict[str, Any]:
        own: list[tuple[str, Node, Node]] = []
        written: dict[str, int] = {}
        values: dict[str, Any] = {}
        for key_node, value_node in _pairs(node):
            key = self._key(key_node)
            if key in written:
                raise self._error(f"the key {key!r} is already there in line {written[key]}", key_node)
            written[key] = key_node.line
            if key == "<<" and key_node.plain:
                values = self._merged(value_node, path, depth + 1)
            elif value_node.tag != "!reset":  # in a single file `!reset` leaves the key out
                own.append((key, key_node, value_node))
        for key, key_node, value_node in own:  # after what is merged: own values win, and so do their lines
            self.lines[(*path, key)] = key_node.line
            values[key] = self.build(value_node, (*path, key), depth + 1)
        return values

    def _merged(self, node: Node, path: tuple[Key, ...], depth: int) -> dict[str, Any]:
        """What `<<` brings in: one mapping or a list of them, the earlier one winning."""
        sources = node.value if node.kind == "sequence" else [node]
        merged: dict[str, Any] = {}
        for source in reversed(sources):
            if not isinstance(source, Node) or source.kind != "mapping":
                raise self._error("<< takes a mapping or a list of mappings", node)
            self._count(source, depth)
            merged.update(self._mapping(source, path, depth))
        return merged

    def _count(self, node: Node, depth: int) -> None:
        """Only aliases can go beyond these: what is written was counted before."""
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH:
            raise self._error("the aliases in this file unfold to far too many values", node)

    def _item(self, item: Any, path: tuple[Key, ...], depth: int) -> Any:
        self.lines[path] = item.line
        return self.build(item, path, depth)

    def _key(self, node: Node) -> str:
        """Keys are strings, as Compose demands; what merely looks like a number must be quoted."""
        value = scalar(node.value, node.plain, node.tag) if isinstance(node.value, str) else None
        if not isinstance(value, str):
            raise self._error("a key must be a string; put it in quotes", node)
        return value

    def _error(self, message: str, node: Node) -> StackError:
        return StackError(message, file=str(self.document.file), line=node.line)


_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{w: float(w.replace(".", "")) for w in (".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN")},
}


def scalar(text: str, plain: bool, tag: str = "") -> Any:
    """What a scalar means: quoted, block and `!!str` ones are strings; plain ones follow YAML 1.2.

    Numbers are those of Compose's YAML library, which also knows `0o17`, `0x1f`, `0b1`, `1_000` and the old octal
    `017`. Dates stay strings.
    """
    explicit = tag.removeprefix(_TAG) in ("int", "float", "bool", "null") and tag.startswith(_TAG)
    if not (explicit or (plain and not tag)):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > 40 or text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(text) and len(digits) <= 20:
        with contextlib.suppress(ValueError):  # 08, 0x_ and the like
            return int(re.sub(r"^([-+]?)0([0-7]+)$", r"\g<1>0o\2", digits), 0)
    if _FLOAT.fullmatch(text) and not math.isinf(number := float(digits)):
        return number
    return text


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return [pair for pair in node.value if isinstance(pair, tuple)]


def _mend_flow_keys(pairs: list[tuple[Node, Node]]) -> None:
    """`{a:, b: 1}` is `a` without a value in YAML 1.2; ruamel's scanner takes the colon into the key."""
    for key, value in pairs:
        if key.plain and isinstance(key.value, str) and key.value.endswith(":") and value.plain and value.value == "":
            key.value = key.value[:-1]


def _until(events: Iterator[Any], end: str) -> Iterator[Any]:
    """The events up to the one named `end`, each the start of a node that the caller reads to its own end."""
    for event in events:
        if type(event).__name__ == end:
            return
        yield event


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
