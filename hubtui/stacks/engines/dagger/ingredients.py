"""What one life of a service is made of beside its entry: what its session has prepared, its volumes as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubtui.stacks.engines.dagger.definition import Wanted
from hubtui.stacks.engines.dagger.held import Prepared
from hubtui.stacks.engines.dagger.shared import Shared
from hubtui.stacks.engines.dagger.volumes import Identity, mounting, volume_name
from hubtui.stacks.spec.model import MountKind, Stack

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.service import DaggerService


def ingredients(service: DaggerService, prepared: Prepared, shared: Shared) -> Wanted:
    """Raises EngineError where a volume cannot be kept as it is."""
    mounts = [m for m in service.spec.mounts if m.kind is MountKind.VOLUME]
    return Wanted(
        stack=service.stack,
        service=service.spec,
        image=prepared.image,
        project=shared.context.project,
        marker=shared.context.marker,
        token=shared.token,
        check=service.looking.command,
        defaults=shared.context.health,
        snapshots=prepared.snapshots,
        volumes={
            name: _identity(service.stack, name, shared) for m in mounts if (name := volume_name(service.spec, m))
        },
        expected=[m.source for m in mounts if m.source and shared.memory.had_data(m.source)],
    )


def _identity(stack: Stack, volume: str, shared: Shared) -> Identity:
    """How a volume is mounted: alike by all that mount it. It belongs to the one user among them who is not root, for
    root may write anywhere."""
    names = mounting(stack, volume)
    others = [shared.services[name] for name in names if name in shared.services]
    owners = {s.prepared.owner for s in others if s.prepared} - {""}
    alike = Identity(len(names) > 1, owners.pop() if len(owners) == 1 else "")
    return shared.memory.identify(volume, alike)
