"""Paths of a compose file made absolute: relative ones begin in the folder of the project, `~` is the home folder.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md; the list of keys is compose-go's
(paths/resolve.go). Includes and files that services extend have folders of their own, so each is done before merging.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_REMOTE = re.compile(r"https://|http://|git://|ssh://|github\.com/|git@|service:")
_WINDOWS = re.compile(r"[a-zA-Z]:[\\/]|\\\\")


class Paths:
    """The folder where relative paths begin, and the one that `~` means."""

    def __init__(self, folder: Path, home: str) -> None:
        self.folder = str(folder)
        self.home = home

    def absolute(self, written: str) -> str:
        """One path. "" stays, as Compose has it; what is absolute is not cleaned."""
        if written.startswith("~"):
            return os.path.normpath(f"{self.home}/{written[1:]}") if self.home else written
        if not written or written.startswith("/") or _WINDOWS.match(written):
            return written
        return os.path.normpath(os.path.join(self.folder, written))

    def of_mount(self, written: str) -> str:
        """As `absolute`, for what is mounted or read, where Compose takes "" for the folder itself."""
        return self.absolute(written) if written else self.folder

    def resolve(self, tree: dict[str, Any]) -> None:
        """All paths of a stack whose short forms are lengthened, in place."""
        for service in _tables(tree.get("services")):
            self._service(service)
        for key in ("configs", "secrets"):
            for source in _tables(tree.get(key)):
                self._change(source, "file", self.absolute)
        for volume in _tables(tree.get("volumes")):
            options = volume.get("driver_opts")
            if volume.get("driver") == "local" and isinstance(options, dict) and options.get("o") == "bind":
                self._change(options, "device")

    def _service(self, service: dict[str, Any]) -> None:
        build = service.get("build")
        if isinstance(build, dict):
            self._context(build, "context")
            contexts, ssh = build.get("additional_contexts"), build.get("ssh")
            if isinstance(contexts, dict):
                for name in contexts:
                    self._context(contexts, name)
            if isinstance(ssh, dict):
                for name in ssh:
                    self._change(ssh, name)
        for item in _tables(service.get("env_file")):
            self._change(item, "path", self.absolute)
        labels = service.get("label_file")
        for number in range(len(labels)) if isinstance(labels, list) else ():
            self._change(labels, number, self.absolute)
        if isinstance(extends := service.get("extends"), dict):
            self._change(extends, "file", self.absolute)
        develop = service.get("develop")
        for watch in _tables(develop.get("watch") if isinstance(develop, dict) else None):
            if watch.get("path"):
                self._change(watch, "path")
        for mount in _tables(service.get("volumes")):
            if mount.get("type") == "bind":
                self._change(mount, "source")

    def _change(self, holder: Any, key: Any, change: Callable[[str], str] | None = None) -> None:
        value = holder[key] if isinstance(holder, list) else holder.get(key)
        if isinstance(value, str):
            holder[key] = (change or self.of_mount)(value)

    def _context(self, holder: dict[str, Any], key: str) -> None:
        value = holder.get(key)
        if isinstance(value, str) and "://" not in value and not _REMOTE.match(value):
            holder[key] = self.absolute(value)


def _tables(holder: Any) -> Iterator[dict[str, Any]]:
    """The mappings that a mapping or list holds."""
    values = holder.values() if isinstance(holder, dict) else holder if isinstance(holder, list) else ()
    return (value for value in values if isinstance(value, dict))
