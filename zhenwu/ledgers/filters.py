"""The filter bar of a list: what can be chosen, and what is chosen now as removable chips."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Review
from zhenwu.changes.prepared import Prepared
from zhenwu.divisions.models import Division, Level
from zhenwu.divisions.queries import in_force
from zhenwu.ledgers import lookups
from zhenwu.ledgers.deadlines import has_deadlines
from zhenwu.ledgers.listing import ATTACHED, TODO, ListQuery, may_see_attached
from zhenwu.ledgers.queries import shown_fields
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_IN_BAR = 3
_VILLAGES = Prepared(
    lambda on: in_force(on).filter(level=Level.VILLAGE).order_by("code").values_list("pk", "name"), on=date
)


@dataclass(frozen=True)
class Filter:
    """One select. `all_text` is its first choice, which filters nothing."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]

    @property
    def all_text(self) -> str:
        return f"{self.label}不限"


@dataclass(frozen=True)
class FilterBar:
    """HTML of the selects: those in the bar, and those behind the button."""

    first: SafeString
    more: SafeString
    has_dates: bool
    date_label: str
    has_overdue: bool


def filter_bar(ledger: Ledger, scope: Scope, query: ListQuery, *, today: date) -> FilterBar:
    places = villages_for(scope, today) if ledger.spec.place != "town" else []
    chosen = (str(query.place or ""), query.state, query.review, query.attached, query.filters)
    return _bar(ledger.code, runtime.pack_hash(), scope, tuple(places), chosen)


@lru_cache(maxsize=1000)
def _bar(code: str, pack_hash: str, scope: Scope, places: tuple[tuple[uuid.UUID, str], ...], said: Any) -> FilterBar:
    """Kept: few bars differ."""
    ledger = runtime.ledger(code)
    place, state, review, with_files, filters = said
    chosen = dict(filters)
    first = []
    if len(places) > 1:
        first.append(Filter("place", "村", place, tuple((str(pk), name) for pk, name in places)))
    if ledger.states:
        states = tuple((one.code, one.label) for one in ledger.states.values())
        first.append(Filter("state", "状态", state, states))
    reviews = [(value, str(label)) for value, label in Review.choices]
    reviews.insert(2, (TODO, "草稿和退回"))
    first.append(Filter("review", "审核", review, tuple(reviews)))
    shown = shown_fields(ledger, scope)
    attached = Filter("attached", "附件", with_files, tuple(ATTACHED.items()))
    fields = [kind for kind in shown.values() if kind.has_options or kind.name == "bool"]
    fields.sort(key=lambda kind: (kind.code not in chosen, kind.code not in ledger.in_list))
    each = [Filter(f"f_{kind.code}", kind.label, chosen.get(kind.code, ""), choices_of(kind)) for kind in fields]
    free = max(0, _IN_BAR + 2 - len(first))
    main = shown.get(ledger.spec.main_date or "")
    label = main.label if main else ""
    last = [attached] if may_see_attached(ledger, scope) else []
    return FilterBar(
        _html([*first, *each[:free]]), _html([*each[free:], *last]), main is not None, label, has_deadlines(ledger)
    )


def _html(filters: Iterable[Filter]) -> SafeString:
    return mark_safe("".join(render_to_string("ledgers/_filter.html", {"one": one}) for one in filters))  # noqa: S308


def choices_of(kind: FieldType) -> tuple[tuple[str, str], ...]:
    if kind.name == "bool":
        return (("true", "是"), ("false", "否"))
    return tuple((option.value, option.shown) for option in kind.spec.options)


def villages_for(scope: Scope, on: date) -> list[tuple[uuid.UUID, str]]:
    """The villages in force that the scope covers, in the order of their codes."""
    return [(pk, name) for pk, name in _VILLAGES.rows(on=on) if scope.covers(pk) or scope.enter_units]


def chips(ledger: Ledger, scope: Scope, query: ListQuery, *, user: User) -> Iterator[tuple[str, str]]:
    """(what is filtered, the address without it)."""
    shown = shown_fields(ledger, scope)
    if query.q:
        yield f"“{query.q}”", query.url(q="")
    if query.place:
        name = Division.objects.filter(pk=query.place).values_list("name", flat=True).first()
        yield name or "所选地点", query.url(place=None)
    if query.state:
        yield f"状态：{ledger.state_label(query.state)}", query.url(state="")
    if query.review:
        yield f"审核：{'草稿和退回' if query.review == TODO else Review(query.review).label}", query.url(review="")
    if query.attached:
        yield ATTACHED[query.attached], query.url(attached="")
    for code, value in query.filters:
        without = tuple(one for one in query.filters if one[0] != code)
        yield f"{shown[code].label}：{_shown(shown[code], value, user)}", query.url(filters=without)
    main = ledger.types[ledger.spec.main_date].label if ledger.spec.main_date else ""
    if query.since:
        yield f"{main}不早于{query.since}", query.url(since=None)
    if query.until:
        yield f"{main}不晚于{query.until}", query.url(until=None)
    for name, label in (("mine", "我填报的"), ("overdue", "已超期"), ("voided", "包括已作废")):
        if getattr(query, name):
            yield label, query.url(**{name: False})


def _shown(kind: FieldType, value: str, user: User) -> str:
    if value == "-":
        return "未填"
    if kind.is_link:
        return _link_name(kind, value, user)
    return dict(choices_of(kind)).get(value, value)


def _link_name(kind: FieldType, value: Any, user: User) -> str:
    """As the look-up names it, so that an address with somebody's id does not give the name away."""
    try:
        found = lookups.get(lookups.kind_of(kind), value, user)
    except lookups.UnknownKind:
        found = None
    return found.text if found else "所选记录"
