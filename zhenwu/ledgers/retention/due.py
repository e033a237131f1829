"""Which rows have come to the end of their retention.

A row's life ends on the latest of the days that its pack names (`retention_from`; the main date when it names none, the day
of entry when there is none). Retention counts from the first of January after, for whole years. Where the pack names no day
of the end, such as that of a death, a row in a lifecycle must have come to a final state; a voided one only has to be old.
Kept back are rows under a hold, and rows that a row in use still points to: a benefit paid five years ago needs to know to
whom.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models import DateField as DayField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, ExtractYear, Greatest, Substr
from django.db.models.lookups import Exact

from zhenwu.ledgers.models import ErasureItem, ErasureOrder, Hold
from zhenwu.ledgers.queries import target_ledger
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType
from zhenwu.packs.types.links import HouseholdLink, PersonLink

_WORDS = ("text", "longtext")


@dataclass(frozen=True)
class Due:
    """Rows of one ledger whose life ended in one year. `free` of them can be destroyed now."""

    year: int
    rows: int
    held: int
    used: int
    free: int

    @property
    def listed(self) -> int:
        """Those that an order under way names already."""
        return self.rows - self.held - self.used - self.free


def is_personal(kind: FieldType) -> bool:
    """Whether erasing a row empties this field: all that is more than open, points to a person, or is free text or a file,
    in which anything may stand. Numbers, days, choices and places of class S0 stay."""
    return (
        kind.spec.privacy != "S0"
        or kind.is_sealed
        or kind.widget == "file"
        or kind.name in _WORDS
        or isinstance(kind, PersonLink | HouseholdLink)
    )


def holds_personal(ledger: Ledger) -> bool:
    """Whether the ledger is about persons at all: a roster of rivers has nothing to erase."""
    tables = (ledger, *ledger.children.values())
    return any(
        kind.spec.privacy != "S0" or kind.is_sealed or isinstance(kind, PersonLink | HouseholdLink)
        for table in tables
        for kind in table.stored.values()
    )


def ends_by(ledger: Ledger) -> tuple[str, ...]:
    """The fields of which the latest says when a row's life ended; () = the day of entry."""
    spec = ledger.spec
    return spec.retention_from or ((spec.main_date,) if spec.main_date else ())


def _says_the_end(ledger: Ledger) -> bool:
    """Whether the pack names days of the end, and not the day on which things begin."""
    ends = ledger.spec.retention_from
    return bool(ends) and ledger.spec.main_date not in ends


def counted_from(ledger: Ledger) -> str:
    """The same in words."""
    labels = [ledger.types[code].label for code in ends_by(ledger)]
    return f"“{'”“'.join(labels)}”" + ("中最晚一天" if len(labels) > 1 else "") if labels else "登记日期"


def last_year(ledger: Ledger, on: date) -> int:
    """Rows whose life ended in this year or before are due on that day."""
    return on.year - ledger.spec.retention_years - 1


def due_rows(ledger: Ledger, on: date) -> QuerySet[Any]:
    """Rows that are due, with `ended_in`, `is_held` and `is_used`. Those erased before are not among them."""
    rows = ledger.rows("erasure").annotate(ended_in=_ended_in(ledger))
    rows = rows.filter(ended_in__gt=0, ended_in__lte=last_year(ledger, on))
    finals = [code for code, state in ledger.states.items() if state.final]
    if finals and not _says_the_end(ledger):
        rows = rows.filter(Q(state__in=finals) | Q(voided_by_change__isnull=False))
    erased = ErasureItem.objects.filter(ledger=ledger.code, row=OuterRef("pk"), outcome=ErasureItem.Outcome.ERASED)
    return rows.exclude(Exists(erased)).annotate(is_held=_held(ledger, on), is_used=_used(ledger))


def free_rows(ledger: Ledger, on: date, *, order: ErasureOrder | None = None) -> QuerySet[Any]:
    """Due rows that nothing keeps back and that no order under way names; `order`: those of this one."""
    items = ErasureItem.objects.filter(ledger=ledger.code, row=OuterRef("pk"))
    rows = due_rows(ledger, on).filter(is_held=False, is_used=False)
    if order is not None:
        return rows.filter(Exists(items.filter(order=order)))
    return rows.exclude(Exists(items.filter(order__state__in=ErasureOrder.UNDER_WAY)))


def due_by_year(ledger: Ledger, on: date) -> list[Due]:
    """One `Due` a year, the oldest first."""
    counted = due_rows(ledger, on).values("ended_in").annotate(
        rows=Count("pk"), held=Count("pk", filter=Q(is_held=True)), used=Count("pk", filter=Q(is_used=True, is_held=False))
    )  # fmt: skip
    free = dict(free_rows(ledger, on).values("ended_in").annotate(rows=Count("pk")).values_list("ended_in", "rows"))
    return [
        Due(one["ended_in"], one["rows"], one["held"], one["used"], free.get(one["ended_in"], 0))
        for one in counted.order_by("ended_in")
    ]


def _ended_in(ledger: Ledger) -> Combinable:
    years = [Coalesce(_year_of(ledger, code), Value(0)) for code in ends_by(ledger)]
    entered = ExtractYear("created_at")
    if not years:
        return Coalesce(entered, Value(0))  # no bare year: comparing one, Django asks for the days of year 0
    latest = Greatest(*years) if len(years) > 1 else years[0]
    return Case(When(Q(voided_by_change__isnull=False), then=_or_entered(latest, entered)), default=latest)


def _or_entered(latest: Combinable, entered: Combinable) -> Combinable:
    """A voided row that says no day counts from its entry: 0 is no year."""
    return Greatest(
        latest, Case(When(Exact(latest, Value(0)), then=entered), default=Value(0), output_field=IntegerField())
    )


def _year_of(ledger: Ledger, code: str) -> Combinable:
    column = ledger.model._meta.get_field(code)
    if isinstance(column, DayField):
        return ExtractYear(code)
    return Cast(Substr(code, 1, 4), IntegerField())  # a month is a text: 2020-03


def _held(ledger: Ledger, on: date) -> Exists:
    holds = Hold.objects.filter(ledger=ledger.code, lifted_at=None).filter(Q(until=None) | Q(until__gte=on))
    return Exists(holds.filter(Q(row=None) | Q(row=OuterRef("pk"))).filter(Q(year=None) | Q(year=OuterRef("ended_in"))))


def _used(ledger: Ledger) -> Any:
    """Whether a row in use points to this one, itself or in a line."""
    pointing = [Exists(rows) for rows in _pointing_to(ledger)]
    return reduce(or_, pointing) if pointing else Value(False)


def _pointing_to(ledger: Ledger) -> Iterator[QuerySet[Any]]:
    for other in runtime.ledgers().values():
        for code in _links(other, ledger.code):
            yield other.rows("erasure").filter(**{code: OuterRef("pk"), "voided_by_change": None})
        for table in other.children.values():
            for code in _links(table, ledger.code):
                lines = table.model._default_manager.filter(**{code: OuterRef("pk"), "parent__voided_by_change": None})
                yield lines


def _links(table: Ledger, code: str) -> Sequence[str]:
    return [kind.code for kind in table.stored.values() if target_ledger(kind) == code and not kind.spec.many]
