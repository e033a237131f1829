"""Changing places. Every act writes a change; no row of any ledger is touched."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from zhenwu.divisions.codes import class_of, class_problem, code_problem
from zhenwu.divisions.effect import enter_event
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.keeping import hold, keep_places, start_change
from zhenwu.divisions.models import Division, Event, EventKind
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan


@transaction.atomic
def create_divisions(divisions: Sequence[Division], *, by: Any, reason: str) -> None:
    """Add places (parents first): the first load of a township, or groups of its villages. A class that is not given is
    what the code says. Raises DivisionRefused with every fault."""
    hold()
    for one in divisions:
        one.cls = one.cls or class_of(one.code, one.level)
    if problems := _faults(divisions):
        raise DivisionRefused(problems)
    change = start_change(by, reason)
    Division.objects.bulk_create(divisions)
    keep_places(change, [(one, "add") for one in divisions])


def _faults(divisions: Sequence[Division]) -> list[str]:
    """DV1–DV4 of places to be added."""
    codes = [one.code for one in divisions]
    others: dict[str, list[Division]] = {}
    for one in [*Division.objects.filter(code__in=codes), *divisions]:
        others.setdefault(one.code, []).append(one)
    found = []
    for one in divisions:
        parent = one.parent
        problem = code_problem(one.code, one.level, parent.code if parent else None)
        if problem := problem or class_problem(one.code, one.level, one.cls):
            found.append(f"{one.name}：{problem}")
        if parent and (one.valid_from < parent.valid_from or (parent.valid_to and not _ends_by(one, parent.valid_to))):
            found.append(f"{one.name}超出上级{parent.name}的存续期（自{parent.valid_from}）。")
        found += [
            f"代码{one.code}正由{other.name}使用，不能再给{one.name}。"
            for other in others[one.code]
            if other is not one and _overlap(one, other)
        ]
    return found


def _ends_by(one: Division, day: date) -> bool:
    return one.valid_to is not None and one.valid_to <= day


def _overlap(a: Division, b: Division) -> bool:
    return (a.valid_to is None or b.valid_from < a.valid_to) and (b.valid_to is None or a.valid_from < b.valid_to)


@transaction.atomic
def describe(place: Division, *, by: Any, reason: str, **said: Any) -> None:
    """Correct what does not make another place of it: full name, urban–rural class, seat, area, farmland."""
    if unknown := said.keys() - {"full_name", "urban_rural", "seat", "area_km2", "farm_mu"}:
        raise ValueError(f"describe does not change {', '.join(sorted(unknown))}: draft an event")
    hold()
    place.refresh_from_db()
    for name, value in said.items():
        setattr(place, name, value)
    place.save(update_fields=list(said))
    keep_places(start_change(by, reason), [(place, "described")])


def merge(sources: Sequence[Division], *, into: Division, on: date, title: str, approval: str, by: Any) -> Event:
    """Enter a merger that happened: places of one level and one parent become a new one from a day on. `into` is unsaved;
    its code may be that of a source. It and the sources are brought up to date. Posts at the sources stay to be decided.

    Raises DivisionRefused when a source is not in force the day before, or the new code is in use.
    """
    unit = UnitPlan(None, into.name, into.code, into.parent, full_name=into.full_name, cls=into.cls)
    flows = [FlowPlan(place, 0) for place in sources]
    plan = EventPlan(EventKind.MERGE_NEW, title, on, [unit], flows, details={"approval": approval})
    event = enter_event(plan, by=by, leave_open=True)
    made = event.born.filter(came_from__source__in=sources)[0]
    into.__dict__.update(made.__dict__)
    for place in sources:
        place.refresh_from_db()
    return event
