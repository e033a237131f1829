"""The Parquet copies of ledgers on disk. A file is never changed: its name says which state of the ledger it holds."""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zhenwu.mart.schema import Table

_ROW_GROUP = 65_536  # a file of one row group is scanned by one thread
_KEEP_SECONDS = 900  # another process may still be reading an older copy


@dataclass(frozen=True)
class State:
    """Where a ledger's hash chain stood."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Copy:
    """A complete copy of one ledger: a file per table."""

    ledger: str
    state: State
    paths: dict[str, Path]  # by table name

    @property
    def stands(self) -> bool:
        return all(path.is_file() for path in self.paths.values())


def shape_of(tables: Sequence[Table]) -> str:
    """Changes when a column comes, goes, changes its type or is worked out otherwise."""
    said = json.dumps([[table.name, list(table.columns.items()), *sorted(table.formulas.items())] for table in tables])
    return hashlib.sha256(said.encode()).hexdigest()[:8]


class Shelf:
    """All copies of the ledgers, in one folder. Safe for several processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def copies(self, tables: Sequence[Table]) -> Iterator[Copy]:
        """Complete copies of this shape, newest first. The hash in a state is only its beginning."""
        main, shape = tables[0], shape_of(tables)
        found = []
        for path in self.folder.glob(f"{main.name}.*.{shape}.parquet"):
            _, seq, digest, *_ = path.name.split(".")
            found.append((int(seq), digest))
        for state in sorted(found, reverse=True):
            yield self._copy(tables, State(*state))

    def put(self, tables: Sequence[Table], state: State, data: dict[str, pa.Table]) -> Copy:
        """The ledger's own file comes last: where it is, the copy is complete."""
        copy = self._copy(tables, State(state.seq, state.hash[:16] or "none"))
        for table in reversed(tables):
            target = copy.paths[table.name]
            partial = target.with_name(f".{target.name}.{os.getpid()}")
            pq.write_table(data[table.name], partial, compression="zstd", row_group_size=_ROW_GROUP)
            os.replace(partial, target)
        self._drop_older(tables, copy)
        return copy

    def drop_others(self, ledger: str, newest: Copy) -> None:
        """Let no other copy of the ledger lie, of whatever age and shape: rows in it were erased."""
        for pattern in (f"{ledger}.*.parquet", f"{ledger}__*.parquet"):
            for path in self.folder.glob(pattern):
                if path not in newest.paths.values():
                    path.unlink(missing_ok=True)

    @contextmanager
    def lock(self, ledger: str) -> Iterator[None]:
        """One process at a time copies a ledger."""
        with open(self.folder / f".{ledger}.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _copy(self, tables: Sequence[Table], state: State) -> Copy:
        end = f"{state.seq}.{state.hash}.{shape_of(tables)}.parquet"
        return Copy(tables[0].name, state, {table.name: self.folder / f"{table.name}.{end}" for table in tables})

    def _drop_older(self, tables: Sequence[Table], newest: Copy) -> None:
        old = time.time() - _KEEP_SECONDS
        for table in tables:
            for path in self.folder.glob(f"{table.name}.*.parquet"):
                if path != newest.paths[table.name] and path.stat().st_mtime < old:
                    path.unlink(missing_ok=True)
