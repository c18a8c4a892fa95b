"""`hubtui doctor`: what is here, what is missing, and how to mend it. Each check is bounded and none changes anything.

A check returns findings: ok, warn (works, but know this) or fail (hubtui cannot work like this). Docker and Dagger are
only ever ok or warn: the process engine needs neither.
"""

from __future__ import annotations

import locale
import os
import resource
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hubtui.configfile import config_file
from hubtui.errors import HubtuiError
from hubtui.models import Finding
from hubtui.paths import NETWORK_FILESYSTEMS, Home, filesystem_of
from hubtui.workers import lease, logind

LOW_SPACE = 512 * 1024**2  # bytes; a service may keep as much in logs
FEW_FILES = 1024


def examine(home: Home) -> list[Finding]:
    """Every check, in the order they are shown. A check that breaks is itself a finding."""
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "python": lambda: python(sys.version_info[:3]),
        "sqlite": lambda: sqlite(sqlite3.sqlite_version_info),
        "state folder": lambda: state_folder(home),
        "store": lambda: store(home),
        "projects": lambda: differences(home),
        "locks": lambda: locks(home),
        "settings": settings,
        "terminal": lambda: terminal(os.environ, locale.getpreferredencoding(False), sys.stdout.isatty()),
        "logout": lambda: [logind.finding(logind.read())],
        "open files": lambda: open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        "process engine": lambda: processes(Path("/proc/self/mountinfo"), os.getuid()),
        "docker": docker,
        "dagger": dagger,
    }
    return [finding for name, check in checks.items() for finding in _run(name, check)]


