"""A figure: one number, what it means, of when and where, and a digest of the rows it was computed from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhenwu.mart.places import Boundary

Number = int | Decimal


@dataclass(frozen=True)
class Figure:
    """`value` is in `unit`; `text` is what a report prints (412.7万元, 94.0%, 37; — when unknown).

    `row_count` rows stand behind it; of `estimated` of these only a share counts (估算). `undecided` more rows lie in
    places of which lineage does not tell whether they belong here.
    `digest` is the same as long as the question and the rows are; only a figure that was asked for with `signed` has one.
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
    """`hidden` rows lie outside the places that may be seen, or beyond the limit asked for (`more`)."""

    figure: Figure
    rows: list[TraceRow]
    hidden: int
    more: int
