"""The history of places and events: each act is a version in a chain, `division` of places, `division_event` of events."""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from zhenwu.changes.actions import Break, Source, Version, append, lock_chain, open_change
from zhenwu.changes.models import Change, SourceKind
from zhenwu.changes.queries import last_said, newest_versions
from zhenwu.divisions.models import Division, Event
from zhenwu.divisions.queries import LEDGER

EVENTS = "division_event"
_EVENT_FIELDS = (
    "kind", "title", "state", "effective", "order", "proposed_on", "risk_paper", "notice_from", "notice_to",
    "approval_organ", "approval", "approved_on", "seal_on", "handed_over_on", "archived_on", "note",
)  # fmt: skip


def start_change(by: Any, reason: str, *, kind: SourceKind = SourceKind.SYSTEM, undoes: Change | None = None) -> Change:
    return open_change(author=by, reason=reason, source=Source(kind, "区划"), undoes=undoes)


def hold() -> None:
    """One writer of places at a time."""
    lock_chain(LEDGER)


def keep_places(change: Change, acts: Iterable[tuple[Division, str]]) -> None:
    """A new version of each place as it is now, with the act that made it."""
    said = list(acts)
    known = newest_versions(LEDGER, [place.pk for place, _ in said])
    append(change, LEDGER, [
        Version(place.pk, known.get(place.pk, 0 if act == "add" else 1) + 1, act, place_values(place)) for place, act in said
    ])  # fmt: skip


def keep_event(change: Change, event: Event, act: str) -> None:
    """A new version of an event with its plan and votes as they are now. Plan and votes are read from the database."""
    known = newest_versions(EVENTS, [event.pk])
    append(change, EVENTS, [Version(event.pk, known.get(event.pk, 0) + 1, act, event_values(event))])


def place_values(place: Division) -> dict[str, Any]:
    values = {
        "code": place.code, "name": place.name, "level": str(place.level), "parent": _hex(place.parent_id),
        "valid_from": _day(place.valid_from), "valid_to": _day(place.valid_to),
    }  # fmt: skip
    more: dict[str, Any] = {
        "full_name": place.full_name, "cls": str(place.cls), "urban_rural": str(place.urban_rural), "seat": place.seat,
        "root": _hex(place.root_id), "area_km2": _number(place.area_km2), "farm_mu": _number(place.farm_mu),
    }  # fmt: skip
    return values | {name: value for name, value in more.items() if value}


def event_values(event: Event) -> dict[str, Any]:
    said = {name: getattr(event, name) for name in _EVENT_FIELDS}
    units = {unit.pk: unit for unit in event.units.all()}
    return {
        **{name: _day(value) if isinstance(value, date) else str(value) if name in ("kind", "state") else value
           for name, value in said.items()},
        "units": [
            {"place": _hex(unit.place_id), "level": str(unit.level), "parent": _hex(unit.parent_id), "code": unit.code,
             "name": unit.name, "full_name": unit.full_name, "cls": str(unit.cls), "urban_rural": str(unit.urban_rural),
             "seat": unit.seat}
            for unit in units.values()
        ],
        "flows": [
            {"source": flow.source_id.hex, "unit": units[flow.target_id].position if flow.target_id else None,
             "basis": str(flow.basis), "pop_share": _number(flow.pop_share), "land_share": _number(flow.land_share)}
            for flow in event.flows.order_by("pk")
        ],
        "votes": [
            {"place": vote.place_id.hex, "form": str(vote.form), "held_on": _day(vote.held_on), "entitled": vote.entitled,
             "present": vote.present, "yes": vote.yes}
            for vote in event.votes.order_by("pk")
        ],
        **({"papers": event.papers} if event.papers else {}),
    }  # fmt: skip


def verify_places() -> Iterator[Break]:
    """Places that say otherwise than their newest version, or that history holds and the table does not."""
    last = last_said(LEDGER)
    for place in Division.objects.all():
        known = last.pop(place.pk, None)
        if known is not None and json.loads(known[1]) != place_values(place):
            yield Break(LEDGER, 0, f"区划“{place.name}”（{place.code}）被绕过平台改动。")
    for act, values in last.values():
        if act != "undone":
            yield Break(LEDGER, 0, f"区划“{json.loads(values)['name']}”有历史，但已从表中删除。")


def _hex(value: uuid.UUID | None) -> str | None:
    return value.hex if value else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _number(value: Any) -> str | None:
    return None if value is None else format(value.normalize(), "f")
