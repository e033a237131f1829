"""The list of everything that waits to be closed (问题清零)."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.changes.audit import took_out
from zhenwu.checks.access import findings_listed_for, may_run, user_of
from zhenwu.checks.acts import ACTS, form_of
from zhenwu.checks.listing import SORT_LABELS, STATUS_CHOICES, FindingQuery, choices, lines_of
from zhenwu.checks.models import SEVERITY_LABELS, Finding, Severity
from zhenwu.checks.problems import Problems, source_choices
from zhenwu.checks.register import MIMES, MOST, register_file
from zhenwu.checks.views.findings import do
from zhenwu.ledgers.days import working_day
from zhenwu.ledgers.views.exports import sent
from zhenwu.lib.paging import Pager


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    query = FindingQuery.from_params(request.GET)
    problems = Problems(user, query, working_day())
    number = problems.counts()
    pager = Pager.of(request.GET, number[query.severity] if query.severity else sum(number.values()))
    return render(request, "checks/index.html", {
        "title": "问题清零", "query": query, "pager": pager,
        "choices": choices(findings_listed_for(user), [one.ledger for one in problems.sources]),
        "sources": source_choices(user), "statuses": STATUS_CHOICES.items(), "sorts": SORT_LABELS.items(),
        "severities": [(one, SEVERITY_LABELS[Severity(one)], n, _with(request, severity=one)) for one, n in number.items()],
        "all_url": _with(request, severity=""), "all_count": sum(number.values()),
        "lines": problems.page(pager.start, pager.stop), "may_run": may_run(user), "asked": request.GET.urlencode(),
        "is_plain": query == FindingQuery(), "acts": _bulk_acts(user),
    })  # fmt: skip


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """How much of the year's problems is closed, source by source; what was carried over is counted apart."""
    user = user_of(request)
    on = working_day()
    said = request.GET.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and 1990 <= int(said[:5]) <= 2100 else on.year
    found = Problems(user, FindingQuery.from_params(request.GET), on).rates(year)
    return render(request, "checks/rates.html", {
        "title": f"{year}年销号情况", "year": year, "on": on, "rates": found, "years": range(on.year, on.year - 5, -1),
    })  # fmt: skip


@require_safe
def register(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list as it is filtered, as 问题整改台账 to print."""
    user = user_of(request)
    if kind not in ("xlsx", "docx"):
        raise Http404
    query, on = FindingQuery.from_params(request.GET), working_day()
    problems = Problems(user, query, on)
    number = problems.counts()
    total = number[query.severity] if query.severity else sum(number.values())
    most = MOST[kind]
    if total > most:
        text = f"符合条件的有{total:,}条，一份{kind}最多{most:,}条。请按条线、村或状态筛选后再导出。"
        return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
    file = register_file(problems.page(0, total), kind, title="问题整改台账", on=on, by=user)
    took_out(f"问题整改台账{total}条（{kind}）", by=user)
    return sent(file, f"问题整改台账_{on:%Y%m%d}.{kind}", MIMES[kind])


_MANY = 500
_OFFERED = ("explain", "extend", "assign", "close", "reopen", "accept", "look")


def _bulk_acts(user: User) -> list[tuple[str, str]]:
    """What may be done to chosen findings; villages explain and ask, offices and leaders do the rest too."""
    codes = _OFFERED if rights_of(user).whole_town else _OFFERED[:2]
    return [(code, ACTS[code].label) for code in codes]


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on the chosen findings: a page that asks what the act needs, then all of them or none."""
    user = user_of(request)
    wanted = ACTS.get(request.POST.get("act", ""))
    if wanted is None:
        raise Http404
    chosen = _chosen(request, user)
    if not chosen:
        messages.warning(request, "没有选中问题。先在清单里勾选，再办理。")
        return redirect("checks:index")
    problems: list[str] = []
    if request.POST.get("go") == "1":
        problems = do(request, wanted, chosen, user)
        if not problems:
            messages.success(request, f"{len(chosen)}个问题{wanted.done}")
            return redirect("checks:index")
    return render(request, "checks/bulk.html", {
        "title": f"批量{wanted.label}", "act": wanted, "lines": lines_of(user, chosen), "problems": problems,
        "fields": form_of(wanted, request.POST if problems else {}),
    }, status=422 if problems else 200)  # fmt: skip


def _chosen(request: HttpRequest, user: User) -> list[Finding]:
    """Of the chosen ids those that the user sees; an id that is not theirs is a 404."""
    try:
        ids = {uuid.UUID(one) for one in request.POST.getlist("findings")[:_MANY]}
    except ValueError:
        raise Http404 from None
    found = list(findings_listed_for(user).filter(pk__in=ids).order_by("due_on", "id"))
    if len(found) != len(ids):
        raise Http404
    return found


def _with(request: HttpRequest, **changed: str) -> str:
    said = request.GET.copy()
    said.pop("page", None)
    for name, value in changed.items():
        said[name] = value
    return f"{reverse('checks:index')}?{said.urlencode()}"
