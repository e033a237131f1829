"""Changing places. Every act writes a change; no row of any ledger is touched."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from zhenwu.changes.actions import Source, Version, append, open_change
from zhenwu.changes.models import SourceKind
from zhenwu.divisions.models import Alias, Division, Edge, Event, EventKind, Level

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
    """Merge villages into a new one from a day on. The old ones end that day; their rows stay theirs, lineage decides
    where they count. `into` is unsaved. Raises DivisionRefused when a source is not in force the day before."""
    if len(sources) < 2:
        raise DivisionRefused("合并至少需要两个单位。")
    for place in sources:
        if place.valid_to is not None or place.valid_from >= on:
            raise DivisionRefused(f"{place.name}在{on:%Y-%m-%d}之前不是有效单位，不能合并。")
    event = Event.objects.create(kind=EventKind.MERGE, title=title, effective=on, approval=approval)
    change = open_change(author=by, reason=title, source=Source(SourceKind.SYSTEM))
    into.valid_from, into.born_event, into.level = on, event, Level.VILLAGE
    versions = []
    for place in sources:
        place.valid_to, place.end_event = on, event
        place.save(update_fields=["valid_to", "end_event"])
        versions.append(_version(place, 2, "merged"))
    into.save(force_insert=True)
    versions.append(_version(into, 1, "add"))
    Edge.objects.bulk_create([Edge(event=event, source=place, target=into) for place in sources])
    Alias.objects.bulk_create([Alias(division=place, name=f"原{place.name}") for place in sources])
    append(change, _LEDGER, versions)
    return event


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
