"""A figure: one number, what it means, of when and where, and a digest of the rows it was computed from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhenwu.indicators.periods import Period
from zhenwu.mart.places import Boundary

Number = int | Decimal


@dataclass(frozen=True)
class Figure:
    """`value` is in `unit`; `text` is what a report prints (412.7万元, 94.0%, 37; — when unknown).

    `row_count` rows stand behind it; of `estimated` of these only a share counts (估算). `undecided` more rows lie in
    places of which lineage does not tell whether they belong here.
    `digest` is the same as long as the question and the rows are; only a figure that was asked for with `signed` has one.
    `period` is the span that was asked for; None is the year up to `as_of`. `undated` rows of the year have no day, so that they
    are in no shorter period.
    `fewest` is the smallest group of rows that the figure tells of (of a share also those without), 0 where there is none.
    """

    code: str
    label: str
    unit: str
    show_unit: str
    definition: str
    value: Number | None
    text: str
    as_of: date
    year: int
    place: str | None
    boundary: Boundary
    pack_hash: str
    row_count: int
    signature: str = ""
    undecided: int = 0
    estimated: int = 0
    fewest: int = 0
    period: Period | None = None
    undated: int = 0

    @property
    def digest(self) -> str:
        """Raises LookupError rather than let two figures without one look the same."""
        if not self.signature:
            raise LookupError(f"{self.code} was computed without its digest: ask for it with signed=True")
        return self.signature

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class TraceRow:
    """One row behind a figure. `ledger` is "" for a line that comes from no single row. `share`: how much of it counts
    here, less than 1 in an estimate; None where lineage cannot tell."""

    ledger: str
    row: str | None
    place: str | None
    day: date | None
    num: Any
    den: Any
    part: str | None
    share: Decimal | None = Decimal(1)


@dataclass(frozen=True)
class Trace:
    """Some of the rows behind a figure: those from `start` on, of `seen` that may be seen. `hidden` more lie outside what
    the reader may see."""

    figure: Figure
    rows: list[TraceRow]
    seen: int
    hidden: int
    start: int = 0

    @property
    def more(self) -> int:
        return max(self.seen - self.start - len(self.rows), 0)
