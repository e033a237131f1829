"""Two versions of a row side by side, and going back to the older one."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhenwu.changes.models import History
from zhenwu.ledgers import story
from zhenwu.ledgers.queries import name_of
from zhenwu.ledgers.restoring import problems_in_version
from zhenwu.ledgers.views.access import crumbs, row_for, user_of


@require_safe
def compare_page(request: HttpRequest, code: str, row: uuid.UUID) -> HttpResponse:
    """`a` and `b` are version numbers; missing ones are the last but one and the last."""
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    wanted = {name: _number(request.GET.get(name, "")) for name in ("a", "b")}
    b = wanted["b"] or found.version
    a = wanted["a"] or max(1, b - 1)
    kept = History.objects.filter(ledger=code, row=row, version__in={a, b})
    versions = {one.version: one for one in kept.select_related("change__author", "change__stands_for")}
    if a not in versions or b not in versions:
        raise Http404
    older, newer = versions[min(a, b)], versions[max(a, b)]
    lines = story.compared(ledger, scope, older, newer)
    whole = request.GET.get("all") == "1"
    may_restore = (
        older.version != found.version and newer.version == found.version
        and (scope.enter or scope.review) and found.review != "locked"
    )  # fmt: skip
    response = render(request, "ledgers/compare.html", crumbs(ledger) | {
        "title": f"第{older.version}版与第{newer.version}版对照", "row": found, "name": name_of(ledger, found),
        "a": older, "b": newer, "all": whole, "lines": lines if whole else [one for one in lines if one.differs],
        "may_restore": may_restore, "sealed": bool(older.sealed),
        "problems": [one.message for one in problems_in_version(ledger, older)] if may_restore else [],
    })  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
