"""Who is at work: each worker holds a lock on a file of its own, and the system lets go of it when the process ends, however
it ends. So nothing has to be guessed from old times of day, and a killed worker is known to be dead at once.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Alive:
    """A worker that is running now."""

    id: str
    pid: int
    since: datetime


@contextmanager
def at_work() -> Iterator[str]:
    """Be known as a worker while inside; yields the worker's id."""
    name = f"{os.getpid()}-{secrets.token_hex(6)}"
    path = _folder() / name
    fresh = path.with_name(f".{name}")
    with fresh.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(path)  # never there without being locked
        try:
            yield name
        finally:
            path.unlink(missing_ok=True)


def is_alive(worker: str) -> bool:
    path = _folder() / worker
    return bool(worker) and "/" not in worker and path.is_file() and _is_held(path)


def workers() -> list[Alive]:
    """The workers that are running; what dead ones left behind is removed."""
    found = []
    for path in sorted(_folder().glob("[!.]*")):
        if _is_held(path):
            pid = path.name.partition("-")[0]
            since = datetime.fromtimestamp(path.stat().st_ctime, tz=timezone.get_current_timezone())
            found.append(Alive(path.name, int(pid) if pid.isdigit() else 0, since))
        else:
            path.unlink(missing_ok=True)
    return found


def _is_held(path: Path) -> bool:
    try:
        with path.open() as file:
            return not _taken(file)
    except FileNotFoundError:
        return False


def _taken(file: IO[str]) -> bool:
    """Try the lock; it goes with the file's closing."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _folder() -> Path:
    folder = Path(settings.INSTANCE) / "workers"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
