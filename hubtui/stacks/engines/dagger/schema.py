"""The API's schema, remembered: asking an engine for it takes a quarter of every start of a session.

It is the same for the same versions of engine and CLI. What is kept is the answer to the introspection query; one that
is not there or cannot be used is asked for as ever.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any


class KnownSchema:
    """Of one pair of versions, in a file below `folder`. Without a version nothing is kept."""

    def __init__(self, folder: Path, engine: str, cli: str) -> None:
        name = "".join(c if c.isalnum() or c in ".-" else "_" for c in f"{engine}-{cli}")
        self._file = folder / f"schema-{name}.json" if engine and cli else None

    def give(self, client: Any) -> None:
        """Let a gql.Client have it before it connects."""
        from graphql import build_client_schema

        if self._file is None:
            return
        with contextlib.suppress(Exception):  # a damaged file can make it raise nearly anything
            known = build_client_schema(json.loads(self._file.read_bytes()))
            client.schema = known if known.query_type else None

    def keep(self, client: Any) -> None:
        """Remember what the client was told by the engine."""
        if self._file is None or not client.introspection:
            return
        fresh = self._file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError, TypeError, AttributeError):
            text = json.dumps(client.introspection, default=lambda enum: enum.name)  # graphql-core makes enums of some
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, self._file)
