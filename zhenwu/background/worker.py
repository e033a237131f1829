"""The worker: one process that does the waiting tasks one after the other, and the periodic jobs between them.

It may be killed at any moment. A task that was under way then is found by the next worker (its runner is not alive any more)
and done again from its start; tasks are written so that this is right.
"""

import logging
import os
import resource
import signal
import time
from collections.abc import Callable
from enum import Enum, auto
from types import FrameType

from django.db import OperationalError, close_old_connections, connection
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction, is_locked_database_exception

from zhenwu.background import periodic
from zhenwu.background.alive import at_work, is_alive

logger = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds between two looks into an empty queue
_ATTEMPTS = 3  # a task that took its worker down so often is given up
_FULL = 600 * 1024  # KiB of memory after which an idle worker starts anew
_LOOK_AROUND = 15  # pauses between two looks at the periodic jobs and at what dead workers left


class End(Enum):
    """Why a worker stopped: it was told to, or it should be started anew."""

    TOLD = auto()
    RESTART = auto()


class TryLater(Exception):
    """Raised by a task that cannot be done by this worker now: it goes back into the queue."""


class Worker:
    """`is_current` tells whether this process still runs what it should; `later` are faults that mean `TryLater`."""

    def __init__(
        self, *, is_current: Callable[[], bool] = lambda: True, later: tuple[type[Exception], ...] = ()
    ) -> None:
        self._is_current = is_current
        self._later: tuple[type[Exception], ...] = (TryLater, *later)
        self._parent = os.getppid()
        self.stopping = False

    def run(self, *, with_parent: bool = False) -> End:
        """Work until told to stop (SIGTERM, SIGINT), or, `with_parent`, until the parent process is gone."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        with at_work() as me:
            pauses = 0
            while not self.stopping and not (with_parent and os.getppid() != self._parent):
                if not connection.in_atomic_block:  # of a test
                    close_old_connections()
                if not self._is_current():
                    return End.RESTART
                if pauses % _LOOK_AROUND == 0:
                    take_back()
                    for _ in periodic.run_due(me):
                        if self.stopping:
                            break
                pauses += 1
                if not self.stopping and (task := claim(me)) is not None:
                    if not self.do(task):
                        return End.RESTART
                elif resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > _FULL:
                    return End.RESTART
                elif not self.stopping:
                    time.sleep(_PAUSE)
        return End.TOLD

    def run_waiting(self) -> int:
        """Do what waits, then return: how many tasks were done. For tests and for a run by hand."""
        with at_work() as me:
            take_back()
            count = 0
            while (task := claim(me)) is not None:
                self.do(task)
                count += 1
        return count

    def do(self, record: DBTaskResult) -> bool:
        """Do one claimed task; False when this worker cannot go on. What the task raises is kept with it."""
        try:
            result = record.task_result
            record.set_successful(result.task.call(*result.args, **result.kwargs))
        except self._later:
            DBTaskResult.objects.filter(pk=record.pk).update(
                status=TaskResultStatus.READY, started_at=None, worker_ids=record.worker_ids[:-1]
            )
            return False
        except Exception as problem:  # the task's own fault: it is recorded, and the next task is done
            logger.exception("Task %s failed", record.task_path)
            if not connection.in_atomic_block:  # of a test
                connection.close()
            record.set_failed(problem)
        return True

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            os._exit(128 + number)  # told twice; whatever was under way is done again by the next worker
        self.stopping = True


def claim(worker: str) -> DBTaskResult | None:
    """The next waiting task, taken so that no other worker gets it."""
    if not DBTaskResult.objects.ready().exists():  # without a lock: most looks find nothing
        return None
    try:
        with exclusive_transaction():
            record = DBTaskResult.objects.ready().get_locked()
            if record is not None:
                record.claim(worker)
            return record
    except OperationalError as problem:
        if is_locked_database_exception(problem):  # a long change is being written: look again later
            return None
        raise


def take_back() -> int:
    """Tasks whose worker died go back into the queue; those that took down several are given up. Returns how many."""
    count = 0
    for record in DBTaskResult.objects.running():
        if record.worker_ids and is_alive(record.worker_ids[-1]):
            continue
        mine = DBTaskResult.objects.filter(pk=record.pk, status=TaskResultStatus.RUNNING, worker_ids=record.worker_ids)
        if len(record.worker_ids) < _ATTEMPTS:
            count += mine.update(status=TaskResultStatus.READY, started_at=None)
        elif mine.exists():
            record.set_failed(RuntimeError(f"The worker died {len(record.worker_ids)} times while doing this task."))
            count += 1
    return count
