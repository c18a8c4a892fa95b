"""Where hubtui keeps things. Nothing that must outlive a login lives in $XDG_RUNTIME_DIR: logind removes it at logout.

<home>/hubtui.db  db.lock  db.created     the store, its one write lock, the mark that it was born
<home>/bells/hubs/*  bells/runners/KEY    doorbells (datagram sockets)
<home>/run/KEY/                           one project's lease, heartbeat and runner log
<home>/logs/KEY/SERVICE/                  what its services printed
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hubtui.errors import StoreError

NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "sshfs"})


@dataclass(frozen=True)  # without slots: what every transaction asks for is put together once
class Home:
    """The state folder. `Home.default()` is $HUBTUI_HOME, else $XDG_STATE_HOME/hubtui, else ~/.local/state/hubtui."""

    root: Path

    @staticmethod
    def default() -> Home:
        chosen = os.environ.get("HUBTUI_HOME")
        if chosen:
            return Home(expanded(chosen).absolute())
        from platformdirs import user_state_path

        return Home(user_state_path("hubtui"))

    @cached_property
    def database(self) -> Path:
        return self.root / "hubtui.db"

    @cached_property
    def born(self) -> str:
        """The store as SQLite opens it (`uri=True`) without ever making one."""
        return f"{self.database.absolute().as_uri()}?mode=rw"

    @cached_property
    def wal(self) -> Path:
        return self.root / "hubtui.db-wal"

    @property
    def write_lock(self) -> Path:
        return self.root / "db.lock"

    @property
    def birth_mark(self) -> Path:
        return self.root / "db.created"

    @cached_property
    def hub_bells(self) -> Path:
        return self.root / "bells" / "hubs"

    @cached_property
    def runner_bells(self) -> Path:
        return self.root / "bells" / "runners"

    def run(self, project: str) -> Path:
        return self.root / "run" / project_key(project)

    def lease(self, project: str) -> Path:
        return self.run(project) / "lease"

    def heartbeat(self, project: str) -> Path:
        return self.run(project) / "heartbeat.json"

    def lost_note(self, project: str) -> Path:
        """Where a guard writes that its runner died when the store refuses."""
        return self.run(project) / "lost"

    def runner_log(self, project: str) -> Path:
        return self.run(project) / "runner.log"

    def logs(self, project: str) -> Path:
        return self.root / "logs" / project_key(project)

    def prepare(self) -> None:
        """Make the folders (0700). Raises StoreError where the state folder cannot be trusted or used."""
        try:
            for folder in (
                self.root,
                self.hub_bells,
                self.runner_bells,
                self.root / "run",
                self.root / "logs",
            ):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self.root.stat()
        except OSError as e:
            raise StoreError(
                f"The state folder {self.root} cannot be used: {e.strerror}.",
                "Free the path, or set HUBTUI_HOME to a folder of your own.",
            ) from e
        if status.st_uid != os.getuid():
            raise StoreError(
                f"The state folder {self.root} belongs to user {status.st_uid}, not to you.",
                "Set HUBTUI_HOME to a folder of your own.",
            )
        if stat.S_IMODE(status.st_mode) & 0o022:
            raise StoreError(f"Others may write to the state folder {self.root}.", f"chmod go-w {self.root}")
        kind = filesystem_of(self.root)
        if kind in NETWORK_FILESYSTEMS or kind.startswith("fuse."):
            raise StoreError(
                f"The state folder {self.root} is on a network file system ({kind}), where locks cannot be trusted.",
                "Set HUBTUI_HOME to a folder on a local disk.",
            )


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path as a shell reads it: `~` and `~name` are home folders, of users that there are; else they are names."""
    return Path(os.path.expanduser(path))


def project_key(project: str) -> str:
    """16 hex digits that name a project's folders: from the name, so that they outlive the store."""
    return hashlib.sha256(project.lower().encode()).hexdigest()[:16]


def filesystem_of(path: Path) -> str:
    """The type of the file system that holds `path`, from /proc/self/mountinfo ("" where unknown; see proc(5))."""
    device = os.stat(path).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as table:
            for line in table:
                left, _, right = line.partition(" - ")
                if left.split()[2] == wanted:
                    return right.split()[0]
    except OSError:
        pass
    return ""
