"""Reading ledger rows needs a door: a person's scope, or a named reason why none applies. Without one a query raises.

The check sits where SQL is made (`Query.get_compiler`), so that counting, aggregating, slicing, iterating and standing
inside another query are all covered, and nothing is done per row. Following a link from a row in hand
(`row.household`) goes through Django's base manager and stays free: who has the row may know what it points to.
"""

from typing import Any, Literal, Protocol, Self, get_args

from django.db import models
from django.db.models import Q
from django.db.models.sql import Query

Why = Literal[
    "commit",
    "matching",
    "labels",
    "audit",
    "mart",
    "figures",
    "days",
    "deadlines",
    "console",
    "erasure",
    "fieldwork",
    "packs",
    "places",
    "search",
    "effects",
    "test",
]
"""Why a query may read rows of every place:

commit    the write core compares what is stored, under lock, and checks the right to each row itself
matching  an import asks whether a key or an ID number is taken; it answers that, and shows nothing of rows elsewhere
labels    the name of what a row that is seen points to
audit     verifying the chains, by the machine
mart      copying tables for figures and checks, whose answers are scoped when they are shown
figures   official counts of the whole township, and whether a ledger is kept at all
days      the last day that any ledger knows: a date, no row
deadlines the nightly look for overdue rows: it notes that they went up, and shows none
console   the command line, whose user holds the machine
search    the index of open words; what is found in it is scoped when it is shown
effects   what an event does to persons and households, and whom it concerns elsewhere; its rights are those of the event
packs     a field that changes its type takes all of its values along
places    how many rows a place has, before it is merged or undone: numbers, no row
erasure   what ends by law ends for every place
fieldwork a draw takes rows of every place, and its rate counts them; who is shown which is asked again
test      tests look behind the pages
"""
WHYS = frozenset(get_args(Why))


class UnscopedQuery(Exception):
    """A query of ledger rows was about to run for nobody."""


class SeesRows(Protocol):
    """What a scope must answer; accounts.scope.Scope does."""

    @property
    def read(self) -> bool: ...

    def condition(self) -> Q | None:
        """The rows that are seen; None means all."""


class _Query(Query):
    door = ""  # who opened it; cloned with the query

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        if not self.door:
            raise UnscopedQuery(
                f"Rows of {self.model.__name__ if self.model else 'a ledger'} were asked for without a scope. Use .seen_by(scope) "
                f"(ledgers.queries.rows_in), or .unscoped(why) with one of: {', '.join(sorted(WHYS))}."
            )
        return super().get_compiler(*args, **kwargs)


class ScopedRows(models.QuerySet[Any]):
    """Rows of a ledger, closed until somebody's scope or a reason opens them."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        super().__init__(model, query or _Query(model), using, hints)

    def seen_by(self, scope: SeesRows) -> Self:
        """The rows of these that the scope sees. The one place where row rights become SQL."""
        seen = self._opened("scope")
        if not scope.read:
            return seen.none()
        condition = scope.condition()
        return seen if condition is None else seen.filter(condition)

    def unscoped(self, why: Why) -> Self:
        """Every row, for a reason that has a name; tests hold the list of who may say so."""
        if why not in WHYS:
            raise ValueError(f"{why!r} is no reason to read every row. Known: {', '.join(sorted(WHYS))}.")
        return self._opened(why)

    def _opened(self, door: str) -> Self:
        seen = self._chain()  # type: ignore[attr-defined]
        seen.query.door = door
        return seen

    def update(self, **kwargs: Any) -> int:
        self._need_door()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._need_door()
        return super().delete()

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        self._need_door()
        return super().raw(*args, **kwargs)

    def _need_door(self) -> None:
        """For what turns the query into another class before it is compiled."""
        if not self.query.door:  # type: ignore[attr-defined]
            self.query.get_compiler(self.db)


def all_of(model: Any, why: Why) -> models.QuerySet[Any]:
    """Everything a link may point to: rows for the named reason; places, offices and people have no scope."""
    known = model._default_manager
    return known.unscoped(why) if isinstance(known, RowManager) else known.all()


class RowManager(models.Manager.from_queryset(ScopedRows)):  # type: ignore[misc]
    """The default manager of every table of rows."""
