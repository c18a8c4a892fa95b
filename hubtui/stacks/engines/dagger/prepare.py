"""Before a service starts: its sources are uploaded, its image is there. Every part is a row of progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hubtui.models import StepState
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.dagger import images
from hubtui.stacks.engines.dagger.errors import explain, output_of, words
from hubtui.stacks.engines.dagger.feed import BEHIND
from hubtui.stacks.engines.dagger.held import Held, Prepared
from hubtui.stacks.engines.dagger.sources.dockerfile import named_sources
from hubtui.stacks.engines.dagger.sources.listing import Select, listed, size
from hubtui.stacks.engines.dagger.sources.select import Selection, Stop, Tell, select_context, select_mount
from hubtui.stacks.spec.model import Build, Mount, MountKind, Stack
from hubtui.stacks.supervise.builds import being_built

if TYPE_CHECKING:
    import dagger

    from hubtui.stacks.engines.dagger.service import DaggerService


class Preparation:
    """Of one service, for its next life, as this stack says. The one that goes on meanwhile knows nothing of it."""

    def __init__(self, service: DaggerService, stack: Stack, held: Held, reporter: Reporter) -> None:
        self._service, self._stack, self._held, self._reporter = service, stack, held, reporter
        self._key = f"build:{service.name}"
        self._spec = stack.services[service.name]
        self._name = f"{'build' if self._spec.build is not None else 'image'} {service.name}"

    def waits(self) -> None:
        """Show that it is to come."""
        self._reporter.step(self._key, self._name, StepState.WAITING)

    async def run(self) -> None:
        """Upload, pull or build, and hand the outcome to the service. Raises EngineError; cancelled, the engine ends
        what it was doing for it."""
        service = self._service
        with being_built(service):
            service.built = await self._prepare()

    async def _prepare(self) -> Prepared:
        binds = [m for m in self._spec.mounts if m.kind is MountKind.BIND]
        uploads = asyncio.gather(*(self._snapshot(bind) for bind in binds))
        image, snapshots = await asyncio.gather(self._image(), uploads)
        owner = ""
        if any(mount.kind is MountKind.VOLUME for mount in self._spec.mounts):
            owner = await images.owner(image, self._spec.user or image.user)
        by_target = {bind.target: s for bind, s in zip(binds, snapshots, strict=True)}
        return Prepared(self._held, self._stack, image, owner, by_target)

    async def _image(self) -> images.Image:
        spec, session = self._spec, self._held.session
        image = spec.image if spec.build is None else ""
        async with self._step(self._key, self._name, message=image or "") as told:
            if spec.build is None:
                told.append(image or "")
                return await images.pull(session, spec, local=self._held.local_images)
            select = partial(_context, spec.build)
            key, name = f"sync:{spec.name}", f"sync {spec.build.context.name}"
            context, selection = await self._upload(select, key, name, self._key)
            built = await images.build(session, self._stack, spec, context, selection)
            told.append(f"from {size(selection)}")
            return built

    async def _snapshot(self, bind: Mount) -> dagger.Directory | dagger.File:
        source, key = Path(bind.source), f"sync:{self._service.name}:{bind.target}"
        name = f"snapshot of {source.name} for {self._service.name}"
        if await asyncio.to_thread(source.is_dir):
            return (await self._upload(partial(_mount, source), key, name, None))[0]
        async with self._step(key, name, None):
            parent = self._held.session.client.host().directory(
                str(source.parent), include=[source.name], no_cache=True
            )
            return await parent.file(source.name).sync()

    async def _upload(
        self, select: Select, key: str, name: str, parent: str | None
    ) -> tuple[dagger.Directory, Selection]:
        """List a folder and send it."""
        tell = partial(self._reporter.step, key, name, StepState.RUNNING, parent=parent)
        async with self._step(key, name, parent) as told:
            selection = await listed(select, lambda message: tell(message=message))
            told.append(size(selection))
            tell(message=told[0])
            uploaded = self._held.session.client.host().directory(
                str(selection.folder),
                exclude=list(selection.exclude),
                no_cache=True,  # else the first upload would stand for the whole life of the session
            )
            return await uploaded.sync(), selection

    def _log(self, error: Exception) -> None:
        """What a command of the build printed before it failed belongs into the log of its service."""
        log = self._service.log()
        for line in output_of(error):
            log.write("err", f"{line}\n".encode("utf-8", "replace"))

    @asynccontextmanager
    async def _step(
        self, key: str, name: str, parent: str | None = None, message: str = ""
    ) -> AsyncIterator[list[str]]:
        """One row of progress around a request to the engine, whose spans become rows below it. What is put into the
        list is said when it is done."""
        report, feed = self._reporter.step, self._held.feed
        told: list[str] = []
        report(key, name, StepState.RUNNING, parent=parent, message=message)
        with self._service.trace.operation() as operation:
            feed.show(operation, key)
            well = False
            try:
                yield told
                well = True
            except asyncio.CancelledError:
                report(key, name, StepState.CANCELLED, parent=parent, message="stopped")
                raise
            except Exception as error:
                await asyncio.sleep(BEHIND)  # the row of what failed is worth it
                found = explain(error, self._service.name, "build" if self._spec.build else "pull")
                self._log(error)
                report(key, name, StepState.FAILED, parent=parent, message=words(found))
                raise found from error
            finally:
                feed.hide(operation, well=well)
        report(key, name, StepState.DONE, parent=parent, message=", ".join(told))


def _context(build: Build, stop: Stop, tell: Tell) -> Selection:
    if build.dockerfile_inline:
        return select_context(build.context, "", named_sources(build.dockerfile_inline), stop=stop, tell=tell)
    return select_context(build.context, build.dockerfile, stop=stop, tell=tell)


def _mount(source: Path, stop: Stop, tell: Tell) -> Selection:
    return select_mount(source, stop=stop, tell=tell)
