"""Pairs that may be one person, side by side; joined, told apart, or split again."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.queries import rows_in, shown_fields
from zhenwu.ledgers.views.access import crumbs, ledger_for, row_for, user_of
from zhenwu.residents.doubles import pairs
from zhenwu.residents.merging import may_merge, merge_persons, problems_of, split_persons, tell_apart


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, "person")
    if not may_merge(user):
        raise Http404
    found = pairs(rows_in(ledger, scope))
    rows = (
        rows_in(ledger, scope).select_related("division").in_bulk({pk for one in found for pk in (one.low, one.high)})
    )
    shown = [{"pair": one, "low": rows[one.low], "high": rows[one.high]} for one in found]
    context = crumbs(ledger) | {"title": "疑似重复登记", "pairs": shown}
    return _private(render(request, "residents/doubles.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, low: uuid.UUID, high: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope, a = row_for(user, "person", low)
    _, _, b = row_for(user, "person", high)
    if not may_merge(user, a, b) or a.pk == b.pk:
        raise Http404
    reason, problem = request.POST.get("reason", "").strip(), ""
    if request.method == "POST":
        try:
            return _decided(request, a, b, reason)
        except LedgerError as refused:
            problem = str(refused)
    keep = b if b.idno_hash and not a.idno_hash else a
    lines = [
        {
            "label": kind.label,
            "a": kind.show_row(a),
            "b": kind.show_row(b),
            "differs": kind.canonical_of_row(a) != kind.canonical_of_row(b),
        }
        for code, kind in shown_fields(ledger, scope).items()
        if code != "merged_into" and (kind.from_row(a) is not None or kind.from_row(b) is not None)
    ]
    lines.insert(
        0,
        {"label": ledger.spec.place_label, "a": a.division, "b": b.division, "differs": a.division_id != b.division_id},
    )
    context = crumbs(ledger) | {
        "title": "是不是同一个人？", "a": a, "b": b, "keep": keep, "lines": lines, "reason": reason, "problem": problem,
        "stands": problems_of(keep, b if keep is a else a),
    }  # fmt: skip
    return _private(render(request, "residents/compare.html", context, status=422 if problem else 200))


def _decided(request: HttpRequest, a: Any, b: Any, reason: str) -> HttpResponse:
    user = user_of(request)
    if request.POST.get("act") == "apart":
        tell_apart(a.pk, b.pk, by=user, reason=reason)
        messages.success(request, f"已记下：{a.no}和{b.no}不是同一个人，以后不再提示。")
        return redirect("residents:doubles")
    keep, gone = (b, a) if request.POST.get("keep") == str(b.pk) else (a, b)
    merge_persons(keep, gone, by=user, reason=reason)
    messages.success(request, f"{gone.no}已并入{keep.no}，各台账指向它的记录都改为指向{keep.no}。")
    return redirect("residents:person", keep.pk)


@require_POST
def split(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    _, _, gone = row_for(user, "person", row)
    try:
        split_persons(gone, by=user, reason=request.POST.get("reason", ""))
    except LedgerError as refused:
        messages.error(request, f"没有拆分：{refused}")
    else:
        messages.success(request, f"{gone.no}已恢复成单独的一条，原来指向它的记录也还给它。")
    return redirect("residents:person", row)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
