"""A list of a ledger's rows: what was asked (ListQuery), and the page that answers it, in one query and one count."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import ChainHead, Review
from zhenwu.divisions.queries import below
from zhenwu.ledgers import search_index
from zhenwu.ledgers.cells import LONG_LABEL, Column, Renderer, columns_of
from zhenwu.ledgers.conditions import as_number, as_uuid, between, field_condition, iso, met_by_words
from zhenwu.ledgers.deadlines import deadline_fields, is_late, overdue, with_starts
from zhenwu.ledgers.queries import rows_in, shown_fields
from zhenwu.lib.workdays import working_calendar
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

SIZES = (20, 50, 100, 200)
COUNT_CAP = 10_000
DEFAULT_SORT = "-no"
TODO = "todo"  # a review filter: drafts and returned rows, what the person who entered them has to finish
_FIELD = "f_"  # filters of fields are f_<code>, so that no field code meets a word of the list itself


@dataclass(frozen=True)
class ListQuery:
    """What the address of a list asks for, cleaned: unknown fields, values and numbers are dropped, not errors."""

    q: str = ""
    filters: tuple[tuple[str, str], ...] = ()  # (field code, value)
    place: uuid.UUID | None = None
    review: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    mine: bool = False
    overdue: bool = False
    voided: bool = False
    sort: str = DEFAULT_SORT
    page: int = 1
    size: int = 50

    @classmethod
    def from_params(cls, ledger: Ledger, scope: Scope, said: Mapping[str, str]) -> "ListQuery":
        shown = shown_fields(ledger, scope)
        filters = [
            (code, value)
            for key, value in said.items()
            if key.startswith(_FIELD) and (code := key.removeprefix(_FIELD)) in shown and value
            and field_condition(shown[code], value) is not None
        ]  # fmt: skip
        sort = said.get("sort", "")
        sortable = {column.code for column in columns_of(ledger, scope) if column.sort}
        size = as_number(said.get("size"), 50)
        return cls(
            q=said.get("q", "").strip()[:60],
            filters=tuple(sorted(filters)),
            place=as_uuid(said.get("place")),
            review=said.get("review", "") if said.get("review") in (*Review.values, TODO) else "",
            state=said.get("state", "") if said.get("state") in ledger.states else "",
            since=_day(said.get("since")) if ledger.spec.main_date else None,
            until=_day(said.get("until")) if ledger.spec.main_date else None,
            mine=said.get("mine") == "1",
            overdue=said.get("overdue") == "1",
            voided=said.get("voided") == "1",
            sort=sort if sort.removeprefix("-") in sortable else DEFAULT_SORT,
            page=min(max(as_number(said.get("page"), 1), 1), COUNT_CAP // min(SIZES)),
            size=size if size in SIZES else 50,
        )

    def params(self) -> dict[str, str]:
        """The same as an address; what is at its default stays out."""
        said = {"q": self.q, "place": str(self.place or ""), "review": self.review, "state": self.state}
        said |= {"since": iso(self.since), "until": iso(self.until)}
        said |= {f"{_FIELD}{code}": value for code, value in self.filters}
        said |= {name: "1" for name in ("mine", "overdue", "voided") if getattr(self, name)}
        if self.sort != DEFAULT_SORT:
            said["sort"] = self.sort
        if self.size != 50:
            said["size"] = str(self.size)
        if self.page > 1:
            said["page"] = str(self.page)
        return {key: value for key, value in said.items() if value}

    def url(self, **changed: Any) -> str:
        """The address with something changed; back on the first page unless the page is what changes."""
        return "?" + urlencode(replace(self, **({"page": 1} | changed)).params())

    @property
    def is_plain(self) -> bool:
        return replace(self, sort=DEFAULT_SORT, page=1, size=50) == ListQuery()


def filtered(ledger: Ledger, scope: Scope, query: ListQuery, *, user: Any, today: date | None = None) -> QuerySet[Any]:
    """The rows that the query asks for, unordered."""
    rows = rows_in(ledger, scope, voided=query.voided)
    shown = shown_fields(ledger, scope)
    if query.q:
        rows = rows.filter(_met(ledger, shown, query.q))
    for code, value in query.filters:
        condition = field_condition(shown[code], value)
        rows = rows.filter(condition) if condition is not None else rows
    if query.place:
        rows = rows.filter(division__in=below([query.place]))
    if query.review:
        wanted = (Review.DRAFT, Review.RETURNED) if query.review == TODO else (query.review,)
        rows = rows.filter(review__in=wanted)
    if query.state:
        rows = rows.filter(state=query.state)
    if query.mine:
        rows = rows.filter(created_by=user)
    if query.overdue:
        rows = with_starts(ledger, rows).filter(overdue(ledger, on=today or timezone.localdate()))
    if (main := ledger.spec.main_date) and main in shown and (query.since or query.until):
        rows = rows.filter(between(shown[main], query.since, query.until))
    return rows


def _met(ledger: Ledger, shown: dict[str, FieldType], said: str) -> Q:
    """By the index once it has come as far as the ledger; until then row by row."""
    if search_index.is_complete(ledger.code):
        return Q(pk__in=search_index.rows_met(said.split()[:5], ledger.code))
    return met_by_words(ledger, shown, said)


def ordered(rows: QuerySet[Any], columns: list[Column], sort: str) -> QuerySet[Any]:
    """Sorted by a column, then by number, so that the same page always holds the same rows."""
    code = sort.removeprefix("-")
    path = next((column.sort for column in columns if column.code == code), "")
    if not path or path == "no":
        return rows.order_by("no" if sort == "no" else "-no")
    return rows.order_by(f"-{path}" if sort.startswith("-") else path, "-no")


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
        self.columns = columns_of(self.ledger, self.scope)
        self.renderer = Renderer(self.ledger, self.columns, choose=self.choose)
        rows = filtered(self.ledger, self.scope, self.query, user=self.user, today=self.today)
        counted = self._counted(rows)
        self.total = counted if counted <= COUNT_CAP else None
        start = (self.query.page - 1) * self.query.size
        if start and start >= counted:  # the rows of that page are gone: show the last one
            last = max(1, -(-min(counted, COUNT_CAP) // self.query.size))
            self.query = replace(self.query, page=last)
            start = (last - 1) * self.query.size
        self._starts = deadline_fields(self.ledger)
        late = ("state", *self._starts) if self._starts else ()
        page = ordered(with_starts(self.ledger, rows), self.columns, self.query.sort).values_list(
            *self.renderer.paths, *late
        )
        self.values = list(page[start : start + self.query.size]) if counted else []

    def _counted(self, rows: QuerySet[Any]) -> int:
        """How many rows are met, COUNT_CAP + 1 at most; known from before while the ledger has not changed."""
        if self.query.q:  # words are also looked for in the names of linked rows, which change elsewhere
            return capped_count(rows)
        if self.query.overdue:  # the calendar may be another since
            return capped_count(rows)
        end = ChainHead.objects.filter(ledger=self.ledger.code).values_list("hash", flat=True).first()
        if not end:
            return capped_count(rows)
        what = replace(self.query, sort=DEFAULT_SORT, page=1, size=50)
        places = frozenset(below([self.query.place])) if self.query.place else None
        return _known_count(self.ledger.code, end, self.scope, what, self.user.pk, self.today, places)

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

    def heads(self) -> Iterator[dict[str, str]]:
        """Column heads: label, css, and for sortable ones the address that sorts by it and how it is sorted now."""
        now = self.query.sort.removeprefix("-")
        for column in self.columns:
            down = self.query.sort.startswith("-")
            words = [word for word in column.css.split() if word not in ("clip", "title", "wide")]
            head = {
                "label": column.label,
                "css": " ".join([*words, "long"] if len(column.label) > LONG_LABEL else words),
                "url": "",
                "sorted": "",
            }
            if column.sort:
                head["url"] = self.query.url(sort=f"-{column.code}" if now == column.code and not down else column.code)
                head["sorted"] = ("descending" if down else "ascending") if now == column.code else ""
            yield head

    def pager(self) -> dict[str, Any]:
        """What `_pager.html` shows. Behind the count's cap nobody pages: the filters are for that."""
        query, total = self.query, self.total
        pages = max(1, -(-(total if total is not None else COUNT_CAP) // query.size))
        return {
            "number": query.page,
            "pages": pages if total is not None else None,
            "total_text": f"{total:,}" if total is not None else f"{COUNT_CAP:,}+",
            "size": query.size,
            "has_prev": query.page > 1,
            "has_next": query.page < pages,
            "prev_url": query.url(page=query.page - 1),
            "next_url": query.url(page=query.page + 1),
        }


def capped_count(rows: QuerySet[Any]) -> int:
    return rows.order_by().values("pk")[: COUNT_CAP + 1].count()


@lru_cache(maxsize=5000)
def _known_count(
    code: str, end: str, scope: Scope, query: ListQuery, user: int, today: date, places: frozenset[uuid.UUID] | None
) -> int:
    """`end`, the hash of the ledger's last change, and `places`, what lies below the place asked for now, make an older
    count unknown."""
    return capped_count(filtered(runtime.ledger(code), scope, query, user=user, today=today))


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None
