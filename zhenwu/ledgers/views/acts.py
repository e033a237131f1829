"""Acts on one row: lifecycle steps, review with marks, taking back, voiding."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhenwu.ledgers import offers
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.forms import RowForm
from zhenwu.ledgers.marks import markable
from zhenwu.ledgers.queries import name_of
from zhenwu.ledgers.rowpage import sections
from zhenwu.ledgers.transitions import REVIEW_LABELS, STEP, take_back, transition
from zhenwu.ledgers.views.access import crumbs, row_for, user_of

_ACTS = REVIEW_LABELS | {"takeback": "撤回"}
_ASKS = ("return", "void")


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, row: uuid.UUID, step: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    today = timezone.localdate()
    act = next((one for one in offers.steps(ledger, scope, user, found, today=today) if one.code == step), None)
    if act is None:
        if request.method == "POST" and ledger.lifecycle and step in {one.code for one in ledger.lifecycle.transition}:
            messages.warning(request, f"{found.no}现在不能做这一步：状态已经变了，或你没有权限。请看最新状态。")
            return redirect("ledgers:row", code, row)
        raise Http404
    form = RowForm(ledger, scope, user, today=today, row=found, only=offers.missing(ledger, act, found))
    context = crumbs(ledger) | {
        "title": act.label, "row": found, "name": name_of(ledger, found), "says": act.confirm, "asks_reason": act.reason,
        "leads_to": ledger.state_label(act.to), "unseen": [
            ledger.types[one].label for one in offers.missing(ledger, act, found) if one not in form.kinds and one not in form.tables
        ],
    }  # fmt: skip
    if request.method != "POST":
        return _ask(request, context, form)
    if not form.read(request.POST, request.FILES):
        return _ask(request, context, form, [])
    values = {one: said for one, said in form.values.items() if said is not None}
    return _do(request, context, form, f"{STEP}{step}", act.label, values=values)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, code: str, row: uuid.UUID, act: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row, *(["division"] if act == "return" else []))
    if act not in _ACTS or not (scope.enter or scope.review):
        raise Http404
    form = RowForm(ledger, scope, user, today=timezone.localdate(), row=found, only=())
    context = crumbs(ledger) | {
        "title": _ACTS[act], "row": found, "name": name_of(ledger, found), "asks_reason": act in _ASKS,
        "says": "作废后这条记录不再计入任何统计，历史仍保留，可以恢复。" if act == "void" else "",
    }  # fmt: skip
    if act == "return":
        shown = {fact.label: fact.text for part in sections(ledger, scope, user, found) for fact in part.facts}
        context["marking"] = [
            {
                "code": one, "label": label, "value": shown.get(label, ""), "says": request.POST.get(f"says_{one}", ""),
                "ticked": one in request.POST.getlist("mark"),
            }
            for one, label in markable(ledger, scope).items()
        ]  # fmt: skip
    if request.method != "POST":
        return _ask(request, context, form)
    return _do(request, context, form, act, _ACTS[act], marks=_marks(request, list(markable(ledger, scope))))


def _marks(request: HttpRequest, codes: list[str]) -> dict[str, str]:
    """What is ticked, and what has words without being ticked."""
    ticked = set(request.POST.getlist("mark"))
    said = {one: request.POST.get(f"says_{one}", "").strip() for one in codes}
    return {one: words for one, words in said.items() if words or one in ticked}


def _do(
    request: HttpRequest, context: dict[str, Any], form: RowForm, act: str, label: str, *,
    values: dict[str, Any] | None = None, marks: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    row, reason, version = form.row, request.POST.get("reason", "").strip(), _version(request)
    try:
        if act == "takeback":
            take_back(form.ledger, row, by=form.user, reason=reason, version=version)
        else:
            transition(form.ledger, row, act, by=form.user, reason=reason, values=values, marks=marks, version=version)
    except CommitRefused as refused:
        problems = form.take(refused.problems)
        if act == "takeback":
            messages.error(request, f"没有{label}：{'；'.join(problems)}")
            return redirect("ledgers:row", form.ledger.code, row.pk)
        return _ask(request, context, form, problems)
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


def _version(request: HttpRequest) -> int:
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
