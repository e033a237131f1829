"""Finding what a link field may point to, under the person's rights: names, village, number; never personal numbers."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhenwu.accounts.models import Unit, User
from zhenwu.accounts.scope import rights_of
from zhenwu.divisions.models import Division, Level
from zhenwu.divisions.queries import formerly, in_force
from zhenwu.ledgers import finding_people
from zhenwu.ledgers.listing import ListQuery, filtered
from zhenwu.ledgers.queries import name_of, rows_in, scope_in, target_ledger
from zhenwu.packs import runtime
from zhenwu.packs.types import FieldType

LIMIT = 12
_FINDERS = {
    finding_people.PERSON: finding_people.find_persons, finding_people.HOUSEHOLD: finding_people.find_households,
}  # fmt: skip
_DETAILS = {
    finding_people.PERSON: finding_people.detail_of_person,
    finding_people.HOUSEHOLD: finding_people.detail_of_household,
}
_PLACES_BELOW = (Level.VILLAGE, Level.GROUP)


@dataclass(frozen=True)
class Option:
    value: str
    text: str
    detail: str = ""


class UnknownKind(Exception):
    """No look-up of this kind, or not for this person."""


def kind_of(field: FieldType) -> str:
    """The look-up that a link field asks: division, unit, user, or the code of a ledger."""
    return target_ledger(field) or field.name


def find(kind: str, q: str, user: User) -> tuple[list[Option], bool]:
    """The first LIMIT that may be meant, and whether there are more."""
    if not q.strip():
        return [], False
    found = _search(kind, q.strip()[:60], user)
    options = [_option(kind, one) for one in found[:LIMIT]]
    if kind in runtime.ledgers() and runtime.ledger(kind).spec.model == finding_people.PERSON:
        heads = finding_people.heads_of(found[:LIMIT], user)
        options = [
            replace(option, detail=f"户主{head}　{option.detail}") if (head := heads.get(one.pk)) else option
            for option, one in zip(options, found, strict=False)
        ]
    return options, len(found) > LIMIT


def get(kind: str, key: Any, user: User) -> Option | None:
    """One target by its id; None when there is none, or not for this person."""
    try:
        found = _all(kind, user).filter(pk=key).first()
    except (ValueError, TypeError):
        return None
    return _option(kind, found) if found is not None else None


def among(kind: str, keys: Collection[Any], user: User) -> set[Any]:
    """Those of the ids that this person may link to. Raises UnknownKind."""
    return set(_all(kind, user).filter(pk__in=keys).values_list("pk", flat=True))


def exactly(kind: str, words: str, user: User) -> list[Option]:
    """What is called exactly so: the answer to words typed without choosing (no JavaScript)."""
    options = [_option(kind, one) for one in _search(kind, words.strip()[:60], user)]
    said = words.strip()
    return [one for one in options if one.text == said or one.detail.split("　")[-1] == said] or options


def _all(kind: str, user: User) -> QuerySet[Any]:
    match kind:
        case "division":
            return _places(user)
        case "unit":
            return Unit.objects.all()
        case "user":
            return User.objects.filter(is_active=True).exclude(display_name="")
    if kind not in runtime.ledgers():
        raise UnknownKind
    ledger = runtime.ledger(kind)
    scope = scope_in(user, ledger)
    if not scope.read:
        raise UnknownKind
    return rows_in(ledger, scope).select_related("division")


def _search(kind: str, q: str, user: User) -> list[Any]:
    rows = _all(kind, user)
    match kind:
        case "division":
            former = formerly(q, timezone.localdate())
            named = Q(name__icontains=q) | Q(code=q) | Q(parent__name__icontains=q) | Q(pk__in=list(former))
            found = list(rows.filter(named).order_by("level", "code")[: LIMIT + 1])
            for place in found:
                place.said = "" if q in place.name else former.get(place.pk, "")
            return found
        case "unit":
            rows = rows.filter(label__icontains=q)
        case "user":
            rows = rows.filter(Q(display_name__icontains=q) | Q(username=q)).order_by("display_name")
        case _:
            ledger = runtime.ledger(kind)
            if find_as_said := _FINDERS.get(ledger.spec.model):
                return find_as_said(rows, q, user, LIMIT + 1)
            scope = scope_in(user, ledger)
            rows = filtered(ledger, scope, ListQuery(q=q), user=user).select_related("division").order_by("-no")
    return list(rows[: LIMIT + 1])


def _places(user: User) -> QuerySet[Division]:
    """Villages and groups in force: all of them for township people, their own for village people."""
    places = in_force(timezone.localdate()).filter(level__in=_PLACES_BELOW).select_related("parent")
    rights = rights_of(user)
    return places if rights.whole_town else places.filter(pk__in=rights.village_places)


def _option(kind: str, one: Any) -> Option:
    match kind:
        case "division":
            above = one.parent.name if one.level == Level.GROUP and one.parent else ""
            said = getattr(one, "said", "")
            return Option(str(one.pk), f"{above}{one.name}", f"原{said.removeprefix('原')}" if said else "")
        case "unit":
            return Option(str(one.pk), one.label)
        case "user":
            return Option(str(one.pk), one.display_name, one.username)
    ledger = runtime.ledger(kind)
    if describe := _DETAILS.get(ledger.spec.model):
        return Option(str(one.pk), name_of(ledger, one), describe(one))
    place = one.division.name if one.division else ""
    return Option(str(one.pk), name_of(ledger, one), "　".join(part for part in (place, one.no) if part))
