"""A sheet may say more than its own ledger keeps: a roster of persons says who lives with whom. A higher room takes that up.

It registers the columns that it reads besides, judges them when the sheet is staged, and says what the same change does in other
ledgers. Without such a column in the sheet it is not asked.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from zhenwu.accounts.scope import Scope
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review
from zhenwu.ledgers.operations import Draft


@dataclass(frozen=True)
class ExtraColumn:
    """A target beside the ledger's own fields: `family:rel` with its label and the headers met in practice."""

    target: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass
class Besides:
    """What a sheet does besides: words for the page, how far the other ledgers were, and what is written."""

    says: str = ""
    seqs: dict[str, int] = field(default_factory=dict)
    plan: Any = None


class Companion(Protocol):
    columns: Sequence[ExtraColumn]
    writes: Sequence[str]
    since_label: str  # what the page asks for as `since`
    since_help: str

    def stage(
        self, rows: Any, cells: Mapping[str, Sequence[Any]], *, scope: Scope | None, today: date, day: date | None,
        since: date | None = None,
    ) -> Besides:  # fmt: skip
        """Judge the staged rows: problems and remarks go to them. `cells` are the extra columns by target, `day` is the
        one that the sheet states for itself, `since` the one that a person gave."""

    def drafts(
        self, besides: Besides, rows: Any, ids: Mapping[int, uuid.UUID], *, by: Any, source: Source, reason: str,
        review: Review, today: Any, name: str,
    ) -> list[Draft]:  # fmt: skip
        """What is written besides; `ids` are the ids of new rows by their place. Rows that are left out have none."""


_companions: dict[str, Companion] = {}


def register_companion(ledger: str, companion: Companion) -> None:
    _companions[ledger] = companion


def companion_of(ledger: str) -> Companion | None:
    return _companions.get(ledger)


def extra_columns(ledger: str) -> Sequence[ExtraColumn]:
    known = _companions.get(ledger)
    return known.columns if known else ()
