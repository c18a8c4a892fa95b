"""What a stack has of its session: the session itself with its streams, and of each service what it is started from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubtui.stacks.engines.dagger.feed import Feed
from hubtui.stacks.engines.dagger.images import Image
from hubtui.stacks.engines.dagger.session import Session
from hubtui.stacks.spec.model import Stack

if TYPE_CHECKING:
    import dagger


@dataclass(frozen=True, slots=True)
class Held:
    """A session that the engine holds, with its streams. `engine` says which engine it is, for people."""

    session: Session
    feed: Feed
    engine: str
    local_images: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a service is started from, in this session alone: its image, and uploaded bind mounts by target, as its
    entry in `stack` asks. `owner` is the user that it runs as, uid:gid, where that matters to its volumes; "" is
    root."""

    held: Held
    stack: Stack
    image: Image
    owner: str = ""
    snapshots: dict[str, dagger.Directory | dagger.File] = field(default_factory=dict)
