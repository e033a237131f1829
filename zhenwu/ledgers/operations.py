"""What can be asked of `commit`: operations on rows, gathered in a draft of a change."""

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, Review

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


@dataclass(slots=True)
class Edit:
    """Changed values of a row as it was read at `version`."""

    row: uuid.UUID
    version: int
    values: dict[str, Any]
    division: Any = KEEP
    note: Any = KEEP
    at: int = 0


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


Operation = Add | Edit | Step | ReviewStep | Void | Restore


@dataclass(slots=True)
class Draft:
    """A change before it is committed. `today` is the business day of dated acts."""

    ledger: str
    by: Any
    operations: list[Operation]
    source: Source
    reason: str = ""
    today: date | None = None
    undoes: Change | None = None
