"""YAML 1.2 with positions, made safe for files that somebody else wrote.

Only PyYAML's scanner and parser are used, the ones of libyaml where it has them: they give events with positions and
are not recursive, and Compose's own YAML library is libyaml's translation. Building values from the events is ours, and
small, because that is where a loader must count (aliases, depth, size) and must be strict (duplicate keys).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document, Key
from hubtui.stacks.spec.marks import Mark, Row, Table
from hubtui.stacks.spec.mistakes import Collector
from hubtui.stacks.spec.scalars import scalar
from hubtui.stacks.spec.source import read_text

MAX_DEPTH = 64
MAX_EVENTS = 60_000  # what is written; 200 large services are about 15 000
MAX_VALUES = 120_000  # what it means once aliases and merges are spelled out
MAX_DOCUMENTS = 50  # in one file

_HALF = re.compile(r"[\ud800-\udfff]")  # "\ud83d\ude00" is JSON's; no path or program can be called that
_END = "found unexpected end of stream"
_BARE_COLON = "found unexpected ':'"
RESET, OVERRIDE = "!reset", "!override"


@dataclass(slots=True)
class Node:
    """One written value; an alias is the same Node again, so building the tree costs what is written."""

    mark: Mark
    value: str | list[Node] | list[tuple[Node, Node]]
    kind: str  # "scalar", "sequence" or "mapping"
    plain: bool = False
    tag: str = ""


def load_yaml(path: Path) -> list[Document]:
    """Read one compose file: mostly one document, but it may hold several, which Compose merges in their order.

    Raises StackError with file, line and column for everything that is wrong with it.
    """
    return parse_yaml(read_text(path, what="compose file"), path)


def parse_yaml(text: str, path: Path) -> list[Document]:
    """As load_yaml, for text that is already here; `path` is what errors name."""
    documents = []
    wrong = Collector()
    for root in _Composer(path).compose(text):
        if root.kind != "mapping":
            raise _error("a compose file is a mapping; this one is a " + root.kind, root.mark)
        builder = _Builder(wrong)
        tree = builder.build(root, 0)
        documents.append(Document(path, tree, tuple(builder.resets)))
    wrong.check()
    if not documents:
        raise StackError("this file is empty", "A stack needs at least `services:`.", file=str(path))
    return documents


def _error(message: str, mark: Mark) -> StackError:
    return StackError(message, file=mark.file, line=mark.line, column=mark.column)


class _Composer:
    """Events to nodes, with anchors resolved and everything counted."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def compose(self, text: str) -> list[Node]:
        """The root of each document that holds something."""
        import yaml  # 20 ms: only when a file is really read
        from yaml.reader import ReaderError

        fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            try:
                return list(self._documents(yaml.parse(text, Loader=fast)))
            except yaml.MarkedYAMLError as error:
                if error.problem != _BARE_COLON:
                    raise
                self.count = 0  # `{a:, b: 1}`, which Compose's library reads and libyaml does not
                return list(self._documents(yaml.parse(text, Loader=yaml.SafeLoader)))
        except StackError:
            raise
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise StackError("a character that YAML does not allow", file=self.file, line=line) from None
        except yaml.MarkedYAMLError as error:
            problem = " ".join(str(x) for x in (error.context, error.problem) if x)
            problem = problem.replace(_END, "found no end of it").replace("unexpected ", "a misplaced ")
            mark = error.problem_mark or error.context_mark
            if error.problem == _END:  # what never ends is more telling than where the file ends
                mark = error.context_mark or mark
            place = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
            raise StackError(
                f"this is not valid YAML: {problem}", file=self.file, line=place[0], column=place[1]
            ) from None
        except Exception as error:
            # The scanner also lets IndexError, ValueError (\U99999999) and others escape on broken input.
            raise StackError(f"this is not valid YAML ({type(error).__name__})", file=self.file) from error

    def _documents(self, events: Iterator[Any]) -> Iterator[Node]:
        count = 0
        for event in events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                self.anchors.clear()
                count += 1
                if count > MAX_DOCUMENTS:
                    raise _error(f"this file holds more than {MAX_DOCUMENTS} documents", self._mark(event))
            elif name not in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                root = self._node(event, events, 0)
                if root.kind != "scalar" or root.value != "":
                    yield root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        """The node that begins with `event`; reads on to its end."""
        self.count += 1
        mark = self._mark(event)
        if self.count > MAX_EVENTS:
            raise _error(f"this file holds more than {MAX_EVENTS} values", mark)
        if depth > MAX_DEPTH:
            raise _error(f"this file is nested deeper than {MAX_DEPTH} levels", mark)
        name = type(event).__name__
        if name == "AliasEvent":
            if event.anchor not in self.anchors:
                raise _error(f"*{event.anchor} has no anchor &{event.anchor} that ends before it", mark)
            return self.anchors[event.anchor]
        tag = str(event.tag or "")
        if name == "ScalarEvent":
            if not event.value.isascii() and (half := _HALF.search(event.value)):
                raise _error(f"this is not valid YAML: \\u{ord(half[0]):x} is half a character", mark)
            own = tag in (RESET, OVERRIDE)
            node = Node(mark, event.value, "scalar", event.implicit[0] or (own and not event.style), tag)
        elif name == "SequenceStartEvent":
            items = [self._node(e, events, depth + 1) for e in _until(events, "SequenceEndEvent")]
            node = Node(mark, items, "sequence", tag=tag)
        else:
            pairs = [
                (self._node(e, events, depth + 1), self._node(next(events), events, depth + 1))
                for e in _until(events, "MappingEndEvent")
            ]
            node = Node(mark, pairs, "mapping", tag=tag)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """Nodes to plain values, with aliases and merges spelled out and every place kept."""

    def __init__(self, wrong: Collector) -> None:
        self.wrong = wrong
        self.resets: list[tuple[Key, ...]] = []
        self.path: list[Key] = []
        self.count = 0

    def build(self, node: Node, depth: int) -> Any:
        """The value of a node, whose place in the tree is `path`."""
        self._count(node, depth)
        if node.tag == OVERRIDE:
            self.resets.append(tuple(self.path))
        if isinstance(node.value, str):
            return scalar(node.value, node.plain, "" if node.tag == OVERRIDE else node.tag)
        if node.kind == "sequence":
            return self._sequence(node, depth)
        return self._mapping(node, depth)

    def _sequence(self, node: Node, depth: int) -> Row:
        row = Row(node.mark)
        for item in node.value:
            if isinstance(item, Node) and not self._is_reset(item, len(row)):
                row.add(self._child(item, len(row), depth), item.mark)
        return row

    def _mapping(self, node: Node, depth: int) -> Table:
        own: list[tuple[str, Node, Node]] = []
        written: dict[str, Node] = {}
        table = Table(node.mark)
        for key_node, value_node in _pairs(node):
            key = scalar(key_node.value, key_node.plain, key_node.tag) if isinstance(key_node.value, str) else None
            if not isinstance(key, str):  # as Compose demands; what merely looks like a number must be quoted
                self.wrong.add(_error("a key must be a string; put it in quotes", key_node.mark))
            elif key in written:
                line = written[key].mark.line
                self.wrong.add(_error(f"the key {key!r} is already there in line {line}", key_node.mark))
            elif key == "<<" and key_node.plain:
                self._merge(table, value_node, depth + 1)
            elif not self._is_reset(value_node, key):
                own.append((key, key_node, value_node))
            written.setdefault(str(key), key_node)
        for key, key_node, value_node in own:  # after what is merged: own values win, and so do their places
            table.put(key, self._child(value_node, key, depth), key_node.mark)
        return table

    def _child(self, node: Node, key: Key, depth: int) -> Any:
        self.path.append(key)
        value = self.build(node, depth + 1)
        self.path.pop()
        return value

    def _is_reset(self, node: Node, key: Key) -> bool:
        if node.tag == RESET:
            self.resets.append((*self.path, key))
        return node.tag == RESET

    def _merge(self, table: Table, node: Node, depth: int) -> None:
        """What `<<` brings in: one mapping or a list of them, the earlier one winning."""
        sources = node.value if node.kind == "sequence" else [node]
        for source in reversed(sources):
            if not isinstance(source, Node) or source.kind != "mapping":
                self.wrong.add(_error("<< takes a mapping or a list of mappings", node.mark))
                continue
            self._count(source, depth)
            merged = self._mapping(source, depth)
            table.update(merged)
            table.marks.update(merged.marks)

    def _count(self, node: Node, depth: int) -> None:
        """Only aliases can go beyond these: what is written was counted before."""
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH:
            raise _error("the aliases in this file unfold to far too many values", node.mark)


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return [pair for pair in node.value if isinstance(pair, tuple)]


def _until(events: Iterator[Any], end: str) -> Iterator[Any]:
    """The events up to the one named `end`, each the start of a node that the caller reads to its own end."""
    for event in events:
        if type(event).__name__ == end:
            return
        yield event
