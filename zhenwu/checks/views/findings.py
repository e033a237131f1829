"""One finding from found to closed: its page, the acts on it, its evidence."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.checks import acts, extending
from zhenwu.checks.access import HIDDEN_MESSAGE, NOBODY, decides, finding_for, may_read, stands_for, user_of
from zhenwu.checks.acts import ACTS, Act, Typed
from zhenwu.checks.errors import FindingsRefused, UnknownCheck
from zhenwu.checks.facts import facts_of
from zhenwu.checks.listing import ledger_label
from zhenwu.checks.models import SEVERITY_LABELS, Extension, Finding, Severity
from zhenwu.checks.registry import registry
from zhenwu.indicators.links import names_of_rows
from zhenwu.ledgers.days import working_day
from zhenwu.ledgers.files import FileRefused, path_of, store
from zhenwu.ledgers.models import StoredFile
from zhenwu.ledgers.views.files import stored_answer

_INLINE = ("close", "explain")  # the act whose form stands on the finding's own page: the first that may be done


@require_safe
def finding(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    return _page(request, user, finding_for(user, pk))


def act(request: HttpRequest, pk: uuid.UUID, code: str) -> HttpResponse:
    """A form of its own for each act; what is refused comes back with what was typed."""
    user = user_of(request)
    one = finding_for(user, pk)
    wanted = ACTS.get(code)
    if wanted is None or stands_for(user, one, wanted.right) is NOBODY:
        raise Http404
    if request.method != "POST":
        return _form(request, one, wanted)
    problems = do(request, wanted, [one], user)
    if problems:
        return _form(request, one, wanted, [_plain(one, problem) for problem in problems])
    messages.success(request, wanted.done)
    return redirect("checks:finding", pk=pk)


@require_POST
def decide(request: HttpRequest, pk: uuid.UUID, extension: int) -> HttpResponse:
    """Grant or deny more time."""
    user = user_of(request)
    one = finding_for(user, pk)
    asked = Extension.objects.filter(pk=extension, finding=one).first()
    other = stands_for(user, one, decides)
    if asked is None or other is NOBODY:
        raise Http404
    granted = request.POST.get("granted") == "yes"
    try:
        note = request.POST.get("note", "")
        extending.decide_extension(asked, by=user, granted=granted, note=note, stands_for=other)
    except FindingsRefused as refused:
        return _page(request, user, one, refused=refused.problems)
    messages.success(request, "已同意延期。" if granted else "已记下：不同意延期。")
    return redirect("checks:finding", pk=pk)


@require_safe
def evidence(request: HttpRequest, pk: uuid.UUID, digest: str) -> HttpResponseBase:
    """A file of a finding, for whoever may read the finding."""
    user = user_of(request)
    one = finding_for(user, pk)
    said = next((file for file in one.evidence if file["sha256"] == digest), None)
    stored = StoredFile.objects.filter(sha256=digest).first()
    if said is None or stored is None or not may_read(user, one) or not path_of(digest).is_file():
        raise Http404
    return stored_answer(stored, said["name"], inline=False)


def do(request: HttpRequest, wanted: Act, chosen: list[Finding], user: User) -> list[str]:
    """Do the act as the form says; returns why not, and nothing is changed then."""
    files: list[dict[str, Any]] = []
    if wanted.files:
        try:
            files = [store(upload, by=user) for upload in request.FILES.getlist("files")]
        except FileRefused as refused:
            return [f"佐证{refused}"]
    try:
        acts.do(wanted, chosen, Typed(request.POST, working_day(), files), user)
    except FindingsRefused as refused:
        return refused.problems
    return []


def _form(request: HttpRequest, one: Finding, wanted: Act, problems: list[str] | None = None) -> HttpResponse:
    shown = may_read(user_of(request), one)
    return render(request, "checks/act.html", {
        "title": wanted.label, "finding": one, "act": wanted, "fields": acts.form_of(wanted, request.POST, one),
        "message": one.message if shown else HIDDEN_MESSAGE, "problems": problems, "ledger": ledger_label(one.ledger),
    }, status=422 if problems else 200)  # fmt: skip


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
    offered = acts.offered(user, one, working_day())
    inline = next((ACTS[code] for code in _INLINE if ACTS[code] in offered), None)
    asked = next((x for x in one.extensions.select_related("asked_by") if x.state == Extension.State.ASKED), None)
    context = {
        "title": one.label, "finding": one, "message": one.message if shown else HIDDEN_MESSAGE, "is_hidden": not shown,
        "reason": check.reason if check else "", "facts": facts_of(one) if shown else [], "row": names.get(one.row) if one.row else None,
        "ledger": ledger_label(one.ledger), "severity_label": SEVERITY_LABELS[Severity(one.severity)],
        "events": list(one.events.select_related("by", "stands_for")), "refused": refused,
        "inline": inline, "fields": acts.form_of(inline, request.POST, one) if inline else [],
        "others": [one for one in offered if one is not inline], "asked": asked,
        "may_decide": asked is not None and stands_for(user, one, decides) is not NOBODY,
        "check": check, "is_coverage": check is not None and check.kind == "coverage",
    }  # fmt: skip
    return render(request, "checks/finding.html", context, status=422 if refused else 200)
