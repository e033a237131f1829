"""Reading places: what is in force on a day, what a place became and was, where a row of it counts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from zhenwu.changes.models import ChainHead
from zhenwu.divisions.lineage import By, Lineage, Place, Standing, Way
from zhenwu.divisions.models import Alias, Division, Edge, Event, Level, Outline
from zhenwu.lib.outlines import joined_outlines

_FORMER = 200  # former names that one search looks at
LEDGER = "division"  # the chain of places; events have their own


def in_force(on: date) -> QuerySet[Division]:
    return Division.objects.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def villages(on: date) -> QuerySet[Division]:
    return in_force(on).filter(level=Level.VILLAGE).order_by("code")


def groups(village: uuid.UUID, on: date) -> QuerySet[Division]:
    return in_force(on).filter(level=Level.GROUP, parent=village).order_by("code")


def town() -> Division | None:
    """The township this instance serves; None before set-up."""
    return Division.objects.filter(level=Level.TOWN, valid_to__isnull=True).order_by("code").first()


# lineage
_kept: tuple[Any, Lineage[uuid.UUID]] | None = None


def places_state() -> tuple[Any, ...]:
    """Changes whenever places do: their chain, and their number for places that were set up without it."""
    head = ChainHead.objects.filter(ledger=LEDGER).values_list("seq", "hash").first()
    last = Division.objects.order_by("-pk").values_list("pk", flat=True).first()
    return head, last, Division.objects.count(), Edge.objects.count()


def lineage() -> Lineage[uuid.UUID]:
    """All places and edges with the rules of `lineage`, kept in this process until places change."""
    global _kept
    state = places_state()
    if _kept is None or _kept[0] != state:
        _kept = (state, read_lineage())
    return _kept[1]


def read_lineage() -> Lineage[uuid.UUID]:
    """The same, read now whatever the chain says: for who looks for what was altered behind it."""
    places = Division.objects.order_by().values_list("pk", "parent_id", "valid_from", "valid_to", "end_event__order")
    ways = Edge.objects.order_by().values_list(
        "source_id", "target_id", "event__effective", "event__order", "whole", "pop_share", "land_share"
    )
    dated = [Way(one[0], one[1], one[2], *one[3:]) for one in ways if one[2] is not None]
    return Lineage([Place(*one) for one in places], dated)


def place_as(
    place: uuid.UUID, on: date, group: uuid.UUID | None = None, *, since: date | None = None, by: By = "any"
) -> Standing[uuid.UUID]:
    """Where a row recorded at `place` counts on the boundaries of a day (HR4).

    With its `group` known, in the village that this group is in then. `since` is the day of the row: what happened to
    the place before does not concern it. `.place` is the one place; with None `.shares` divide a total (估算; by people, or
    `by` land) and `.among` are the places it may be at; both empty: it counts nowhere that day.
    """
    known = lineage()
    if group is None:
        return known.standing(place, on, since=since, by=by)
    found = known.standing(group, on, since=since, by=by)
    above = {one: known.places[one].parent for one in found.among}
    parents = frozenset(parent for parent in above.values() if parent is not None)
    if len(parents) == 1 and all(parent is not None for parent in above.values()):
        (village,) = parents
        return Standing(village, parents, {village: Decimal(1)})
    shares: dict[uuid.UUID, Decimal] = {}
    for one, share in found.shares.items():
        if (parent := above[one]) is not None:
            shares[parent] = shares.get(parent, Decimal(0)) + share
    return Standing(None, parents, shares)


def successors(on: date) -> dict[uuid.UUID, uuid.UUID]:
    """{place: the single place that the unit is on that day}. Itself while in force; absent where lineage leads to several
    or nowhere. What was recorded in a place before it gave a part away may be elsewhere: ask `place_as` for that."""
    known = lineage()
    return {one: now for one in known.places if (now := known.successor(one, on)) is not None}


def below(places: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """The places themselves, everything under them, and what any of these were before (retired places keep their rows).
    A place that was divided belongs below none of its parts: its rows may be another part's."""
    return lineage().below(places)


def formerly(words: str, on: date) -> dict[uuid.UUID, str]:
    """{place in force on the day: the former name that has these words}: by aliases, and by units that became it."""
    named = Alias.objects.filter(name__icontains=words).exclude(valid_from__gt=on).exclude(valid_to__lte=on)
    found = dict(named.order_by("name").values_list("division_id", "name")[:_FORMER])
    gone = Division.objects.filter(name__icontains=words, valid_to__lte=on).order_by("-level", "code")
    known = lineage()
    for pk, name in gone.values_list("pk", "name")[:_FORMER]:
        now = known.successor(pk, on)
        if now is not None:
            found.setdefault(now, name)
    return {pk: name for pk, name in found.items() if (place := known.places.get(pk)) and place.in_force(on)}


