"""Which failures may pass by themselves, told from what engines and tools really say."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.errors import EngineError, StoreBusy
from hubtui.stacks.causes import TRANSIENT, endings, in_engine_words, in_output, is_transient, kind_of
from hubtui.stacks.engines.process.spawn import cannot_run
from hubtui.stacks.supervise.restart import how_it_ended

ENGINE_SAYS = [
    ("network", 'failed to do request: Head "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'),
    ("network", 'Get "https://x/v2/": read tcp 10.0.0.2:4412->104.18.1.1:443: read: connection reset by peer'),
    ("network", "dial tcp 104.18.121.25:443: i/o timeout"),
    ("network", "dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: server misbehaving"),
    ("network", "dial tcp: lookup registry-1.docker.io: Temporary failure in name resolution"),
    ("network", 'Get "https://r/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'),
    ("network", "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting)"),
    ("network", "failed to copy: httpReadSeeker: failed open: failed to do request: unexpected EOF"),
    (
        "registry",
        "failed to resolve image: unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable",
    ),
    ("registry", "toomanyrequests: You have reached your pull rate limit."),
    ("registry", "pull: unexpected status code [manifests latest]: 429 Too Many Requests"),
    ("no_space", "failed to copy: write /var/lib/docker/tmp/x: no space left on device"),
    ("resources", "runc run failed: fork/exec /usr/bin/runc: cannot allocate memory"),
    ("resources", "open /var/lib/buildkit/x: too many open files"),
    ("engine_starting", "error during connect: Docker Desktop is starting"),
    (
        "engine_unreachable",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ),
    ("image_not_found", "manifest unknown: manifest tagged by nine is not found"),
    (None, "dial tcp: lookup registry.exmaple.com: no such host"),  # an answer: a name that is written wrong
    (None, "loading workspace: context deadline exceeded"),
    (None, "failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN"),
    (None, 'failed to compute cache key: "/app": not found'),
]
OUTPUT_SAYS = [
    ("network", "E: Could not open\nTemporary failure resolving 'deb.debian.org'"),
    (
        "network",
        "WARNING: Retrying (Retry(total=0, connect=None, read=None)) after connection broken by 'New...'\nERROR: No",
    ),
    (
        "network",
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')\nERROR: No match",
    ),
    (
        "network",
        "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='pypi.org'): Read timed out.",
    ),
    ("network", "npm ERR! code ECONNRESET\nnpm ERR! network aborted"),
    ("network", "npm error code EAI_AGAIN"),
    ("network", "fatal: unable to access 'https://github.com/x/y/': Could not resolve host: github.com"),
    ("network", "ssh: connect to host github.com port 22: Connection timed out\nfatal: Could not read from remote"),
    ("network", "error: RPC failed; curl 56 GnuTLS recv error (-54)\nfatal: early EOF"),
    ("network", "curl: (28) Operation timed out after 30001 milliseconds"),
    ("network", "go: example.com/x@v1: Get proxy: dial tcp 1.2.3.4:443: i/o timeout"),
    ("network", "E: Failed to fetch http://deb.debian.org/x.deb  Connection failed [IP: 1.2.3.4 80]"),
    ("registry", "E: Failed to fetch http://deb.debian.org/x.deb  503  Service Unavailable [IP: 1.2.3.4 80]"),
    ("registry", "ERROR: HTTP error 503 while getting https://files.pythonhosted.org/x.whl"),
    ("registry", "npm ERR! code E429"),
    ("registry", "fatal: unable to access 'https://github.com/x/': The requested URL returned error: 502"),
    ("no_space", "OSError: [Errno 28] No space left on device: '/usr/lib/x'"),
    ("resources", "/bin/sh: fork: retry: Resource temporarily unavailable"),
    ("resources", "RuntimeError: can't start new thread"),
    # what a project's own programs say in its build is its own business
    (None, "E   ConnectionRefusedError: [Errno 111] Connection refused\n1 failed, 3 passed"),
    (None, "assert response.status == 200, got 503 Service Unavailable"),
    (None, "test_retry: connection reset by peer ... ok\nnpm ERR! code ELIFECYCLE"),
    (None, "curl: (7) Failed to connect to localhost port 8080: Connection refused"),
    (None, "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'x'\nmain.c:3: error: no ;"),
    (None, "go: example.com/x: dial tcp: lookup exmaple.com: no such host"),
    (None, "error: package `x` not found"),
]


@pytest.mark.parametrize(("kind", "text"), ENGINE_SAYS)
def test_what_an_engine_says_has_a_kind(kind: str | None, text: str) -> None:
    found = in_engine_words(text)
    assert (found.kind if found else None) == kind
    assert found is None or found.hint


@pytest.mark.parametrize(("kind", "text"), OUTPUT_SAYS)
def test_what_a_failed_build_printed_has_a_kind_only_where_no_program_says_it_of_anything_else(
    kind: str | None, text: str
) -> None:
    found = in_output(text.splitlines())
    assert (found.kind if found else None) == kind
    assert found is None or found.hint


def test_what_a_tool_got_over_earlier_is_not_what_it_failed_of() -> None:
    over = ["curl: (28) Operation timed out", *(f"[{n}/40] compile" for n in range(40)), "main.c:3: error: no ;"]
    assert in_output(over) is None
    assert in_output([*over, "", *["  "] * 99]) is None, "blank lines do not push anything out"


def test_a_line_of_any_length_costs_little() -> None:
    assert in_output(["E: Failed to fetch " + "x " * 500_000] * 50) is None


@pytest.mark.parametrize(
    ("error", "kind", "passes"),
    [
        (EngineError("x", kind="network"), "network", True),
        (EngineError("x", kind="service_exited"), "service_exited", False),
        (EngineError("x", kind="session_lost"), "session_lost", False),
        (OSError(errno.EAGAIN, "fork"), "resources", True),
        (OSError(errno.ENFILE, "open"), "resources", True),
        (OSError(errno.ENOMEM, "mmap"), "resources", True),
        (MemoryError(), "resources", True),
        (OSError(errno.ENOSPC, "write"), "no_space", False),
        (OSError(errno.EACCES, "open"), "system", False),
        (StoreBusy("x"), "store_busy", False),
        (KeyError("x"), "internal", False),
    ],
)
def test_only_the_named_kinds_may_pass(error: Exception, kind: str, passes: bool) -> None:
    assert (kind_of(error), is_transient(error)) == (kind, passes)
    assert passes == (kind in TRANSIENT)


def test_a_host_out_of_processes_or_files_is_told_apart_from_a_command_that_cannot_run(tmp_path: Path) -> None:
    for number in (errno.EAGAIN, errno.EMFILE, errno.ENOMEM):
        told = cannot_run(["web"], tmp_path, OSError(number, "x"))
        assert told.kind == "resources" and is_transient(told) and "ulimit" in told.hint
    no_program = cannot_run(["web"], tmp_path, FileNotFoundError(errno.ENOENT, "x"))
    assert no_program.kind == "cannot_run" and not is_transient(no_program)
    not_executable = cannot_run(["./{web}.sh"], tmp_path, PermissionError(errno.EACCES, "x"))
    assert not_executable.hint == "Make it executable: chmod +x ./{web}.sh"


def test_a_real_shortage_of_files_is_a_resource_that_may_come_back(tmp_path: Path) -> None:
    """In a process of its own, for it must not take the files of this one."""
    code = (
        "import asyncio, resource, sys\n"
        "from pathlib import Path\n"
        "from hubtui.errors import EngineError\n"
        "from hubtui.stacks.engines.base import LogLimits\n"
        "from hubtui.stacks.engines.process.spawn import spawn\n"
        "from hubtui.stacks.logfiles import LogWriter\n"
        "async def main():\n"
        "    log = LogWriter(Path(sys.argv[1]), 1, LogLimits())\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (len(__import__('os').listdir('/proc/self/fd')) + 1,) * 2)\n"
        "    try:\n"
        "        spawn(['true'], Path('/'), {}, log)\n"
        "    except EngineError as error:\n"
        "        print(error.kind)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "log")], capture_output=True, text=True, timeout=30
    )
    assert done.stdout.strip() == "resources", done.stderr


@pytest.mark.parametrize(
    ("code", "out_of_memory", "words", "hint"),
    [
        (2, False, "exited with code 2", ""),
        (127, False, "exited with code 127 (command not found)", "PATH"),
        (126, False, "exited with code 126 (found, but not executable)", "chmod +x"),
        (137, False, "exited with code 137 (SIGKILL)", "journalctl -k"),
        (137, True, "exited with code 137 (out of memory)", "more memory"),
        (-9, True, "was killed by the kernel (out of memory)", "more memory"),
        (-9, False, "was ended by SIGKILL", "journalctl -k"),
        (-11, False, "was ended by SIGSEGV", "memory that is not its own"),
        (139, False, "exited with code 139 (SIGSEGV)", "memory that is not its own"),
        (-40, False, "was ended by signal 40", ""),
        (255, False, "exited with code 255", ""),
        (192, False, "exited with code 192", ""),
        (None, False, "ended", ""),
    ],
)
def test_an_end_in_words_and_what_to_do(code: int | None, out_of_memory: bool, words: str, hint: str) -> None:
    assert how_it_ended(code, 0.42, out_of_memory) == f"{words} after 0.4 s"
    told = endings.hint(code, out_of_memory)
    assert hint in told and bool(told) == bool(hint)


@pytest.mark.parametrize(
    ("script", "meant"), [("no-such-command-here", "command not found"), ("kill -SEGV $$", "SIGSEGV")]
)
def test_the_words_are_those_of_a_real_shell(script: str, meant: str) -> None:
    code = subprocess.run(["sh", "-c", f"({script})"], stderr=subprocess.DEVNULL).returncode
    assert meant in endings.ended(code)
