"""One event with its persons and households read, and what is common to all kinds: who is new, who is head afterwards."""

import uuid
from datetime import date
from typing import Any

from zhenwu.ledgers.effects import Cause
from zhenwu.ledgers.lines import lines_of
from zhenwu.people.models import Household, Person
from zhenwu.people.relations import HEAD, HEADS, fits_sex
from zhenwu.residents.book import Book, Spell

_WORKING_AGE = 16


class Case:
    """The event that a kind's function works on. `who` are the ids of its persons in the order of the lines."""

    def __init__(self, cause: Cause) -> None:
        self.cause, self.event = cause, cause.row
        self.on: date = cause.row.happen
        self.book = Book(cause)
        self.lines = lines_of(cause.ledger, cause.row, "persons")
        self.relations = lines_of(cause.ledger, cause.row, "relations")
        self.from_hh: uuid.UUID | None = cause.row.from_hh_id
        self.to_hh: uuid.UUID | None = cause.row.to_hh_id
        persons = Person.objects.unscoped("effects").filter(
            pk__in={one.person_id for one in (*self.lines, *self.relations) if one.person_id}
        )
        homes = {self.from_hh, self.to_hh, *(one.household_id for one in self.relations)} - {None}
        households = Household.objects.unscoped("effects").filter(pk__in=homes)
        self.book.know(list(persons), list(households))
        self.who: list[uuid.UUID] = []
        self.rels: dict[uuid.UUID, str] = {}
        self.made: dict[uuid.UUID, uuid.UUID] = {}  # line → the person it made

    # what the kinds ask for
    def take_persons(self, *, new: bool = False) -> None:
        """Every line's person; with `new` those who are not registered yet are, in the household they come to."""
        for number, line in enumerate(self.lines, 1):
            person = line.person_id or (self._made(line, number) if new else None)
            if person is None:
                self.book.problem("persons", f"涉及人员第{number}行没有选人。")
                continue
            if person in self.rels:
                self.book.problem("persons", f"涉及人员里{self.book.name_of(person)}填了两行。")
                continue
            self.who.append(person)
            self.rels[person] = line.rel or ""
        if not self.lines:
            self.book.problem("persons", "没有填涉及人员。")

    def need(self, code: str, what: str) -> bool:
        """Whether the household is there; else a problem is noted."""
        pk = getattr(self.event, f"{code}_id")
        if pk is None:
            self.book.problem(code, f"没有填{what}。")
            return False
        household = self.book.households.get(pk)
        if household is None or household.is_void:
            self.book.problem(code, f"{what}已作废：请重新选择。")
            return False
        if household.to_date is not None and household.to_date <= self.on:
            self.book.problem(code, f"{what}{household.no}已于{household.to_date:%Y-%m-%d}销户：要用它请先登记“恢复”。")
            return False
        if household.from_date is not None and household.from_date > self.on:
            self.book.problem("happen", f"{what}{household.no}于{household.from_date:%Y-%m-%d}才立户，晚于发生日期。")
            return False
        return True

    def spell_in(self, person: uuid.UUID, household: uuid.UUID | None) -> Spell | None:
        found = next((one for one in self.book.members(household) if one.person == person), None) if household else None
        if found is None and household is not None:
            self.book.problem("persons", f"{self.book.name_of(person)}不是{self.book.called(household)}的现有成员。")
        return found

    def leave(self, person: uuid.UUID, household: uuid.UUID | None) -> None:
        if (spell := self.spell_in(person, household)) is not None:
            self.book.leave(spell)

    def new_household(self, hkind: str, *, division: Any, grp: Any) -> uuid.UUID:
        """A household that begins with the event; its head is the person whose line says 户主."""
        heads = [one for one in self.who if self.rels[one] in HEADS]
        if len(heads) != 1:
            self.book.problem("persons", f"新立的户要有一名户主：与新户户主关系为“户主”的现有{len(heads)}人。")
        if grp is None:
            self.book.problem("new_grp", "没有填新立户的组。")
        values = {
            "hkind": hkind, "hno": self.event.new_hno, "head": heads[0] if heads else None, "grp": grp,
            "from_date": self.on,
        }  # fmt: skip
        self.to_hh = self.book.add("household", values, division)
        return self.to_hh

    def change_person(self, person: uuid.UUID, values: dict[str, Any], step: str = "") -> None:
        stored = self.book.persons.get(person)
        if stored is None:
            return  # one that the event itself makes
        transition = {
            "die": ("active", "to_verify"),
            "move_out": ("active", "to_verify"),
            "return": ("moved_out", "dead"),
        }
        if step and stored.state not in transition[step]:
            self.book.problem("persons", f"{stored.name}现在的状态不能这样登记：请先更正人口台账。")
            return
        self.book.touch("person", stored, values, step)

    def _made(self, line: Any, number: int) -> uuid.UUID | None:
        event, book = self.event, self.book
        kinds = self.cause.ledger.children["persons"].types
        idno = kinds["idno"].from_row(line)
        birth = line.birth or (self.on if event.kind == "birth" else None)
        missing = [
            label for label, value in (("姓名", line.name), ("性别", line.sex), ("出生日期", birth)) if not value
        ]
        if missing:
            book.problem("persons", f"涉及人员第{number}行没有选人，也没有填{'、'.join(missing)}。")
            return None
        if not idno and event.kind not in ("birth", "adopt"):
            book.problem("persons", f"{line.name}没有登记过：请填公民身份号码。")
            return None
        home = book.households.get(self.to_hh) if self.to_hh else None
        age = (self.on - birth).days // 365 if birth else 0
        values = {
            "name": line.name, "sex": line.sex, "birth": birth, "idno": idno, "idno_kind": "ok" if idno else "none_newborn",
            "hukou_status": "here", "live_status": "stay", "labor": "normal" if age >= _WORKING_AGE else "none",
            "hukou_group": home.grp_id if home else event.new_grp_id, "live_div": home.division_id if home else event.division_id,
            "father": event.father_id, "mother": event.mother_id,
        }  # fmt: skip
        made = book.add("person", values, home.division_id if home else event.division_id)
        self.made[line.pk] = made
        return made

    # afterwards
    def settle_heads(self) -> None:
        """Every household of the event has one head again, or nobody lives there any more."""
        book = self.book
        for pk, household in list(book.households.items()):
            members = book.members(pk)
            said = [one for one in self.relations if (one.household_id or self.from_hh) == pk]
            if not self._was_touched(pk) and not said:
                continue
            if not members:
                self._emptied(household)
                continue
            lost = household.head_id is not None and household.head_id not in {one.person for one in members}
            if lost or (said and self.event.kind in ("head_change", "correct")):
                self._new_head(household, members, said)
            elif len(heads := [one for one in members if one.rel in HEADS]) != 1:
                book.problem(
                    "persons", f"变动之后{household.no}的户主有{len(heads)}人，应为1人：请核对各人与户主的关系。"
                )

    def _was_touched(self, household: uuid.UUID) -> bool:
        return any(one.household == household and (one.over or one.stored is None) for one in self.book.spells)

    def _emptied(self, household: Household) -> None:
        if household.hkind != "hukou":
            return  # land and benefits are settled by those who keep them: a to-do tells them
        reason = {"death": "extinct", "merge": "merge", "marry_in": "merge", "correct": "error"}.get(
            self.event.kind, "move"
        )
        self.book.touch("household", household, {"to_date": self.on, "close_reason": reason}, "close")

    def _new_head(self, household: Household, members: list[Spell], said: list[Any]) -> None:
        book = self.book
        by_person = {one.person_id: one for one in said}
        heads = [one for one in members if (line := by_person.get(one.person)) and line.rel in HEADS]
        old = book.name_of(household.head_id) if household.head_id else ""
        if len(heads) != 1:
            before = f"原户主{old}" if old else ""
            says = f"{household.no}{before}变更后要有一名新户主：请在“变更户主后的关系”里确定，现在填了{len(heads)}名。"
            book.problem("relations", says)
            return
        for one in members:
            line = by_person.get(one.person)
            if line is None or not line.rel:
                book.problem("relations", f"{household.no}的{one.name}没有填与新户主的关系。")
            elif not line.sure:
                book.problem("relations", f"{household.no}的{one.name}与新户主的关系还没有核对：请逐行核对后打勾。")
            elif not fits_sex(line.rel, book.persons[one.person].sex if one.person in book.persons else None):
                book.problem("relations", f"{one.name}的性别与所填关系不符。")
            else:
                book.relate(one, HEAD if one is heads[0] else line.rel)
        book.touch("household", household, {"head": heads[0].person})
