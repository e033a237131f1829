"""The ledgers by line of work, and the list of one ledger."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from zhenwu.ledgers import filters
from zhenwu.ledgers.designer.access import may_propose
from zhenwu.ledgers.effects import closed_by_hand
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.listpage import ListPage
from zhenwu.ledgers.pages import new_page, pages_beside
from zhenwu.ledgers.publishing import public_fields
from zhenwu.ledgers.queries import counts_for, ledgers_for
from zhenwu.ledgers.remarks import remarks_on
from zhenwu.ledgers.retention.orders import may_see
from zhenwu.ledgers.searching import search_rows
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of
from zhenwu.ledgers.views.bulk import bulk_acts, bulk_steps
from zhenwu.packs.spec import LINE_LABELS


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    q = request.GET.get("q", "").strip()[:60]
    counts = counts_for(user)
    lines: dict[str, dict[str, Any]] = {}
    for ledger, scope in ledgers_for(user):
        line = lines.setdefault(ledger.spec.line, {"label": LINE_LABELS[ledger.spec.line], "ledgers": []})
        line["ledgers"].append({"ledger": ledger, "counts": counts[ledger.code], "may_enter": scope.enter})
    known = [one for line in LINE_LABELS if line in lines for one in lines[line]["ledgers"]]
    return render(request, "ledgers/index.html", {
        "title": "全部台账",
        "proposes": may_propose(user),
        "erases": any(may_see(user, ledger) for ledger, _ in ledgers_for(user)),
        "q": q,
        "lines": [lines[line] | {"code": line} for line in LINE_LABELS if line in lines],
        "found_ledgers": [one for one in known if q and _is_called(one["ledger"], q)],
        "found": list(search_rows(user, q)) if q else [],
        "drafts": [one for one in known if one["counts"].my_drafts],
        "waiting": [one for one in known if one["counts"].waiting],
    })  # fmt: skip


def _is_called(ledger: Any, q: str) -> bool:
    return any(q in word for word in (ledger.label, ledger.spec.one_row, *ledger.spec.keywords))


@require_safe
def listing(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    today = timezone.localdate()
    asked = ListQuery.from_params(ledger, scope, request.GET)
    page = ListPage(ledger, scope, asked, user, today, choose=scope.enter or scope.review)
    context = crumbs(ledger) | {
        "title": ledger.label,
        "scope": scope,
        "new_page": new_page(ledger),
        "beside": pages_beside(ledger) if scope.approve else [],
        "page": page,
        "query": page.query,
        "heads": page.heads(),
        "pager": page.pager(),
        "chips": list(filters.chips(ledger, scope, page.query, user=user)),
        "plain_url": "?",
        "export_query": page.query.url().removeprefix("?"),
        "may_publish": bool(public_fields(ledger, scope)),
        "bulk": bulk_acts(ledger, scope),
        "bulk_steps": bulk_steps(ledger, scope),
        "remarks": remarks_on(user, ledger),
        "not_by_hand": closed_by_hand(ledger),
    }
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == "list":
        response = render(request, "ledgers/_list.html", context)
        response["HX-Push-Url"] = request.path + (page.query.url(page=page.query.page) if page.query.params() else "")
    else:
        context["bar"] = filters.filter_bar(ledger, scope, page.query, today=today)
        response = render(request, "ledgers/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "private, no-store"
    return response
