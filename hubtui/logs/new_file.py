"""A new file, which appears under its name when it is whole: what is exported goes into one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from hubtui.errors import HubtuiError
from hubtui.safetext import safe_text

_WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EFBIG: "a file may not be that large here",
    errno.EACCES: "that folder may not be written to",
    errno.EPERM: "that folder may not be written to",
    errno.EROFS: "that disk can only be read",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "there is no such folder",
    errno.ENAMETOOLONG: "that name is too long",
}
_NO_UNNAMED = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)


class NewFile:
    """A file at `path`, which only its owner can read; with `overwrite` in place of one that is there, with its rights.

    Until `finish` it has no name, or on file systems that want one a hidden one that ends in `.part`. Where something
    cannot be written, HubtuiError says why, and nothing is left of it.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self._path = Path(os.path.realpath(path))
        self._overwrite = overwrite
        self._name = safe_text(str(path), 200)
        self._fd, self._has_name = -1, False
        with self._or_nothing():
            mode = self._mode_there()
            self._part = self._path.with_name(f".{self._path.name[:200]}.{token_hex(4)}.part")
            self._fd = _unnamed(self._path.parent)
            if self._fd < 0:
                self._fd = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                self._has_name = True
            if mode is not None:
                os.fchmod(self._fd, mode)

    def write(self, data: bytes) -> None:
        """Take more."""
        rest = memoryview(data)
        with self._or_nothing():
            while rest:
                rest = rest[os.write(self._fd, rest) :]

    def finish(self) -> None:
        """All is written: it has its name from now on."""
        with self._or_nothing():
            os.fsync(self._fd)
            if self._overwrite:
                self._link(self._part)
                os.replace(self._part, self._path)
                self._has_name = False
            else:
                self._link(self._path)
        self.drop()

    def drop(self) -> None:
        """Leave nothing of it, unless it is finished."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._has_name:
            self._has_name = False
            with suppress(OSError):
                os.unlink(self._part)

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.drop()
            raise _unwritten(self._name, error) from error

    def _link(self, path: Path) -> None:
        """Give it this name, which nobody may have yet."""
        if not self._has_name:
            os.link(f"/proc/self/fd/{self._fd}", path, src_dir_fd=self._fd, follow_symlinks=True)
            self._has_name = path == self._part
        elif path != self._part:
            try:
                os.link(self._part, path)
            except PermissionError:  # a file system without links
                if path.exists():
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
                os.rename(self._part, path)

    def _mode_there(self) -> int | None:
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(there.st_mode):
            raise HubtuiError(f"{self._name} is {_kind(there.st_mode)}.", "Give the name of a file.")
        if not self._overwrite:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        return stat.S_IMODE(there.st_mode) & 0o777


def _unwritten(name: str, error: OSError) -> HubtuiError:
    if isinstance(error, FileExistsError):
        return HubtuiError(
            f"{name} is there already; nothing was written.", "Give another name, or move that file away."
        )
    why = _WHY.get(error.errno or 0) or (error.strerror or type(error).__name__).lower()
    return HubtuiError(f"{name} cannot be written: {why}.", "Nothing of it was kept.")


def _unnamed(folder: Path) -> int:
    """A file in this folder that has no name, so that nothing is left of it whatever happens; -1 where that cannot be.
    Raises OSError."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in _NO_UNNAMED and folder.is_dir():
            return -1
        raise


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
