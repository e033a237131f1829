"""What a list of a ledger's rows was asked for (ListQuery), and the rows that meet it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Review
from zhenwu.divisions.queries import below
from zhenwu.ledgers import search_index
from zhenwu.ledgers.cells import Column, shape_of
from zhenwu.ledgers.conditions import as_number, as_uuid, between, field_condition, iso, met_by_words
from zhenwu.ledgers.deadlines import overdue, with_starts
from zhenwu.ledgers.queries import COUNT_CAP, rows_in, shown_fields
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

SIZES = (20, 50, 100, 200)
DEFAULT_SORT = "-no"
TODO = "todo"  # a review filter: drafts and returned rows, what the person who entered them has to finish
_FIELD = "f_"  # filters of fields are f_<code>, so that no field code meets a word of the list itself


ATTACHED = {"1": "有附件", "0": "无附件"}


def may_see_attached(ledger: Ledger, scope: Scope) -> bool:
    return scope.shows(ledger.attachments.spec.privacy)


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
    attached: str = ""  # "1": rows with attachments, "0": without
    sort: str = DEFAULT_SORT
    page: int = 1
    size: int = 50
    usual: str = DEFAULT_SORT  # how the list is sorted when nobody says: by the main date where days are filtered

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
        sortable = shape_of(ledger, scope).sortable
        size = as_number(said.get("size"), 50)
        since = _day(said.get("since")) if ledger.spec.main_date else None
        until = _day(said.get("until")) if ledger.spec.main_date else None
        by_day = (since or until) and ledger.spec.main_date in sortable
        usual = f"-{ledger.spec.main_date}" if by_day else DEFAULT_SORT
        return cls(
            q=said.get("q", "").strip()[:60],
            filters=tuple(sorted(filters)),
            place=as_uuid(said.get("place")),
            review=said.get("review", "") if said.get("review") in (*Review.values, TODO) else "",
            state=said.get("state", "") if said.get("state") in ledger.states else "",
            since=since,
            until=until,
            mine=said.get("mine") == "1",
            overdue=said.get("overdue") == "1",
            voided=said.get("voided") == "1",
            attached=said.get("attached", "")
            if said.get("attached") in ATTACHED and may_see_attached(ledger, scope)
            else "",
            sort=sort if sort.removeprefix("-") in sortable else usual,
            page=min(max(as_number(said.get("page"), 1), 1), COUNT_CAP // min(SIZES)),
            size=size if size in SIZES else 50,
            usual=usual,
        )

    def params(self) -> dict[str, str]:
        """The same as an address; what is at its default stays out."""
        said = {"q": self.q, "place": str(self.place or ""), "review": self.review, "state": self.state}
        said["attached"] = self.attached
        said |= {"since": iso(self.since), "until": iso(self.until)}
        said |= {f"{_FIELD}{code}": value for code, value in self.filters}
        said |= {name: "1" for name in ("mine", "overdue", "voided") if getattr(self, name)}
        if self.sort != self.usual:
            said["sort"] = self.sort
        if self.size != 50:
            said["size"] = str(self.size)
        if self.page > 1:
            said["page"] = str(self.page)
        return {key: value for key, value in said.items() if value}

    def url(self, **changed: Any) -> str:
        """The address with something changed; back on the first page unless the page is what changes."""
        return "?" + urlencode(replace(self, **({"page": 1} | changed)).params())

    def urls(self, name: str, values: Iterable[Any]) -> list[str]:
        """`url` with this one word at each of the values, at a fraction of its time."""
        usual = self.usual if name == "sort" else getattr(ListQuery, name)
        changed: dict[str, Any] = {"page": 1, name: usual}
        rest = urlencode(replace(self, **changed).params())
        return ["?" + "&".join(filter(None, (rest, f"{name}={value}" * (value != usual)))) for value in values]

    @cached_property
    def what(self) -> "ListQuery":
        """Which rows are asked for, whatever their order and page."""
        return replace(self, sort=DEFAULT_SORT, page=1, size=50, usual=DEFAULT_SORT)

    @property
    def is_plain(self) -> bool:
        return self.what == ListQuery()


def filtered(
    ledger: Ledger, scope: Scope, query: ListQuery, *, user: Any, today: date | None = None, words: Any = None
) -> QuerySet[Any]:
    """The rows that the query asks for, unordered. `words`: the condition to take for its words, when another than usual."""
    rows = rows_in(ledger, scope, voided=query.voided)
    shown = shown_fields(ledger, scope)
    if query.q:
        rows = rows.filter(_met(ledger, shown, query.q) if words is None else words)
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
    if query.attached:
        rows = rows.filter(files__isnull=query.attached == "0")  # no attachments are stored as NULL
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
        return search_index.among(said.split()[:5], ledger.code)
    return met_by_words(ledger, shown, said)


def ordered(rows: QuerySet[Any], columns: list[Column], sort: str) -> QuerySet[Any]:
    """Sorted by a column, then by number, so that the same page always holds the same rows."""
    code = sort.removeprefix("-")
    path = next((column.sort for column in columns if column.code == code), "")
    if not path or path == "no":
        return rows.order_by("no" if sort == "no" else "-no")
    return rows.order_by(f"-{path}" if sort.startswith("-") else path, "-no")


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None