# one place's story
@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a place's story, `source` → `target` in `event`. Shares: see `Edge`."""

    event: Event
    source: Division
    target: Division
    whole: bool
    pop_share: Decimal | None
    land_share: Decimal | None


def history_of(place: uuid.UUID) -> list[Step]:
    """Every edge that led to this place, back to its roots; oldest first."""
    return _steps(place, forward=False)


def future_of(place: uuid.UUID) -> list[Step]:
    """Every edge that leads on from this place; oldest first."""
    return _steps(place, forward=True)


def roots_of(place: uuid.UUID) -> list[Division]:
    """The first places of its lineage: those that came from none. Itself when it came from none."""
    known = lineage()
    reached = _reached(place, forward=False)
    return list(Division.objects.filter(pk__in=[one for one in reached if not known.into.get(one)]))


def _reached(place: uuid.UUID, *, forward: bool) -> set[uuid.UUID]:
    known = lineage()
    found, open_places = {place}, [place]
    while open_places:
        one = open_places.pop()
        ways = [way for ways in known.out.get(one, ()) for way in ways] if forward else known.into.get(one, [])
        for way in ways:
            if (other := way.target if forward else way.source) not in found:
                found.add(other)
                open_places.append(other)
    return found


def _steps(place: uuid.UUID, *, forward: bool) -> list[Step]:
    near = "source__in" if forward else "target__in"
    edges = Edge.objects.filter(**{near: _reached(place, forward=forward)})
    edges = edges.select_related("event", "source", "target").order_by(
        "event__effective", "event__order", "source__code"
    )
    return [Step(one.event, one.source, one.target, one.whole, one.pop_share, one.land_share) for one in edges]


def outlines_of(places: Iterable[Division]) -> dict[uuid.UUID, tuple[str, str]]:
    """{place: (GeoJSON geometry, "west,south,east,north")}: the outline loaded for it, else that of the same place under
    another name, else those of the places that came to it whole, together. Absent where a part of it is not known."""
    loaded = {one.pk: (one.geometry, one.box) for one in Outline.objects.all()}
    if not loaded:
        return {}
    same: dict[uuid.UUID, list[uuid.UUID]] = {}
    for pk, root in Division.objects.order_by("valid_from").values_list("pk", "root_id"):
        same.setdefault(root or pk, []).append(pk)
    known = lineage()
    divided = {way.source for ways in known.into.values() for way in ways if not way.whole}

    def found(place: uuid.UUID, root: uuid.UUID) -> tuple[str, str] | None:
        for one in (place, *reversed(same.get(root, []))):
            if one in loaded and (one == place or one not in divided):
                return loaded[one]
        into = known.into.get(place, [])
        if not into or not all(way.whole for way in into):
            return None
        return joined_outlines([found(way.source, roots.get(way.source, way.source)) for way in into])

    roots = {pk: root for root, some in same.items() for pk in some}
    outlines = {one.pk: found(one.pk, one.root_pk) for one in places}
    return {pk: one for pk, one in outlines.items() if one is not None}


# the tree
@dataclass(slots=True)
class Node:
    place: Division
    children: "list[Node]"


def tree(on: date) -> list[Node]:
    """The places in force on a day as trees, by code; counties (or what has no parent in force) first."""
    nodes = {place.pk: Node(place, []) for place in in_force(on).order_by("code")}
    tops: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.place.parent_id) if node.place.parent_id else None
        (above.children if above else tops).append(node)
    return tops


def events(*, place: uuid.UUID | None = None) -> QuerySet[Event]:
    """All events, newest day first; those that concern a place by plan or by lineage."""
    found = Event.objects.order_by("-effective", "-order", "-id")
    if place is None:
        return found
    concerned = (
        Q(flows__source=place) | Q(units__place=place) | Q(edges__source=place) | Q(edges__target=place)
        | Q(born=place) | Q(ended=place)
    )  # fmt: skip
    return found.filter(concerned).distinct()


def days_of_change() -> list[date]:
    """The days on which any place begins or ends, in order: the marks of a time slider."""
    starts = set(Division.objects.order_by().values_list("valid_from", flat=True).distinct())
    ends = set(Division.objects.order_by().values_list("valid_to", flat=True).distinct())
    return sorted({day for day in starts | ends if day is not None})
