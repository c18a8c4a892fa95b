"""What Docker and Compose say when they cannot do something, as a sentence with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks.causes import in_engine_words, in_output, kinds
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable

_AGAIN = "press t to try again"
_NOISE = re.compile(r"^( \S+ .*|#\d+ .*|-+|time=.*level=warning.*|\s*)$")
_BUILD = re.compile(r"failed to solve|executor failed running|process \".*\" did not complete successfully")

_TABLE: tuple[tuple[str, str, str, str], ...] = (  # pattern, kind, sentence, hint; {0} is what the pattern's group took
    (
        r"permission denied while trying to connect|dial unix \S+: connect: permission denied"
        r"|connect: permission denied",
        "docker_permission",
        "this user may not talk to the Docker daemon",
        f"sudo usermod -aG docker $USER and log in anew (members of that group are as mighty as root); then {_AGAIN}.",
    ),
    (
        r"Cannot connect to the Docker daemon|Is the docker daemon running\?|error during connect"
        r"|dial unix \S+: connect: (?:no such file|connection refused)",
        kinds.ENGINE_UNREACHABLE,
        "the Docker daemon does not answer",
        f"Start it (systemctl start docker), then {_AGAIN}; hubtui doctor says where it is looked for.",
    ),
    (
        r"'compose' is not a docker command|unknown shorthand flag: 'p' in -p|unknown flag: --project-name",
        "compose_missing",
        "this docker has no compose plugin",
        f"apt install docker-compose-plugin (or docker-compose-v2), then {_AGAIN}.",
    ),
    (
        r"(?:Bind for|listen \w+) \S*?:(\d+)(?: failed: port is already allocated|: bind: address already in use)"
        r"|failed to bind (?:host )?port (?:for )?\S*?:(\d+)",
        "port_taken",
        "port {0} is taken",
        f"End what holds it, or publish another port, and {_AGAIN}.",
    ),
    (
        r'[Tt]he container name "?/?([^" ]+)"? is already in use',
        "name_conflict",
        "a container named {0} is there already and is not of this project",
        f"docker rm -f {{0}} removes it; or give the service another container_name; then {_AGAIN}.",
    ),
    (
        r"volume is in use|remove \S+: volume is in use",
        "volume_in_use",
        "a volume is in use by another container",
        "docker ps -a --filter volume=NAME names who uses it; remove that first.",
    ),
    (
        r'network (\S+) declared as external, but could not be found|network "?(\S+?)"? not found',
        "network_missing",
        "there is no network {0}",
        f"docker network create {{0}}, or correct its name in the compose file; then {_AGAIN}.",
    ),
    (
        r'external volume "?(\S+?)"? not found',
        "volume_missing",
        "there is no volume {0}",
        f"docker volume create {{0}}, or correct its name in the compose file; then {_AGAIN}.",
    ),
    (
        r"could not find an available, non-overlapping IPv4 address pool|all predefined address pools have been",
        "no_subnet",
        "Docker has no free address range for another network",
        "docker network prune removes unused ones; default-address-pools in daemon.json gives more.",
    ),
    (
        r'exec: "([^"]+)": (?:executable file not found|stat [^:]+: no such file)|exec: "([^"]+)": permission denied',
        "cannot_run",
        "its command {0} cannot be run in its image",
        "Correct `command` or `entrypoint` in the compose file, or the image.",
    ),
    (
        r"bind source path does not exist: (\S+)|invalid mount config for type \"bind\": .*?: (\S+)",
        "mount_missing",
        "what it mounts is not there: {0}",
        f"Make that file or folder, or correct the volume in the compose file; then {_AGAIN}.",
    ),
    (
        r"no space left on device",
        kinds.NO_SPACE,
        "no space is left",
        "docker system df says what Docker holds, docker system prune frees what is unused; df -h for the rest.",
    ),
    (
        r"No such image: (\S+)|pull access denied for ([^ ,]+)|manifest for (\S+) not found"
        r"|manifest unknown|repository (\S+) not found",
        kinds.IMAGE_NOT_FOUND,
        "there is no image {0}",
        f"Correct its name in the compose file, or log in to its registry: docker login; then {_AGAIN}.",
    ),
    (
        r"unauthorized: |no basic auth credentials|denied: requested access",
        "registry_denied",
        "the registry wants to know who asks",
        f"docker login REGISTRY, then {_AGAIN}.",
    ),
    (
        r"lookup (\S+)(?: on \S+)?: no such host",
        "registry_unknown",
        "there is no registry {0}, as far as this host's DNS knows",
        f"Correct the image's name, or look at the network and its DNS; then {_AGAIN}.",
    ),
)


def reason(lines: Sequence[str]) -> str:
    """The line that says why a call failed: the last that is no row of progress."""
    said = [line.strip() for line in lines if not _NOISE.match(line)]
    errors = [line for line in said if line.lower().startswith(("error", "failed"))]
    last = (errors or said or [line.strip() for line in lines if line.strip()] or ["it said nothing"])[-1]
    return last.removeprefix("Error response from daemon: ")


def explain(lines: Sequence[str], doing: str, service: str = "") -> EngineError:
    """What a failed call of Compose means. `doing` as in "db could not be started"."""
    said = reason(lines)
    if _BUILD.search(said):
        return _build(lines, said, doing, service)
    return of_text(said, doing, service)


def of_text(said: str, doing: str, service: str = "") -> EngineError:
    """The same for a single message of an engine."""
    for pattern, kind, sentence, hint in _TABLE:
        if found := re.search(pattern, said):
            what = safe_text(next((g for g in found.groups() if g), "of that name"), 200)
            message = f"{doing}: {sentence.format(what)}"
            return EngineError(message, hint.format(what), kind=kind, service=service)
    cause = in_engine_words(said)
    hint = cause.hint if cause else "hubtui job ID shows its steps, hubtui logs what it printed."
    kind = cause.kind if cause else "compose_failed"
    return EngineError(f"{doing}: {safe_text(said, 400)}", hint, kind=kind, service=service)


def _build(lines: Sequence[str], said: str, doing: str, service: str) -> EngineError:
    """A Dockerfile's command that failed: something outside that its tools name, or its own fault."""
    printed = [re.sub(r"^#?\d+ ?[\d.]* ", "", line) for line in lines]
    message = f"{doing}: {safe_text(said.removeprefix('failed to solve: '), 400)}"
    if cause := in_output(printed[:-1]):
        return EngineError(message, cause.hint, kind=cause.kind, service=service)
    if cause := in_engine_words(said):
        return EngineError(message, cause.hint, kind=cause.kind, service=service)
    hint = "The lines above it in the build's log say why (l); mend the Dockerfile and press t to try again."
    return EngineError(message, hint, kind="build_failed", service=service)


def of_api(error: Unreachable | Refused | OSError, where: str) -> EngineError:
    """What a failed question to the daemon means; `where` is its address."""
    said = str(error)
    if "ermission denied" in said:
        return of_text(f"dial unix {where}: connect: permission denied", "Docker cannot be used")
    if isinstance(error, Refused):
        return of_text(said, "Docker refused")
    doing = f"Docker cannot be used: nothing answers at {safe_text(where, 200)} ({safe_text(said, 200)})"
    hint = "Start it (systemctl start docker), then press t to try again; hubtui doctor says where it is looked for."
    return EngineError(doing, hint, kind=kinds.ENGINE_UNREACHABLE)
