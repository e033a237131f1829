"""What a process knows of lists that were asked for before, so that the next page costs one query and no count.

Kept are counts, ids of the few rows that meet a rare condition, and the SQL of a page; never a value of a row. Counts and ids
hold as long as the ledger's chain has the same end (and the search index the same entries): every commit begins anew.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import ChainHead
from zhenwu.changes.prepared import Prepared, Statement
from zhenwu.divisions.queries import below
from zhenwu.ledgers import search_index
from zhenwu.ledgers.cells import shape_of
from zhenwu.ledgers.deadlines import deadline_fields, with_starts
from zhenwu.ledgers.listing import ListQuery, filtered, ordered
from zhenwu.ledgers.queries import COUNT_CAP, capped_count
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_FEW = 200  # rows whose ids are kept: without them each page would look through the whole ledger for them again
_LARGE = 20_000  # versions of a ledger that is worth it
_HEAD = Prepared(lambda code: ChainHead.objects.filter(pk=code).order_by().values_list("hash", "seq"), code=str)

Ids = tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Asked:
    """Which rows of a ledger one user asks for on a day: everything that the SQL depends on, but their order and page."""

    code: str
    pack_hash: str
    scope: Scope
    what: ListQuery
    user: int
    today: date
    places: frozenset[uuid.UUID]  # what lies below the place that is asked for, today
    by_index: bool

    @classmethod
    def of(cls, ledger: Ledger, scope: Scope, query: ListQuery, user: int, today: date) -> "Asked":
        places = frozenset(below([query.place])) if query.place else frozenset[uuid.UUID]()
        by_index = bool(query.q) and search_index.is_complete(ledger.code)
        return cls(ledger.code, runtime.pack_hash(), scope, query.what, user, today, places, by_index)

    def count(self) -> tuple[int, Ids | None]:
        """(how many rows, COUNT_CAP + 1 at most; their ids where they are few in a large ledger)."""
        head = _HEAD.first(code=self.code)
        if head is None or not self._is_settled:
            return capped_count(self.rows()), None
        end, seq = head
        if self.what.q:  # words are also looked for in the names of linked rows, which change elsewhere
            end = f"{end} {search_index.last_entry()}"
        return _counted(self, end, seq > _LARGE)

    def page(self, query: ListQuery, choose: bool, counted: int, few: Ids | None) -> list[tuple[Any, ...]]:
        """The values of one page, for the renderer; then the state and the days that deadlines run from, if any do."""
        page = (query.sort, query.page, query.size, choose)
        if self._is_settled:
            return _page(self, *page, counted > COUNT_CAP, few).rows()
        return list(self.page_rows(*page, counted > COUNT_CAP, few))

    def page_rows(self, sort: str, page: int, size: int, choose: bool, dense: bool, few: Ids | None) -> QuerySet[Any]:
        ledger, shape = runtime.ledger(self.code), shape_of(runtime.ledger(self.code), self.scope, choose=choose)
        starts = deadline_fields(ledger)
        late = ("state", *starts) if starts else ()
        rows = self.rows(dense=dense) if few is None else self.rows(only=few)
        rows = ordered(with_starts(ledger, rows), shape.columns, sort).values_list(*shape.renderer.paths, *late)
        return rows[(page - 1) * size : page * size]

    def rows(self, *, dense: bool = False, most: int = 0, only: Ids | None = None) -> QuerySet[Any]:
        """The rows. `dense`: many meet the words, so that the list is walked in its order until enough do. `most`: not more
        than so many hits of the words are looked at."""
        ledger, words = runtime.ledger(self.code), None
        what = self.what if only is None else replace(self.what, q="")
        if self.by_index and only is None:
            said = self.what.q.split()[:5]
            words = search_index.row_has(said, self.code) if dense else search_index.among(said, self.code, most)
        rows = filtered(ledger, self.scope, what, user=self.user, today=self.today, words=words)
        return rows if only is None else rows.filter(pk__in=only)

    @property
    def _is_settled(self) -> bool:
        """Whether the answer depends on the ledger (and the index) alone: not on the calendar, or on names elsewhere."""
        return not self.what.overdue and (self.by_index or not self.what.q)


@lru_cache(maxsize=5000)
def _counted(asked: Asked, end: str, large: bool) -> tuple[int, Ids | None]:
    """`end`, the hash of the ledger's last change, makes an older count unknown."""
    counted = 0
    if asked.by_index:  # nearly always enough; a word that stands in every row is not followed to its end
        counted = capped_count(asked.rows(most=3 * COUNT_CAP))
    if counted <= COUNT_CAP:
        counted = capped_count(asked.rows())
    few = tuple(asked.rows().values_list("pk", flat=True)) if large and counted <= _FEW else None
    return counted, few


@lru_cache(maxsize=2000)
def _page(asked: Asked, sort: str, page: int, size: int, choose: bool, dense: bool, few: Ids | None) -> Statement:
    return Statement.of(asked.page_rows(sort, page, size, choose, dense, few))
