"""How the background is doing."""

import uuid
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhenwu.background.alive import is_alive
from zhenwu.background.models import PeriodicRun
from zhenwu.background.periodic import jobs

_PATIENCE = timedelta(minutes=1)  # a task that waits longer than this waits in vain, if nobody is at work

TaskState = Literal["waiting", "running", "cut", "done", "failed", "gone"]


def state_of(task: uuid.UUID | str | None) -> TaskState:
    """How far a task is. cut: its worker died, another will take it up; gone: there is no such task (any more)."""
    record = DBTaskResult.objects.filter(pk=task).first() if task else None
    if record is None:
        return "gone"
    match record.status:
        case TaskResultStatus.READY:
            return "waiting"
        case TaskResultStatus.RUNNING:
            return "running" if record.worker_ids and is_alive(record.worker_ids[-1]) else "cut"
        case TaskResultStatus.SUCCESSFUL:
            return "done"
    return "failed"


def waiting() -> int:
    """Tasks that should have begun by now and have not."""
    return DBTaskResult.objects.ready().filter(enqueued_at__lte=timezone.now() - _PATIENCE).count()


def failed_lately() -> list[tuple[str, int]]:
    """(task, how often it failed in the last week)."""
    since = timezone.now() - timedelta(days=7)
    paths = list(DBTaskResult.objects.failed().filter(finished_at__gte=since).values_list("task_path", flat=True))
    return [(path, paths.count(path)) for path in sorted(set(paths))]


def failing_jobs() -> list[tuple[str, str]]:
    """(label, first line of the error) of the periodic jobs whose last run failed."""
    labels = {job.name: job.label for job in jobs()}
    runs = PeriodicRun.objects.exclude(error="").filter(pk__in=labels)
    return [(labels[run.name], run.error.splitlines()[0]) for run in runs.order_by("name")]
