"""How far a job is, told from one process to another by files beside the upload: while an import is written its transaction hides
everything that it would say in the database, and on SQLite keeps everyone else from writing there."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from zhenwu.ledgers.errors import LedgerError

_EVERY = 0.5  # seconds between two notes


class Cancelled(LedgerError):
    """A person stopped the import while it was under way; nothing was written."""


@dataclass(frozen=True, slots=True)
class How:
    """`stage` in words; `total` 0 while the number of rows is not known."""

    stage: str = ""
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int | None:
        return min(100 * self.done // self.total, 100) if self.total else None


class UnderWay:
    """The notes of one job. What `later` gives is called by `stage_file` and `commit`; it raises Cancelled
    when a person stopped the job."""

    def __init__(self, path: Path) -> None:
        self._notes, self._stop = path.with_name(f"{path.name}.progress"), path.with_name(f"{path.name}.stop")
        self._last = 0.0

    def begin(self) -> None:
        self._stop.unlink(missing_ok=True)
        self.clear()

    def stage(self, name: str) -> None:
        """A stage of which no rows can be told."""
        self._write(How(name))

    def later(self, name: str) -> "Step":
        """What to call with (done, total) rows once the stage of this name is on."""
        return Step(self, name)

    def note(self, how: How) -> None:
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            self._write(how)
            if self._stop.exists():
                raise Cancelled("已停止，没有写入任何内容。")

    def how(self) -> How:
        try:
            return How(**json.loads(self._notes.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return How()

    def stop(self) -> None:
        self._stop.touch(mode=0o600)

    def clear(self) -> None:
        self._notes.unlink(missing_ok=True)

    def remove(self) -> None:
        self.clear()
        self._stop.unlink(missing_ok=True)

    def _write(self, how: How) -> None:
        fresh = self._notes.with_name(f"{self._notes.name}.new")
        fresh.write_text(
            json.dumps({"stage": how.stage, "done": how.done, "total": how.total}, ensure_ascii=False), encoding="utf-8"
        )
        fresh.replace(self._notes)


class Step:
    """Called with (done, total) rows."""

    def __init__(self, under_way: UnderWay, stage: str) -> None:
        self._under_way, self._stage = under_way, stage

    def __call__(self, done: int, total: int) -> None:
        self._under_way.note(How(self._stage, done, total))
