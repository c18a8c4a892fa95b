"""What a key press asks for, carried out in a thread: one worker per operation, and one message about what came of it.

No worker waits for a stack: the job is committed, its runner is seen up, and the thread is free. Operations of one
project are carried out in the order in which they were asked for.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from textual.message import Message
from textual.worker import get_current_worker

from hubtui.errors import HubtuiError
from hubtui.messages import OperationDone, OperationRefused
from hubtui.models import Job, JobType
from hubtui.store import connect
from hubtui.workers.hub import Hub
from hubtui.workers.truths.model import Action


class WorkerHost(Protocol):
    """What of the app a thread may know: it starts threads and takes messages."""

    def start_thread(self, work: Callable[[], None], *, name: str, group: str) -> None:
        """Run `work` as a thread worker that the app owns."""

    def post_message(self, message: Message) -> bool:
        """Thread-safe; False where nobody listens any more."""


@dataclass(frozen=True, slots=True)
class _Operation:
    token: int
    project: str
    verb: str
    work: Callable[[Hub], str]


@dataclass(slots=True)
class _Queue:
    """The operations of one project: each thread takes the oldest, one at a time."""

    waiting: deque[_Operation] = field(default_factory=deque)
    turn: threading.Lock = field(default_factory=threading.Lock)


class Orchestrator:
    """Turns requests of the screens into workers. Every method returns a token at once; the outcome names it."""

    def __init__(self, hub: Hub, host: WorkerHost) -> None:
        self._hub = hub
        self._host = host
        self._tokens = itertools.count(1)
        self._queues: dict[str, _Queue] = {}
        self._warned = False

    def ask(
        self,
        type: JobType,  # noqa: A002
        project: str,
        services: Sequence[str] = (),
        profiles: Sequence[str] = (),
        arguments: Sequence[str] = (),
    ) -> int:
        """Ask for a job on the project, or on these services of it."""

        def work(hub: Hub) -> str:
            from hubtui.workers import operations

            if not type.ends:
                self._warn_of_logout(project)
            asked = operations.ask(hub, type, project, services, profiles, arguments=arguments)
            if not asked.created:
                return f"{type} #{asked.job.id} of {project} was asked for already."
            if asked.behind and not asked.job.finished:  # the panel shows the job that is under way
                return f"{project}: {type} #{asked.job.id} {asked.job.message}."
            return f"{project}: {asked.job.message}." if asked.job.finished else ""

        return self._submit(project, str(type), work)

    def _warn_of_logout(self, project: str) -> None:
        """Say, before the first start, where logging out would end it."""
        if self._warned:
            return
        self._warned = True
        from hubtui.workers.logind import will_logout_kill

        if (finding := will_logout_kill()) is not None:
            self._host.post_message(OperationDone(0, project, "logout", f"{finding.message} {finding.hint}"))

    def cancel(self, project: str, job: int) -> int:
        """Ask the project's runner to end this job."""

        def work(hub: Hub) -> str:
            from hubtui.workers import operations

            found = operations.cancel(hub, job)
            return f"#{job} of {project}: {found.message}." if found.finished else f"Asked the runner to end #{job}."

        return self._submit(project, "cancel", work)

    def start_over(self, job: Job) -> int:
        """End a job that seems stuck, and ask for a restart; of a restart, for what was left of it: the start."""
        again = JobType.START if job.type is JobType.RESTART else JobType.RESTART
        self.cancel(job.project, job.id)
        return self.ask(again, job.project, job.services)

    def retry(self, project: str, job: int) -> int:
        """Ask once more for what this finished job was to do."""

        def work(hub: Hub) -> str:
            from hubtui.workers import operations

            asked = operations.retry(hub, job)
            name = f"{project}: {asked.job.type} #{asked.job.id}"
            return f"{name} tries #{job} again." if asked.created else f"{name} was asked for already."

        return self._submit(project, "retry", work)

    def retry_now(self, project: str, job: int) -> int:
        """Have the next attempt of this job at once."""

        def work(hub: Hub) -> str:
            from hubtui.workers import operations

            operations.retry_now(hub, job)
            return f"{project}: #{job} is tried again at once."

        return self._submit(project, "retry_now", work)

    def be_patient(self, project: str, job: int) -> int:
        """Wait on for a job that seems stuck."""

        def work(hub: Hub) -> str:
            from hubtui.workers import operations

            operations.be_patient(hub, job)
            return f"{project}: #{job} is given as long again."

        return self._submit(project, "wait", work)

    def reconcile(self, project: str, action: Action) -> int:
        """Do about the project's differences what a person has chosen."""

        def work(hub: Hub) -> str:
            from hubtui.workers import truths

            worker = get_current_worker()
            return truths.carry_out(hub, project, action, lambda: worker.is_cancelled)

        return self._submit(project, "reconcile", work)

    def choose_environment(self, project: str, name: str | None) -> int:
        """Have the project's next starts use this environment."""

        def work(hub: Hub) -> str:
            from hubtui.workers import environments

            return environments.said(environments.choose(hub, project, name))

        return self._submit(project, "environment", work)

    def add(self, path: Path, name: str | None = None, template: str | None = None) -> int:
        """Register a folder, filling it with a template first if one is named."""

        def work(hub: Hub) -> str:
            from hubtui.workers import registry

            return registry.add(hub, path, name=name, template=template).name

        return self._submit("", "add", work)

    def remove(self, project: str) -> int:
        """Forget a project."""

        def work(hub: Hub) -> str:
            from hubtui.workers import registry

            return f"Forgot {registry.remove(hub, project).name}; its files stay."

        return self._submit(project, "remove", work)

    def _submit(self, project: str, verb: str, work: Callable[[Hub], str]) -> int:
        operation = _Operation(next(self._tokens), project, verb, work)
        queue = self._queues.setdefault(project, _Queue())
        queue.waiting.append(operation)
        self._host.start_thread(
            lambda: self._carry_out(queue), name=f"{verb} {project}".strip(), group=f"operation:{project}"
        )
        return operation.token

    def _carry_out(self, queue: _Queue) -> None:
        # The oldest operation, not the one this thread was started for: threads may start in any order.
        with queue.turn:
            operation = queue.waiting.popleft()
            outcome = self._outcome(operation)
        self._host.post_message(outcome)

    def _outcome(self, operation: _Operation) -> OperationDone | OperationRefused:
        about = operation.token, operation.project, operation.verb
        try:
            return OperationDone(*about, operation.work(self._hub))
        except HubtuiError as error:
            return OperationRefused(*about, error.message, error.hint, error.kind)
        except sqlite3.Error as error:
            known = connect.explain(error, self._hub.home)
            return OperationRefused(*about, known.message, known.hint)
        except Exception as error:  # a thread that dies in silence would leave the user waiting
            return OperationRefused(*about, f"{type(error).__name__}: {error}", "Run `hubtui doctor`.")
