"""A run of checks on demand, and the coverages as heat maps."""

from typing import Any

import duckdb
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.checks import running
from zhenwu.checks.access import may_read_check, may_run, may_set_rules, user_of
from zhenwu.checks.due import days_for, duty_in_words, duty_of
from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.examples import examples_of
from zhenwu.checks.heat import heat_of
from zhenwu.checks.listing import ledger_label
from zhenwu.checks.models import SEVERITY_LABELS, AssignmentRule, Severity
from zhenwu.checks.prepared import KIND_LABELS
from zhenwu.checks.queries import coverage_codes
from zhenwu.checks.registry import registry
from zhenwu.indicators.asking import day_in
from zhenwu.ledgers.days import working_day
from zhenwu.mart.errors import QueryTooSlow, SqlBroken
from zhenwu.mart.explaining import explain
from zhenwu.mart.store import running_schema
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS

_LAST_RUN = "checks.last_run"


def run(request: HttpRequest) -> HttpResponse:
    """All checks, or those of one ledger, as of a day; the result is shown on the page that follows."""
    user = user_of(request)
    if not may_run(user):
        raise Http404
    problems: list[str] = []
    if request.method == "POST":
        as_of = day_in(request.POST.get("as_of", ""), problems)
        ledger = request.POST.get("ledger", "")
        if ledger and ledger not in runtime.ledgers():
            problems.append("所选的台账不在本实例里，请重新选择。")
        if not problems:
            codes = [code for code in registry().codes() if not ledger or code.startswith(f"{ledger}.")]
            report = running.run(codes, as_of=as_of or working_day())
            request.session[_LAST_RUN] = {
                "as_of": report.as_of.isoformat(), "checks": report.checks, "new": report.new, "still": report.still,
                "gone": report.gone, "reopened": report.reopened, "seconds": f"{report.seconds:.1f}",
                "errors": [list(one) for one in report.errors], "ledger": ledger_label(ledger) if ledger else "",
            }  # fmt: skip
            return redirect("checks:run")
    return render(request, "checks/run.html", {
        "title": "核对台账", "as_of": request.POST.get("as_of") or working_day().isoformat(), "problems": problems,
        "result": request.session.get(_LAST_RUN) if not problems else None, "count": len(registry().codes()),
        "ledgers": sorted({code.partition(".")[0]: ledger_label(code.partition(".")[0]) for code in registry().codes()}.items()),
    }, status=422 if problems else 200)  # fmt: skip


@require_safe
def check(request: HttpRequest, code: str) -> HttpResponse:
    """What a check is: in words, its regulation, its statement, and some of what it finds today."""
    user = user_of(request)
    try:
        one = registry().prepared(code)
    except (UnknownCheck, SqlBroken):
        raise Http404 from None
    if not _reads_all(user, code):
        raise Http404
    problems: list[str] = []
    as_of = day_in(request.GET.get("as_of", ""), problems) or working_day()
    rule = AssignmentRule.objects.select_related("assignee").filter(check_code=code).first()
    duty = duty_of(one, rule)
    try:
        sample, total = examples_of(user, one, as_of)
    except (QueryTooSlow, duckdb.Error) as error:
        sample, total = [], None
        problems.append(f"这项核对现在没有运行成：{error}")
    return render(request, "checks/check.html", {
        "title": one.label, "check": one, "kind": KIND_LABELS[one.kind], "ledger": ledger_label(one.ledger), "as_of": as_of,
        "reads": [ledger_label(ledger) for ledger in sorted(one.bad.ledgers)], "sample": sample, "total": total,
        "duty": duty_in_words(duty), "days": duty.days if duty.days is not None else days_for(one.severity, as_of),
        "explained": explain(running_schema(), runtime.packs().packs[one.ledger], one.author_sql, as_of),
        "severity_label": SEVERITY_LABELS[Severity(one.severity)], "problems": problems, "may_set": may_set_rules(user, one.ledger),
    })  # fmt: skip


@require_safe
def coverages(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    lines: dict[str, list[Any]] = {}
    for code in coverage_codes():
        if _reads_all(user, code):
            ledger = runtime.ledger(code.partition(".")[0])
            lines.setdefault(LINE_LABELS[ledger.spec.line], []).append(
                {"check": registry().prepared(code), "ledger": ledger}
            )
    return render(request, "checks/coverages.html", {"title": "应有尽有", "lines": lines.items()})


@require_safe
def coverage(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    if code not in coverage_codes() or not _reads_all(user, code):
        raise Http404
    problems: list[str] = []
    as_of = day_in(request.GET.get("as_of", ""), problems) or working_day()
    check = registry().prepared(code)
    return render(request, "checks/coverage.html", {
        "title": check.label, "check": check, "as_of": as_of, "problems": problems,
        "heat": heat_of(user, code, as_of=as_of), "ledger": ledger_label(check.ledger),
    })  # fmt: skip


def _reads_all(user: User, code: str) -> bool:
    """A matrix is shown to who may read the ledger it is about and those it compares it with."""
    return may_read_check(user, code, code.partition(".")[0])
