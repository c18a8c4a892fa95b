"""The images of the tests: made here, since no registry can be reached."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.live.docker.daemon import Daemon

BUSYBOX = "hubtui/busybox:1"
_FOLDERS = ("bin", "dev", "etc", "proc", "sys", "tmp", "root", "var", "www")


def static(program: Path) -> bool:
    """Whether it needs no library: it runs in an image of its own."""
    return b"/ld-linux" not in program.read_bytes()[:4096]


def load(daemon: Daemon) -> None:
    """Give the engine BUSYBOX: a shell and its tools, `httpd`, `nc`, `wget` and `tail` among them."""
    daemon.docker("import", "--change", 'CMD ["sh"]', "-", BUSYBOX, input=file_system())


def file_system(only: int = 0, of: int = 1) -> bytes:
    """The archive of a file system: busybox, a link for each of its applets, two users, a page to serve.
    Where it is to be split `of` ways, the links are; the first archive has all else."""
    program = str(shutil.which("busybox"))
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tree:
        if only == 0:
            _base(tree, Path(program).resolve())
        for applet in applets[only::of]:
            if applet != "busybox":
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                tree.addfile(entry)
    return made.getvalue()


def _base(tree: tarfile.TarFile, program: Path) -> None:
    for folder in _FOLDERS:
        entry = tarfile.TarInfo(folder)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
        tree.addfile(entry)
    tree.add(program, "bin/busybox")
    _file(tree, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    _file(tree, "etc/group", "root:x:0:\nnogroup:x:65534:\n")
    _file(tree, "www/index.html", "hello\n")


def _file(tree: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    tree.addfile(entry, io.BytesIO(text.encode()))
