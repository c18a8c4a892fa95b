"""Whether a logout ends what was started in this login: only systemd's logind does that, and only when told to.

Two ways lead there: `KillUserProcesses=yes` ends the login's own scope (logind.conf(5)); and what runs below
user@UID.service ends with it, seconds after the last logout, unless the user lingers (loginctl(1)).
"""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hubtui.models import Finding

TIMEOUT = 1.0
CHECK = "logout"
_FOLDERS = ("usr/lib/systemd", "run/systemd", "etc/systemd")  # later ones win
_MANAGER = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")


@dataclass(frozen=True, slots=True)
class Login:
    """What decides it. `kills` is whether KillUserProcesses applies to this user."""

    user: str
    systemd: bool = True
    kills: bool = False
    linger: bool = False
    cgroup: str = ""

    @property
    def in_session(self) -> bool:
        return bool(re.search(r"/session-[^/]+\.scope", self.cgroup))

    @property
    def in_user_manager(self) -> bool:
        return bool(re.search(r"/user@\d+\.service(/|$)", self.cgroup))


def finding(login: Login) -> Finding:
    """The one line about it."""
    if not login.systemd:
        return Finding(CHECK, "ok", "No systemd here: nothing ends your processes at logout.")
    linger = f"loginctl enable-linger {login.user}"
    if login.in_user_manager and not login.linger:
        message = "This shell runs below your user manager: what is started here ends with your last logout."
        return Finding(CHECK, "warn", message, f"Keep it: {linger}   (undo: loginctl disable-linger)")
    if login.in_user_manager:
        return Finding(CHECK, "ok", "Stacks go on after a logout: your user manager lingers.")
    if not login.in_session:
        return Finding(CHECK, "ok", "This is no login session of systemd: a logout ends nothing that is started here.")
    if login.kills:
        message = "This host ends a user's processes at logout (KillUserProcesses=yes): stacks started here end too."
        first = "" if login.linger else f"{linger}, then "
        return Finding(CHECK, "warn", message, f"Keep them: {first}systemd-run --user --scope hubtui start PROJECT")
    return Finding(CHECK, "ok", "Stacks go on after a logout (KillUserProcesses=no).")


def will_logout_kill() -> Finding | None:
    """What `start` says first: a warning where what it starts would end at logout, else None."""
    found = finding(read())
    return found if found.state == "warn" else None


def read(root: Path = Path("/")) -> Login:
    """This login, from systemd and its files. Takes a second at most."""
    user = pwd.getpwuid(os.getuid()).pw_name if _known(os.getuid()) else str(os.getuid())
    if not (root / "run/systemd/system").is_dir():
        return Login(user, systemd=False)
    cgroup = _text(root / "proc/self/cgroup").strip().rpartition("::")[2]
    linger = (root / "var/lib/systemd/linger" / user).exists()
    quick = Login(user, linger=linger, cgroup=cgroup)
    if not quick.in_session:  # the setting does not reach here
        return quick
    return Login(user, kills=_kills(user, root), linger=linger, cgroup=cgroup)


def _kills(user: str, root: Path) -> bool:
    """Whether KillUserProcesses, KillOnlyUsers and KillExcludeUsers together mean this user."""
    asked = _ask_logind() if root == Path("/") else None
    settings = _from_files(root) if asked is None else asked
    only, spared = settings.get("KillOnlyUsers", ""), settings.get("KillExcludeUsers", "root")
    on = settings.get("KillUserProcesses", "no").lower() in ("yes", "true", "on", "1")
    return on and user not in spared.split() and (not only.split() or user in only.split())


def _ask_logind() -> dict[str, str] | None:
    """The three settings as logind has them now; None where it does not answer."""
    names = ("KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers")
    command = ["busctl", "get-property", *_MANAGER, *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.splitlines()
    return parse_properties(names, lines) if done.returncode == 0 and len(lines) == len(names) else None


def parse_properties(names: Sequence[str], lines: Sequence[str]) -> dict[str, str]:
    """busctl's lines, one a property: `b false`, `as 2 "root" "ci"`."""
    found = {}
    for name, line in zip(names, lines, strict=True):
        kind, _, value = line.partition(" ")
        found[name] = " ".join(re.findall(r'"([^"]*)"', value)) if kind == "as" else value
    return found


def _from_files(root: Path) -> dict[str, str]:
    """logind.conf and its drop-ins; systemd's own defaults where no file says."""
    found = {"KillUserProcesses": "no"}
    mains = [root / folder / "logind.conf" for folder in _FOLDERS]
    drop_ins = {f.name: f for folder in _FOLDERS for f in sorted((root / folder / "logind.conf.d").glob("*.conf"))}
    for file in [*[m for m in mains if m.exists()][-1:], *[drop_ins[name] for name in sorted(drop_ins)]]:
        found |= dict(re.findall(r"^\s*(Kill\w+)\s*=\s*(.*?)\s*$", _text(file), re.MULTILINE))
    return found


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
