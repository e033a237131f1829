"""What people do with findings. All or nothing: every refusal is collected, then nothing is changed."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.changes.models import Change, History
from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.models import UNRESOLVED, ClosedHow, EventKind, Finding, FindingEvent, Severity, Status


@transaction.atomic
def explain(findings: Iterable[Finding], *, by: Any, explanation: str, measures: str = "") -> list[Finding]:
    """Say why it is so and what is done. A red finding stays to be put right all the same."""
    if not explanation.strip():
        raise FindingsRefused(["请写明情况说明。"])
    chosen = _locked(findings)
    _refuse(chosen, lambda one: "" if one.status in UNRESOLVED else f"现为“{one.get_status_display()}”，不需要说明。")
    now = timezone.now()
    for one in chosen:
        one.status = Status.EXPLAINED
        one.explanation, one.measures, one.explained_by, one.explained_at = (
            explanation.strip(),
            measures.strip(),
            by,
            now,
        )
    Finding.objects.bulk_update(
        chosen, ["status", "explanation", "measures", "explained_by", "explained_at"], batch_size=1000
    )
    _record(chosen, EventKind.EXPLAINED, by, explanation.strip())
    return chosen


@transaction.atomic
def confirm_closed(findings: Iterable[Finding], *, by: Any, note: str = "") -> list[Finding]:
    """Close what the data no longer shows, or what is explained and not red. Who explained it, or who last wrote the row,
    may not confirm it (maker ≠ checker)."""
    chosen = _locked(findings)
    authors = _last_authors(chosen)
    _refuse(chosen, lambda one: _why_not_close(one, by, authors.get(one.row)))
    now = timezone.now()
    for one in chosen:
        one.closed_how = ClosedHow.DATA if one.status == Status.GONE else ClosedHow.EXPLAINED
        one.status, one.closed_at, one.verified_by = Status.CLOSED, now, by
        one.closed_by = one.explained_by or by
    fields = ["status", "closed_how", "closed_at", "verified_by", "closed_by"]
    Finding.objects.bulk_update(chosen, fields, batch_size=1000)
    _record(chosen, EventKind.CLOSED, by, note.strip())
    return chosen


@transaction.atomic
def reopen(findings: Iterable[Finding], *, by: Any, reason: str) -> list[Finding]:
    """Send back what is not put right after all: an explanation that does not convince, a closing too early."""
    if not reason.strip():
        raise FindingsRefused(["请写明退回原因。"])
    chosen = _locked(findings)
    _refuse(chosen, lambda one: f"现为“{one.get_status_display()}”，无需退回。" if one.status in _STANDING else "")
    for one in chosen:
        one.times_reopened += one.status == Status.CLOSED
        one.status, one.closed_how, one.closed_at, one.closed_by, one.verified_by = (
            Status.REOPENED,
            "",
            None,
            None,
            None,
        )
    fields = ["status", "times_reopened", "closed_how", "closed_at", "closed_by", "verified_by"]
    Finding.objects.bulk_update(chosen, fields, batch_size=1000)
    _record(chosen, EventKind.SENT_BACK, by, reason.strip())
    return chosen


_STANDING = (Status.OPEN, Status.REOPENED)


def _why_not_close(one: Finding, by: Any, author: Any) -> str:
    if one.status == Status.CLOSED:
        return "已经销号。"
    if one.status in _STANDING:
        return "核对仍能发现该问题，请先改正数据或作出说明。"
    if one.status == Status.EXPLAINED and one.severity == Severity.RED:
        return "差错不能以说明代替整改，请改正数据后再销号。"
    if by.pk in (one.explained_by_id, author):
        return "整改人不能确认自己的整改，请由另一人核实销号。"
    return ""


def _last_authors(findings: list[Finding]) -> dict[Any, Any]:
    """{row: who wrote its last version}: for findings that the data no longer shows, that person put it right."""
    rows = [one.row for one in findings if one.status == Status.GONE and one.row]
    found: dict[Any, Any] = {}
    for start in range(0, len(rows), 500):
        some = rows[start : start + 500]
        history = History.objects.filter(row__in=some).order_by("id").values_list("row", "change_id")
        latest = dict(history)
        authors = dict(Change.objects.filter(pk__in=latest.values()).values_list("pk", "author_id"))
        found |= {row: authors[change] for row, change in latest.items()}
    return found


def _locked(findings: Iterable[Finding]) -> list[Finding]:
    ids = [one.pk for one in findings]
    chosen: list[Finding] = []
    for start in range(0, len(ids), 500):
        chosen += Finding.objects.select_for_update(of=("self",)).filter(pk__in=ids[start : start + 500])
    return chosen


def _refuse(findings: list[Finding], why: Callable[[Finding], str]) -> None:
    problems = [f"{one.label}：{one.message} {reason}" for one in findings if (reason := why(one))]
    if problems:
        raise FindingsRefused(problems)


def _record(findings: list[Finding], kind: str, by: Any, text: str) -> None:
    now = timezone.now()
    events = (FindingEvent(finding=one, at=now, kind=kind, by=by, text=text) for one in findings)
    FindingEvent.objects.bulk_create(events, batch_size=1000)
