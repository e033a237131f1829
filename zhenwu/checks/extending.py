"""More time to put a finding right: asked for before the day is over, decided by someone else (governance HR-13)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.checks.acting import actors, keep_events, locked, refuse
from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.models import UNRESOLVED, EventKind, Extension, Finding

LONGEST = 366  # days


@transaction.atomic
def ask_extension(
    findings: Iterable[Finding], *, by: Any, until: date, reason: str, on: date, stands_for: Any = None
) -> list[Extension]:
    said = reason.strip()
    if not said:
        raise FindingsRefused(["请写明延期原因。"])
    chosen = locked(findings)
    refuse(chosen, lambda one: "" if one.status in UNRESOLVED else f"现为“{one.get_status_display()}”，不需要延期。")
    refuse(chosen, lambda one: f"期限{one.due_on}已过，不能再申请延期。" if one.due_on < on else "")
    refuse(chosen, lambda one: f"延期日期填的是{until}：应晚于原期限{one.due_on}。" if until <= one.due_on else "")
    refuse(chosen, lambda one: "一次最多延长一年。" if (until - one.due_on).days > LONGEST else "")
    waiting = set(
        Extension.objects.filter(finding__in=chosen, state=Extension.State.ASKED).values_list("finding", flat=True)
    )
    refuse(chosen, lambda one: "已有一份延期申请待批。" if one.pk in waiting else "")
    made = [
        Extension.objects.create(
            finding=one, asked_by=by, asked_on=on, due_before=one.due_on, until=until, reason=said[:500]
        )
        for one in chosen
    ]
    keep_events(chosen, EventKind.ASKED, by, f"延至{until}。{said}", stands_for=stands_for)
    return made


@transaction.atomic
def decide_extension(extension: Extension, *, by: Any, granted: bool, note: str = "", stands_for: Any = None) -> None:
    """Grant or deny; whoever asked may not decide, nor whoever stands in for them."""
    one = Extension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
    (finding,) = locked([one.finding])
    if one.state != Extension.State.ASKED:
        raise FindingsRefused([f"这份延期申请{one.get_state_display()}，不需要再批。"])
    if one.asked_by_id in actors(by, stands_for):
        raise FindingsRefused(["申请人不能批准自己的延期申请，请由另一人审批。"])
    if not granted and not note.strip():
        raise FindingsRefused(["请写明不同意的原因。"])
    one.state = Extension.State.GRANTED if granted else Extension.State.DENIED
    one.decided_by, one.decided_at = by, timezone.now()
    one.save(update_fields=["state", "decided_by", "decided_at"])
    if granted:
        finding.due_on = max(finding.due_on, one.until)
        finding.save(update_fields=["due_on"])
    kind = EventKind.GRANTED if granted else EventKind.DENIED
    said = f"期限延至{finding.due_on}。" if granted else ""
    keep_events([finding], kind, by, f"{said}{note.strip()}", stands_for=stands_for)
