"""Pages of findings: the list (问题清零), one finding from found to closed, a run, the coverages."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.checks import actions, running
from zhenwu.checks.access import (
    HIDDEN_MESSAGE,
    finding_for,
    findings_listed_for,
    may_explain,
    may_read,
    may_read_check,
    may_run,
    may_verify,
    user_of,
)
from zhenwu.checks.errors import FindingsRefused, UnknownCheck
from zhenwu.checks.facts import facts_of
from zhenwu.checks.heat import heat_of
from zhenwu.checks.listing import (
    SORT_LABELS,
    STATUS_CHOICES,
    FindingQuery,
    choices,
    counts,
    ledger_label,
    lines_of,
)
from zhenwu.checks.models import Finding, Severity, Status
from zhenwu.checks.queries import coverage_codes
from zhenwu.checks.registry import registry
from zhenwu.indicators.asking import day_in
from zhenwu.indicators.links import names_of_rows
from zhenwu.ledgers.days import working_day
from zhenwu.lib.paging import Pager
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS

SEVERITY_LABELS = {Severity.RED: "差错", Severity.YELLOW: "疑点", Severity.BLUE: "提示"}
_LAST_RUN = "checks.last_run"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    seen = findings_listed_for(user)
    query = FindingQuery.from_params(request.GET)
    number = counts(query.within(seen, by_severity=False))
    found = query.ordered(query.within(seen))
    total = number[query.severity] if query.severity else sum(number.values())
    pager = Pager.of(request.GET, total)
    return render(request, "checks/index.html", {
        "title": "问题清零", "query": query, "choices": choices(seen), "pager": pager,
        "statuses": STATUS_CHOICES.items(), "sorts": SORT_LABELS.items(),
        "severities": [(one, SEVERITY_LABELS[Severity(one)], n, _with(request, severity=one)) for one, n in number.items()],
        "all_url": _with(request, severity=""), "all_count": sum(number.values()),
        "lines": lines_of(user, list(found[pager.start : pager.stop])), "may_run": may_run(user),
        "is_plain": query == FindingQuery(),
    })  # fmt: skip


@require_safe
def finding(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    return _page(request, user, finding_for(user, pk))


@require_POST
def explain(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    def act(one: Finding, user: User) -> str:
        actions.explain(
            [one], by=user, explanation=request.POST.get("explanation", ""), measures=request.POST.get("measures", "")
        )
        return "已记下说明，等待另一人核实。"

    return _act(request, pk, may_explain, act)


@require_POST
def close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    def act(one: Finding, user: User) -> str:
        actions.confirm_closed([one], by=user, note=request.POST.get("note", ""))
        return "已确认销号。"

    return _act(request, pk, may_verify, act)


@require_POST
def reopen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    def act(one: Finding, user: User) -> str:
        actions.reopen([one], by=user, reason=request.POST.get("reason", ""))
        return "已退回整改。"

    return _act(request, pk, may_verify, act)


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


def _act(
    request: HttpRequest, pk: uuid.UUID, may: Callable[[User, Finding], bool], act: Callable[[Finding, User], str]
) -> HttpResponse:
    user = user_of(request)
    one = finding_for(user, pk)
    if not may(user, one):
        raise Http404
    try:
        messages.success(request, act(one, user))
    except FindingsRefused as refused:
        return _page(request, user, one, refused=[_plain(one, problem) for problem in refused.problems])
    return redirect("checks:finding", pk=pk)


def _plain(one: Finding, problem: str) -> str:
    """On the finding's own page its name and message need not be repeated."""
    return problem.removeprefix(f"{one.label}：{one.message} ")


def _page(request: HttpRequest, user: User, one: Finding, refused: list[str] | None = None) -> HttpResponse:
    shown = may_read(user, one)
    try:
        check = registry().prepared(one.check_code)
    except UnknownCheck:
        check = None
    names = names_of_rows(user, [(one.row_ledger, one.row)]) if shown and one.row and one.row_ledger else {}
    verify = may_verify(user, one)
    context = {
        "title": one.label, "finding": one, "message": one.message if shown else HIDDEN_MESSAGE, "is_hidden": not shown,
        "reason": check.reason if check else "", "facts": facts_of(one) if shown else [], "row": names.get(one.row) if one.row else None,
        "ledger": ledger_label(one.ledger), "severity_label": SEVERITY_LABELS[Severity(one.severity)],
        "events": list(one.events.select_related("by")), "refused": refused, "typed": request.POST,
        "may_explain": may_explain(user, one),
        "may_close": verify and one.status in (Status.GONE, Status.EXPLAINED),
        "may_reopen": verify and one.status in (Status.GONE, Status.EXPLAINED, Status.CLOSED),
        "is_coverage": check is not None and check.kind == "coverage",
    }  # fmt: skip
    return render(request, "checks/finding.html", context, status=422 if refused else 200)


def _reads_all(user: User, code: str) -> bool:
    """A matrix is shown to who may read the ledger it is about and those it compares it with."""
    return may_read_check(user, code, code.partition(".")[0])


def _with(request: HttpRequest, **changed: str) -> str:
    said = request.GET.copy()
    said.pop("page", None)
    for name, value in changed.items():
        said[name] = value
    return f"{reverse('checks:index')}?{said.urlencode()}"
