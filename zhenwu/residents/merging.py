"""Two registrations of one person become one, and two again when that was wrong (`split_row` of the domain).

Every link of every ledger, lines of child tables among them, leads to the one that stays; the other is voided and says
into whom it went. One change, undone as a whole; later, `split_persons` gives back what still stands as the merger left it.
"""

import json
import uuid
from collections import defaultdict
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.errors import Conflict, LedgerError, NotAllowed
from zhenwu.ledgers.operations import RELINK, Draft, Reidentify
from zhenwu.ledgers.queries import references_to, scope_in
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.people.models import HouseholdMember
from zhenwu.residents.models import NotSame

PERSON = "person"
FORM = Source(SourceKind.FORM)
_NEVER_FILLED = frozenset({"idno", "merged_into"})


def may_merge(user: User, *rows: Any) -> bool:
    scope = scope_in(user, runtime.ledger(PERSON))
    return scope.review and scope.approve and all(scope.sees(one) for one in rows)


def merge_persons(keep: Any, gone: Any, *, by: User, reason: str, source: Source = FORM) -> Change:
    """Raises LedgerError with what must be settled first."""
    if not may_merge(by, keep, gone):
        raise NotAllowed("归并人口要由审核人口台账的人员办理，并且两条都在管辖范围内。")
    if problems := problems_of(keep, gone, reason):
        raise LedgerError("\n".join(problems))
    touched: dict[str, dict[uuid.UUID, Reidentify]] = defaultdict(dict)
    people = runtime.ledger(PERSON)
    for ledger, kind in references_to(PERSON):
        for row in ledger.rows("effects").filter(**{kind.code: gone.pk}):
            to = None if ledger.code == PERSON and row.pk == keep.pk else keep.pk
            _of(touched, ledger, row).values[kind.code] = to
    for ledger in runtime.ledgers().values():
        _relink_lines(touched, ledger, keep, gone)
    for spell in _spells(gone):
        if _is_doubled(spell, keep):
            _of(touched, runtime.ledger("household_member"), spell).void = True
    filled = {
        code: kind.from_row(gone)
        for code, kind in people.stored.items()
        if code not in _NEVER_FILLED and kind.from_row(keep) is None and kind.from_row(gone) not in (None, keep.pk)
    }
    _of(touched, people, keep).values |= filled
    ending = _of(touched, people, gone)
    ending.values, ending.void = {"merged_into": keep.pk}, True
    drafts = [Draft(code, by, list(rows.values()), source, _why(keep, gone, reason)) for code, rows in touched.items()]
    drafts.sort(key=lambda one: one.ledger != PERSON)
    drafts[0].others = drafts[1:]
    return commit(drafts[0])


def problems_of(keep: Any, gone: Any, reason: str = "-") -> list[str]:
    """Why the two cannot be joined this way."""
    found = []
    if keep.pk == gone.pk:
        return ["选的是同一条登记。"]
    if not reason.strip():
        found.append("归并要写明依据，如“核对户口簿，为同一人”。")
    found += [f"{one.no}已作废或已并入别人。" for one in (keep, gone) if one.is_void]
    if gone.idno_hash and not keep.idno_hash:
        found.append(f"{gone.no}有身份证号，{keep.no}没有：请保留有身份证号的那一条。")
    for spell in _spells(gone):
        for other in _spells(keep):
            if not _overlap(spell, other) or spell.household_id == other.household_id:
                continue
            if spell.household and other.household and spell.household.hkind == other.household.hkind:
                found.append(
                    f"两条分别在{spell.household.no}和{other.household.no}两个同类户里：请先登记“更正”，只留一户。"
                )
    return list(dict.fromkeys(found))


