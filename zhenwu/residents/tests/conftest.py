"""Builders: persons, households with members, events brought through their lifecycle."""

from datetime import date
from typing import Any

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.divisions.models import Division, Level
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.ledgers.transitions import transition
from zhenwu.packs import runtime
from zhenwu.people.models import Household, HouseholdMember, Person

FORM = Source(SourceKind.FORM)
ROSTER = Source(SourceKind.IMPORT, "花名册.xlsx", "0" * 64)
TODAY = date(2020, 12, 31)


@pytest.fixture
def group(places):
    return Division.objects.create(
        code="51999910020101", name="一组", level=Level.GROUP, parent=places["青山村"], valid_from=date(2000, 1, 1)
    )


@pytest.fixture
def person(lin, places, group):
    def make(name: str, sex: str = "1", birth: date = date(1980, 1, 1), **values: Any) -> Person:
        said = {
            "name": name, "sex": sex, "birth": birth, "idno_kind": "none_newborn", "hukou_status": "here",
            "live_status": "stay", "labor": "normal", "hukou_group": group.pk,
        } | values  # fmt: skip
        place = said.pop("place", places["青山村"])
        change = commit(Draft("person", lin, [Add(said, place.pk, Review.APPROVED)], FORM, today=TODAY))
        return Person.objects.unscoped("test").get(change=change)

    return make


@pytest.fixture
def family(lin, places, group):
    """`family((person, rel), …)`: a household whose first person with 02 is the head, all there since 2000."""

    def make(
        *members: tuple[Person, str], hkind: str = "hukou", since: date = date(2000, 1, 1), **values: Any
    ) -> Household:
        head = next(one for one, rel in members if rel == "02")
        said = {"hkind": hkind, "head": head.pk, "grp": group.pk, "from_date": since} | values
        place = places["青山村"].pk
        change = commit(Draft("household", lin, [Add(said, place, Review.APPROVED)], ROSTER, today=TODAY))
        home = Household.objects.unscoped("test").get(change=change)
        adds = [
            Add({"household": home.pk, "person": one.pk, "rel": rel, "from_date": since, "counted": True}, place, Review.APPROVED)
            for one, rel in members
        ]  # fmt: skip
        commit(Draft("household_member", lin, adds, ROSTER, today=TODAY))
        return home

    return make


@pytest.fixture
def report(chen, places):
    """An event that the village reports; not in force yet."""

    def make(kind: str, happen: date, *persons: Any, by: Any = None, **values: Any) -> Any:
        lines = [one if isinstance(one, dict) else {"person": one.pk} for one in persons]
        said = {
            "kind": kind,
            "happen": happen,
            "known": happen,
            "persons": lines or None,
            "proof": "hukou_book",
        } | values
        draft = Draft(
            "household_event", by or chen, [Add(said, places["青山村"].pk, Review.SUBMITTED)], FORM, today=TODAY
        )
        change = commit(draft)
        return runtime.model_for("household_event").objects.unscoped("test").get(change=change)

    return make


@pytest.fixture
def step(lin):
    """`step(event, "confirm")`, on the event as it is now."""

    def make(event: Any, act: str, by: Any = None) -> Any:
        event.refresh_from_db()
        ledger = runtime.ledger("household_event")
        if act == "effect" and event.review == Review.SUBMITTED:
            transition(ledger, event, "approve", by=lin, today=TODAY)
            event.refresh_from_db()
            transition(ledger, event, "step:confirm", by=lin, today=TODAY)
            event.refresh_from_db()
        change = transition(ledger, event, act if act == "approve" else f"step:{act}", by=by or lin, today=TODAY)
        event.refresh_from_db()
        return change

    return make


@pytest.fixture
def effected(report, step):
    def make(kind: str, happen: date, *persons: Any, **values: Any) -> Any:
        event = report(kind, happen, *persons, **values)
        event.made_by = step(event, "effect")
        return event

    return make


def spells(household: Household, *, on: date | None = None) -> list[tuple[str, str, date | None, date | None]]:
    """(name, relation, from, to) of the live spells of a household."""
    rows = HouseholdMember.objects.unscoped("test").filter(household=household, voided_by_change=None)
    found = [(one.person.name, one.rel, one.from_date, one.to_date) for one in rows.select_related("person")]
    if on is not None:
        found = [one for one in found if (one[2] is None or one[2] <= on) and (one[3] is None or one[3] > on)]
    return sorted(found, key=lambda one: (one[1], one[0], one[2] or date.min))
