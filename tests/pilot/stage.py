"""A store filled as runners would fill it, without any: every state that the dashboard can be asked to show.

The runs on stage are held by this process' own leases, so that a dashboard that looks finds them alive.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from hubtui.models import (
    EndReason,
    Job,
    JobError,
    JobState,
    JobType,
    LimitsView,
    PortView,
    Project,
    ProjectView,
    RunState,
    Service,
    ServiceState,
    StepState,
)
from hubtui.paths import Home
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import LogWriter, service_folder
from hubtui.store import connect, jobs, projects, runners, runs, services, steps
from hubtui.workers import doorbell, heartbeat, lease

T = TypeVar("T")
BY = "ann on pts/3"
GB = 1 << 30
FOUR = (("postgres", 5432), ("redis", 6379), ("backend", 8000), ("frontend", 3000))
_NOTHING = {"connections": 0, "bytes_in": 0, "bytes_out": 0}
STAGES = (("infrastructure", ("postgres", "redis")), ("core", ("backend",)), ("edge", ("frontend",)))


class Stage:
    """Writes to a store and rings the doorbell, as a runner does."""

    def __init__(self, home: Home, wait: Callable[[float], None] = lambda seconds: None) -> None:
        self.home = home
        self._wait = wait
        self._con, self._lock = connect.open_writer(home)
        self._leases: list[int] = []

    def close(self) -> None:
        for fd in self._leases:
            os.close(fd)
        self._con.close()
        os.close(self._lock)

    def let_go(self) -> None:
        """Give back the lease that was taken last."""
        os.close(self._leases.pop())

    def write(self, work: connect.Work[T]) -> T:
        result = connect.transact(self._con, self._lock, self.home, work)
        doorbell.ring_hubs(self.home)
        return result

    def view(self, project: str) -> ProjectView:
        return projects.view(self._con, project)

    def jobs(self, project: str) -> list[Job]:
        return jobs.NEWEST_OF_PROJECT.all(self._con, project, 100)

    def names(self) -> list[str]:
        return [p.name for p in projects.ALL.all(self._con)]

    def add(self, name: str, names: Sequence[tuple[str, int]] = FOUR) -> None:
        """Register a project; ports from 3000 on speak HTTP where they are 3000 or 8000."""
        rows = [Service(n, ServiceState.STOPPED, ports=_ports(p), limits=LimitsView(0.5, GB // 8)) for n, p in names]
        stages = STAGES if names is FOUR else [("stage 1", tuple(n for n, _ in names))]
        project = Project(name, Path(f"/srv/stacks/{name}"), "process", "x-hubtui.engine", "development")

        def work(con: sqlite3.Connection) -> None:
            projects.insert(con, project, stages)
            services.declare(con, name, rows, [n for n, _ in names])

        self.write(work)

    def ask(self, name: str, kind: JobType = JobType.START) -> Job:
        """A job that waits for a runner, which never comes."""
        return self.write(lambda con: jobs.insert(con, name, kind, (), (), BY))

    def hold(self, name: str, *, age: float = 0.0) -> None:
        """Take the project's lease and beat once, `age` seconds ago."""
        fd = lease.open_lease(self.home.lease(name))
        assert lease.try_take(fd)
        self._leases.append(fd)
        usage = {
            s.name: {"cpu_percent": 1.0 + 3 * i, "memory_bytes": (9 + 40 * i) << 20, "latency_ms": 1.0 + i}
            for i, s in enumerate(self.view(name).services)
        }
        heartbeat.beat(self.home.heartbeat(name), 1, usage)
        if age:
            path = self.home.heartbeat(name)
            text = path.read_text()
            beat = heartbeat.read(path)
            assert beat is not None
            shape = json.loads(text)
            shape["monotonic"] -= age
            path.write_text(json.dumps(shape))

    def on_dagger(self, name: str, notes: Sequence[str] = ()) -> None:
        """A project that is up on that engine: its run tells versions, its first service has notes and traffic."""
        run = self.run(name)
        versions = {"engine": "v0.21.8", "CLI": "v0.21.8", "SDK": "0.21.11"}
        first = self.view(name).services[0].name
        told = notes or [
            "the volume pgdata is a cache of the engine: an engine that dies uncleanly wipes it",
            "its cpu and memory limits are not enforced (only the whole engine has limits)",
        ]

        def work(con: sqlite3.Connection) -> None:
            con.execute("UPDATE projects SET engine = 'dagger' WHERE name = ?", (name,))
            con.execute("UPDATE runs SET engine = 'dagger' WHERE id = ?", (run,))
            runs.held_by(con, run, versions)
            services.note(con, name, first, run, told)

        self.write(work)
        self.beat(name)

    def building_on_dagger(self, name: str) -> Job:
        """A project of FOUR in the middle of its builds; of these one command is cached, one done, two under way."""
        job, run = self.begin(name, staged=False)

        def step(key: str, label: str, state: StepState, parent: str | None = None, message: str = "") -> None:
            self.write(lambda con: steps.put(con, name, job.id, key, label, state, parent=parent, message=message))

        step("ports", "ports", StepState.DONE, message="free, and held from now on")
        step("session", "Dagger session", StepState.RUNNING)
        self._wait(2.4)
        step("session", "Dagger session", StepState.DONE, message="engine v0.21.8, CLI v0.21.8, SDK 0.21.11")
        self.on_dagger(name)
        for service in ("postgres", "redis", "backend", "frontend"):
            kind = "image" if service in ("postgres", "redis") else "build"
            step(f"build:{service}", f"{kind} {service}", StepState.RUNNING)
            self.service(name, service, run, state="building")
        for service in ("postgres", "redis"):
            self._wait(3.1)
            step(f"span:{service}", f"pull {service}:7", StepState.DONE, f"build:{service}")
            step(f"build:{service}", f"image {service}", StepState.DONE)
            self.service(name, service, run, state="stopped", message="built")
        step("span:1", "pull python:3.12-slim", StepState.CACHED, "build:backend")
        step("span:2", "RUN pip install -r requirements.txt", StepState.RUNNING, "build:backend")
        step("span:3", "RUN npm ci", StepState.DONE, "build:frontend")
        step("span:4", "RUN npm run build", StepState.RUNNING, "build:frontend")
        self.progress(job, 23, "build backend: RUN pip install -r requirements.txt")
        self._wait(48)
        return job

    def run(self, name: str) -> int:
        """The project's newest run."""
        run = self.view(name).project.run
        assert run is not None
        return run.id

    def beat(self, name: str, bytes_out: int = 80 << 20) -> None:
        """A heartbeat of services whose ports hubtui carries."""
        usage = {}
        for i, service in enumerate(self.view(name).services):
            some = {"connections": 3, "bytes_in": 1250 << 10, "bytes_out": bytes_out} if not i else _NOTHING
            figures = {"cpu_percent": 1.0 + 3 * i, "memory_bytes": (9 + 40 * i) << 20, "latency_ms": 1.0 + i}
            usage[service.name] = {**figures, "ports": {str(p.published): some for p in service.ports}}
        heartbeat.beat(self.home.heartbeat(name), 2, usage)

    def begin(self, name: str, *, staged: bool = True) -> tuple[Job, int]:
        """A claimed start job and its run, with the steps of its stages."""
        self.hold(name)
        job = self.ask(name)

        def work(con: sqlite3.Connection) -> tuple[Job, int]:
            generation = runners.register(con, name, os.getpid(), 1, proctree.boot_id())
            claimed = jobs.claim(con, job.id, generation)
            assert claimed is not None
            run = runs.begin(con, name, "process", generation, proctree.boot_id(), (), "development")
            jobs.attach(con, job.id, run)
            for stage, members in (projects.STAGES.first(con, name) or ()) if staged else ():
                steps.put(con, name, job.id, f"stage:{stage}", stage, StepState.WAITING)
                for member in members:
                    steps.put(
                        con, name, job.id, f"service:{member}", member, StepState.WAITING, parent=f"stage:{stage}"
                    )
            return claimed, run

        return self.write(work)

    def step(self, name: str, job: Job, key: str, state: StepState, message: str = "") -> None:
        kind, _, label = key.partition(":")
        parent = next((f"stage:{s}" for s, members in self.view(name).stages if label in members), None)
        self.write(
            lambda con: steps.put(
                con, name, job.id, key, label, state, parent=parent if kind == "service" else None, message=message
            )
        )

    def service(self, name: str, service: str, run: int, **fields: object) -> None:
        self.write(lambda con: services.change(con, name, service, run, fields))

    def bring_up(self, name: str, job: Job, run: int, only: Sequence[str] | None = None) -> None:
        """Services running and healthy, their steps done, one after the other."""
        for stage, members in self.view(name).stages:
            for member in members:
                if only is not None and member not in only:
                    continue
                self.step(name, job, f"stage:{stage}", StepState.RUNNING)
                self.step(name, job, f"service:{member}", StepState.RUNNING)
                self._wait(1.3)
                self.service(name, member, run, state="running", health="healthy")
                self.step(name, job, f"service:{member}", StepState.DONE)
            if only is None or set(members) <= set(only):
                self.step(name, job, f"stage:{stage}", StepState.DONE)

    def up(self, name: str) -> Job:
        """A project whose start has succeeded."""
        job, run = self.begin(name)
        self.bring_up(name, job, run)

        def work(con: sqlite3.Connection) -> None:
            runs.move(con, run, RunState.UP)
            jobs.finish(con, job.id, JobState.SUCCESS, "4 services are up")

        self.write(work)
        return job

    def building(self, name: str) -> Job:
        """A project in the middle of its start."""
        job, run = self.begin(name)
        self.bring_up(name, job, run, only=("postgres", "redis"))
        self.step(name, job, "stage:core", StepState.RUNNING)
        self.step(name, job, "service:backend", StepState.RUNNING, "pip install 7/12")
        self.step(name, job, "service:frontend", StepState.WAITING, "waits for backend")
        self.service(name, "backend", run, state="building")
        self.service(name, "frontend", run, state="waiting", message="waits for backend")
        self.progress(job, 63, "building backend: step 7 of 12")
        self._wait(48)
        return job

    def progress(self, job: Job, percent: int, message: str) -> None:
        self.write(lambda con: jobs.progress(con, job.id, percent=percent, message=message, step=None))

    def failed(self, name: str, message: str = "backend exited with code 2 after 0.4 s, before it was healthy") -> Job:
        """A project whose start has failed at its backend."""
        job, run = self.begin(name)
        self.bring_up(name, job, run, only=("postgres", "redis"))
        self.step(name, job, "stage:core", StepState.RUNNING)
        self.step(name, job, "service:backend", StepState.RUNNING)
        self._wait(0.4)
        self.step(name, job, "service:backend", StepState.FAILED)
        self.service(name, "backend", run, state="failed", exit_code=2, message="exited with code 2 after 0.4 s")
        error = JobError("service_exited", message, "See its last lines below, mend it, then press s again.")

        def work(con: sqlite3.Connection) -> None:
            jobs.finish(con, job.id, JobState.FAILURE, "backend exited", error=error)
            services.all_ended(con, name, run, "ended")
            runs.end(con, run, EndReason.FAILED, "backend exited with code 2")

        self.write(work)
        self.say(name, "backend", ["Traceback (most recent call last):", "KeyError: 'DATABASE_URL'"], run=run)
        return job

    def lost(self, name: str) -> None:
        """A project that was up until its runner was killed."""
        self.up(name)

        def work(con: sqlite3.Connection) -> None:
            run = runs.ACTIVE_OF_PROJECT.first(con, name)
            assert run is not None
            runs.end(con, run.id, EndReason.LOST, "the runner was killed by SIGKILL")
            services.all_ended(con, name, run.id, "ended")

        self._wait(5)
        self.write(work)

    def say(self, name: str, service: str, lines: Sequence[str], run: int = 1) -> None:
        """What a service prints."""
        folder = service_folder(self.home.logs(name), service)
        writer = LogWriter(folder, run, LogLimits(), clock=lambda: 1795354802.0)
        for line in lines:
            writer.write("out", line.encode() + b"\n")
        writer.close()


def _ports(port: int) -> tuple[PortView, ...]:
    if not port:
        return ()
    url = f"http://127.0.0.1:{port}" if port in (3000, 8000) else None
    return (PortView(port, port, "tcp", "127.0.0.1", url),)
