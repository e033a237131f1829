"""What people do with findings. All or nothing: every refusal is collected, then nothing is changed.

`stands_for` is the person in whose place `by` acts (accounts.delegation); who did it and who is stood in for count as one.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhenwu.changes.models import Change, History
from zhenwu.checks.acting import actors, keep_events, locked, refuse
from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.models import (
    UNRESOLVED,
    WAITING,
    Assigned,
    ClosedHow,
    EventKind,
    Finding,
    FindingEvent,
    Severity,
    Status,
)
from zhenwu.packs import runtime

_STANDING = (Status.OPEN, Status.REOPENED)
_CHUNK = 500
_ID = re.compile(r"[0-9a-f]{32}")
_LOOK_BACK = 30


@transaction.atomic
def explain(
    findings: Iterable[Finding], *, by: Any, explanation: str, measures: str = "", files: Sequence[dict[str, Any]] = (),
    stands_for: Any = None,
) -> list[Finding]:  # fmt: skip
    """Say why it is so and what is done. A red finding stays to be put right all the same."""
    if not explanation.strip():
        raise FindingsRefused(["请写明情况说明。"])
    chosen = locked(findings)
    refuse(chosen, lambda one: "" if one.status in UNRESOLVED else f"现为“{one.get_status_display()}”，不需要说明。")
    now = timezone.now()
    for one in chosen:
        one.status = Status.EXPLAINED
        one.explanation, one.measures, one.explained_by, one.explained_at = (
            explanation.strip(),
            measures.strip(),
            by,
            now,
        )
        one.evidence = _with_files(one, files)
    fields = ["status", "explanation", "measures", "explained_by", "explained_at", "evidence"]
    Finding.objects.bulk_update(chosen, fields, batch_size=1000)
    keep_events(chosen, EventKind.EXPLAINED, by, explanation.strip(), stands_for=stands_for)
    return chosen


@transaction.atomic
def add_note(
    findings: Iterable[Finding], *, by: Any, text: str, files: Sequence[dict[str, Any]] = (), stands_for: Any = None
) -> list[Finding]:
    """A remark or evidence; the finding stays as it is."""
    said = text.strip()
    if not said and not files:
        raise FindingsRefused(["请写备注，或选择要上传的佐证文件。"])
    chosen = locked(findings)
    if files:
        for one in chosen:
            one.evidence = _with_files(one, files)
        Finding.objects.bulk_update(chosen, ["evidence"], batch_size=1000)
    names = "、".join(one["name"] for one in files)
    kind = EventKind.EVIDENCE if files else EventKind.NOTE
    keep_events(chosen, kind, by, "\n".join(part for part in (names, said) if part), stands_for=stands_for)
    return chosen


@transaction.atomic
def assign(
    findings: Iterable[Finding], *, by: Any, unit: str, assigned: str, assignee: Any = None, due_on: date | None = None,
    note: str = "", on: date, stands_for: Any = None,
) -> list[Finding]:  # fmt: skip
    """Give findings to an office, a village, a person; with a day when one is named."""
    problems = []
    if assigned not in Assigned.values:
        problems.append("请选择由谁整改。")
    if due_on is not None and due_on < on:
        problems.append(f"整改期限填的是{due_on}：不能早于{on}。")
    if problems:
        raise FindingsRefused(problems)
    chosen = locked(findings)
    refuse(chosen, lambda one: "" if one.status in WAITING else f"现为“{one.get_status_display()}”，不需要交办。")
    refuse(
        chosen,
        lambda one: (
            "没有对应的村（社区），不能交村办理。" if assigned == Assigned.VILLAGE and one.division_id is None else ""
        ),
    )
    for one in chosen:
        one.unit, one.assigned, one.assignee = unit or one.unit, assigned, assignee
        one.due_on = due_on or one.due_on
    Finding.objects.bulk_update(chosen, ["unit", "assigned", "assignee", "due_on"], batch_size=1000)
    to = "，".join(part for part in (unit, str(Assigned(assigned).label), str(assignee or "")) if part)
    said = f"{to}{f'，{due_on}前办结' if due_on else ''}。{note.strip()}"
    keep_events(chosen, EventKind.ASSIGNED, by, said, stands_for=stands_for)
    return chosen


@transaction.atomic
def confirm_closed(
    findings: Iterable[Finding], *, by: Any, note: str = "", on: date | None = None, stands_for: Any = None
) -> list[Finding]:
    """Close what the data no longer shows, or what is explained and not red. Who explained it, or who put it right, may not
    confirm it (maker ≠ checker). A red or yellow one is looked at again after a while (`look_on`)."""
    chosen = locked(findings)
    makers, who = _makers(chosen), actors(by, stands_for)
    refuse(chosen, lambda one: _why_not_close(one, who, makers.get(one.pk, frozenset())))
    now, on = timezone.now(), on or timezone.localdate()
    days = runtime.param("finding.look_back_days", on=on)
    days = _LOOK_BACK if days is None else int(days)
    for one in chosen:
        one.closed_how = ClosedHow.DATA if one.status == Status.GONE else ClosedHow.EXPLAINED
        one.status, one.closed_at, one.verified_by = Status.CLOSED, now, by
        one.closed_by = one.corrected_by or one.explained_by or by
        one.look_on = on + timedelta(days=days) if days and one.severity != Severity.BLUE else None
    fields = ["status", "closed_how", "closed_at", "verified_by", "closed_by", "look_on"]
    Finding.objects.bulk_update(chosen, fields, batch_size=1000)
    keep_events(chosen, EventKind.CLOSED, by, note.strip(), stands_for=stands_for)
    return chosen


@transaction.atomic
def reopen(findings: Iterable[Finding], *, by: Any, reason: str, stands_for: Any = None) -> list[Finding]:
    """Send back what is not put right after all: an explanation that does not convince, a closing too early."""
    if not reason.strip():
        raise FindingsRefused(["请写明退回原因。"])
    chosen = locked(findings)
    refuse(chosen, lambda one: f"现为“{one.get_status_display()}”，无需退回。" if one.status in _STANDING else "")
    for one in chosen:
        _stand_again(one)
    Finding.objects.bulk_update(chosen, _STOOD_AGAIN, batch_size=1000)
    keep_events(chosen, EventKind.SENT_BACK, by, reason.strip(), stands_for=stands_for)
    return chosen


@transaction.atomic
def look_back(
    findings: Iterable[Finding], *, by: Any, held: bool, note: str, on: date, stands_for: Any = None
) -> list[Finding]:
    """回头看: whether what was closed stayed right. What did not is open again."""
    if not note.strip():
        raise FindingsRefused(["请写明回头看的情况，如“已到现场查看，未再发现”。"])
    chosen, who = locked(findings), actors(by, stands_for)
    refuse(chosen, lambda one: "" if one.status == Status.CLOSED and one.look_on else "不在待回头看之列。")
    refuse(chosen, lambda one: f"{one.look_on}才到回头看的日期。" if one.look_on and one.look_on > on else "")
    refuse(
        chosen,
        lambda one: (
            "整改人不能给自己的整改回头看，请由另一人办理。" if who & {one.explained_by_id, one.corrected_by_id} else ""
        ),
    )
    for one in chosen:
        one.look_on = None
        if not held:
            _stand_again(one)
    Finding.objects.bulk_update(chosen, _STOOD_AGAIN, batch_size=1000)
    said = f"{'整改巩固' if held else '问题反弹'}。{note.strip()}"
    keep_events(chosen, EventKind.LOOKED, by, said, stands_for=stands_for)
    return chosen


_STOOD_AGAIN = [
    "status", "times_reopened", "closed_how", "closed_at", "closed_by", "verified_by", "look_on", "accepted_by",
    "accepted_until", "accepted_digest", "corrected_by",
]  # fmt: skip


def _stand_again(one: Finding) -> None:
    one.times_reopened += one.status == Status.CLOSED
    one.status, one.closed_how, one.accepted_digest = Status.REOPENED, "", ""
    one.closed_at = one.closed_by = one.verified_by = one.look_on = one.accepted_by = one.accepted_until = None
    one.corrected_by = None


def _why_not_close(one: Finding, who: frozenset[Any], makers: frozenset[Any]) -> str:
    if one.status == Status.CLOSED:
        return "已经销号。"
    if one.status == Status.ACCEPTED:
        return "已认定误报，到期后重新核对，不必销号。"
    if one.status in _STANDING:
        return "核对仍能发现该问题，请先改正数据或作出说明。"
    if one.status == Status.EXPLAINED and one.severity == Severity.RED:
        return "差错不能以说明代替整改，请改正数据后再销号。"
    if who & {one.explained_by_id, one.corrected_by_id, *makers}:
        return "整改人不能确认自己的整改，请由另一人核实销号。"
    return ""


def _makers(findings: list[Finding]) -> dict[Any, frozenset[Any]]:
    """{finding: who put it right}, of what the data no longer shows: whoever wrote the last version of a row that the finding
    names, after it was last found; and, for its own row, whenever that was."""
    gone = [one for one in findings if one.status == Status.GONE]
    found_at = _found_at(gone)
    rows = {one.pk: {uuid.UUID(hit) for said in one.values.values() for hit in _ID.findall(str(said))} for one in gone}
    last = _last_changes({row for some in rows.values() for row in some} | {one.row for one in gone if one.row})
    makers: dict[Any, frozenset[Any]] = {}
    for one in gone:
        own = {last[one.row][0]} if one.row in last else set()
        named = {last[row][0] for row in rows[one.pk] if row in last and last[row][1] >= found_at[one.pk]}
        makers[one.pk] = frozenset(own | named)
    return makers


def _found_at(findings: list[Finding]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    kinds = (EventKind.FOUND, EventKind.REOPENED, EventKind.SENT_BACK)
    for start in range(0, len(findings), _CHUNK):
        some = FindingEvent.objects.filter(finding__in=findings[start : start + _CHUNK], kind__in=kinds)
        found |= dict(some.order_by().values_list("finding").annotate(last=Max("at")))
    return {one.pk: found.get(one.pk) or timezone.now() for one in findings}


def _last_changes(rows: set[Any]) -> dict[Any, tuple[Any, Any]]:
    """{row: (author, when)} of each row's last version."""
    found: dict[Any, tuple[Any, Any]] = {}
    wanted = sorted(rows)
    for start in range(0, len(wanted), _CHUNK):
        history = History.objects.filter(row__in=wanted[start : start + _CHUNK]).order_by("id")
        latest = dict(history.values_list("row", "change_id"))
        changes = Change.objects.filter(pk__in=latest.values()).values_list("pk", "author_id", "at")
        authors = {pk: (author, at) for pk, author, at in changes}
        found |= {row: authors[change] for row, change in latest.items()}
    return found


def _with_files(one: Finding, files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {file["sha256"]: file for file in one.evidence}
    return list((known | {file["sha256"]: dict(file) for file in files}).values())
