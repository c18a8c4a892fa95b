"""What a git repository says about a folder in it, read from its files: no git is run, and none is needed."""

from __future__ import annotations

import os
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

_ENTRY = 62  # bytes of an index entry before its path, with SHA-1 (git's Documentation/gitformat-index)
_EXTENDED, _SUBMODULE = 0x4000, 0o160000


@dataclass(frozen=True, slots=True)
class Repository:
    """`top` is the working tree, `own` the folder of its HEAD and index, `common` that of what all working trees share
    (the same where there is only one). Nothing of it need be there."""

    top: Path
    own: Path
    common: Path

    @property
    def index(self) -> Path:
        return self.own / "index"

    @property
    def exclude(self) -> Path:
        return self.common / "info/exclude"


def repository(folder: Path) -> Repository | None:
    """The repository whose working tree holds `folder`, which is absolute and without symlinks."""
    for top in (folder, *folder.parents):
        dot_git = top / ".git"
        if dot_git.is_dir():
            return Repository(top, dot_git, dot_git)
        if dot_git.is_file():  # of a submodule or a second working tree
            own = top / _line(dot_git).removeprefix("gitdir:").strip()
            return Repository(top, own, own / (_line(own / "commondir") or "."))
    return None


def _line(file: Path) -> str:
    try:
        return os.fsdecode(file.read_bytes()).strip()
    except OSError:
        return ""


class Tracked:
    """The files of a repository's index below one folder, which no ignore rule applies to."""

    def __init__(self, repo: Repository | None, folder: Path) -> None:
        self._paths: list[bytes] = []  # relative to `folder`, sorted
        if repo:
            inside = b"" if folder == repo.top else os.fsencode(folder.relative_to(repo.top)) + b"/"
            try:
                paths = read_index(repo.index.read_bytes())[0]
            except (OSError, ValueError, IndexError):  # none yet, or of a kind that is not known here
                return
            end = bisect_left(paths, inside[:-1] + b"0") if inside else len(paths)  # "0" comes after "/"
            self._paths = [path[len(inside) :] for path in paths[bisect_left(paths, inside) : end]]

    def covers(self, path: str) -> bool:
        raw = os.fsencode(path)
        at = bisect_left(self._paths, raw)
        return self._paths[at : at + 1] == [raw]

    def leads_to(self, path: str) -> bool:
        raw = os.fsencode(path) + b"/"
        at = bisect_left(self._paths, raw)
        return at < len(self._paths) and self._paths[at].startswith(raw)


def read_index(data: bytes) -> tuple[list[bytes], list[int], int]:
    """The paths of all tracked files, sorted as the index is; where the entry of each begins; where all entries end.
    Raises ValueError or IndexError for what is no index of SHA-1."""
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("no index")
    paths: list[bytes] = []
    places: list[int] = []
    last, at = b"", 12
    for _ in range(count):
        flags = int.from_bytes(data[at + 60 : at + 62], "big")
        begin = at + _ENTRY + (2 if flags & _EXTENDED else 0)
        if version == 4:
            cut, begin = _varint(data, begin)
            end = data.index(b"\0", begin)
            last = last[: len(last) - cut] + data[begin:end]
            following = end + 1
        else:
            end = data.index(b"\0", begin)
            last = data[begin:end]
            following = at + (end - at + 8) // 8 * 8  # 1 to 8 zeros
        if flags & 0xFFF not in (len(last), 0xFFF):
            raise ValueError("an index of SHA-256")
        if int.from_bytes(data[at + 24 : at + 28], "big") != _SUBMODULE:
            paths.append(last)
            places.append(at)
        at = following
    return paths, places, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Git's offset encoding: the value, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
