"""Wakes a few named jobs. It holds no state of its own: what is to be done stands in the database's rows."""

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

Job = Callable[[], object]


class Clock:
    """A background scheduler. Each job runs by itself, never twice at a time, and survives its own failures."""

    def __init__(self) -> None:
        self._scheduler = _Beats(
            timezone=UTC,
            # A machine that was asleep runs a job once, not once for every beat it slept through.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._jobs: dict[str, _Guarded] = {}

    def every(self, name: str, period: timedelta, job: Job) -> None:
        """Run `job` once the clock starts and then every `period`. Raises ValueError for a name already taken."""
        if name in self._jobs:
            raise ValueError(f"there is a job {name!r} already")
        guarded = _Guarded(name, job)
        self._jobs[name] = guarded
        self._scheduler.add_job(guarded.run, "interval", seconds=period.total_seconds(), id=name, name=name)
        self.wake(name)

    def wake(self, name: str) -> None:
        """Run the job now; if it is running, once more when it ends. From any thread, at once back."""
        guarded = self._jobs[name]
        if guarded.ask():
            self._scheduler.add_job(
                guarded.run, "date", id=f"{name}, woken", name=name, replace_existing=True
            )

    def start(self) -> None:
        """Begin to beat, in a thread of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop beating, and wait for the jobs that run."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


class _Beats(BackgroundScheduler):  # type: ignore[misc]
    """APScheduler 3.11 removes a job that ran once also while it is being stopped, and dies of not finding it."""

    def remove_job(self, job_id: str, jobstore: str | None = None) -> None:
        """Remove a job, or find that it is gone already."""
        with contextlib.suppress(JobLookupError):
            super().remove_job(job_id, jobstore)


class _Guarded:
    """A job that is never run twice at a time, loses no wake-up, and whose failure ends only this run."""

    def __init__(self, name: str, job: Job) -> None:
        self._name, self._job = name, job
        self._lock = threading.Lock()
        self._running = False
        self._again = False

    def ask(self) -> bool:
        """Whether someone must start it; otherwise the run under way goes round once more."""
        with self._lock:
            self._again = self._running
            return not self._running

    def run(self) -> None:
        with self._lock:
            if self._running:
                return
            self._running = True
        while True:
            try:
                self._job()
            except Exception:  # the next beat tries again
                log.exception("the job %r failed", self._name)
            with self._lock:
                self._running = self._again
                self._again = False
                if not self._running:
                    return
