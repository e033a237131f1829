"""Words to ids: which person, place, office or row a cell means. Built once for many cells; never creates, never guesses."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from zhenwu.accounts.models import Unit, User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.keys import keyring
from zhenwu.divisions.names import Gazetteer, Groups
from zhenwu.divisions.queries import successors
from zhenwu.ledgers.queries import ledger_of_model, scope_in
from zhenwu.lib.idno import read_idno
from zhenwu.lib.text import clean_name, fold_width, name_key
from zhenwu.packs import runtime
from zhenwu.packs.types import Lookup
from zhenwu.people.models import Household, HouseholdMember, Person

KEY_JOINT = "｜"
_IDNO = re.compile(r"^\d{15}$|^\d{17}[\dXx]$")


class _Known(NamedTuple):
    """What is known of a person that tells them from others of the same name; `places`: of registration, of living."""

    name: str
    birth: date | None
    places: Sequence[uuid.UUID | None]


class Resolver:
    """Implements packs.types.ParseContext. `on`, `division`, `idno` and `birth` describe the row being read.

    With `user` only what that person may see is found, as in the look-ups of a form; who is outside of it is found by
    ID number and name together, and no answer names them.
    """

    def __init__(self, on: date, user: User | None = None) -> None:
        self._user = user
        self.on = self.today = on
        self.header_unit = ""
        self.remarks: list[str] = []  # about what was read since they were last taken away
        self.place: uuid.UUID | None = None
        self.idno: Any = None  # the cell of the row's column of ID numbers, as it stands
        self.birth: date | None = None
        self._rows: dict[str, dict[str, set[uuid.UUID]]] = {}

    def remark(self, words: str) -> None:
        self.remarks.append(words)

    # places
    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer()

    @cached_property
    def _groups(self) -> Groups:
        return Groups()

    @cached_property
    def _now(self) -> dict[uuid.UUID, uuid.UUID]:
        return successors(date.max)

    def division(self, text: str) -> Lookup:
        ids, problem = self._gazetteer.find(text, self.on)
        if not ids:
            found, why = self._groups.find(text, self.on, self.place)
            if found or "同名" in why:
                ids, problem = found, why
        return Lookup(tuple(ids), problem)

    def unit_named(self, text: str, place: uuid.UUID) -> uuid.UUID:
        """The former unit whose name the text says, where `place` is what it became."""
        return self._gazetteer.named(text, place)

    def remark_on_place(self, text: str, place: uuid.UUID) -> None:
        """Say so when a place was known by another name than its own, or is no more."""
        if words := self._gazetteer.remark(text, place, self.on) or self._groups.remark(text, place):
            self.remark(words)

    # persons
    @cached_property
    def _persons(self) -> dict[uuid.UUID, _Known]:
        rows = Person.objects.unscoped("matching").filter(voided_by_change=None).order_by()
        found = rows.values_list("pk", "name", "birth", "division_id", "live_div_id").iterator(chunk_size=5000)
        return {pk: _Known(name or "", birth, places) for pk, name, birth, *places in found}

    @cached_property
    def _by_name(self) -> dict[str, list[uuid.UUID]]:
        found: dict[str, list[uuid.UUID]] = defaultdict(list)
        sees = self._scope_in(ledger_of_model("people.Person"))
        for pk, known in self._persons.items():
            if sees is None or sees.covers(known.places[0]):
                found[name_key(known.name)].append(pk)
        return found

    @cached_property
    def _by_idno(self) -> dict[str, uuid.UUID]:
        known = Person.objects.unscoped("matching").filter(voided_by_change=None, idno_hash__isnull=False).order_by()
        return {str(number): pk for number, pk in known.values_list("idno_hash", "pk")}

    def person(self, text: str) -> Lookup:
        """By ID number (in the cell or in the row's ID column), else by name, narrowed by birth day and village."""
        said = fold_width(text).strip()
        if _IDNO.match(said.replace(" ", "")):
            return self._person_by_idno(said, "")
        if match := re.match(r"^(.+?)[(（](\d{15}|\d{17}[\dXx])[)）]$", said):
            return self._person_by_idno(match[2], clean_name(match[1])[0])
        if self.idno is not None and said == fold_width(str(self.idno)).strip():
            return self._person_by_idno(self.idno, "")  # the number stands for the name too
        name = clean_name(said)[0]
        if self.idno is not None:
            return self._person_by_idno(self.idno, name)
        found = self._by_name.get(name_key(name), [])
        if not found:
            return Lookup((), "人口台账里没有这个人：请先在人口台账登记，或补填身份证号。")
        return self._person_by_row(found)

    def _person_by_row(self, found: list[uuid.UUID]) -> Lookup:
        """Of persons of one name, those whom the row's birth day and village do not contradict."""
        if self.birth:
            found = [pk for pk in found if self._persons[pk].birth in (None, self.birth)]
            if not found:
                return Lookup((), f"同名的人里没有{self.birth:%Y-%m-%d}出生的：请核对姓名和出生日期，或补填身份证号。")
        if self.place:
            here = self._now.get(self.place, self.place)
            local = [pk for pk in found if here in {self._now.get(at) for at in self._persons[pk].places if at}]
            sure = self.birth is not None and len(found) == 1 and self._persons[found[0]].birth == self.birth
            if not local and not sure and any(any(self._persons[pk].places) for pk in found):
                return Lookup((), f"这个村没有叫这个名字的人，别的村有{len(found)}个：请补填身份证号。")
            found = local or found
        return Lookup(tuple(found), f"有{len(found)}个同名的人：请补填身份证号来区分。")

    def _person_by_idno(self, idno: Any, name: str) -> Lookup:
        read = read_idno(idno, on=self.today)  # 15 digits become 18
        if read.idno is None:
            return Lookup((), f"身份证号{'；'.join(issue.message for issue in read.issues)}")
        number = read.idno
        found = self._by_idno.get(keyring().index(number, "idno"))
        if found is None:
            return Lookup((), "人口台账里没有这个身份证号：请核对号码，或先在人口台账登记。")
        known = self._persons[found]
        sees = self._scope_in(ledger_of_model("people.Person"))
        is_seen = sees is None or (sees.read and sees.covers(known.places[0]))
        if name and name_key(name) != name_key(known.name):
            is_told = is_seen and (sees is None or sees.shows("S2"))
            said = f"（这个号码登记的是{known.name}）" if is_told else ""
            return Lookup((), f"姓名与身份证号对不上{said}：请核对。")
        if not name and not is_seen:
            return Lookup((), "这个身份证号的人不在你管辖的村（社区）：请同时填写姓名。")
        return Lookup((found,))

    # households
    @cached_property
    def _households(self) -> dict[str, set[uuid.UUID]]:
        found: dict[str, set[uuid.UUID]] = defaultdict(set)
        rows = self._seen(Household, ledger_of_model("people.Household")).filter(voided_by_change=None).order_by()
        for pk, no, hno in rows.values_list("pk", "no", "hno"):
            found[no].add(pk)
            if hno:
                found[hno].add(pk)
        return found

    @cached_property
    def _households_of(self) -> dict[uuid.UUID, set[uuid.UUID]]:
        found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        rows = self._seen(Household, ledger_of_model("people.Household")).filter(voided_by_change=None, to_date=None)
        seen = dict(rows.values_list("pk", "head_id"))
        for pk, head in seen.items():
            if head:
                found[head].add(pk)
        members = HouseholdMember.objects.unscoped("matching").filter(voided_by_change=None, to_date=None)
        for household, person in members.values_list("household_id", "person_id"):
            if household in seen:
                found[person].add(household)
        return found

    def household(self, text: str) -> Lookup:
        """By its number, else by its head (or the person whose ID number the row gives)."""
        said = fold_width(text).strip()
        if found := self._households.get(said):
            return Lookup(tuple(found), f"有{len(found)}户用同一个户号，请改填户编号。")
        person = self.person(said)
        if len(person.ids) != 1:
            return Lookup((), f"找不到这一户：请填户号，或户主的姓名和身份证号。{person.problem}")
        homes = self._households_of.get(person.ids[0], set())
        return Lookup(
            tuple(homes), "这个人没有登记在任何户里。" if not homes else f"这个人在{len(homes)}户里，请改填户号。"
        )

    # the office
    @cached_property
    def _units(self) -> dict[str, int]:
        return dict(Unit.objects.values_list("label", "pk"))

    @cached_property
    def _users(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for pk, username, name in User.objects.filter(is_active=True).values_list("pk", "username", "display_name"):
            found[username].append(pk)
            if name and name != username:
                found[name].append(pk)
        return found

    def unit(self, text: str) -> Lookup:
        pk = self._units.get(text.strip())
        return Lookup((pk,) if pk else (), f"没有这个站所。现有：{'、'.join(self._units)}。")

    def user(self, text: str) -> Lookup:
        found = self._users.get(text.strip(), [])
        return Lookup(tuple(found), "系统里没有这个工作人员。" if not found else "有同名的工作人员，请改填登录名。")

    # rows of other ledgers
    def row(self, ledger: str, text: str) -> Lookup:
        """By its number, by its natural key joined with ｜, or by its title."""
        if ledger not in self._rows:
            index: dict[str, set[uuid.UUID]] = defaultdict(set)
            model = runtime.ledger(ledger).model
            for pk, words in _names_of(ledger, self._seen(model, ledger)):
                for word in words:
                    index[_plain(word)].add(pk)
            self._rows[ledger] = index
        found = self._rows[ledger].get(_plain(text), set())
        label = runtime.ledger(ledger).label
        problem = (
            f"{label}里没有这一条，或不在你的查看范围内：请核对编号或名称。"
            if not found
            else f"{label}里有{len(found)}条同名，请改填编号。"
        )
        return Lookup(tuple(found), problem)

    # rights
    def _scope_in(self, code: str) -> Scope | None:
        """The user's scope in a ledger; None where nothing is hidden. A registry without a ledger of its own hides nothing."""
        if self._user is None or code not in runtime.ledgers():
            return None
        return scope_in(self._user, runtime.ledger(code))

    def _seen(self, model: Any, code: str) -> QuerySet[Any]:
        scope = self._scope_in(code)
        rows: Any = model._default_manager
        return rows.unscoped("matching") if scope is None else rows.seen_by(scope)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", fold_width(text))


def _names_of(code: str, seen: QuerySet[Any]) -> Iterator[tuple[uuid.UUID, Iterable[str]]]:
    """(id, the words that mean the row) of every row not voided."""
    ledger = runtime.ledger(code)
    key = [part for part in ledger.spec.key if part != "no"]
    fields = list(dict.fromkeys([*ledger.title, *key]))
    paths: list[str] = []
    places: dict[str, slice] = {}
    for name in fields:
        wanted = ("division__name",) if name == "division" else ledger.types[name].list_paths()
        places[name] = slice(len(paths), len(paths) + len(wanted))
        paths += wanted
    rows = seen.filter(voided_by_change=None).order_by().values_list("pk", "no", *paths)

    def shown(name: str, values: tuple[Any, ...]) -> str:
        part = values[places[name]]
        return str(part[0] or "") if name == "division" else ledger.types[name].cell(*part)

    for pk, no, *rest in rows.iterator():
        values = tuple(rest)
        words = [no]
        words += [shown(name, values) for name in ledger.title[:1]]
        if key:
            words.append(KEY_JOINT.join(shown(name, values) for name in key))
        yield pk, [word for word in words if word]
