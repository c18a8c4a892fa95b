"""What went into a start, small enough to be kept with its job, and what of it differs from another one.

No value of any variable is in it: of variables their names, of the rest digests of 12 hex digits, taken after every
secret value was masked. So a changed value shows only where it changes something else (an image, a port).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hubtui.safetext import is_secret_name, mask, safe_text
from hubtui.stacks.gitstate import git_state
from hubtui.stacks.smallfile import read_regular
from hubtui.stacks.spec.model import Build, Service, Stack

MAX_FILE = 1 << 20  # bytes of a compose file or Dockerfile
MOST = 20  # sentences
_NAME = 80  # characters of a foreign name
_APART = frozenset({"name", "image", "environment", "line"})
WORDS = {  # of a service's fields, where the compose file calls them otherwise
    "mounts": "volumes",
    "health": "healthcheck",
    "health_command": "healthcheck",
    "health_disabled": "healthcheck",
    "limits": "deploy.resources",
    "process": "x-hubtui.process",
    "process_build": "x-hubtui.build",
    "restart_attempts": "restart",
    "extra": "other keys",
}
_DEFAULTS = {
    f.name: f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default
    for f in dataclasses.fields(Service)
}


def of_stack(stack: Stack, names: Sequence[str]) -> dict[str, Any]:
    """The fingerprint of these services of a stack, as JSON can keep it. Reads the compose files, Dockerfiles and
    .git; some milliseconds for 100 services, and never raises: what cannot be read is left out."""
    found: dict[str, Any] = {
        "files": {_beside(stack.folder, file): digest for file in stack.files if (digest := _of_file(file))},
        "known": sorted(stack.services),
        "services": {name: _service(stack, stack.services[name]) for name in names if name in stack.services},
    }
    if state := git_state(stack.folder):
        found["git"] = {"commit": state.commit, "changed": state.changed}
    return found


def _service(stack: Stack, service: Service) -> dict[str, Any]:
    image, _, digest = mask(service.image, stack.secrets).partition("@")
    found: dict[str, Any] = {
        "image": image,
        "environment": sorted(service.environment),
        "definition": _definition(service, _secrets(stack, service)),
    }
    if digest:
        found["digest"] = digest
    if service.build and (dockerfile := _dockerfile(service.build)):
        found["dockerfile"] = dockerfile
    return found


def _definition(service: Service, secrets: Sequence[str]) -> dict[str, str]:
    """{the compose file's word: digest} of every field that is not as it is when nobody writes it."""
    texts: dict[str, str] = {}
    for field, default in _DEFAULTS.items():
        value = getattr(service, field)
        if field in _APART or value == default:
            continue
        if isinstance(value, Build):
            value = dataclasses.replace(value, args=dict.fromkeys(sorted(value.args), ""))
        word = WORDS.get(field, field)
        texts[word] = texts.get(word, "") + _masked(f"{field}={value!r};", secrets)
    return {word: _digest(text.encode("utf-8", "surrogatepass")) for word, text in texts.items()}


def _secrets(stack: Stack, service: Service) -> list[str]:
    """What must not even be guessed from a digest: the stack's secret values, and this service's short ones."""
    own = (value for name, value in service.environment.items() if value and is_secret_name(name))
    return sorted({*stack.secrets, *own}, key=len, reverse=True)


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, "*")
    return text


def _dockerfile(build: Build) -> str:
    if build.dockerfile_inline:
        return _digest(build.dockerfile_inline.encode("utf-8", "surrogatepass"))
    return _of_file(build.context / build.dockerfile)


def _of_file(path: Path) -> str:
    """A digest of a file, "" of what cannot be read."""
    content = read_regular(path, MAX_FILE)
    return "" if content is None else _digest(content)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _beside(folder: Path, file: Path) -> str:
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What is different, in short sentences, the most telling first; () where there is nothing to compare with.
    A service is compared where both have it; what a store of another version kept is passed over."""
    if not before or not after:
        return ()
    said = [*_of_services(before, after), *_of_git(_dict(before, "git"), _dict(after, "git"))]
    old, new = _dict(before, "files"), _dict(after, "files")
    said += [_name(file) for file in sorted({*old, *new}) if old.get(file) != new.get(file)]
    more = len(said) - MOST
    return (*said[:MOST], f"and {more} more") if more > 0 else tuple(said)


def _of_services(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = _dict(before, "services"), _dict(after, "services")
    both = [(_name(name), _dict(old, name), _dict(new, name)) for name in new if name in old]
    known = set(_list(before, "known")), set(_list(after, "known"))
    said = [change for name, a, b in both if (change := _image(name, a, b))]
    said += [f"service {_name(name)} is new" for name in sorted(known[1] - known[0])]
    said += [f"service {_name(name)} is gone" for name in sorted(known[0] - known[1])]
    for name, a, b in both:
        had, has = set(_list(a, "environment")), set(_list(b, "environment"))
        said += [f"variable {_name(variable)} of {name} is gone" for variable in sorted(had - has)]
        said += [f"variable {_name(variable)} of {name} is new" for variable in sorted(has - had)]
    for name, a, b in both:
        mine, other = _dict(a, "definition"), _dict(b, "definition")
        words = [word for word in dict.fromkeys([*other, *mine]) if mine.get(word) != other.get(word)]
        said += [f"definition of {name} ({', '.join(map(_name, words))})"] if words else []
    said += [f"Dockerfile of {name}" for name, a, b in both if a.get("dockerfile") != b.get("dockerfile")]
    return said


def _image(name: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    if a.get("image") != b.get("image"):
        return f"image of {name}: {_name(a.get('image') or 'none')} > {_name(b.get('image') or 'none')}"
    if a.get("digest") != b.get("digest"):
        return f"image of {name}: {_short(a.get('digest'))} > {_short(b.get('digest'))}"
    return ""


def _of_git(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    if not a or not b:
        return []
    mark = " with uncommitted changes"
    if a.get("commit") != b.get("commit"):
        return [f"git {_short(a.get('commit'))} > {_short(b.get('commit'))}{mark if b.get('changed') else ''}"]
    return [f"git {_short(b.get('commit'))}{mark}"] if b.get("changed") and not a.get("changed") else []


def _short(digest: object) -> str:
    """The first digits of a commit, or of a digest behind its algorithm."""
    return safe_text(str(digest or "none").rpartition(":")[2][:7])


def _name(text: object) -> str:
    return safe_text(str(text), _NAME)


def _dict(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = holder.get(key)
    return found if isinstance(found, Mapping) else {}


def _list(holder: Mapping[str, Any], key: str) -> list[str]:
    found = holder.get(key)
    return [str(item) for item in found] if isinstance(found, list) else []
