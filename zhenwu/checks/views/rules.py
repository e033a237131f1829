"""Who puts right what a check finds, and within how many working days: the pack's words, or the township's own rule."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import Unit, User
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.checks.access import may_read_check, may_set_rules, user_of
from zhenwu.checks.acts import workers
from zhenwu.checks.due import days_for, duty_of
from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.listing import ledger_label
from zhenwu.checks.models import SEVERITY_LABELS, Assigned, AssignmentRule, Severity
from zhenwu.checks.prepared import KIND_LABELS, PreparedCheck
from zhenwu.checks.registry import registry
from zhenwu.ledgers.days import working_day
from zhenwu.mart.errors import SqlBroken
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS

_LONGEST = 366


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All checks that the reader may see, by line, with whose work their findings are."""
    user = user_of(request)
    said = {one.check_code: one for one in AssignmentRule.objects.select_related("assignee")}
    line = request.GET.get("line", "")
    lines: dict[str, list[dict[str, Any]]] = {}
    for check in _checks(user):
        of = runtime.ledger(check.ledger).spec.line
        if line in ("", of):
            lines.setdefault(LINE_LABELS[of], []).append(_line(user, check, said.get(check.full_code)))
    return render(request, "checks/rules.html", {
        "title": "核对规则与交办", "lines": lines.items(), "line": line, "choices": LINE_LABELS.items(),
    })  # fmt: skip


def rule(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    try:
        check = registry().prepared(code)
    except (UnknownCheck, SqlBroken):
        raise Http404 from None
    if not may_set_rules(user, check.ledger) or not may_read_check(user, code, check.ledger):
        raise Http404
    kept = AssignmentRule.objects.filter(check_code=code).first()
    problems: list[str] = []
    if request.method == "POST":
        problems = _keep(request.POST, check, user)
        if not problems:
            messages.success(request, "已保存，今后新发现的问题按此交办。")
            return redirect("checks:rules")
    duty = duty_of(check, kept)
    values: dict[str, Any] = {
        "unit": duty.unit, "assigned": duty.assigned, "assignee": str(duty.assignee or ""),
        "days": "" if duty.days is None else str(duty.days),
    }  # fmt: skip
    usual = days_for(check.severity, working_day())
    units = [(one.label, one.label) for one in Unit.objects.all()]
    fields: list[dict[str, Any]] = [
        {"name": "unit", "label": "责任站所", "widget": "select", "required": True, "choices": units},
        {"name": "assigned", "label": "整改方", "widget": "select", "required": True, "choices": list(Assigned.choices)},
        {"name": "assignee", "label": "责任人", "widget": "select", "choices": [(str(w.pk), str(w)) for w in workers()],
         "help": "一般不指定到人，由站所或村安排。"},
        {"name": "days", "label": "整改期限（工作日）", "widget": "number", "help": f"不填按级别：{usual}个工作日。"},
    ]  # fmt: skip
    for one in fields:
        one |= {"value": request.POST.get(one["name"], values[one["name"]]), "errors": []}
    return render(request, "checks/rule.html", {
        "title": check.label, "check": check, "fields": fields, "problems": problems, "kept": kept,
        "ledger": ledger_label(check.ledger),
    }, status=422 if problems else 200)  # fmt: skip


@transaction.atomic
def _keep(said: Any, check: PreparedCheck, user: User) -> list[str]:
    if said.get("act") == "forget":
        AssignmentRule.objects.filter(check_code=check.full_code).delete()
        record(Watched.RULE, f"核对“{check.label}”恢复默认的交办规则", by=user)
        return []
    problems = []
    unit, assigned, days = said.get("unit", ""), said.get("assigned", ""), said.get("days", "").strip()
    if not Unit.objects.filter(label=unit).exists():
        problems.append("请选择责任站所。")
    if assigned not in Assigned.values:
        problems.append("请选择由谁整改。")
    if days and not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= _LONGEST):
        problems.append(f"整改期限填的是“{days[:20]}”：请填1到{_LONGEST}的整数，单位是工作日，或者不填。")
    person = said.get("assignee", "")
    assignee = workers().filter(pk=person).first() if person.isdigit() else None
    if person and assignee is None:
        problems.append("所选的责任人现在没有岗位，请重新选择。")
    if not problems:
        kept = {
            "unit": unit,
            "assigned": assigned,
            "assignee": assignee,
            "days": int(days) if days else None,
            "by": user,
        }
        AssignmentRule.objects.update_or_create(check_code=check.full_code, defaults=kept)
        record(Watched.RULE, f"核对“{check.label}”改由{unit}（{Assigned(assigned).label}）整改", by=user)
    return problems


def _checks(user: User) -> Any:
    for code in registry().codes():
        try:
            check = registry().prepared(code)
        except SqlBroken:
            continue
        if may_read_check(user, code, check.ledger):
            yield check


def _line(user: User, check: PreparedCheck, kept: AssignmentRule | None) -> dict[str, Any]:
    duty = duty_of(check, kept)
    days = duty.days if duty.days is not None else days_for(check.severity, working_day())
    return {
        "check": check, "kind": KIND_LABELS[check.kind], "unit": duty.unit, "assigned": Assigned(duty.assigned).label,
        "assignee": kept.assignee if kept else None, "days": days, "is_own": kept is not None,
        "severity": check.severity, "severity_label": SEVERITY_LABELS[Severity(check.severity)],
        "may_set": may_set_rules(user, check.ledger),
    }  # fmt: skip
