"""The page of one row: its values, its history, and personal values on stated purpose."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.models import Role
from zhenwu.accounts.watching import address_of
from zhenwu.changes.models import Change, History, Review
from zhenwu.ledgers import offers, rowpage, story, transitions
from zhenwu.ledgers.deadlines import due_of
from zhenwu.ledgers.effects import closed_by_hand
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.escalation import escalations_of
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.marks import marks_of
from zhenwu.ledgers.models import Purpose
from zhenwu.ledgers.pages import row_page as own_page
from zhenwu.ledgers.personcopy import may_copy
from zhenwu.ledgers.queries import may_edit, name_of, shown_fields, shown_lines
from zhenwu.ledgers.revealing import note_reveal, reveals_of
from zhenwu.ledgers.views.access import crumbs, ledger_for, row_for, user_of

_RECENT = 200
_RETURNED = '"review":"returned"'  # a lifecycle step may be called return as well


@require_safe
def row_page(request: HttpRequest, code: str, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    ledger, scope, found = row_for(user, code, row, *rowpage.links_of(ledger, scope))
    today = timezone.localdate()
    due = due_of(ledger, found, on=today)
    children = list(rowpage.children(ledger, user, found))
    context = crumbs(ledger) | {
        "title": name_of(ledger, found),
        "row": found,
        "tab": "row",
        "state": ledger.state_label(found.state) if found.state else "",
        "due": due,
        "escalated": [(Role(role).label, since) for role, since in due.escalated] if due else [],
        "went_up": [(Role(one.to).label, one) for one in escalations_of(ledger, found)],
        "sections": rowpage.sections(ledger, scope, user, found),
        "attachments": rowpage.attachments(ledger, scope, found),
        "hidden": len(ledger.stored) - len(shown_fields(ledger, scope)),
        "acts": offers.acts(ledger, scope, user, found, today=today),
        "may_edit": may_edit(scope, found) and not closed_by_hand(ledger, found),
        "own_page": own_page(ledger, found),
        "may_copy": may_copy(ledger, scope, found),
        "returned": _why_returned(code, found),
        "marks": marks_of(ledger, scope, found),
        "way": offers.way_of(ledger, found),
        "children": [one for one in children if not one.empty],
        "may_start": [one for one in children if one.empty],
    }
    response = render(request, "ledgers/row.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _why_returned(code: str, row: Any) -> Change | None:
    """Who sent the row back, and why: the first thing its author needs to read."""
    if row.review != Review.RETURNED:
        return None
    kept = History.objects.filter(ledger=code, row=row.pk, act="return", values__contains=_RETURNED)
    last = kept.select_related("change__author", "change__stands_for").order_by("-version").first()
    return last.change if last else None


@require_safe
def history(request: HttpRequest, code: str, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    kept = (
        History.objects.filter(ledger=code, row=row)
        .select_related("change__author", "change__stands_for")
        .order_by("-version")
    )
    versions = list(kept[: _RECENT + 1])
    context = crumbs(ledger) | {
        "title": name_of(ledger, found),
        "row": found,
        "tab": "history",
        "state": ledger.state_label(found.state) if found.state else "",
        "entries": story.entries(ledger, scope, versions[:_RECENT], versions[_RECENT:]),
        "reveals": list(reveals_of(ledger, row, _RECENT)) if scope.audit else [],
        "may_restore": (scope.enter or scope.review) and found.review != "locked",
    }
    return render(request, "ledgers/row_history.html", context)


@require_POST
def restore(request: HttpRequest, code: str, row: uuid.UUID, version: int) -> HttpResponse:
    user = user_of(request)
    ledger, _, found = row_for(user, code, row)
    if not History.objects.filter(ledger=code, row=row, version=version).exists():
        raise Http404
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, "恢复旧版本要写明原因。没有改动任何内容。")
        return redirect("ledgers:history", code, row)
    said = request.POST.get("version", "")
    current = int(said) if said.isascii() and said.isdigit() else 0
    try:
        transitions.restore(ledger, found, version, by=user, reason=reason, version=current)
    except CommitRefused as refused:
        messages.error(request, "没有恢复：" + "；".join(one.message for one in refused.problems))
    except LedgerError as problem:
        messages.error(request, f"没有恢复：{problem}")
    else:
        messages.success(request, f"已恢复到第{version}版。")
        return redirect("ledgers:row", code, row)
    return redirect("ledgers:history", code, row)


@require_http_methods(["GET", "HEAD", "POST"])
def reveal(
    request: HttpRequest, code: str, row: uuid.UUID, field: str, table: str = "", line: uuid.UUID | None = None
) -> HttpResponse:
    """Asks the purpose, writes down who looked, then shows one value once: of the row, or of a line of a child table."""
    user = user_of(request)
    ledger, scope, found = row_for(user, code, row)
    kind = shown_lines(ledger, scope).get(table, {}).get(field) if table else shown_fields(ledger, scope).get(field)
    if kind is None:
        raise Http404
    holder = next((one for one in lines_of(ledger, found, table) if one.pk == line), None) if table else found
    if holder is None or not kind.is_sealed or not getattr(holder, field):
        raise Http404
    said = request.POST
    context = crumbs(ledger) | {
        "title": f"查看{kind.label}",
        "row": found,
        "kind": kind,
        "name": name_of(ledger, found),
        "purposes": Purpose.choices,
        "said": said,
    }
    where = f"{table}.{holder.position}.{field}" if table else field
    problem = ""
    if request.method == "POST":
        try:
            noted = note_reveal(
                ledger, found, kind, said.get("purpose", ""), note=said.get("note", ""), by=user, address=address_of(request),
                where=where,
            )  # fmt: skip
            context |= {"value": kind.from_row(holder), "noted": noted, "is_long": kind.widget == "textarea"}
        except LedgerError as refused:
            problem = str(refused)
    response = render(request, "ledgers/reveal.html", context | {"problem": problem}, status=422 if problem else 200)
    response["Cache-Control"] = "no-store"
    return response
