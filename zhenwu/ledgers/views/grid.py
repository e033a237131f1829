"""The grid of a ledger: paste from a spreadsheet, fill down, save all at once."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from zhenwu.ledgers import grid
from zhenwu.ledgers.effects import closed_by_hand
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of


@require_safe
def grid_page(request: HttpRequest, code: str) -> HttpResponse:
    user, today = user_of(request), timezone.localdate()
    ledger, scope = ledger_for(user, code)
    if not (scope.enter or scope.review):
        raise Http404
    if why := closed_by_hand(ledger):
        messages.info(request, why)
        return redirect("ledgers:list", code)
    query = ListQuery.from_params(ledger, scope, request.GET)
    rows, more = grid.grid_rows(ledger, scope, query, user=user, today=today)
    data: dict[str, Any] = {
        "columns": [vars(one) for one in grid.grid_columns(ledger, scope, today=today)],
        "rows": rows,
        "may_add": scope.enter,
        "save": reverse("ledgers:grid_save", args=[code]),
        "most": grid.MOST,
    }
    context = crumbs(ledger) | {
        "title": f"{ledger.label}：表格填报", "data": data, "more": more, "most": grid.MOST,
        "back": reverse("ledgers:list", args=[code]) + (f"?{said}" if (said := request.GET.urlencode()) else ""),
        "may_add": scope.enter,
    }  # fmt: skip
    response = render(request, "ledgers/grid.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def grid_save(request: HttpRequest, code: str) -> HttpResponse:
    """{rows: [{key, no, version, cells: {field: text}}]} → {saved, change} or 422 {problems: [[key, field, message]]}."""
    user, today = user_of(request), timezone.localdate()
    ledger, scope = ledger_for(user, code)
    if not (scope.enter or scope.review):
        raise Http404
    known = {one.code for one in grid.grid_columns(ledger, scope, today=today)}
    try:
        typed = grid.typed_rows(json.loads(request.body)["rows"], dict.fromkeys(known))
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"problems": [["", "", "页面送来的内容不完整，没有保存。请刷新页面再试。"]]}, status=400)
    try:
        saved = grid.save_grid(ledger, scope, typed, user=user, today=today)
    except LedgerError as refused:
        return JsonResponse({"problems": [["", "", str(refused)]]}, status=422)
    if saved.problems:
        return JsonResponse({"problems": saved.problems}, status=422)
    change = reverse("ledgers:change", args=[saved.change.pk]) if saved.change else ""
    return JsonResponse({"saved": len(typed) if saved.change else 0, "change": change})
