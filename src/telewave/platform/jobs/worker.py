"""A worker: takes jobs that are due, does a batch of each, and says that it is alive meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TypeAlias

from telewave.kernel import TelewaveError
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.platform.jobs import store
from telewave.platform.jobs.model import LEASE, Job, Outcome
from telewave.platform.locks import myself

Handler: TypeAlias = Callable[[Job], Outcome]
"""Does one batch and says how far the work is by its own rows, so that a batch done twice is done once. Raises
`TelewaveError`s; the job is then tried again.
"""


def name_of_this_process() -> str:
    """As whom this process takes jobs."""
    me = myself()
    return f"{me.account}@{me.machine}/{me.process}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """Whoever takes jobs of the kinds of `handlers` under `name`, and is heard of every `beat_s` seconds."""

    database: Database
    handlers: Mapping[str, Handler]
    clock: Clock
    name: str
    beat_s: float = LEASE.total_seconds() / 3

    def work(
        self, told_to_end: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Job, TelewaveError | None]]:
        """Batch after batch until none is due, or it is told to end; after each the job, and what refused it.

        Whatever else a handler raises ends the worker; the job's lease runs out, and it is taken over.
        """
        while not told_to_end():
            job = store.take(self.database, self.handlers.keys(), self.name, self.clock.now())
            if job is None:
                return
            refused = self._batch(job)
            yield store.find(self.database, job.id), refused

    def _batch(self, job: Job) -> TelewaveError | None:
        try:
            with self._beating(job):
                outcome = self.handlers[job.kind](job)
        except TelewaveError as error:
            store.fail_batch(self.database, job, error, self.clock.now())
            return error
        store.finish_batch(self.database, job, outcome, self.clock.now())
        return None

    @contextmanager
    def _beating(self, job: Job) -> Iterator[None]:
        """Renew the lease while this lasts; a beat that fails is made good by the next, or the lease runs out."""
        over = Event()

        def beat() -> None:
            while not over.wait(self.beat_s):
                with suppress(TelewaveError):
                    store.renew(self.database, job, self.clock.now())

        thread = Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
