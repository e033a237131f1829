"""What staging a sheet gives: for each row what it would do, or why it cannot."""

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, overload

from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.importing.companions import Besides
from zhenwu.ledgers.importing.linefinding import LineSource
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.lib.sheets import Table
from zhenwu.packs.runtime import Ledger

Status = Literal["add", "change", "same", "problem"]
Progress = Callable[[int, int], None]
_OF_LINE = re.compile(r"^“[^”]*”第\d+行")  # “整改措施”第2行, which the number of the sheet's row replaces


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line of a child table as a sheet tells it: where, what (None = the cell says nothing), and at which place it stood
    when it was exported. `closed` are cells that show a masked number."""

    number: int
    values: dict[str, Any]
    position: int | None = None
    closed: dict[str, str] = field(default_factory=dict)
    unread: dict[str, tuple[str, str]] = field(default_factory=dict)  # as of a row
    defaults: Mapping[str, Any] = field(default_factory=dict)  # what a new line has where no column says it


@dataclass(slots=True)
class StagedRows(Sequence["StagedRow"]):
    """The rows of a sheet by column, each with one value per row; what few rows have stands by the row's place.

    `values` are what the cells say, by field code; `edits` what of it would change a stored row. A loop over all rows costs
    an object each: work on the columns instead.
    """

    numbers: list[int]  # in the sheet, 1-based
    values: dict[str, list[Any]]
    divisions: list[uuid.UUID | None]
    states: list[str]
    notes: list[str | None]
    nos: list[str]  # the readable number of a row that is already there
    statuses: list[Status]
    stored: list[str | None]  # the stored row it speaks of, as hex digits
    versions: list[int]  # of the stored row; 0 = none
    edits: dict[int, dict[str, Any]] = field(default_factory=dict)
    changes: dict[int, dict[str, tuple[str, str]]] = field(default_factory=dict)  # label → (was, will be)
    problems: dict[int, list[RowProblem]] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)  # what reading found that a person should look at
    unread: dict[int, dict[str, tuple[str, str]]] = field(
        default_factory=dict
    )  # link that means no one row → (cell, why)
    lines: dict[int, dict[str, list[SaidLine]]] = field(default_factory=dict)  # by child table; [] never stands there
    orphans: list[tuple[int, str]] = field(default_factory=list)  # lines of no row: (number in the sheet, why)

    @classmethod
    def of(cls, numbers: list[int]) -> Self:
        """Rows that say nothing yet."""
        count = len(numbers)
        return cls(
            numbers, {}, [None] * count, [""] * count, [None] * count, [""] * count, ["add"] * count, [None] * count,
            [0] * count,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> "StagedRow": ...
    @overload
    def __getitem__(self, at: slice) -> Sequence["StagedRow"]: ...
    def __getitem__(self, at: int | slice) -> "StagedRow | Sequence[StagedRow]":
        places = range(len(self))[at]
        return StagedRow(self, places) if isinstance(places, int) else [StagedRow(self, place) for place in places]

    def add_empty(self, number: int) -> None:
        """One more row that says nothing; it stands behind all others."""
        for column in self.values.values():
            column.append(None)
        self.numbers.append(number)
        self.divisions.append(None)
        self.states.append("")
        self.notes.append(None)
        self.nos.append("")
        self.statuses.append("add")
        self.stored.append(None)
        self.versions.append(0)

    def problem(self, at: int, code: str, message: str) -> None:
        """`code` of a line's cell is field.line.column; it is said at the line's own row of the sheet."""
        number = self.numbers[at]
        if code.count(".") == 2:
            table, line, _ = code.split(".")
            said = self.lines.get(at, {}).get(table)
            if said is not None:
                number, message = said[int(line)].number, _OF_LINE.sub("", message)
        self.problems.setdefault(at, []).append(RowProblem(number, code, f"第 {number} 行{message}"))


@dataclass(frozen=True, slots=True)
class StagedRow:
    """One of the rows, for showing it."""

    rows: StagedRows
    at: int

    @property
    def number(self) -> int:
        return self.rows.numbers[self.at]

    @property
    def status(self) -> Status:
        return self.rows.statuses[self.at]

    @property
    def values(self) -> dict[str, Any]:
        """By field code: of a new row all that it says, of a known one what would change."""
        if self.rows.stored[self.at]:
            return self.rows.edits.get(self.at, {})
        return {code: column[self.at] for code, column in self.rows.values.items() if column[self.at] is not None}

    @property
    def division(self) -> uuid.UUID | None:
        return self.rows.divisions[self.at]

    @property
    def state(self) -> str:
        return self.rows.states[self.at]

    @property
    def note(self) -> str | None:
        return self.rows.notes[self.at]

    @property
    def no(self) -> str:
        return self.rows.nos[self.at]

    @property
    def row(self) -> uuid.UUID | None:
        """The stored row it speaks of."""
        said = self.rows.stored[self.at]
        return uuid.UUID(said) if said else None

    @property
    def version(self) -> int:
        return self.rows.versions[self.at]

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        return self.rows.changes.get(self.at, {})

    @property
    def problems(self) -> Sequence[RowProblem]:
        return self.rows.problems.get(self.at, ())

    @property
    def remarks(self) -> Sequence[str]:
        """What reading found that a person should look at: a completed year, a former village name."""
        return self.rows.remarks.get(self.at, ())


@dataclass(slots=True)
class Staged:
    ledger: Ledger
    mapping: list[Mapped]
    rows: StagedRows
    table: Table
    source_hash: str = ""
    source_name: str = ""
    seq: int = 0  # how far the ledger was when the sheet was compared with it
    sheets: list[str] = field(default_factory=list)  # the visible sheets of the book
    alike: list[str] = field(default_factory=list)  # those with the header of the one that was read
    lines: list[LineSource] = field(default_factory=list)  # where the lines of child tables were read
    besides: Besides | None = None  # what the sheet does in other ledgers

    @property
    def counts(self) -> dict[str, int]:
        """add, change, same, problem: they sum to the data rows read."""
        found = Counter(self.rows.statuses)
        return {status: found.get(status, 0) for status in ("add", "change", "same", "problem")}

    @property
    def problems(self) -> list[RowProblem]:
        return [problem for at in sorted(self.rows.problems) for problem in self.rows.problems[at]]

    @property
    def digest(self) -> str:
        """Differs when the same file would do something else than what was shown."""
        rows = self.rows
        lines = map("%s %s %s %s".__mod__, zip(rows.numbers, rows.statuses, rows.stored, rows.versions, strict=True))
        wrong = (f"{at} {len(rows.problems[at])}" for at in sorted(rows.problems))
        return hashlib.sha256("\n".join([self.source_hash, *lines, *wrong]).encode()).hexdigest()
