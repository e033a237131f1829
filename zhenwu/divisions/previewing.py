"""What an event will move, before anything is written: for each unit what it has and what becomes of it, and what a person
must decide or look at."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from zhenwu.divisions.following import Count, counts
from zhenwu.divisions.judging import Problem, paper_problems, plan_problems, risk_problems, vote_problems
from zhenwu.divisions.models import Division, Edge, Event, EventState
from zhenwu.divisions.projecting import project
from zhenwu.divisions.queries import below


@dataclass(frozen=True, slots=True)
class Going:
    """One part of a unit and where it goes. Shares are None where nobody said."""

    target: Division
    whole: bool
    pop_share: Decimal | None
    land_share: Decimal | None


@dataclass(slots=True)
class UnitPreview:
    """A unit before the event. `ends`: it is no more from the day on. `goes` is empty when it only takes others in, or is
    abolished. `has`: what is recorded at it, at its groups and at what it was before, one Count a kind, largest first.
    `groups`: [(group now, place it becomes or None)]."""

    place: Division
    ends: bool
    goes: list[Going] = field(default_factory=list)
    has: list[Count] = field(default_factory=list)
    groups: list[tuple[Division, Division | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """`units` by code; `after`: the units there will be in their place (new ones are not stored). `rows_written`: how many
    rows of the registry of places the event writes; rows of ledgers: none, ever."""

    event: Event
    units: list[UnitPreview]
    after: list[Division]
    problems: list[Problem]
    rows_written: int

    @property
    def refused(self) -> list[Problem]:
        """What must be mended first."""
        return [one for one in self.problems if one.severity == "red"]

    @property
    def to_look_at(self) -> list[Problem]:
        return [one for one in self.problems if one.severity == "yellow"]


def preview(event: Event) -> Preview:
    """Of an event at any step before it takes effect. Without a day only the problems are known."""
    problems = [*vote_problems(event), *paper_problems(event)]
    if event.state in (EventState.DRAFT, EventState.VOTED):
        problems += risk_problems(event)
    if event.effective is None:
        return Preview(event, [], [], [*plan_problems(event), *problems], 0)
    made = project(event)
    became: dict[uuid.UUID, list[Edge]] = defaultdict(list)
    for edge in made.edges:
        became[edge.source_id].append(edge)
    top = [flow.source for flow in made.flows] + [unit for unit in made.units.values() if unit.pk in made.alive]
    units = []
    for place in sorted({one.pk: one for one in top}.values(), key=lambda one: one.code):
        seen = UnitPreview(place, place.pk in made.closed)
        seen.goes = [
            Going(edge.target, edge.whole, edge.pop_share, edge.land_share) for edge in became.get(place.pk, ())
        ]
        seen.has = _has(place)
        seen.groups = [
            (one, became[one.pk][0].target if became.get(one.pk) else (None if one.pk in made.closed else one))
            for one in sorted(made.alive.values(), key=lambda one: one.code)
            if one.parent_id == place.pk
        ]
        units.append(seen)
    written = 2 * (len(made.closed) + len(made.opened)) + len(made.edges) + len(made.aliases)
    return Preview(event, units, list(made.units.values()), [*plan_problems(event, made), *problems], written)


def _has(place: Division) -> list[Count]:
    sums: dict[str, Count] = {}
    for count in counts(sorted(below([place.pk]))):
        known = sums.get(count.key)
        rows = count.rows + (known.rows if known else 0)
        sums[count.key] = Count(count.key, count.label, place.pk, rows, count.standing)
    return sorted(sums.values(), key=_weight)


def _weight(count: Count) -> tuple[bool, int]:
    return (not count.standing, -count.rows)
