"""Changing places. Every act writes a change; no row of any ledger is touched."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from zhenwu.changes.actions import Source, Version, append, lock_chain, open_change
from zhenwu.changes.models import History, SourceKind
from zhenwu.divisions.models import Alias, Division, Edge, Event, EventKind, EventState

_LEDGER = "division"


class DivisionRefused(Exception):
    """The places were not changed. The message says why and what to do."""


@transaction.atomic
def create_divisions(divisions: Sequence[Division], *, by: Any, reason: str) -> None:
    """Add places (parents first)."""
    change = open_change(author=by, reason=reason, source=Source(SourceKind.SYSTEM))
    Division.objects.bulk_create(divisions)
    append(change, _LEDGER, [_version(one, 1, "add") for one in divisions])


@transaction.atomic
def merge(sources: Sequence[Division], *, into: Division, on: date, title: str, approval: str, by: Any) -> Event:
    """Merge places of one level and one parent into a new one from a day on. The old ones end that day; their rows stay
    theirs, lineage decides where they count. `into` is unsaved; its code may be that of a source.

    Raises DivisionRefused when a source is not in force the day before, or the new code is in use.
    """
    lock_chain(_LEDGER)
    places = list(Division.objects.filter(pk__in=[place.pk for place in sources]).order_by("code"))
    _check_merge(places, into, on)
    event = Event.objects.create(
        kind=EventKind.MERGE_NEW, state=EventState.EFFECTIVE, title=title, effective=on, approval=approval
    )
    change = open_change(author=by, reason=title, source=Source(SourceKind.SYSTEM))
    into.valid_from, into.born_event, into.level = on, event, places[0].level
    into.parent_id = into.parent_id or places[0].parent_id
    number = _versions([place.pk for place in places])
    versions = []
    for place in places:
        place.valid_to, place.end_event = on, event
        place.save(update_fields=["valid_to", "end_event"])
        versions.append(_version(place, number[place.pk] + 1, "merged"))
    into.save(force_insert=True)
    versions.append(_version(into, 1, "add"))
    Edge.objects.bulk_create([Edge(event=event, source=place, target=into) for place in places])
    Alias.objects.bulk_create(
        [Alias(division=place, name=f"原{place.name}") for place in places], ignore_conflicts=True
    )
    append(change, _LEDGER, versions)
    for given, stored in zip(sorted(sources, key=lambda one: one.code), places, strict=True):
        given.valid_to, given.end_event = stored.valid_to, stored.end_event
    return event


def _check_merge(places: Sequence[Division], into: Division, on: date) -> None:
    if len(places) < 2:
        raise DivisionRefused("合并至少需要两个不同的单位。")
    if len({(place.level, place.parent_id) for place in places}) > 1:
        raise DivisionRefused("只能合并同一上级、同一层级的单位，请分别办理。")
    for place in places:
        if place.valid_to is not None or place.valid_from >= on:
            raise DivisionRefused(f"{place.name}在{on:%Y-%m-%d}之前不是有效单位，不能合并。")
    in_use = (
        Division.objects.filter(code=into.code, valid_to=None).exclude(pk__in=[place.pk for place in places]).first()
    )
    if in_use:
        raise DivisionRefused(f"代码{into.code}正由{in_use.name}使用，请给新单位另一个代码。")


def _versions(places: Sequence[Any]) -> dict[Any, int]:
    """The newest version in history; 1 for a place that came without one."""
    known = History.objects.filter(ledger=_LEDGER, row__in=places).order_by().values_list("row")
    return dict.fromkeys(places, 1) | dict(known.annotate(newest=Max("version")))


def _version(place: Division, version: int, act: str) -> Version:
    values = {
        "code": place.code,
        "name": place.name,
        "level": str(place.level),
        "parent": place.parent_id.hex if place.parent_id else None,
        "valid_from": place.valid_from.isoformat(),
        "valid_to": place.valid_to.isoformat() if place.valid_to else None,
    }
    return Version(place.pk, version, act, values)
