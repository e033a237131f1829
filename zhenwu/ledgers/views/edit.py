"""The form of a row: new, changed, and what to do when someone else was faster."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.effects import closed_by_hand
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError
from zhenwu.ledgers.forms import FormField, RowForm
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.marks import marks_of
from zhenwu.ledgers.operations import KEEP, Add, Draft, Edit, ReviewStep
from zhenwu.ledgers.pages import new_page
from zhenwu.ledgers.queries import lines_text, may_edit, name_of, rows_in, shown_line_values
from zhenwu.ledgers.rowpage import links_of
from zhenwu.ledgers.snapshot import canonical_of
from zhenwu.ledgers.views.access import crumbs, ledger_for, row_for, user_of
from zhenwu.packs.runtime import Ledger

FORM = Source(SourceKind.FORM)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    if not scope.enter:
        raise Http404
    if why := closed_by_hand(ledger):
        messages.info(request, why)
        return redirect(new_page(ledger)[0])
    links = {one for one, kind in ledger.stored.items() if kind.is_link} | {"division"}
    initial = {key: value for key, value in request.GET.items() if key in links}
    form = RowForm(ledger, scope, user, today=timezone.localdate(), initial=initial)
    if request.method != "POST":
        return _page(request, ledger, form)
    if form.wants_more_lines(request.POST, request.FILES):
        return _page(request, ledger, form)
    problems: list[str] = []
    if form.read(request.POST, request.FILES):
        review = Review.SUBMITTED if request.POST.get("act") == "submit" else Review.DRAFT
        try:
            change = commit(
                Draft(code, user, [Add(form.values, form.division, review, note=form.note, files=form.files)], FORM)
            )
        except CommitRefused as refused:
            problems = form.take(refused.problems)
        except LedgerError as refused:
            problems = [str(refused)]
        else:
            row: Any = rows_in(ledger, scope).get(change=change)
            messages.success(
                request,
                " ".join([f"已{'报送' if review == Review.SUBMITTED else '存为草稿'}：{row.no}。", *form.understood()]),
            )
            if request.POST.get("act") == "more":
                return redirect(request.get_full_path())
            return redirect("ledgers:row", code, row.pk)
    return _page(request, ledger, form, problems, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    ledger, scope, found = row_for(user, code, row, *links_of(ledger, scope))
    if why := closed_by_hand(ledger, found):
        messages.info(request, why)
        return redirect("ledgers:row", code, row)
    if not may_edit(scope, found):
        messages.warning(request, _why_not(found))
        return redirect("ledgers:row", code, row)
    form = RowForm(ledger, scope, user, today=timezone.localdate(), row=found, marks=_open_marks(ledger, scope, found))
    if request.method != "POST":
        return _page(request, ledger, form)
    opened = _opened(request, found)
    if form.wants_more_lines(request.POST, request.FILES):
        return _page(request, ledger, form, opened=opened)
    readable = form.read(request.POST, request.FILES)
    base = _base(ledger, found, opened)
    if opened != found.version:
        return _conflict(request, ledger, scope, user, form, base)
    problems: list[str] = []
    if readable:
        try:
            done = _save(ledger, user, form, base, submit=request.POST.get("act") == "submit")
        except CommitRefused as refused:
            problems = form.take(refused.problems)
        except Conflict:
            found.refresh_from_db()
            return _conflict(request, ledger, scope, user, form, base)
        except LedgerError as refused:
            problems = [str(refused)]
        else:
            messages.success(request, " ".join([f"{found.no}{done}", *form.understood()]))
            return redirect("ledgers:row", code, row)
    return _page(request, ledger, form, problems, status=422)


@transaction.atomic
def _save(ledger: Ledger, user: User, form: RowForm, base: dict[str, Any], *, submit: bool) -> str:
    """Commit what differs from the opened version, then the submission: both or neither."""
    row = form.row
    values = form.changed(base)
    division = form.division if _hex(form.division) != base.get("division") else KEEP
    note = form.note if form.note != base.get("note") else KEEP
    files = form.files if form.files != base.get("files") else KEEP
    version = row.version
    changed = bool(values) or any(one is not KEEP for one in (division, note, files))
    if changed:
        commit(Draft(ledger.code, user, [Edit(row.pk, version, values, division, note, files=files)], FORM))
        version += 1
    if submit:
        commit(Draft(ledger.code, user, [ReviewStep(row.pk, version, "submit")], FORM))
        return "已报送。"
    return "已保存。" if changed else "没有改动。"


def _conflict(
    request: HttpRequest, ledger: Ledger, scope: Scope, user: User, form: RowForm, base: dict[str, Any]
) -> HttpResponse:
    """409: what was typed stays, and beside each field that both changed stands what the row holds now.

    Fields that only the other person changed take the other's value, so that saving again takes nothing back.
    """
    _, _, row = row_for(user, ledger.code, form.row.pk, *links_of(ledger, scope))
    now = canonical_of(ledger, row)
    fresh = RowForm(ledger, scope, user, today=form.today, row=row)
    mine = set(form.changed(base)) | form.wrong | ({"files"} if form.files != base.get("files") else set())
    parts = form.parts()
    for part in parts:
        for place, field in enumerate(part.fields):
            if field.name == "note":
                kept, theirs = (form.note != base.get("note")), row.note != base.get("note")
                if theirs and kept:
                    field.other = row.note or "未填"
                elif theirs:
                    field.value = row.note or ""
                continue
            if now.get(field.name) == base.get(field.name):
                continue
            if field.name == "division":
                field.other = str(row.division or "未填")
            elif field.name in mine:
                field.other = _now_text(ledger, scope, row, field.name) or "未填"
            else:
                part.fields[place] = _marked(fresh.field(field.name))
    context = {"parts": parts, "row": row, "version": row.version, "conflict": row}
    return render(request, "ledgers/row_edit.html", _context(ledger, fresh) | context, status=409)


def _now_text(ledger: Ledger, scope: Scope, row: Any, code: str) -> str:
    if code == "files":
        return ledger.attachments.show_row(row)
    if code not in ledger.children:
        return ledger.types[code].show_row(row)
    return lines_text(shown_line_values(ledger, scope)[code].values(), lines_of(ledger, row, code))


def _open_marks(ledger: Ledger, scope: Scope, row: Any) -> dict[str, str]:
    """What a reviewer marked and is not put right yet."""
    return {one.field: one.says for one in marks_of(ledger, scope, row) if not one.is_done}


def _marked(field: FormField) -> FormField:
    field.help = "对方刚刚改成现在的值。" + field.help
    return field


def _opened(request: HttpRequest, row: Any) -> int:
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0


def _base(ledger: Ledger, row: Any, version: int) -> dict[str, Any]:
    """Canonical values of the version that the form was opened at."""
    if version == row.version:
        return canonical_of(ledger, row)
    old = (
        History.objects.filter(ledger=ledger.code, row=row.pk, version=version).values_list("values", flat=True).first()
    )
    return json.loads(old) if old else canonical_of(ledger, row)


def _page(
    request: HttpRequest,
    ledger: Ledger,
    form: RowForm,
    problems: list[str] | None = None,
    status: int = 200,
    opened: int | None = None,
) -> HttpResponse:
    context = _context(ledger, form) | {"parts": form.parts(), "problems": problems or [], "failed": status == 422}
    if opened is not None:  # the form goes on from the version that was opened, not from the one that is here now
        context["version"] = opened
    response = render(request, "ledgers/row_edit.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _context(ledger: Ledger, form: RowForm) -> dict[str, Any]:
    row = form.row
    return crumbs(ledger) | {
        "title": f"修改{name_of(ledger, row)}" if row is not None else f"新增{ledger.label.removesuffix('台账')}",
        "row": row,
        "version": row.version if row is not None else 0,
        "may_submit": form.scope.enter and (row is None or row.review in (Review.DRAFT, Review.RETURNED)),
        "hidden": [kind.label for kind in form.hidden],
        "failed": False,
    }


def _why_not(row: Any) -> str:
    if row.is_void:
        return f"{row.no}已作废，不能修改。"
    return f"{row.no}{row.get_review_display()}，现在不能由你修改；要改请先由审核人员退回。"


def _hex(value: uuid.UUID | None) -> str | None:
    return value.hex if value else None
