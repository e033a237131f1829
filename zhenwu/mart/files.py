"""The Parquet copies of ledgers on disk. A file is never changed or written twice: its name says which state of the ledger
it holds, and when it was made. Safe for several processes.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zhenwu.mart.schema import Table

_ROW_GROUP = 65_536  # a file of one row group is scanned by one thread
_KEEP_SECONDS = 900  # how long a copy stays after a newer one has come: another process may still be reading it


@dataclass(frozen=True)
class State:
    """Where a ledger's hash chain stood. In a copy's name the hash is only its beginning."""

    seq: int
    hash: str

    @property
    def short(self) -> str:
        return self.hash[:16] or "none"


@dataclass(frozen=True)
class Copy:
    """A complete copy of one unit (a ledger with its lists and lines, or its history of states): a file per table."""

    unit: str
    state: State
    made: int  # nanoseconds since 1970
    paths: dict[str, Path]  # by table name

    @property
    def rows(self) -> int:
        return int(pq.read_metadata(self.paths[self.unit]).num_rows)

    def is_there(self) -> bool:
        return all(path.exists() for path in self.paths.values())

    def is_whole(self) -> bool:
        """Whether every file can be read: one that a power cut left half written cannot."""
        try:
            return all(pq.read_metadata(path) is not None for path in self.paths.values())
        except (OSError, pa.ArrowException):
            return False


def shape_of(tables: Sequence[Table]) -> str:
    """Changes when a column comes, goes, changes its type or is worked out otherwise."""
    said = json.dumps([[table.name, list(table.columns.items()), *sorted(table.formulas.items())] for table in tables])
    return hashlib.sha256(said.encode()).hexdigest()[:8]


class Shelf:
    """All copies, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def copies(self, tables: Sequence[Table]) -> Iterator[Copy]:
        """Whole copies of this shape, newest first. The first of `tables` names the unit."""
        main, shape = tables[0], shape_of(tables)
        names = [path.name.split(".") for path in self.folder.glob(f"{main.name}.*.{shape}.*.parquet")]
        found = [self._copy(tables, State(int(name[1]), name[2]), int(name[4])) for name in names]
        for copy in sorted(found, key=lambda one: (one.state.seq, one.made), reverse=True):
            if copy.is_whole():
                yield copy

    def put(self, tables: Sequence[Table], state: State, pages: Iterable[Mapping[str, pa.Table]]) -> Copy:
        """The unit's own file comes last: where it is, the copy is complete."""
        copy = self._copy(tables, State(state.seq, state.short), time.time_ns())
        partial = {name: path.with_name(f".{path.name}.{os.getpid()}") for name, path in copy.paths.items()}
        try:
            _write(partial, pages)
            for table in reversed(tables):
                os.replace(partial[table.name], copy.paths[table.name])
        finally:
            for path in partial.values():
                path.unlink(missing_ok=True)
        self._tidy(tables)
        return copy

    def drop(self, tables: Sequence[Table], but: Copy | None = None) -> None:
        """Remove all copies of the unit, of whatever shape; those who read one make another. `but`: let this one lie."""
        kept = set(but.paths.values()) if but else set()
        for table in tables:
            for path in (*self.folder.glob(f"{table.name}.*.parquet"), *self.folder.glob(f".{table.name}.*.parquet.*")):
                if path not in kept:
                    path.unlink(missing_ok=True)

    def size(self, tables: Sequence[Table]) -> int:
        """Bytes of all files of the unit."""
        return sum(path.stat().st_size for table in tables for path in self.folder.glob(f"{table.name}.*.parquet"))

    @contextmanager
    def lock(self, unit: str) -> Iterator[None]:
        """One process at a time copies a unit."""
        with open(self.folder / f".{unit}.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _copy(self, tables: Sequence[Table], state: State, made: int) -> Copy:
        end = f"{state.seq}.{state.hash}.{shape_of(tables)}.{made}.parquet"
        return Copy(tables[0].name, state, made, {table.name: self.folder / f"{table.name}.{end}" for table in tables})

    def _tidy(self, tables: Sequence[Table]) -> None:
        """Remove what has been superseded long enough, and what killed processes left half written."""
        old = time.time() - _KEEP_SECONDS
        for table in tables:
            by_age = sorted(self.folder.glob(f"{table.name}.*.parquet"), key=_made, reverse=True)
            is_old = [_written(path) < old for path in by_age]
            left = [path for path in self.folder.glob(f".{table.name}.*.parquet.*") if _written(path) < old]
            for path in (
                *(path for path, newer_is_old in zip(by_age[1:], is_old, strict=False) if newer_is_old),
                *left,
            ):
                path.unlink(missing_ok=True)


def _made(path: Path) -> int:
    made = path.name.split(".")[-2]
    return int(made) if made.isdigit() else 0  # a name of an earlier version


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process was quicker
        return 0


def _write(paths: Mapping[str, Path], pages: Iterable[Mapping[str, pa.Table]]) -> None:
    """A file per table, each row group of at most _ROW_GROUP rows, safely on the disk before it gets its name."""
    with ExitStack() as files:
        writers: dict[str, pq.ParquetWriter] = {}
        for page in pages:
            for name, data in page.items():
                if name not in writers:
                    writers[name] = files.enter_context(pq.ParquetWriter(paths[name], data.schema, compression="zstd"))
                writers[name].write_table(data, row_group_size=_ROW_GROUP)
    for path in paths.values():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
