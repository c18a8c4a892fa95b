"""Keeps one Docker engine for the tests, and leaves nothing of it behind whatever becomes of them.

Started by `daemon.py` with the engine's folder and the first two numbers of its networks' addresses. It reads words,
a line each, from its standard input and answers each with a line: `start` (dockerd up, containerd with the first),
`term`, `kill` (dockerd alone: containerd and the containers live on). At the end of its input, so also when the tests
are killed, it ends every process it has ever started (it is their subreaper), takes away networks, control groups and
mounts, and removes the folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hubtui.stacks import proctree

CGROUP = "hubtui-tests-{pid}"
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
_NO_FIREWALL = ("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")
_CONTAINERD = """version = 2
root = "{folder}/cd/root"
state = "{folder}/cd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{folder}/cd.sock"
"""


class Keeper:
    """The engine of one folder: `s` is dockerd's socket, `cd.sock` containerd's, `d` its data, `log` what they say."""

    def __init__(self, folder: Path, network: str) -> None:
        self.folder, self.network = folder, network
        self._log = (folder / "log").open("ab")
        self._containerd: subprocess.Popen[bytes] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None

    def obey(self, word: str) -> str:
        """Do it and say "ok", or why not."""
        if word == "start":
            if self._containerd is None:
                config = self.folder / "containerd.toml"
                config.write_text(_CONTAINERD.format(folder=self.folder))
                self._bridge()
                self._containerd = self._run(["containerd", "--config", str(config), "--log-level", "warn"])
            self._dockerd = self._run(self._dockerd_command())
            return "ok"
        if word in ("term", "kill") and self._dockerd is not None:
            self._dockerd.send_signal(signal.SIGTERM if word == "term" else signal.SIGKILL)
            self._dockerd.wait()
            return "ok"
        return f"cannot {word}"

    def _bridge(self) -> None:
        """The default network, where builds run: one of its own, so that no other Docker's docker0 is touched."""
        name, address = _bridge_of(self.network), f"{self.network}.255.1/24"
        for words in (["link", "add", name, "type", "bridge"], ["address", "add", address, "dev", name]):
            subprocess.run(["ip", *words], check=True)
        subprocess.run(["ip", "link", "set", name, "up"], check=True)

    def _dockerd_command(self) -> list[str]:
        """No rule of the firewall is made: ports that are published on 127.0.0.1 need none, and another Docker of this
        host is not disturbed."""
        f = self.folder
        return [
            "dockerd",
            *("--host", f"unix://{f}/s", "--containerd", f"{f}/cd.sock", "--pidfile", f"{f}/pid"),
            *("--data-root", f"{f}/d", "--exec-root", f"{f}/x", "--config-file", f"{f}/daemon.json"),
            *("--bridge", _bridge_of(self.network), "--default-address-pool", f"base={self.network}.0.0/16,size=26"),
            *_NO_FIREWALL,
            *("--cgroup-parent", CGROUP.format(pid=os.getpid()), "--exec-opt", "native.cgroupdriver=cgroupfs"),
            *("--shutdown-timeout", "2"),
        ]

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def end(self) -> None:
        """Nothing is left when this returns."""
        end_processes(lambda: proctree.descendants(os.getpid()))
        clear(self.folder, self.network, os.getpid())


def end_processes(look: Callable[[], list[int]]) -> None:
    """Kill what `look` finds until it finds nothing, dockerd first so that it restarts nothing."""
    while found := look():
        for pid in sorted(found, key=lambda pid: proctree.name_of(pid) != "dockerd"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _bridge_of(network: str) -> str:
    return f"hubtui-{network}"


def clear(folder: Path, network: str, keeper: int) -> None:
    """Take away what an engine without processes leaves on a host: mounts, bridges, control groups, its folder."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in [m for m in reversed(mounts) if m.startswith(f"{folder}/")]:
        subprocess.run(["umount", "--lazy", point], stderr=subprocess.DEVNULL)
    shown = subprocess.run(["ip", "-o", "-4", "address"], capture_output=True, text=True).stdout.splitlines()
    links = [line.split()[1] for line in shown if f" {network}." in line]
    for link in [name for name in links if name.startswith("br-") or name == _bridge_of(network)]:
        subprocess.run(["ip", "link", "delete", link], stderr=subprocess.DEVNULL)
    name, root = CGROUP.format(pid=keeper), Path("/sys/fs/cgroup")
    for group in [root / name, *root.glob(f"*/{name}")]:
        for below, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(below)
    shutil.rmtree(folder, ignore_errors=True)


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, _reap)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends when the tests do, not when somebody is interrupted
    keeper = Keeper(Path(sys.argv[1]), sys.argv[2])
    try:
        for line in sys.stdin:
            print(keeper.obey(line.strip()), flush=True)
    finally:
        keeper.end()


if __name__ == "__main__":
    main()
