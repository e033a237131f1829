"""Jobs that come round: every so many minutes, or every night. One process runs each at a time; none needs cron.

    @every(minutes=10, label="催办超期事项")
    def remind_overdue() -> str:
        ...
        return f"提醒{count}件"

The function lives in the `tasks.py` of its room, takes nothing, and returns what it did in words ("" for nothing to tell). It
must be safe to run again after it was broken off. What takes minutes enqueues a task instead.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import connection
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zhenwu.background.alive import is_alive
from zhenwu.background.models import PeriodicRun

logger = logging.getLogger(__name__)

_NIGHT = 2  # o'clock, local time: after the day's work, before the next
_AGAIN_AFTER_FAILING = timedelta(hours=1)
_AGAIN_AFTER_BREAKING_OFF = timedelta(minutes=10)

Work = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Job:
    """`minutes` 0 means every night."""

    name: str  # <room>.<function>
    label: str
    minutes: int
    work: Work

    @property
    def nightly(self) -> bool:
        return not self.minutes

    def is_due(self, last: datetime, now: datetime) -> bool:
        """Whether it should run again; a night that was slept through is made up for."""
        if self.minutes:
            return now - last >= timedelta(minutes=self.minutes)
        here = timezone.localtime(now)
        night = here.replace(hour=_NIGHT, minute=0, second=0, microsecond=0)
        return last < (night if night <= here else night - timedelta(days=1))

    @property
    def period(self) -> timedelta:
        return timedelta(minutes=self.minutes) if self.minutes else timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    job: Job
    said: str = ""
    error: str = ""


_jobs: dict[str, Job] = {}


def every(*, minutes: int, label: str) -> Callable[[Work], Work]:
    return _registering(label, minutes)


def nightly(*, label: str) -> Callable[[Work], Work]:
    return _registering(label, 0)


def jobs() -> list[Job]:
    """All periodic jobs of all rooms."""
    _discover()
    return sorted(_jobs.values(), key=lambda one: one.name)


def run_due(runner: str, *, now: datetime | None = None) -> Iterator[Outcome]:
    """Run each job whose time has come and that nobody is at; `runner` is the worker's id (see `alive.at_work`)."""
    for job in jobs():
        at = now or timezone.now()
        seen, _ = PeriodicRun.objects.get_or_create(pk=job.name, defaults={"began_at": at if job.nightly else None})
        if _is_due(job, seen, at) and _claim(seen, runner, at):
            yield _run(job)


def run_now(job: Job, runner: str) -> Outcome | None:
    """Run a job whether it is due or not; None when another process is at it."""
    seen, _ = PeriodicRun.objects.get_or_create(pk=job.name)
    if is_alive(seen.runner) or not _claim(seen, runner, timezone.now()):
        return None
    return _run(job)


def _is_due(job: Job, seen: PeriodicRun, now: datetime) -> bool:
    if seen.began_at is None:
        return True
    if seen.runner:  # began and did not end
        return not is_alive(seen.runner) and now - seen.began_at >= min(job.period, _AGAIN_AFTER_BREAKING_OFF)
    if seen.error and now - seen.began_at >= min(job.period, _AGAIN_AFTER_FAILING):
        return True
    return job.is_due(seen.began_at, now)


def _claim(seen: PeriodicRun, runner: str, now: datetime) -> bool:
    """Take the job, unless another took it since we looked."""
    as_seen = PeriodicRun.objects.filter(pk=seen.pk, runner=seen.runner, began_at=seen.began_at)
    return bool(as_seen.update(runner=runner, began_at=now))


def _run(job: Job) -> Outcome:
    said, error = "", ""
    try:
        said = job.work() or ""
    except Exception as problem:  # one job's fault is told, and the others still run
        logger.exception("Periodic job %s failed", job.name)
        error = f"{problem.__class__.__name__}: {problem}\n{traceback.format_exc(limit=-5)}"
        if not connection.in_atomic_block:  # of a test
            connection.close()
    PeriodicRun.objects.filter(pk=job.name).update(runner="", ended_at=timezone.now(), said=said, error=error)
    return Outcome(job, said, error)


def _registering(label: str, minutes: int) -> Callable[[Work], Work]:
    def register(work: Work) -> Work:
        room = work.__module__.removeprefix("zhenwu.").removesuffix(".tasks")
        name = f"{room}.{work.__name__}"
        _jobs[name] = Job(name, label, minutes, work)
        return work

    return register


@cache
def _discover() -> None:
    autodiscover_modules("tasks")
