"""`extends`: a service begins as a copy of another one, of this file or of another.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends; in doubt compose-go's loader/extends.go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document, Place
from hubtui.stacks.spec.fields import text
from hubtui.stacks.spec.marks import Key, Table, clone
from hubtui.stacks.spec.resolve.longform import lengthen
from hubtui.stacks.spec.resolve.merge import SERVICE, Merger
from hubtui.stacks.spec.resolve.paths import Paths
from hubtui.stacks.spec.resolve.reading import Reading, Surroundings, fill
from hubtui.stacks.spec.resolve.remote import refuse_remote
from hubtui.stacks.spec.resolve.reset import below, forget
from hubtui.stacks.spec.resolve.unique import enforce_unicity

MAX_CHAIN = 50


@dataclass(frozen=True, slots=True)
class _File:
    """A file's services, still as far as they were extended, what it resets, and where its paths begin."""

    document: Document
    folder: Path


def apply_extends(document: Document, around: Surroundings, reading: Reading) -> None:
    """Replace every service that extends another by what becomes of both, in place."""
    extender = _Extender(around.variables, reading)
    file = _File(document, around.folder)
    for name in list(document.tree["services"]):
        try:
            extender.service(name, file, ())
        except StackError as error:
            reading.wrong.add(error)
            if isinstance(service := document.tree["services"].get(name), dict):
                service.pop("extends", None)


class _Extender:
    def __init__(self, variables: Mapping[str, str], reading: Reading) -> None:
        self.variables = variables
        self.reading = reading
        self.files: dict[Path, _File] = {}

    def service(self, name: str, file: _File, chain: tuple[tuple[Path, str], ...]) -> Any:
        """The service as it is with all that it extends."""
        services = file.document.tree["services"]
        own = services[name]
        if not isinstance(own, Table) or own.get("extends") is None:
            return own
        place = Place(file.document, ("services", name, "extends"), own["extends"])
        here = (file.document.file, name)
        if here in chain:
            circle = " -> ".join(n for _, n in (*chain[chain.index(here) :], here))
            raise place.error(f"goes in a circle: {circle}")
        if len(chain) >= MAX_CHAIN:
            raise place.error(f"is more than {MAX_CHAIN} services away from where it begins")
        ref, other = self._reference(place, file)
        if ref not in other.document.tree["services"]:
            raise (place.get("service") or place if isinstance(place.value, dict) else place).error(
                f"names {ref[:80]!r}, which is not a service of {other.document.file.name}",
                f"Its services: {', '.join(list(other.document.tree['services'])[:20]) or 'none'}",
            )
        base = self.service(ref, other, (*chain, here))
        if base is None:
            return own
        merged = clone(base)
        forget(merged, below(file.document.resets, ("services", name)))
        merger = Merger(self.reading.wrong, ("services", name))
        merged = merger.merge(merged, own, SERVICE, services.at(name))
        if isinstance(merged, Table):
            merged.pop("extends", None)
            merged.mark = own.mark
        services[name] = merged
        return merged

    def _reference(self, place: Place, file: _File) -> tuple[str, _File]:
        """The name and the file of what is extended."""
        if isinstance(place.value, str):
            return place.value, file
        ref, written = place.need("service").to(text), place.string("file")
        if not written:
            return ref, file
        refuse_remote(place, written)
        path = Path(Paths(file.folder, self.reading.home).absolute(written))
        if path not in self.files:
            self.files[path] = self._open(path, place)
        return ref, self.files[path]

    def _open(self, path: Path, place: Place) -> _File:
        """Another file, in long forms, with paths that are absolute. Its includes and other keys count for nothing."""
        if not os.path.exists(path):
            raise place.error(f"names {path}, which is not there")
        with place.naming():
            documents = self.reading.open(path)
        tree = Table(documents[0].tree.mark if isinstance(documents[0].tree, Table) else None)
        resets: list[tuple[Key, ...]] = []
        for document in documents:
            fill(document, self.variables, self.reading)
            forget(tree, document.resets)
            Merger(self.reading.wrong).tables(tree, document.tree, ())
            resets += document.resets
        if not isinstance(tree.get("services"), Table):
            raise place.error(f"names {path}, which has no services")
        enforce_unicity(tree)
        lengthen(tree)
        enforce_unicity(tree)
        Paths(path.parent, self.reading.home).resolve(tree)
        return _File(Document(path, tree, tuple(resets)), path.parent)
