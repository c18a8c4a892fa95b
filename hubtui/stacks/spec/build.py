"""`build` of a service, short or long.

https://github.com/compose-spec/compose-spec/blob/main/build.md
"""

from __future__ import annotations

import re
from dataclasses import replace

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.environment import pairs
from hubtui.stacks.spec.fields import boolean
from hubtui.stacks.spec.grants import Sources, read_build_secrets
from hubtui.stacks.spec.model import Build
from hubtui.stacks.spec.project import Project

_REMOTE = re.compile(r"[a-z0-9+]+://|git@|github\.com/|docker-image:|target:|service:")
# What the model holds; everything else goes to `extra`.
_READ = frozenset({"context", "dockerfile", "dockerfile_inline", "target", "args", "secrets", "ssh", "no_cache"})


def read_build(place: Place, project: Project, secrets: Sources) -> Build:
    """Raises StackError with file and line. A context that is no folder here (a git URL) is in `extra["context"]`."""
    if isinstance(place.value, str):
        place = replace(place, value={"context": place.value})
    context = place.string("context") or "."
    extra = {k: v for k, v in place.mapping().items() if k not in _READ}
    if _REMOTE.match(context):
        extra["context"], context = context, "."
    dockerfile, inline = place.string("dockerfile"), place.string("dockerfile_inline")
    if dockerfile and inline:
        raise place.error("has dockerfile and dockerfile_inline, of which only one can count")
    return Build(
        context=project.path(context),
        dockerfile=dockerfile or "Dockerfile",
        dockerfile_inline=inline,
        target=place.string("target"),
        args=_args(place, project),
        secrets=place.part("secrets", lambda p: read_build_secrets(p, secrets), ()),
        ssh=place.part("ssh", lambda p: _ssh(p, project), ()),
        no_cache=place.field("no_cache", boolean, False),
        extra=extra,
    )


def _args(place: Place, project: Project) -> dict[str, str]:
    """`args`; one without a value is taken from the variables, and left out where they have none."""
    given = place.part("args", pairs, {})
    known = {k: project.variables.get(k) if v is None else v for k, v in given.items()}
    return {k: v for k, v in known.items() if v is not None}


def _ssh(place: Place, project: Project) -> tuple[str, ...]:
    """`default`, or `id=path` to a socket or key, as a list or a mapping."""
    found = []
    for name, path in pairs(place).items():
        if not path and name != "default":
            raise place.error(f"has {name!r} without a path; only default, the agent, needs none")
        found.append(f"{name}={project.path(path)}" if path else name)
    return tuple(found)
