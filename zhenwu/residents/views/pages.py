"""The page of a household and of a person: who lives there and lived there, what happened, what concerns them."""

import uuid
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.ledgers import rowpage
from zhenwu.ledgers.personcopy import may_copy
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.ledgers.views.access import crumbs, ledger_for, row_for, user_of
from zhenwu.packs import runtime
from zhenwu.people.models import Household
from zhenwu.residents.concerning import blocks
from zhenwu.residents.guide import GUIDES
from zhenwu.residents.merging import may_merge
from zhenwu.residents.queries import spells

_FOR_PERSON = ("death", "army", "prison", "release")
_FOR_HOUSEHOLD = ("birth", "split", "move_out", "marry_in", "marry_out", "merge", "adopt", "head_change", "correct")


@require_safe
def household_page(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, "household")
    ledger, scope, home = row_for(user, "household", row, *rowpage.links_of(ledger, scope))
    today = timezone.localdate()
    every = _memberships(user, Q(household=home.pk))
    now = [one for one in every if (one.from_date is None or one.from_date <= today) and not _is_over(one, today)]
    persons = {one.person_id for one in every if one.person_id}
    context = crumbs(ledger) | {
        "title": f"{home.head or home.no}户" if home.head else home.no,
        "row": home,
        "state": ledger.state_label(home.state),
        "kind": ledger.types["hkind"].show(home.hkind),
        "facts": {"facts": rowpage.sections(ledger, scope, user, home)[0].facts},
        "now": [_said(one, today) for one in now],
        "before": [_said(one, today) for one in every if one not in now],
        "events": _events(user, households={home.pk}, persons=set()),
        "blocks": blocks(user, persons, {home.pk, *_other_kinds(user, home)}),
        "others": _others(user, home),
        "guides": [GUIDES[kind] for kind in _FOR_HOUSEHOLD] if _may_report(user) and home.state != "closed" else [],
        "start": f"household={home.pk}",
    }
    return _private(render(request, "residents/household.html", context))


@require_safe
def person_page(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, "person")
    ledger, scope, one = row_for(user, "person", row, *rowpage.links_of(ledger, scope))
    today = timezone.localdate()
    every = _memberships(user, Q(person=one.pk))
    homes = {spell.household_id for spell in every if spell.household_id}
    context = crumbs(ledger) | {
        "title": one.name or one.no,
        "row": one,
        "state": ledger.state_label(one.state),
        "sections": rowpage.sections(ledger, scope, user, one),
        "spells": [_said(spell, today) for spell in every],
        "events": _events(user, households=set(), persons={one.pk}),
        "blocks": blocks(user, {one.pk}, homes),
        "may_copy": may_copy(ledger, scope, one),
        "survivor": one.merged_into if one.merged_into_id and scope.sees(one.merged_into) else None,
        "may_split": may_merge(user, one),
        "guides": [GUIDES[kind] for kind in _FOR_PERSON]
        if _may_report(user) and one.state == "active" and not one.is_void
        else [],
        "start": f"person={one.pk}",
    }
    return _private(render(request, "residents/person.html", context))


def _may_report(user: User) -> bool:
    code = "household_event"
    return code in runtime.ledgers() and scope_in(user, runtime.ledger(code)).enter


def _memberships(user: User, condition: Q) -> list[Any]:
    ledger = runtime.ledger("household_member")
    scope = scope_in(user, ledger)
    if not scope.read:
        return []
    rows = rows_in(ledger, scope).filter(condition)
    return list(spells(rows).select_related("person", "household__head").order_by("to_date", "rel", "from_date"))


def _is_over(spell: Any, today: Any) -> bool:
    return spell.to_date is not None and spell.to_date <= today


def _said(spell: Any, today: Any) -> dict[str, Any]:
    rel = runtime.ledger("household_member").types["rel"]
    kind = runtime.ledger("household").types["hkind"]
    return {
        "spell": spell, "person": spell.person, "household": spell.household, "rel": rel.show(spell.rel),
        "kind": kind.show(spell.household.hkind) if spell.household else "", "is_over": _is_over(spell, today),
        "age": _age(spell.person, today),
    }  # fmt: skip


def _age(person: Any, today: Any) -> int | None:
    if person is None or person.birth is None or person.death_date is not None:
        return None
    born = person.birth
    return int(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _events(user: User, *, households: set[uuid.UUID], persons: set[uuid.UUID]) -> list[dict[str, Any]]:
    """What happened, the newest first: events that name the households or the persons."""
    ledger = runtime.ledgers().get("household_event")
    if ledger is None or not scope_in(user, ledger).read:
        return []
    named = ledger.children["persons"].model._default_manager.filter(person__in=persons).values("parent")
    tables = ledger.children["relations"].model._default_manager.filter(household__in=households).values("parent")
    condition = Q(from_hh__in=households) | Q(to_hh__in=households) | Q(pk__in=named) | Q(pk__in=tables)
    rows = rows_in(ledger, scope_in(user, ledger)).filter(condition).order_by("-happen", "-no")
    return [
        {"row": one, "kind": ledger.types["kind"].show(one.kind), "state": ledger.state_label(one.state)}
        for one in rows[:50]
    ]


def _other_kinds(user: User, home: Household) -> list[uuid.UUID]:
    return [one.pk for one in _others(user, home)]


def _others(user: User, home: Household) -> list[Any]:
    """The same household as other kinds: 共同生活家庭, 承包户."""
    ledger = runtime.ledger("household")
    same = Q(same_as=home.pk) | (Q(pk=home.same_as_id) if home.same_as_id else Q(pk=None))
    return list(rows_in(ledger, scope_in(user, ledger)).filter(same).select_related("head"))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
