"""The table of relations under a new head, proposed for a person to go through row by row."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhenwu.people.models import HouseholdMember
from zhenwu.people.relations import HEAD, Kin, proposed
from zhenwu.residents.queries import spells


@dataclass(frozen=True)
class Proposed:
    """One remaining member: `rel` is "" where kinship alone does not settle it."""

    person: Any
    was: str
    rel: str


def members_of(household: Any, on: date) -> list[HouseholdMember]:
    """Who lives there on the day, of every kind of row that is in force."""
    return [
        one
        for one in spells(HouseholdMember.objects.unscoped("effects").filter(household=household), on=on)
        if one.person
    ]


def table_under(household: Any, head: uuid.UUID, leaving: set[uuid.UUID], on: date) -> list[Proposed]:
    """A row for each who stays when these leave and `head` becomes head; the new head first."""
    members = members_of(household, on)
    kin = {one.person_id: Kin(one.rel or "", one.person.sex, one.person.birth) for one in members if one.person}
    if head not in kin:
        return []
    found = []
    for one in members:
        if one.person_id in leaving:
            continue
        rel = HEAD if one.person_id == head else proposed(kin[one.person_id], kin[head], list(kin.values()))
        found.append(Proposed(one.person, one.rel or "", rel or ""))
    return sorted(found, key=lambda one: one.person.pk != head)


def heads_lost(event: Any) -> list[Any]:
    """The households of the event that need a new head and have members left, as the event stands now."""
    leaving = {line.person_id for line in event.lines_persons}
    homes: dict[uuid.UUID, Any] = {}
    if event.kind == "head_change" and event.from_hh:
        return [event.from_hh]
    rows = HouseholdMember.objects.unscoped("effects").filter(person__in=leaving)
    for one in spells(rows, on=event.happen):
        if one.household and one.household.head_id in leaving:
            homes[one.household.pk] = one.household
    if event.kind not in ("death", "move_out", "split", "marry_out", "marry_in", "army", "correct"):
        return []
    if event.kind != "death":
        homes = {
            pk: one
            for pk, one in homes.items()
            if pk == event.from_hh_id or (event.kind == "army" and one.hkind == "hukou")
        }
    return [one for one in homes.values() if {m.person_id for m in members_of(one, event.happen)} - leaving]
