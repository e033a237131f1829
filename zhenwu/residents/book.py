"""Gathers what one event changes of persons, households and their spells, and says it as drafts for `commit`.

Nothing is overwritten: who leaves gets an end, who enters a new spell, whose relation changes both. Each row is written
once, whatever the event does to it.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.effects import Cause, EffectRefused
from zhenwu.ledgers.operations import Add, Draft, Edit, Operation, Step
from zhenwu.lib.ids import uuid7
from zhenwu.people.models import Household, HouseholdMember, Person
from zhenwu.people.relations import HEADS
from zhenwu.residents.queries import spells_around

WITHIN = "household_event"
_FORM = Source(SourceKind.FORM)


@dataclass
class _Touched:
    """What happens to one stored row: values, and a lifecycle step when there is one."""

    row: Any
    values: dict[str, Any] = field(default_factory=dict)
    step: str = ""

    def operation(self, at: int) -> Operation:
        if self.step:
            return Step(self.row.pk, self.row.version, self.step, self.values, at)
        return Edit(self.row.pk, self.row.version, self.values, at=at)


@dataclass
class Spell:
    """A person in a household as it will be; `stored` None for one that the event begins."""

    person: uuid.UUID
    household: uuid.UUID
    rel: str
    name: str
    stored: HouseholdMember | None = None
    over: bool = False


class Book:
    def __init__(self, cause: Cause) -> None:
        self.cause, self.event = cause, cause.row
        self.on: date = cause.row.happen
        self.problems: list[tuple[str, str]] = []
        self.persons: dict[uuid.UUID, Person] = {}
        self.households: dict[uuid.UUID, Household] = {}
        self._touched: dict[str, dict[uuid.UUID, _Touched]] = {"person": {}, "household": {}, "household_member": {}}
        self._added: dict[str, list[Add]] = {"person": [], "household": [], "household_member": []}
        self.spells: list[Spell] = []

    # reading
    def know(self, persons: list[Person], households: list[Household]) -> None:
        """Take up these persons and households with everybody who lives with them."""
        self.persons |= {one.pk: one for one in persons}
        self.households |= {one.pk: one for one in households}
        around = spells_around(list(self.persons), list(self.households), on=self.on)
        homes = {one.household_id for one in around if one.household_id}
        around = spells_around(list(self.persons), list(homes | set(self.households)), on=self.on)
        for one in around:
            if one.person is None or one.household is None:
                continue  # a draft that says nothing yet
            self.persons.setdefault(one.person.pk, one.person)
            self.households.setdefault(one.household.pk, one.household)
            self.spells.append(Spell(one.person.pk, one.household.pk, one.rel or "", one.person.name or "", one))

    def members(self, household: uuid.UUID) -> list[Spell]:
        """Who lives there once the event has had its effect."""
        return [one for one in self.spells if one.household == household and not one.over]

    def homes(self, person: uuid.UUID, hkind: str = "") -> list[Spell]:
        return [
            one for one in self.spells
            if one.person == person and not one.over and (not hkind or self.kind_of(one.household) == hkind)
        ]  # fmt: skip

    def kind_of(self, household: uuid.UUID) -> str:
        known = self.households.get(household)
        return (known.hkind if known else self._new_household(household).values["hkind"]) or ""

    def _new_household(self, pk: uuid.UUID) -> Add:
        return next(one for one in self._added["household"] if one.id == pk)

    def called(self, household: uuid.UUID) -> str:
        known = self.households.get(household)
        return known.no if known else "新立的户"

    def problem(self, code: str, message: str) -> None:
        if (code, message) not in self.problems:
            self.problems.append((code, message))

    # writing
    def touch(self, ledger: str, row: Any, values: dict[str, Any], step: str = "") -> None:
        known = self._touched[ledger].setdefault(row.pk, _Touched(row))
        known.values |= values
        known.step = step or known.step

    def add(
        self, ledger: str, values: dict[str, Any], division: uuid.UUID | None, *, note: str | None = None
    ) -> uuid.UUID:
        pk = uuid7()
        self._added[ledger].append(
            Add(
                values,
                division,
                Review.APPROVED,
                note=note,
                source=f"户与人口变动{self.event.no}",
                at=self.cause.step.at,
                id=pk,
            )
        )
        return pk

    def leave(self, spell: Spell) -> None:
        """The person leaves the household on the day."""
        spell.over = True
        row = spell.stored
        if row is None:
            return
        if row.from_date is not None and row.from_date > self.on:
            self.problem(
                "happen",
                f"{spell.name}{row.from_date:%Y-%m-%d}才进入{self.called(spell.household)}，发生日期{self.on:%Y-%m-%d}在那之前：请核对日期。",
            )
            return
        self.touch(
            "household_member", row, {"to_date": self.on, "out_event": self.event.no},
            "end" if row.state == "current" else "",
        )  # fmt: skip

    def enter(self, person: uuid.UUID, household: uuid.UUID, rel: str, **more: Any) -> None:
        """The person enters the household on the day; nobody is in two of one kind at once."""
        hkind = self.kind_of(household)
        name = self.name_of(person)
        for other in self.homes(person, hkind):
            if other.household == household:
                self.problem("persons", f"{name}已经在{self.called(household)}里。")
            else:
                self.problem("persons", f"{name}还在另一个同类户{self.called(other.household)}里：请把那一户填为原户。")
            return
        if not rel:
            self.problem("persons", f"{name}没有填与新户户主的关系。")
        home = self.households.get(household)
        values = {
            "household": household, "person": person, "rel": rel or None, "from_date": self.on, "counted": True,
            "in_event": self.event.no,
        }  # fmt: skip
        self.add(
            "household_member", values | more, home.division_id if home else self._new_household(household).division
        )
        self.spells.append(Spell(person, household, rel, name))

    def relate(self, spell: Spell, rel: str, **more: Any) -> None:
        """Another relation (or other facts) from the day on: the spell ends and the next begins."""
        row = spell.stored
        if row is None:
            spell.rel = rel
            for one in self._added["household_member"]:
                if one.values["person"] == spell.person and one.values["household"] == spell.household:
                    one.values |= {"rel": rel} | more
            return
        if spell.rel == rel and not more:
            return
        if row.from_date == self.on:
            self.touch("household_member", row, {"rel": rel} | more)
            spell.rel = rel
            return
        self.leave(spell)
        home = self.households[spell.household]
        values = {
            "household": spell.household, "person": spell.person, "rel": rel, "from_date": self.on,
            "counted": row.counted, "in_event": self.event.no,
        }  # fmt: skip
        self.add("household_member", values | more, home.division_id)
        self.spells.append(Spell(spell.person, spell.household, rel, spell.name))

    def name_of(self, person: uuid.UUID) -> str:
        known = self.persons.get(person)
        if known is not None:
            return known.name or known.no
        return next((str(one.values["name"]) for one in self._added["person"] if one.id == person), "")

    def head_of(self, household: uuid.UUID) -> uuid.UUID | None:
        heads = [one.person for one in self.members(household) if one.rel in HEADS]
        return heads[0] if len(heads) == 1 else None

    def drafts(self) -> list[Draft]:
        """Raises EffectRefused with every problem."""
        if self.problems:
            raise EffectRefused(self.problems)
        cause, at = self.cause, self.cause.step.at
        found = []
        for ledger in ("person", "household", "household_member"):
            operations: list[Operation] = [*self._added[ledger]]
            operations += [one.operation(at) for one in self._touched[ledger].values()]
            if operations:
                found.append(Draft(ledger, cause.by, operations, _FORM, today=cause.today, within=WITHIN))
        return found
