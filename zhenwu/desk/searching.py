"""One search over everything a person may see. Words never look into personal numbers; a whole number is looked up by its
keyed hash, in the ledgers where this person may see such numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.divisions.models import Level
from zhenwu.divisions.queries import formerly, in_force
from zhenwu.indicators.links import RowName, figure_url, names_of_rows
from zhenwu.indicators.queries import indicator_codes, spec_of
from zhenwu.indicators.seeing import may_see
from zhenwu.ledgers.queries import ledgers_for, rows_in, shown_fields
from zhenwu.ledgers.searching import Found, search_rows
from zhenwu.lib.cells import read_phone
from zhenwu.lib.idno import read_idno
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types.personal import IdNumber, Phone
from zhenwu.plans.access import plans_for
from zhenwu.plans.models import Task

EACH = 8
_NUMBER = re.compile(r"^[\dXx]{11,18}$")


@dataclass
class Hit:
    label: str
    url: str
    note: str = ""


@dataclass
class Results:
    rows: list[Found] = field(default_factory=list)
    persons: list[RowName] = field(default_factory=list)  # by an exact number
    ledgers: list[Hit] = field(default_factory=list)
    figures: list[Hit] = field(default_factory=list)
    tasks: list[Hit] = field(default_factory=list)
    places: list[Hit] = field(default_factory=list)
    was_number: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.rows or self.persons or self.ledgers or self.figures or self.tasks or self.places)


def search(user: User, q: str) -> Results:
    found = Results()
    if _NUMBER.match(q.replace(" ", "")):
        found.was_number = True
        found.persons = list(_by_number(user, q.replace(" ", "")))
        return found
    found.rows = list(search_rows(user, q))
    found.ledgers = [
        Hit(ledger.label, reverse("ledgers:list", args=[ledger.code]), ledger.spec.one_row)
        for ledger, _ in ledgers_for(user)
        if _is_called(ledger, q)
    ][:EACH]
    found.places = list(_places(q))
    named = [spec_of(code) for code in indicator_codes() if q in spec_of(code).label]
    found.figures = [
        Hit(spec.label, figure_url(spec.code), spec.definition) for spec in named if may_see(user, spec.code)
    ][:EACH]
    tasks = Task.objects.filter(plan__in=plans_for(user).values("pk"), text__icontains=q).select_related("plan", "lead")
    found.tasks = [
        Hit(
            task.text[:80],
            reverse("plans:task", args=[task.plan_id, task.pk]),
            f"{task.plan.year}年 {task.lead or task.lead_said}",
        )
        for task in tasks.order_by("-plan__year", "order")[:EACH]
    ]
    return found


def _places(q: str) -> Iterator[Hit]:
    """Places in force by any name they have or had; former ones lead to what they became."""
    today = timezone.localdate()
    former = formerly(q, today)
    named = in_force(today).filter(Q(name__icontains=q) | Q(pk__in=list(former))).exclude(level=Level.GROUP)
    for place in named.order_by("code")[:EACH]:
        note = "" if q in place.name else f"原{former.get(place.pk, '').removeprefix('原')}"
        yield Hit(place.name, reverse("places:place", args=[place.pk]), note)


def _by_number(user: User, number: str) -> Iterator[RowName]:
    """Rows that hold exactly this identity number or phone."""
    for ledger, scope in ledgers_for(user):
        if not scope.shows("S2"):
            continue
        for kind in shown_fields(ledger, scope).values():
            value = _as_stored(kind, number)
            if value is None:
                continue
            assert isinstance(kind, (IdNumber, Phone))
            rows = rows_in(ledger, scope).filter(**{f"{kind.code}_hash": kind.digest(value)})
            keys = [(ledger.code, pk) for pk in rows.values_list("pk", flat=True)[:EACH]]
            yield from names_of_rows(user, keys).values()


def _as_stored(kind: object, number: str) -> str | None:
    if isinstance(kind, IdNumber) and len(number) in (15, 18):
        return read_idno(number, on=timezone.localdate()).idno
    if isinstance(kind, Phone) and len(number) == 11:
        return read_phone(number).value
    return None


def _is_called(ledger: Ledger, q: str) -> bool:
    return any(q in word for word in (ledger.label, *ledger.spec.keywords))
