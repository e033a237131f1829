"""Finding a person or a household as people say it: name, pinyin initials, the head of the household, the last four of the ID.

Each way is one look into an index, under the scope's rights; no way opens a number. What is typed decides the way: letters
are initials, four digits an ID's end (only for who may see IDs), 户主王大 or 王大户 the members of a household.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import Row
from zhenwu.ledgers import search_index
from zhenwu.ledgers.queries import ledger_of_model, live, scope_in
from zhenwu.lib.text import clean_name, fold_width
from zhenwu.packs import runtime
from zhenwu.people.models import HouseholdMember, Person

PERSON, HOUSEHOLD = "people.Person", "people.Household"
_LAST4 = re.compile(r"^\d{3}[\dXx]$")
_LETTERS = re.compile(r"^[A-Za-z]{2,20}$")
_HEAD = re.compile(r"^户主(.+)$|^(.+)户$|^(.+)家$")
_HIGHEST = "\U0010ffff"
_ENOUGH_HEADS = 20


def find_persons(rows: QuerySet[Any], q: str, user: User, most: int) -> list[Any]:
    """Persons among `rows` (the user's), the likeliest first."""
    found: dict[uuid.UUID, Any] = {}
    for condition, surely in _persons(fold_width(q).strip(), user):
        if found and not surely:
            break
        wanted = rows.filter(condition).select_related("division", "hukou_group").order_by("name", "birth", "no")
        for one in wanted[: most - len(found)] if len(found) < most else ():
            found.setdefault(one.pk, one)
        if len(found) >= most:
            break
    return list(found.values())


def find_households(rows: QuerySet[Any], q: str, user: User, most: int) -> list[Any]:
    """Households by their number, or by any of the ways to find their head."""
    said = fold_width(q).strip()
    found = {one.pk: one for one in _households(rows).filter(Q(no=said.upper()) | Q(hno=said))[:most]}
    heads = _people(user)
    if heads is not None and not found:
        by_head = _HEAD.match(said)
        name = next(filter(None, by_head.groups())) if by_head else said
        for condition, surely in _persons(name, user, members=False):
            if found and not surely:
                break
            ids = list(heads.filter(condition).order_by("name", "no").values_list("pk", flat=True)[:_ENOUGH_HEADS])
            for one in _households(rows).filter(head__in=ids, to_date=None).order_by("hkind", "no")[:most]:
                found.setdefault(one.pk, one)
            if len(found) >= most:
                break
    return list(found.values())[:most]


def detail_of_person(one: Any) -> str:
    """What tells persons of one name apart, without a number of theirs; the readable number comes last."""
    group = one.hukou_group.name if getattr(one, "hukou_group", None) else ""
    place = f"{one.division.name if one.division else ''}{group}"
    return _joined([place, f"{one.birth.year}年生" if one.birth else "", one.no])


def detail_of_household(one: Any) -> str:
    kind = runtime.ledger(ledger_of_model(HOUSEHOLD)).types["hkind"].show(one.hkind)
    return _joined([kind, one.division.name if one.division else "", one.hno or "", one.no])


def heads_of(persons: Iterable[Row], user: User) -> dict[uuid.UUID, str]:
    """{person: name of the head of the 户籍户 they live in}, as far as the user may see it."""
    members = _members(user)
    if members is None:
        return {}
    rows = members.filter(person__in=[one.pk for one in persons], to_date=None, household__hkind="hukou")
    return {person: name or "" for person, name in rows.values_list("person_id", "household__head__name")}


def _persons(said: str, user: User, *, members: bool = True) -> Iterator[tuple[Q, bool]]:
    """(condition, whether it is asked even when one before it found somebody), in the order in which they are likely."""
    if not said:
        return
    if re.fullmatch(r"[A-Z]{2,4}-\d{4}-\d+", said.upper()):
        yield Q(no=said.upper()), True
        return
    people = runtime.ledger(ledger_of_model(PERSON))
    if _LAST4.match(said):
        if scope_in(user, people).shows(people.types["idno"].spec.privacy):
            yield Q(idno_last4_hash=keyring().index_last4(said.upper())), True
        return
    if _LETTERS.match(said):
        yield _begins("name_initials", said.lower()), True
        return
    head = _HEAD.match(said) if members else None
    if head:
        yield from _of_head(next(filter(None, head.groups())), user)
    name = clean_name(said)[0] or said
    yield Q(name=name), True
    yield _begins("name", name), True
    if members and not head:
        yield from _of_head(name, user)
    if len(name) >= 2:
        within = Q(name__contains=name) | Q(name_former=name)
        if search_index.is_complete(people.code):  # else every person is looked at
            within &= search_index.among([name], people.code)
        yield within, False


def _of_head(name: str, user: User) -> Iterator[tuple[Q, bool]]:
    """Who lives with a head of this name."""
    seen, people = _members(user), _people(user)
    if seen is None or people is None:
        return
    heads = list(people.filter(name=name).order_by("no").values_list("pk", flat=True)[:_ENOUGH_HEADS])
    if heads:
        homes = seen.filter(person__in=heads, rel__in=("01", "02"), to_date=None).order_by()
        living = seen.filter(household__in=list(homes.values_list("household_id", flat=True)), to_date=None).order_by()
        yield Q(pk__in=list(living.values_list("person_id", flat=True)[:200])), True


def _begins(column: str, said: str) -> Q:
    """By the index: SQLite's LIKE knows no case and takes none; PostgreSQL has one made for LIKE."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": said, f"{column}__lt": said + _HIGHEST})
    return Q(**{f"{column}__startswith": said})


def _scoped(model: str, user: User) -> tuple[Any, Scope] | None:
    code = ledger_of_model(model)
    if not code:
        return None
    ledger = runtime.ledger(code)
    scope = scope_in(user, ledger)
    return (ledger, scope) if scope.read else None


def _members(user: User) -> QuerySet[Any] | None:
    """Memberships whose household the user sees."""
    known = _scoped("people.HouseholdMember", user)
    return HouseholdMember.objects.seen_by(known[1]).filter(live()) if known else None


def _people(user: User) -> QuerySet[Any] | None:
    known = _scoped(PERSON, user)
    return Person.objects.seen_by(known[1]).filter(live()) if known else None


def _households(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("division", "head", "grp")


def _joined(parts: list[str]) -> str:
    return "　".join(part for part in parts if part)
