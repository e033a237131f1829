"""Exports that need approval: asking, deciding, fetching, and saying that the copies are gone."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.watching import address_of
from zhenwu.ledgers import releases, releasing
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.exporting import sensitive_labels, why_approval
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.models import ExportRequest, Purpose
from zhenwu.ledgers.tasks import make_export
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of
from zhenwu.ledgers.views.exports import TYPES
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_SHOWN = 200


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """My requests, and those that wait for my decision."""
    user, today = user_of(request), timezone.localdate()
    known = releases.readable(user)
    late = set(releasing.overdue(today).filter(by=user).values_list("pk", flat=True))
    context = {
        "title": "导出申请",
        "waiting": releases.waiting_for(user, known),
        "mine": [
            (one, known[one.ledger], one.pk in late) for one in releases.requests_in(known).filter(by=user)[:_SHOWN]
        ],
    }
    return render(request, "ledgers/exports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Why this export needs approval, the way without it, and the form to ask for it."""
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    query = ListQuery.from_params(ledger, scope, request.GET)
    kind = request.GET.get("kind", "xlsx")
    labels = sensitive_labels(ledger, scope)
    if kind not in TYPES or not labels:
        raise Http404
    asked = query.url().removeprefix("?")
    said, problem = request.POST, ""
    if request.method == "POST":
        try:
            made = releasing.ask(
                ledger, asked, kind, by=user, purpose=said.get("purpose", ""), basis=said.get("basis", ""),
                receiver=said.get("receiver", ""), full=said.get("full") == "1", address=address_of(request),
            )  # fmt: skip
        except LedgerError as refused:
            problem = str(refused)
        else:
            messages.success(request, "已提交，待另一人审批。")
            return redirect("ledgers:export_request", made.pk)
    context = crumbs(ledger) | {
        "title": f"申请导出{ledger.label}", "why": why_approval(ledger, user, scope, query), "labels": labels, "kind": kind,
        "asked": asked, "problem": problem, "purposes": Purpose.choices, "said": said,
    }  # fmt: skip
    return render(request, "ledgers/export_ask.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    user, today = user_of(request), timezone.localdate()
    one, ledger = _request(user, export)
    problem = ""
    if request.method == "POST":
        try:
            messages.success(request, _act(one, ledger, request, user))
        except LedgerError as refused:
            problem = str(refused)
        else:
            return redirect("ledgers:export_request", export)
    context = crumbs(ledger) | {
        "title": "导出申请", "one": one, "problem": problem, "note": request.POST.get("note", ""),
        "may_decide": one.state == "waiting" and releasing.may_decide(one, ledger, user),
        "is_mine": one.by_id == user.pk,
        "ready": releases.is_ready(one, today),
        "may_note": one.by_id == user.pk and one.fetched and not one.destroyed_on,
    }  # fmt: skip
    return render(request, "ledgers/export_request.html", context, status=422 if problem else 200)


def _act(one: ExportRequest, ledger: Ledger, request: HttpRequest, user: User) -> str:
    note, address, today = request.POST.get("note", ""), address_of(request), timezone.localdate()
    match request.POST.get("act"):
        case "agree":
            releasing.decide(one, ledger, agree=True, note=note, by=user, on=today, address=address)
            make_export.enqueue(str(one.pk))
            return "已同意，申请人可以下载。"
        case "refuse":
            releasing.decide(one, ledger, agree=False, note=note, by=user, on=today, address=address)
            return "已退回申请。"
        case "withdraw":
            releasing.withdraw(one, by=user)
            return "已撤回。"
        case "destroyed":
            releasing.note_destroyed(one, ledger, by=user, on=today, address=address)
            return "已登记销毁。"
    raise Http404


@require_safe
def file(request: HttpRequest, export: uuid.UUID) -> HttpResponseBase:
    user, today = user_of(request), timezone.localdate()
    one, ledger = _request(user, export)
    if one.by_id != user.pk:
        raise Http404
    try:
        content = releasing.fetch(one, ledger, by=user, on=today, address=address_of(request))
    except LedgerError as refused:
        messages.error(request, str(refused))
        return redirect("ledgers:export_request", export)
    return file_answer(one, ledger, content)


def file_answer(one: ExportRequest, ledger: Ledger, content: Any) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=TYPES[one.kind])
    name = f"{ledger.label}_{timezone.localtime(one.made_at):%Y%m%d}.{one.kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _request(user: User, pk: uuid.UUID) -> tuple[ExportRequest, Ledger]:
    """A request of one's own, or one that one may decide."""
    one = ExportRequest.objects.select_related("by", "decided_by").filter(pk=pk).first()
    if one is None or one.ledger not in runtime.ledgers():
        raise Http404
    ledger, _ = ledger_for(user, one.ledger)
    if one.by_id != user.pk and not releasing.may_decide(one, ledger, user):
        raise Http404
    return one, ledger
