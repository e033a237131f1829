"""What staging a sheet gives: for each row what it would do, or why it cannot."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.lib.sheets import Table
from zhenwu.packs.runtime import Ledger

Status = Literal["add", "change", "same", "problem"]
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class StagedRow:
    """One sheet row. `values` by field code: of a new row all that it says, of a known one what would change."""

    number: int  # in the sheet, 1-based
    status: Status = "add"
    values: dict[str, Any] = field(default_factory=dict)
    division: uuid.UUID | None = None
    state: str = ""
    note: str | None = None
    no: str = ""  # the readable number of a row that is already there
    row: uuid.UUID | None = None  # the stored row it speaks of
    version: int = 0
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)  # label → (was, will be)
    problems: list[RowProblem] = field(default_factory=list)
    unread: dict[str, tuple[str, str]] = field(default_factory=dict)  # link that means no one row → (cell, why)

    def problem(self, code: str, message: str) -> None:
        self.problems.append(RowProblem(self.number, code, f"第 {self.number} 行{message}"))


@dataclass(slots=True)
class Staged:
    ledger: Ledger
    mapping: list[Mapped]
    rows: list[StagedRow]
    table: Table
    source_hash: str = ""
    source_name: str = ""
    seq: int = 0  # how far the ledger was when the sheet was compared with it
    sheets: list[str] = field(default_factory=list)  # the visible sheets of the book
    alike: list[str] = field(default_factory=list)  # those with the header of the one that was read

    @property
    def counts(self) -> dict[str, int]:
        """add, change, same, problem: they sum to the data rows read."""
        found = Counter(row.status for row in self.rows)
        return {status: found.get(status, 0) for status in ("add", "change", "same", "problem")}

    @property
    def problems(self) -> list[RowProblem]:
        return [problem for row in self.rows for problem in row.problems]

    @property
    def digest(self) -> str:
        """Differs when the same file would do something else than what was shown."""
        said = hashlib.sha256(self.source_hash.encode())
        for row in self.rows:
            said.update(f"{row.number}{row.status}{row.row}{row.version}{len(row.problems)}".encode())
        return said.hexdigest()
