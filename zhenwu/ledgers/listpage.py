"""One page of a list: its rows, its heads, its pager."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.cells import head_cells, shape_of
from zhenwu.ledgers.deadlines import deadline_fields, is_late
from zhenwu.ledgers.known import Asked
from zhenwu.ledgers.listing import SIZES, ListQuery
from zhenwu.ledgers.queries import COUNT_CAP
from zhenwu.lib.workdays import working_calendar
from zhenwu.packs.runtime import Ledger


@dataclass
class ListPage:
    """One page of a list. `total` None means more than COUNT_CAP."""

    ledger: Ledger
    scope: Scope
    query: ListQuery
    user: Any
    today: date
    choose: bool = False
    total: int | None = field(init=False, default=None)
    values: list[tuple[Any, ...]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        shape = shape_of(self.ledger, self.scope, choose=self.choose)
        self.columns, self.renderer = shape.columns, shape.renderer
        asked = Asked.of(self.ledger, self.scope, self.query, self.user.pk, self.today)
        counted, few = asked.count()
        self.total = counted if counted <= COUNT_CAP else None
        start = (self.query.page - 1) * self.query.size
        if start and start >= counted:  # the rows of that page are gone: show the last one
            last = max(1, -(-min(counted, COUNT_CAP) // self.query.size))
            self.query = replace(self.query, page=last)
        self._starts = deadline_fields(self.ledger)
        self.values = asked.page(self.query, self.choose, counted, few) if counted else []

    @cached_property
    def body(self) -> SafeString:
        return self.renderer.rows(self.values, self._late())

    def _late(self) -> frozenset[Any]:
        """The overdue rows of the page, from values fetched with it."""
        if not self._starts:
            return frozenset()
        cut = -len(self._starts) - 1
        calendar = working_calendar()
        return frozenset(
            one[0]
            for one in self.values
            if one[2] is None
            and is_late(
                self.ledger,
                one[cut],
                dict(zip(self._starts, one[cut + 1 :], strict=True)),
                on=self.today,
                calendar=calendar,
            )
        )

    def heads(self) -> SafeString:
        """The column heads; a sortable one is a link that sorts by it."""
        now, down = self.query.sort.removeprefix("-"), self.query.sort.startswith("-")
        wanted = [f"-{one.code}" if now == one.code and not down else one.code for one in self.columns if one.sort]
        urls = dict(zip((one.code for one in self.columns if one.sort), self.query.urls("sort", wanted), strict=True))
        return head_cells(self.columns, urls, now, "descending" if down else "ascending")

    def pager(self) -> dict[str, Any]:
        """What `_pager.html` shows. Behind the count's cap nobody pages: the filters are for that."""
        query, total = self.query, self.total
        pages = max(1, -(-(total if total is not None else COUNT_CAP) // query.size))
        prev_url, next_url = query.urls("page", (query.page - 1, query.page + 1))
        return {
            "number": query.page,
            "pages": pages if total is not None else None,
            "total_text": f"{total:,}" if total is not None else f"{COUNT_CAP:,}+",
            "size": query.size,
            "sizes": list(zip(SIZES, query.urls("size", SIZES), strict=True)),
            "has_prev": query.page > 1,
            "has_next": query.page < pages,
            "prev_url": prev_url,
            "next_url": next_url,
        }
