"""Acts on rows: lifecycle steps, review, voiding; one row at a time or the chosen rows of a list."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers import rowpage
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.forms import RowForm
from zhenwu.ledgers.operations import Draft, Operation, ReviewStep, Step, Void
from zhenwu.ledgers.queries import name_of
from zhenwu.ledgers.views.access import crumbs, ledger_for, row_for, user_of

_FORM = Source(SourceKind.FORM)
_ACTS = {"submit": "报送", "approve": "审核通过", "return": "退回", "void": "作废"}
_MANY = 500


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, row: uuid.UUID, step: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    today = timezone.localdate()
    act = next((one for one in rowpage.steps(ledger, scope, user, found, today=today) if one.code == step), None)
    if act is None:
        if request.method == "POST" and ledger.lifecycle and step in {one.code for one in ledger.lifecycle.transition}:
            messages.warning(request, f"{found.no}现在不能做这一步：状态已经变了，或你没有权限。请看最新状态。")
            return redirect("ledgers:row", code, row)
        raise Http404
    form = RowForm(ledger, scope, user, today=today, row=found, only=rowpage.missing(act, found))
    context = crumbs(ledger) | {
        "title": act.label, "row": found, "name": name_of(ledger, found), "says": act.confirm, "asks_reason": act.reason,
        "leads_to": ledger.state_label(act.to), "unseen": [
            ledger.types[one].label for one in rowpage.missing(act, found) if one not in form.kinds
        ],
    }  # fmt: skip
    if request.method != "POST":
        return _ask(request, context, form)
    if not form.read(request.POST, request.FILES):
        return _ask(request, context, form, [])
    operation = Step(
        found.pk, _version(request), step, {one: said for one, said in form.values.items() if said is not None}
    )
    return _do(request, context, form, operation, act.label)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, code: str, row: uuid.UUID, act: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    if act not in _ACTS or not (scope.enter or scope.review):
        raise Http404
    form = RowForm(ledger, scope, user, today=timezone.localdate(), row=found, only=())
    asks = act in ("return", "void")
    context = crumbs(ledger) | {
        "title": _ACTS[act], "row": found, "name": name_of(ledger, found), "asks_reason": asks,
        "says": "作废后这条记录不再计入任何统计，历史仍保留，可以恢复。" if act == "void" else "",
    }  # fmt: skip
    if request.method != "POST":
        return _ask(request, context, form)
    version = _version(request)
    operation: Operation = Void(found.pk, version) if act == "void" else ReviewStep(found.pk, version, act)
    return _do(request, context, form, operation, _ACTS[act])


def _do(request: HttpRequest, context: dict[str, Any], form: RowForm, operation: Operation, label: str) -> HttpResponse:
    row = form.row
    try:
        commit(Draft(form.ledger.code, form.user, [operation], _FORM, request.POST.get("reason", "").strip()))
    except CommitRefused as refused:
        return _ask(request, context, form, form.take(refused.problems))
    except LedgerError as problem:
        messages.error(request, f"没有{label}：{problem}")
        return redirect("ledgers:row", form.ledger.code, row.pk)
    messages.success(request, f"{row.no}已{label}。")
    return redirect("ledgers:row", form.ledger.code, row.pk)


def _ask(
    request: HttpRequest, context: dict[str, Any], form: RowForm, problems: list[str] | None = None
) -> HttpResponse:
    context |= {
        "parts": form.parts(), "problems": problems or [], "reason": request.POST.get("reason", ""),
        "version": form.row.version, "needs_other_fields": bool(problems) and form.row.review in ("draft", "returned"),
    }  # fmt: skip
    return render(request, "ledgers/row_act.html", context, status=200 if problems is None else 422)


@require_POST
def bulk(request: HttpRequest, code: str) -> HttpResponse:
    """Submit or approve the chosen rows as one change: all of them or none, with every reason why not."""
    user = user_of(request)
    ledger, _ = ledger_for(user, code)
    act = request.POST.get("act", "")
    chosen = request.POST.getlist("rows")[:_MANY]
    if act not in ("submit", "approve"):
        raise Http404
    try:
        operations: list[Operation] = [_chosen(one, act, place) for place, one in enumerate(chosen)]
    except ValueError:
        raise Http404 from None
    if not operations:
        messages.warning(request, "没有选中记录。")
        return redirect("ledgers:list", code)
    try:
        commit(Draft(ledger.code, user, operations, _FORM))
    except CommitRefused as refused:
        shown = list(dict.fromkeys(one.message for one in refused.problems))
        more = f"（另有{len(shown) - 8}个问题）" if len(shown) > 8 else ""
        messages.error(request, f"没有{_ACTS[act]}，一条也没有改：" + "；".join(shown[:8]) + more)
    except LedgerError as problem:
        messages.error(request, f"没有{_ACTS[act]}：{problem}")
    else:
        messages.success(request, f"已{_ACTS[act]}{len(operations)}条。")
    return redirect(reverse("ledgers:list", args=[code]) + back_query(request))


def back_query(request: HttpRequest) -> str:
    """The list's own filters, so that one comes back to the same list; only the query of our own address is used."""
    return f"?{said}" if (said := request.GET.urlencode()) else ""


def _chosen(said: str, act: str, place: int) -> ReviewStep:
    row, _, version = said.partition(":")
    return ReviewStep(uuid.UUID(row), int(version), act, place)


def _version(request: HttpRequest) -> int:
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
