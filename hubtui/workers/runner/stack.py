"""The stack that a runner holds: jobs become calls of its engine, and the run's life is written around them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hubtui.models import EndReason, Job, JobError, JobState, JobType, Project, StepState
from hubtui.paths import Home
from hubtui.stacks import describe, fingerprint, plan, proctree
from hubtui.stacks.engines import select
from hubtui.stacks.engines.base import Engine
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.stacks.spec.model import Stack
from hubtui.store import attempts, durations, jobs, projects, runs, services
from hubtui.workers import environments, lost
from hubtui.workers.runner import asked, bring_up, inputs, opening, settings, upkeep
from hubtui.workers.runner.claims import READ
from hubtui.workers.runner.fenced import Fenced
from hubtui.workers.runner.forecast import Forecast
from hubtui.workers.runner.oversight import Oversight
from hubtui.workers.runner.put_back import Held
from hubtui.workers.runner.recorder import Recorder

if TYPE_CHECKING:  # the loader behind it is imported while the runner already takes jobs
    from hubtui.stacks.spec.named_environments import NamedEnvironment


class StackHolder:
    """At most one run, with the engine that holds it."""

    def __init__(self, home: Home, store: Fenced) -> None:
        self._home = home
        self._store = store
        self._engine: Engine | None = None
        self._recorder: Recorder | None = None
        self._run: int | None = None
        self._profiles: tuple[str, ...] = ()
        self._outcome = (JobState.SUCCESS, "")
        self._job: Job | None = None
        self._engine_name = ""
        self._environment: str | None = None
        self.oversight = Oversight(store, home.logs(store.project))
        self._before: dict[int, frozenset[str]] = {}  # what was up already when an open job began
        self.leaving = False  # told to end, though nobody asked for an end of what it holds
        self.on_replaced: Callable[[], None] = lambda: None
        store.holds = self._holds

    @property
    def holding(self) -> bool:
        """Whether anything is up: then the runner stays."""
        return self._engine is not None and self._engine.holding

    def _holds(self) -> Held:
        if self._run is None or self._recorder is None:
            return Held(job=self._job)
        known = self._recorder.known()
        return Held(self._run, self._engine_name, self._profiles, self._job, known, self._environment)

    def summary(self) -> str:
        """What is up, in a few words."""
        return self._recorder.summary() if self._recorder else "nothing is up"

    async def usage(self) -> Mapping[str, Mapping[str, Any]]:
        """What the services take now, as the heartbeat carries it."""
        if self._engine is None:
            return {}
        found = await self._engine.usage()
        return {name: asdict(usage) for name, usage in found.items()}

    def engine_says(self) -> dict[str, str]:
        """The state of each service as the engine told it last, whatever the store could take of it."""
        known = self._recorder.picture.services if self._recorder is not None else {}
        return {name: service.state.value for name, service in known.items()}

    async def perform(self, job: Job) -> str:
        """Do a claimed job; returns its closing sentence. Raises what the engine raises."""
        self.oversight.begin(job)
        self._job = job
        if job.type is JobType.STOP:
            return await self._stop(job)
        if job.type is JobType.ADOPT:
            return await self._adopt(job)
        if job.type in upkeep.TYPES:
            return await self._keep_up(job)
        if job.type is JobType.RESTART and not job.services:
            if self._engine is not None:
                project = await self._store.arun(lambda con: projects.get(con, self._store.project))
                known = self._engine if project.engine == self._engine_name else None
                await opening.refuse_first(asked.going_on(job, self._profiles, self._environment), project, known)
            await self._stop(job)
        return await self._start(job)

    async def _start(self, job: Job) -> str:
        project = await self._store.arun(lambda con: projects.get(con, self._store.project))
        if self._run is not None and job.environment != self._environment:
            raise environments.other(project.name, self._environment, job.environment)
        engine, recorder, stack, names = await self._opened(job, project)
        if engine.outlives:  # what runs already counts as what was up before
            await engine.adopt(stack)
        self._before.setdefault(job.id, recorder.picture.up())
        recorder.begin(job, names, await self._forecast(job))
        if job.type is JobType.START:
            recorder.step(*READ, StepState.DONE)
        engine.check(stack, names)
        try:
            await bring_up.whole(job, engine, recorder, stack, names)
        finally:  # what was left running is told of, however it went
            older = bring_up.compared(engine, recorder, stack)
        return bring_up.said(recorder.summary(), older)

    async def _opened(self, job: Job, project: Project) -> tuple[Engine, Recorder, Stack, Sequence[str]]:
        """The run, opened where there is none; the stack as it is now, and those of its services that are meant."""
        if self._run is None:
            job = await self._store.arun(lambda con: asked.like_last(con, job))
        else:
            job = asked.going_on(job, self._profiles, self._environment)
        environment, stack = await asyncio.to_thread(asked.load, project, job)
        names = plan.select(stack, job.services, job.profiles)
        found = await asyncio.to_thread(fingerprint.of_stack, stack, names)
        engine, recorder = await opening.whole(self._open_run(job, project, stack, found, environment))
        return engine, recorder, stack, names

    async def _adopt(self, job: Job) -> str:
        """Take over what runs already; nothing is started, nothing ended."""
        project = await self._store.arun(lambda con: projects.get(con, self._store.project))
        if project.engine not in OUTLIVES:
            return f"nothing to take over: a {project.engine} stack ends with its runner"
        engine, recorder, stack, names = await self._opened(job, project)
        recorder.begin(job, names, await self._forecast(job))
        found = await engine.adopt(stack, patient=job.type is JobType.ADOPT)
        recorder.nothing_of(names)
        if found:
            older = bring_up.compared(engine, recorder, stack)
            return bring_up.said(f"taken over, as it runs: {', '.join(found)}", older)
        if not self.holding:
            await self.end(EndReason.STOPPED, "nothing of it ran")
        return "nothing of it runs"

    async def _keep_up(self, job: Job) -> str:
        """What an engine with containers of its own can do beyond start and stop."""
        project = await self._store.arun(lambda con: projects.get(con, self._store.project))
        upkeep.check(job, project.engine)
        engine, recorder, stack, names = await self._opened(job, project)
        await engine.adopt(stack)
        self._before.setdefault(job.id, recorder.picture.up())
        recorder.begin(job, names, await self._forecast(job))
        if job.type.ends:
            await engine.stop(None)
        said = await upkeep.perform(job, engine, recorder, stack, names)
        older = bring_up.compared(engine, recorder, stack)
        if job.type.ends:
            await self.end(EndReason.STOPPED, f"{job.type} by job #{job.id}")
        return bring_up.said(said, older)

    async def _forecast(self, job: Job) -> Forecast:
        past = await self._store.arun(lambda con: durations.earlier(con, job))
        return Forecast(past, str(job.type), self.oversight.watch.began)

    async def _open_run(
        self, job: Job, project: Project, stack: Stack, found: Mapping[str, Any], environment: NamedEnvironment
    ) -> tuple[Engine, Recorder]:
        """The engine of the active run, or of a new one; the store says what the compose file says now."""
        conf = await asyncio.to_thread(settings.load, environment)
        self.oversight.watch.limits = replace(conf.limits, **asked.limits_of(stack))
        make = select.factory(project.engine, project.engine_reason, conf.dagger)
        profiles, enabled = job.profiles, asked.enabled(stack, job)
        shown = [(s.name, s.services) for s in plan.stages(stack, enabled)]
        fresh = self._engine is None
        declared = describe.services(stack, conf.address)

        def work(con: sqlite3.Connection) -> tuple[int, list[str]]:
            run = self._run
            if run is None:
                boot = proctree.boot_id()
                name, engine = project.name, project.engine
                run = runs.begin(con, name, engine, self._store.generation, boot, profiles, job.environment)
            elif profiles != self._profiles:
                runs.go_on_with(con, run, profiles)
            jobs.attach(con, job.id, run)
            jobs.allow(con, job.id, self.oversight.watch.limits.max_attempts)
            inputs.keep(con, job, found)
            projects.set_stages(con, project.name, shown)
            return run, services.declare(con, project.name, declared, enabled)

        self._run, differ = opened = await self._store.arun(work)
        self._engine_name = project.engine
        self._profiles, self._environment = profiles, job.environment
        if fresh:
            self._recorder = Recorder(self._store, opened[0], self.on_replaced)
            self._engine = make(opening.context(self._home, project, opened[0], conf), self._recorder)
        assert self._engine is not None
        assert self._recorder is not None
        self._recorder.newer = {one.name: one for one in declared if one.name in differ}
        self._recorder.secrets |= stack.secrets
        return self._engine, self._recorder

    async def _stop(self, job: Job) -> str:
        if self._engine is None:
            project = await self._store.arun(lambda con: projects.get(con, self._store.project))
            if project.engine in OUTLIVES:  # it may run though no run of ours is open
                await self._adopt(job)
        if self._engine is None or self._recorder is None or self._run is None:
            return "nothing was running"
        run = self._run
        await self._store.arun(lambda con: jobs.attach(con, job.id, run))
        self._recorder.begin(job, job.services, await self._forecast(job))
        if job.services:
            await self._engine.stop(job.services)
            self._engine.compare()
            return f"{', '.join(job.services)} stopped"
        await self.end(EndReason.STOPPED, f"stopped by job #{job.id}")
        return "all stopped"

    def insist(self) -> None:
        """The job under way was cancelled once more."""
        if self._engine is not None:
            self._engine.insist()

    async def look_after(self, job: Job) -> None:
        """Keep what is to be said of the job under way."""
        await self.oversight.look(job, self._recorder)

    async def undo(self, job: Job) -> None:
        """Stop again what a job that was ended had begun, until none of it is left; what was up before it stays."""
        before = self._before.get(job.id)
        if self._engine is None or self._recorder is None or before is None:
            return
        if self.leaving and self._engine.outlives:
            return
        await self._engine.stop([name for name in self._recorder.picture.services if name not in before])

    async def put_off(self, job: Job, message: str, error: JobError, at: datetime) -> bool:
        """Close the attempt; the next one begins at `at`. False where the job has ended meanwhile."""
        self.oversight.put_off(job)
        if self._recorder is not None:
            message, error = self._recorder.safe(message), self._recorder.safe_error(error)
            self._recorder.finished()
            await self._recorder.flush()
        put_off = await self._store.insist(lambda con: attempts.retry_later(con, job.id, message, error, at))
        self._job = None
        return put_off

    async def settle(self, job: Job, state: JobState, message: str, error: JobError | None) -> None:
        """Write the job's end after everything that happened in it."""
        if self._recorder is not None:
            message = self._recorder.safe(message)
            error = error and self._recorder.safe_error(error)
            self._recorder.finished()
            await self._recorder.flush()
        self._outcome = state, message
        self.oversight.end(job)
        self._before.pop(job.id, None)
        await self._store.insist(lambda con: jobs.finish(con, job.id, state, message, error=error))
        self._job = None

    async def release(self) -> None:
        """Nothing is held any more: the run, if one is open, has ended by itself."""
        state, message = self._outcome
        if self._recorder is None:
            return
        if self._engine is not None and (lost := self._engine.lost):
            await self.end(EndReason.LOST, lost)
        elif state is JobState.FAILURE:
            await self.end(EndReason.FAILED, message)
        elif failed := self._recorder.failed():
            await self.end(EndReason.FAILED, f"{', '.join(failed)} failed and nothing else was up")
        else:
            own = state is JobState.REVOKED or not self._recorder.known()
            await self.end(EndReason.STOPPED, message if own else "all services ended by themselves")

    async def end(self, reason: EndReason = EndReason.LOST, detail: str = "") -> None:
        """End the run, and whatever is up with it; but of what outlives a runner one that is lost only lets go."""
        engine, recorder, run = self._engine, self._recorder, self._run
        if recorder is None or run is None:
            return
        left = engine is not None and engine.outlives and reason is EndReason.LOST
        if engine is not None and not left:
            recorder.stopping()
            await engine.stop(None)
            engine.compare()
        if engine is not None:  # None: it could not even be made
            await engine.close()
        await recorder.flush()
        self._engine = self._recorder = self._run = None

        def work(con: sqlite3.Connection) -> None:
            runs.end(con, run, reason, detail)
            if left:
                services.all_ended(con, self._store.project, run, lost.LEFT)

        await self._store.insist(work)