def _run(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except HubtuiError as error:
        return [Finding(name, "fail", error.message, error.hint)]
    except (OSError, sqlite3.Error) as error:
        return [Finding(name, "fail", f"This could not be looked at: {error}.")]


def python(version: tuple[int, ...]) -> list[Finding]:
    """3.11 is what hubtui is written for."""
    shown = ".".join(map(str, version))
    if version >= (3, 11):
        return [Finding("python", "ok", f"Python {shown}")]
    return [Finding("python", "fail", f"Python {shown} is too old.", "Install hubtui with Python 3.11 or newer.")]


def sqlite(version: tuple[int, ...]) -> list[Finding]:
    """Versions that can corrupt a WAL many processes write to (https://sqlite.org/wal.html#walreset)."""
    shown = ".".join(map(str, version))
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    if mended or version < (3, 7, 0):
        return [Finding("sqlite", "ok", f"SQLite {shown}")]
    message = f"SQLite {shown} has the WAL-reset bug; hubtui's write lock covers it, for every write of hubtui's own."
    hint = "Open hubtui.db with other programs only to read. Mended in SQLite 3.51.3, 3.50.7 and 3.44.6."
    return [Finding("sqlite", "warn", message, hint)]


def state_folder(home: Home) -> list[Finding]:
    """Ours alone, on a local disk, with room."""
    root, check = home.root, "state folder"
    if not root.exists():
        return [Finding(check, "ok", f"{root} will be made when it is first needed.")]
    status = root.stat()
    if not stat.S_ISDIR(status.st_mode):
        return [Finding(check, "fail", f"{root} is no folder.", "Free the path, or set HUBTUI_HOME to another.")]
    if status.st_uid != os.getuid():
        owner = f"{root} belongs to user {status.st_uid}, not to you."
        return [Finding(check, "fail", owner, "Set HUBTUI_HOME to a folder of your own.")]
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o022:
        return [Finding(check, "fail", f"Others may write to {root} (mode {mode:04o}).", f"chmod go-w {root}")]
    if not os.access(root, os.W_OK | os.X_OK):
        return [Finding(check, "fail", f"{root} cannot be written (mode {mode:04o}).", f"chmod u+rwx {root}")]
    kind = filesystem_of(root)
    if kind in NETWORK_FILESYSTEMS or kind.startswith("fuse."):
        message = f"{root} is on a network file system ({kind}), where locks cannot be trusted."
        return [Finding(check, "fail", message, "Set HUBTUI_HOME to a folder on a local disk.")]
    readable = [Finding(check, "warn", f"Others may read {root} (mode {mode:04o}).", f"chmod 700 {root}")]
    first = readable if mode & 0o055 else [Finding(check, "ok", f"{root} ({kind or 'unknown file system'})")]
    return first + free_space(root)


def free_space(root: Path) -> list[Finding]:
    """Room for logs, and for the store's next commit."""
    found = os.statvfs(root)
    free = found.f_bavail * found.f_frsize
    shown = f"{free / 1024**3:.1f} GiB free for {root}"
    if found.f_files and not found.f_favail:
        return [Finding("disk", "fail", f"No inode is left for {root}.", "Remove files on that file system.")]
    if free < LOW_SPACE:
        hint = "Free some: logs take up to logs.file_size times logs.files for each service."
        return [Finding("disk", "warn" if free else "fail", f"Only {shown}.", hint)]
    return [Finding("disk", "ok", shown)]


def store(home: Home) -> list[Finding]:
    """It opens, it is whole, and it is of a version that this hubtui knows."""
    from hubtui.store import connect

    if not home.database.exists() and not home.birth_mark.exists():
        return [Finding("store", "ok", "No store yet; it is made when it is first needed.")]
    con = connect.open_reader(home)
    try:
        verdict = con.execute("PRAGMA quick_check(1)").fetchone()[0]
        counts = con.execute("SELECT (SELECT count(*) FROM projects), (SELECT count(*) FROM jobs)").fetchone()
    except sqlite3.Error as error:
        raise connect.explain(error, home) from error
    finally:
        con.close()
    if verdict != "ok":
        hint = (
            f"Move it aside with its -wal and -shm files, and remove {home.birth_mark}; running stacks are untouched."
        )
        return [Finding("store", "fail", f"{home.database} is damaged: {verdict}", hint)]
    return [Finding("store", "ok", f"{counts[0]} projects, {counts[1]} jobs")]


def differences(home: Home) -> list[Finding]:
    """A line for each project of which record, process table and engine do not say the same; nothing is mended."""
    if not home.database.exists():
        return []
    from hubtui.store import connect, projects
    from hubtui.workers import truths

    con = connect.open_reader(home)
    try:
        found = truths.look_at_all(home, con, projects.ALL.all(con))
    except sqlite3.Error as error:
        raise connect.explain(error, home) from error
    finally:
        con.close()
    odd = [t for t in found if t.differences]
    told = ((t.project, t.differences[0].sentence, len(t.differences) - 1) for t in odd)
    return [
        Finding(f"project {name}", "warn", said + (f" (and {more} more)" if more else ""), f"hubtui reconcile {name}")
        for name, said, more in told
    ]


def locks(home: Home) -> list[Finding]:
    """A lock that is held must be seen as held, or a project could get two runners."""
    folder = home.root if os.access(home.root, os.W_OK) else Path(tempfile.gettempdir())
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
        lease.try_take(probe.fileno())
        seen = lease.held(Path(probe.name))
    if seen:
        return [Finding("locks", "ok", f"File locks work in {folder}.")]
    hint = "Set HUBTUI_HOME to a folder on a local disk."
    return [Finding("locks", "fail", f"A file lock in {folder} is not seen by others.", hint)]


def settings() -> list[Finding]:
    """The settings file can be used. (config is imported here: it brings pydantic.)"""
    from hubtui import config

    config.load()
    file = config_file()
    return [Finding("settings", "ok", f"{file}" if file.exists() else f"Defaults; {file} would change them.")]


def terminal(environ: Mapping[str, str], encoding: str, is_tty: bool) -> list[Finding]:
    """Enough for the dashboard; the verbs need nothing."""
    term = environ.get("TERM", "")
    if not is_tty:
        return [Finding("terminal", "ok", "Not asked from a terminal; the verbs need none.")]
    if term in ("", "dumb"):
        hint = "export TERM=xterm-256color"
        return [Finding("terminal", "warn", f"TERM is {term or 'unset'}: the dashboard cannot draw.", hint)]
    if encoding.lower().replace("-", "") != "utf8":
        hint = "export LANG=C.UTF-8"
        return [Finding("terminal", "warn", f"The locale says {encoding}: glyphs may be wrong.", hint)]
    depth = "16 million" if environ.get("COLORTERM") in ("truecolor", "24bit") else "256" if "256" in term else "few"
    colours = "no colours (NO_COLOR)" if environ.get("NO_COLOR") else f"{depth} colours"
    return [Finding("terminal", "ok", f"{term}, {colours}, UTF-8")]


def open_files(soft: int) -> list[Finding]:
    """A runner needs a few for each service: pipes, a pidfd, a log file."""
    if soft != resource.RLIM_INFINITY and soft < FEW_FILES:
        message = f"A process may open only {soft} files: too few for stacks of many services."
        return [Finding("open files", "warn", message, f"ulimit -n {FEW_FILES * 4}")]
    return [Finding("open files", "ok", "unlimited" if soft == resource.RLIM_INFINITY else f"{soft} a process")]


def processes(mounts: Path, uid: int) -> list[Finding]:
    """The process engine finds what its services started through /proc."""
    check = "process engine"
    if not hasattr(os, "pidfd_open") or not Path("/proc/self/stat").exists():
        return [Finding(check, "fail", "This is no Linux with /proc and pidfds.", "hubtui runs on Linux 5.3 or newer.")]
    hidden = uid != 0 and any(_hides(line) for line in mounts.read_text(errors="replace").splitlines())
    if hidden:
        message = "/proc hides the processes of other users (hidepid): what a service runs as one cannot be ended."
        return [Finding(check, "warn", message, "Mount /proc without hidepid, or let services run as you.")]
    return [Finding(check, "ok", "ready; needs nothing but this host")]


def _hides(mount: str) -> bool:
    """Whether this line of mountinfo is a /proc that hides processes."""
    left, _, right = mount.partition(" - ")
    options = right.split()[-1].split(",") if right else []
    words = {"hidepid=1", "hidepid=2", "hidepid=noaccess", "hidepid=invisible"}
    return left.split()[4:5] == ["/proc"] and not words.isdisjoint(options)


def docker() -> list[Finding]:
    """Which Compose, and whether the daemon that it talks to answers."""
    from hubtui.stacks.engines.compose import findings

    return list(findings.examine())


def dagger() -> list[Finding]:
    """Which program and which engine, and why these; no session is opened, for that could start one."""
    from hubtui.stacks.engines.dagger import findings
    from hubtui.workers.runner import settings as of_runner

    try:
        found = of_runner.load().dagger
    except HubtuiError:  # a settings file that cannot be used is a finding of its own
        return []
    try:
        return list(findings.examine(found))
    except HubtuiError as error:
        return [Finding("dagger", "warn", error.message, error.hint)]
