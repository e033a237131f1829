"""Changes: what one act of writing did to which rows, and undoing it as a whole."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers import story
from zhenwu.ledgers.actions import undo
from zhenwu.ledgers.changelog import ChangeQuery, changed_since, changes_seen, seen_rows, why_not_undo
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.queries import ledgers_for, name_of, scope_in
from zhenwu.ledgers.rowpage import links_of
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_SIZE = 50


@require_safe
def change_page(request: HttpRequest, change: int) -> HttpResponse:
    user = user_of(request)
    found = Change.objects.select_related("author", "stands_for", "undoes").filter(pk=change).first()
    seen = _seen(found, user) if found else []
    if found is None or not seen:
        raise Http404
    number = request.GET.get("page", "1")
    blocks = [_block(found, ledger, scope, number if number.isdigit() else "1") for ledger, scope in seen]
    context = {
        "title": f"变更{found.pk}", "change": found, "blocks": blocks, "undone": list(found.undone_by.all()),
        "may_undo": found.source_kind != SourceKind.PACKS and not found.undone_by.exists() and len(seen) == len(found.ledgers)
        and all(scope.enter or scope.review for _, scope in seen),
    }  # fmt: skip
    response = render(request, "ledgers/change.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _seen(change: Change, user: User) -> list[tuple[Ledger, Scope]]:
    """The ledgers of the change in which the user sees at least one of its rows."""
    found = []
    for code in change.ledgers:
        if code not in runtime.ledgers():
            continue
        ledger = runtime.ledger(code)
        scope = scope_in(user, ledger)
        if scope.read and seen_rows(change, ledger, scope).exists():
            found.append((ledger, scope))
    return found


def _block(change: Change, ledger: Ledger, scope: Scope, number: str) -> dict[str, Any]:
    wanted = seen_rows(change, ledger, scope).select_related(*links_of(ledger, scope)).order_by("no")
    page = Paginator(wanted, _SIZE).get_page(number)
    rows = {row.pk: row for row in page.object_list}
    versions = list(
        History.objects.filter(change=change, ledger=ledger.code, row__in=list(rows)).select_related("change__author")
    )
    older = Q(pk__in=())
    for one in versions:
        if one.version > 1:
            older |= Q(row=one.row, version=one.version - 1)
    before = list(History.objects.filter(older, ledger=ledger.code))
    entries = {one.row: one for one in story.entries(ledger, scope, versions, before)}
    return {
        "ledger": ledger,
        "rows": [(row, name_of(ledger, row), entries[pk]) for pk, row in rows.items() if pk in entries],
        "hidden": change.ledgers[ledger.code] - page.paginator.count,
        "pager": {
            "number": page.number, "pages": page.paginator.num_pages, "total_text": f"{page.paginator.count:,}",
            "size": _SIZE, "has_prev": page.has_previous(), "has_next": page.has_next(),
            "prev_url": f"?page={page.number - 1}", "next_url": f"?page={page.number + 1}",
        },
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def undo_change(request: HttpRequest, change: int) -> HttpResponse:
    """First what it will do, row by row, and what stands in its way; then it is done, for a reason."""
    user = user_of(request)
    found = Change.objects.select_related("author", "stands_for", "undoes").filter(pk=change).first()
    seen = _seen(found, user) if found else []
    if found is None or not seen:
        raise Http404
    if request.method != "POST":
        number = request.GET.get("page", "1")
        blocks = [_block(found, ledger, scope, number if number.isdigit() else "1") for ledger, scope in seen]
        for block in blocks:
            later = changed_since(found, block["ledger"])
            block["rows"] = [(row, name, _reversed(entry), row.pk in later) for row, name, entry in block["rows"]]
        response = render(request, "ledgers/change_undo.html", {
            "title": f"撤销变更{found.pk}", "change": found, "blocks": blocks, "problems": why_not_undo(found, user),
        })  # fmt: skip
        response["Cache-Control"] = "private, no-store"
        return response
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, "撤销要写明原因。没有改动任何内容。")
        return redirect("ledgers:undo", change)
    try:
        done = undo(found, by=user, reason=reason)
    except CommitRefused as refused:
        shown = list(dict.fromkeys(one.message for one in refused.problems))
        messages.error(request, "没有撤销：" + "；".join(shown[:5]))
    except LedgerError as problem:
        messages.error(request, f"没有撤销：{problem}")
    else:
        messages.success(request, f"已撤销变更{found.pk}，恢复了{sum(sum(one.ledgers.values()) for one in done)}行。")
        return redirect("ledgers:change", done[-1].pk)
    return redirect("ledgers:change", change)


def _reversed(entry: story.Entry) -> story.Entry:
    """What undoing brings back; a row that the change added is voided."""
    if entry.version == 1:
        return replace(entry, act="作废", differences=[])
    return replace(
        entry, act="恢复", differences=[story.Difference(one.label, one.now, one.was) for one in entry.differences]
    )


@require_safe
def change_list(request: HttpRequest, code: str = "") -> HttpResponse:
    """Changes, newest first; of one ledger, or of all. Village people see their own; township people see all."""
    user = user_of(request)
    context: dict[str, Any] = {"title": "变更记录"}
    if code:
        ledger, scope = ledger_for(user, code)
        context = crumbs(ledger) | {"title": f"{ledger.label}变更记录", "own": scope.places is not None}
    query = ChangeQuery.from_params(request.GET, code)
    changes = list(changes_seen(user, query)[: _SIZE + 1])
    known = runtime.ledgers()
    context |= {
        "query": query, "kinds": SourceKind.choices,
        "ledgers": [] if code else [(ledger.code, ledger.label) for ledger, _ in ledgers_for(user)],
        "changes": [
            (one, sum(one.ledgers.values()) if not code else one.ledgers[code],
             "、".join(known[name].label for name in one.ledgers if name in known) if not code else "")
            for one in changes[:_SIZE]
        ],
        "older": query.url(before=changes[_SIZE - 1].pk, ledger="" if code else query.ledger)
        if len(changes) > _SIZE else "",
    }  # fmt: skip
    response = render(request, "ledgers/changes.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
