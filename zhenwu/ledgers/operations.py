"""What can be asked of `commit`: operations on rows, gathered in a draft of a change."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, Review
from zhenwu.ledgers.lines import Line

RELINK = "relink"  # the act of a Reidentify in history
KEEP: Any = object()  # "leave as it is", where None would clear


@dataclass(slots=True)
class Add:
    """A new row. `values` by field code (missing = not reported)."""

    values: dict[str, Any]
    division: uuid.UUID | None = None
    review: Review = Review.DRAFT
    state: str = ""
    note: str | None = None
    source: str = ""
    at: int = 0
    id: uuid.UUID | None = None
    files: list[dict[str, Any]] | None = None  # the row's attachments, as `files.store` gives them


@dataclass(slots=True)
class NewRows:
    """Many new rows, by column: each sequence holds one value per row, and means what `Add` says of one."""

    values: dict[str, Sequence[Any]]  # by field code; a column that is missing is not reported
    divisions: Sequence[uuid.UUID | None]
    reviews: Sequence[Review]
    states: Sequence[str]
    notes: Sequence[str | None]
    sources: Sequence[str]
    ats: Sequence[int]
    ids: Sequence[uuid.UUID | None] = ()  # none: ids are given when the rows are written
    lines: Sequence[dict[str, list[Line]]] = ()  # of child tables, by field code; made ready by `commit`
    files: Sequence[list[dict[str, Any]] | None] = ()  # attachments; none: no row has any

    def __len__(self) -> int:
        return len(self.ats)

    @classmethod
    def of(cls, adds: Sequence[Add]) -> Self:
        codes = list(dict.fromkeys(code for one in adds for code in one.values))
        found = cls(
            {code: [one.values.get(code) for one in adds] for code in codes},
            *(
                [getattr(one, name) for one in adds]
                for name in ("division", "review", "state", "note", "source", "at", "id")
            ),
        )
        found.files = [one.files or None for one in adds]
        return found

    def column(self, code: str) -> Sequence[Any]:
        return self.values.get(code) or [None] * len(self)

    def cut(self, start: int, end: int) -> Self:
        values = {code: column[start:end] for code, column in self.values.items()}
        return type(self)(values, *(getattr(self, one.name)[start:end] for one in fields(self)[1:]))


@dataclass(slots=True)
class Edit:
    """Changed values of a row as it was read at `version`."""

    row: uuid.UUID
    version: int
    values: dict[str, Any]
    division: Any = KEEP
    note: Any = KEEP
    at: int = 0
    files: Any = KEEP


@dataclass(slots=True)
class Step:
    """A step of the ledger's lifecycle (a transition code)."""

    row: uuid.UUID
    version: int
    transition: str
    values: dict[str, Any] = field(default_factory=dict)
    at: int = 0


@dataclass(slots=True)
class ReviewStep:
    """submit → submitted, approve → approved, return → returned."""

    row: uuid.UUID
    version: int
    act: str
    at: int = 0


@dataclass(slots=True)
class Void:
    row: uuid.UUID
    version: int
    at: int = 0


@dataclass(slots=True)
class Restore:
    """Bring a row back to what history says it was: the inverse of any of the above."""

    row: uuid.UUID
    version: int
    to: int  # version to bring back; 0 = before it existed, so void it
    at: int = 0
    links_only: bool = False  # the version to be taken back is a `Reidentify`


@dataclass(slots=True)
class TakeBack:
    """Take back the last act on a row (submit, approve, return, a step), which must be its last version."""

    row: uuid.UUID
    version: int
    at: int = 0


@dataclass(slots=True)
class Reidentify:
    """Two rows turned out to be one: links lead to the other row from now on, or the row itself ends as a double. What the
    row says does not change by it, so that no right in its ledger is asked for; who may join the two is asked before."""

    row: uuid.UUID
    version: int
    values: dict[str, Any]
    void: bool | None = None  # None: as it is
    at: int = 0


OnRow = Reidentify | Edit | Step | ReviewStep | Void | Restore | TakeBack  # of a stored row
Operation = Add | NewRows | OnRow


@dataclass(slots=True)
class Draft:
    """A change before it is committed. `today` is the business day of dated acts; `progress` is called with (rows done, rows in
    all) while it is written, and what it raises undoes the change."""

    ledger: str
    by: Any
    operations: Sequence[Operation]
    source: Source
    reason: str = ""
    today: date | None = None
    undoes: Change | None = None
    within: str = ""  # the ledger whose row has this as its effect (`changes_by` of the pack)
    others: "Sequence[Draft]" = ()  # what the same change does in other ledgers: all of it or nothing
    progress: Callable[[int, int], None] | None = None

    def own_ids(self) -> frozenset[uuid.UUID]:
        """Ids that the change itself gives to new rows, or to rows that it brings back: links may lead to them."""
        given: set[uuid.UUID | None] = set()
        for one in self.operations:
            if isinstance(one, Add):
                given.add(one.id)
            elif isinstance(one, Reidentify) and one.void is False:
                given.add(one.row)
            elif isinstance(one, NewRows):
                given.update(one.ids)
        return frozenset(pk for pk in given if pk)

    @property
    def new_count(self) -> int:
        """How many rows are added."""
        return sum(len(one) if isinstance(one, NewRows) else isinstance(one, Add) for one in self.operations)

    def new_rows(self, most: int) -> Iterator[NewRows]:
        """All rows that are added, in pieces of at most `most`."""
        adds = [one for one in self.operations if isinstance(one, Add)]
        for one in [NewRows.of(adds), *(one for one in self.operations if isinstance(one, NewRows))]:
            for start in range(0, len(one), most):
                yield one.cut(start, start + most)

    def on_rows(self, most: int) -> Iterator[Sequence[OnRow]]:
        """All that is done to stored rows, in pieces of at most `most`."""
        known = [one for one in self.operations if not isinstance(one, (Add, NewRows))]
        for start in range(0, len(known), most):
            yield known[start : start + most]

    def tell(self, done: int) -> None:
        """Say how many rows are done."""
        if self.progress:
            self.progress(done, sum(len(one) if isinstance(one, NewRows) else 1 for one in self.operations))