def split_persons(gone: Any, *, by: User, reason: str) -> Change:
    """Undo a merger: as a whole while nothing later builds on it, else every link that still stands as the merger left it."""
    made = (
        History.objects.filter(ledger=PERSON, row=gone.pk, act=RELINK)
        .order_by("-version")
        .select_related("change")
        .first()
    )
    if gone.merged_into_id is None or made is None:
        raise LedgerError(f"{gone.no}没有并入别人。")
    if not may_merge(by, gone):
        raise NotAllowed("拆分要由审核人口台账的人员办理。")
    if not reason.strip():
        raise LedgerError("拆分要写明原因。")
    try:
        return undo(made.change, by=by, reason=reason)[0]
    except Conflict:
        return commit(_given_back(made.change, gone.merged_into_id, by, reason))


def _given_back(change: Change, keep: uuid.UUID, by: User, reason: str) -> Draft:
    parts: list[Draft] = []
    for code in change.ledgers:
        ledger = runtime.ledger(code)
        operations = []
        for kept in History.objects.filter(change=change, ledger=code, act=RELINK):
            row = ledger.rows("effects").get(pk=kept.row)
            before = History.objects.get(ledger=code, row=kept.row, version=kept.version - 1)
            one = _back(ledger, row, json.loads(before.values), json.loads(kept.values))
            if one is not None:
                operations.append(one)
        if operations:
            parts.append(Draft(code, by, operations, FORM, reason))
    parts.sort(key=lambda one: one.ledger != PERSON)
    parts[0].others = parts[1:]
    return parts[0]


def _back(ledger: Ledger, row: Any, before: dict[str, Any], made: dict[str, Any]) -> Reidentify | None:
    values = {}
    for code, kind in ledger.stored.items():
        if kind.is_link and before.get(code) != made.get(code) and kind.canonical_of_row(row) == made.get(code):
            values[code] = kind.from_canonical(before.get(code))
    void = before["void"] if before["void"] != made["void"] and row.is_void == made["void"] else None
    return Reidentify(row.pk, row.version, values, void) if values or void is not None else None


def tell_apart(a: uuid.UUID, b: uuid.UUID, *, by: User, reason: str) -> None:
    """Remember that these are two persons."""
    low, high = sorted((a, b))
    NotSame.objects.get_or_create(low_id=low, high_id=high, defaults={"by": by, "reason": reason.strip()[:200]})


def _relink_lines(touched: dict[str, dict[uuid.UUID, Reidentify]], ledger: Ledger, keep: Any, gone: Any) -> None:
    for code, table in ledger.children.items():
        columns = [name for name, kind in table.stored.items() if getattr(kind, "target", "") == "people.Person"]
        for name in columns:
            lines = table.model._default_manager.filter(**{name: gone.pk}).values_list("parent_id", flat=True)
            for row in ledger.rows("effects").filter(pk__in=list(lines)):
                every = table.model._default_manager.filter(parent_id=row.pk).order_by("position")
                _of(touched, ledger, row).values[code] = [
                    {"id": one.pk} | {c: keep.pk for c in columns if getattr(one, f"{c}_id") == gone.pk}
                    for one in every
                ]


def _of(touched: dict[str, dict[uuid.UUID, Reidentify]], ledger: Ledger, row: Any) -> Reidentify:
    return touched[ledger.code].setdefault(row.pk, Reidentify(row.pk, row.version, {}))


def _spells(person: Any) -> list[HouseholdMember]:
    rows = HouseholdMember.objects.unscoped("effects").filter(person=person.pk, voided_by_change=None)
    return list(rows.select_related("household"))


def _is_doubled(spell: HouseholdMember, keep: Any) -> bool:
    return any(one.household_id == spell.household_id and _overlap(one, spell) for one in _spells(keep))


def _overlap(a: HouseholdMember, b: HouseholdMember) -> bool:
    starts_before = a.from_date is None or b.to_date is None or a.from_date < b.to_date
    return starts_before and (b.from_date is None or a.to_date is None or b.from_date < a.to_date)


def _why(keep: Any, gone: Any, reason: str) -> str:
    return f"{gone.no}并入{keep.no}：{reason.strip()}"[:500]
