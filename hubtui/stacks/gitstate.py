"""Where a project's folder stands in git, read from the repository's files: no git is run. Never raises.

Formats: gitrepository-layout(5), gitformat-index(5). What cannot be told cheaply is not told: None.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from hubtui.stacks.gitrepo import Repository, read_index, repository
from hubtui.stacks.smallfile import read_regular

MAX_INDEX = 1 << 20  # bytes: some 10,000 files, a few milliseconds
MAX_FILES = 4000  # below the folder, each looked at once
MAX_CONTENT, MAX_READS = 1 << 20, 20  # files of touched times whose content is compared
MAX_REFS = 8 << 20
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LINKS = 5  # symbolic refs in a row
_ASSUME_VALID, _EXTENDED, _SKIP = 0x8000, 0x4000, 0x4000
_SYMLINK, _REGULAR = 0o120000, 0o100000


@dataclass(frozen=True, slots=True)
class GitState:
    """`commit` is HEAD's; `changed`: whether tracked files below the folder differ from it, None where not known."""

    commit: str
    changed: bool | None


def git_state(folder: Path) -> GitState | None:
    """None where the folder is in no repository, or HEAD cannot be resolved (an empty repository, a reftable)."""
    try:
        place = Path(os.path.realpath(folder))
        repo = repository(place)
        commit = _head(repo) if repo else ""
        return GitState(commit, _changed(repo, place, commit)) if repo and commit else None
    except (OSError, ValueError, IndexError, zlib.error):
        return None


def _head(repo: Repository) -> str:
    name = "HEAD"
    for _ in range(_LINKS):
        said = _text(repo.own / name) or _text(repo.common / name)
        if said.startswith("ref:"):
            name = said.removeprefix("ref:").strip()
            continue
        found = said or _packed(repo, name)
        return found if _COMMIT.fullmatch(found) else ""
    return ""


def _packed(repo: Repository, name: str) -> str:
    data = b"\n" + (read_regular(repo.common / "packed-refs", MAX_REFS) or b"")
    end = data.find(b" " + os.fsencode(name) + b"\n")
    return data[data.rfind(b"\n", 0, end) + 1 : end].decode("ascii", "replace") if end >= 0 else ""


def _text(path: Path) -> str:
    return (read_regular(path, 4096) or b"").decode("utf-8", "replace").strip()


def _changed(repo: Repository, folder: Path, commit: str) -> bool | None:
    data = read_regular(repo.index, MAX_INDEX)
    if data is None:
        return None
    try:
        paths, places, end = read_index(data)
    except (ValueError, IndexError):
        return None
    inside = b"" if folder == repo.top else os.fsencode(folder.relative_to(repo.top)) + b"/"
    first = bisect_left(paths, inside)
    last = bisect_left(paths, inside[:-1] + b"0") if inside else len(paths)  # "0" comes after "/"
    if last - first > MAX_FILES:
        return None
    found = _touched(repo, data, list(zip(paths[first:last], places[first:last], strict=True)))
    if found is False and not inside:  # of the whole tree the index keeps what it would be committed as
        found = _staged(repo, data[end:-20], commit)
    return found


def _touched(repo: Repository, data: bytes, entries: list[tuple[bytes, int]]) -> bool | None:
    """Whether a file differs from the index: by its size, or where its time alone does, by its content."""
    written, reads = os.stat(repo.index).st_mtime_ns, 0
    top = os.fsencode(repo.top)
    for path, at in entries:
        number = [int.from_bytes(data[at + i : at + i + 4], "big") for i in range(8, 40, 4)]
        seconds, nanoseconds, mode, size = number[0], number[1], number[4], number[7]
        flags = int.from_bytes(data[at + 60 : at + 62], "big")
        more = int.from_bytes(data[at + 62 : at + 64], "big") if flags & _EXTENDED else 0
        if flags & _ASSUME_VALID or more & _SKIP or mode & 0o170000 not in (_SYMLINK, _REGULAR):
            continue
        try:
            there = os.lstat(os.path.join(top, path))
        except OSError:
            return True
        if stat.S_IFMT(there.st_mode) != mode & 0o170000 or (size and size != there.st_size & 0xFFFFFFFF):
            return True
        told = seconds * 10**9 + nanoseconds
        same = told == there.st_mtime_ns or (not nanoseconds and seconds == there.st_mtime_ns // 10**9)
        if same and size and told < written:  # else git itself could not tell by the time alone ("racily clean")
            continue
        reads += 1
        if reads > MAX_READS or there.st_size > MAX_CONTENT:
            return None
        if _blob(repo.top / os.fsdecode(path), mode) != data[at + 40 : at + 60]:
            return True
    return False


def _blob(path: Path, mode: int) -> bytes:
    """Its object's name, as git would name it now."""
    is_link = mode & 0o170000 == _SYMLINK
    content = os.readlink(os.fsencode(path)) if is_link else read_regular(path, MAX_CONTENT) or b""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).digest()


def _staged(repo: Repository, extensions: bytes, commit: str) -> bool | None:
    """Whether what would be committed now is another tree than the commit's: told by the index's cached tree, and by
    the commit while it is no part of a pack."""
    if not extensions.startswith(b"TREE"):
        return None
    head = extensions[8:].partition(b"\0")[2]  # the root's path is empty
    counts, _, rest = head.partition(b"\n")
    if counts.startswith(b"-1"):  # something was added since the last commit
        return True
    packed = zlib.decompressobj()
    loose = read_regular(repo.common / "objects" / commit[:2] / commit[2:], MAX_CONTENT)
    start = packed.decompress(loose, 256) if loose else b""
    tree = re.search(rb"\0tree ([0-9a-f]{40})\n", start)
    return bytes.fromhex(tree[1].decode()) != rest[:20] if tree else None
