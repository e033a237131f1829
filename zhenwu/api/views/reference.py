"""The reference of the API as pages, for who is logged in: only the ledgers that this person may read."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.scope import rights_of
from zhenwu.accounts.views.access import user_of
from zhenwu.api.access import Bearer
from zhenwu.api.document import document
from zhenwu.api.problems import unknown_caller
from zhenwu.api.reference import common_operations, fields_of, operations_of
from zhenwu.ledgers.queries import ledgers_for, shown_fields
from zhenwu.packs.spec import LINE_LABELS

_bearer = Bearer()


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not rights_of(user).works:
        raise Http404
    lines: dict[str, list[object]] = {}
    for ledger, _ in ledgers_for(user):
        lines.setdefault(LINE_LABELS[ledger.spec.line], []).append(ledger)
    return render(request, "api/docs.html", {
        "title": "接口说明", "tab": "docs", "lines": list(lines.items()),
        "operations": common_operations(site=_site(request)),
    })  # fmt: skip


@require_safe
def ledger_page(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    found = next(((ledger, scope) for ledger, scope in ledgers_for(user) if ledger.code == code), None)
    if found is None:
        raise Http404
    ledger, scope = found
    return render(request, "api/docs_ledger.html", {
        "title": f"{ledger.label}的接口", "ledger": ledger, "fields": fields_of(shown_fields(ledger, scope)),
        "operations": operations_of(ledger, site=_site(request)), "states": list(ledger.states.values()),
        "today": timezone.localdate(),
    })  # fmt: skip


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The document of what the caller may use: by token, or by the session of who reads the pages."""
    caller = _bearer(request)
    if caller is not None:
        codes = [ledger.code for ledger, _ in caller.ledgers()]
    elif request.user.is_authenticated:
        codes = [ledger.code for ledger, _ in ledgers_for(user_of(request))]
    else:
        return unknown_caller()
    return JsonResponse(document(codes), headers={"Cache-Control": "private, no-store"})


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
