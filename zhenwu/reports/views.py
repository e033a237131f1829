"""Pages of reports. For those who work for the whole township; for others they do not exist."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import Role
from zhenwu.accounts.scope import rights_of
from zhenwu.changes.audit import took_out
from zhenwu.ledgers.days import working_day
from zhenwu.reports.actions import docx_bytes, draft_report
from zhenwu.reports.actions import freeze as freeze_report
from zhenwu.reports.errors import FreezeRefused, NoData, WrongDay
from zhenwu.reports.forms import DraftForm
from zhenwu.reports.models import Report
from zhenwu.reports.official import official_day, signed_on
from zhenwu.reports.queries import differences as differences_of

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WRITERS = frozenset({Role.OFFICE, Role.LEADER, Role.HEAD})
View = Callable[..., HttpResponse]


def whole_town(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not rights_of(request.user).whole_town:  # type: ignore[arg-type]
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def may_draft(request: HttpRequest) -> bool:
    """Discipline, audit and finance read reports; they write none."""
    return bool(rights_of(request.user).roles & _WRITERS)  # type: ignore[arg-type]


@require_safe
@whole_town
def index(request: HttpRequest) -> HttpResponse:
    reports = Report.objects.select_related("created_by", "frozen_by").defer("body")
    return render(
        request, "reports/index.html", {"title": "总结报告", "reports": reports, "may_draft": may_draft(request)}
    )


@whole_town
def new(request: HttpRequest) -> HttpResponse:
    if not may_draft(request):
        raise Http404
    if request.method != "POST":
        form = DraftForm.empty(working_day())
        return render(request, "reports/new.html", {"title": "生成总结", "fields": form.fields()})
    form = DraftForm(request.POST)
    if form.is_valid():
        try:
            report = draft_report(form.year, form.as_of, request.user, boundary=form.boundary)
        except WrongDay as error:
            form.problem("as_of", str(error))
        except NoData as error:
            form.problem("year", str(error))
        else:
            messages.success(request, f"已生成《{report.title}》，共引用{len(report.tree.figures)}个数。")
            return redirect(report)
    return render(
        request, "reports/new.html", {"title": "生成总结", "fields": form.fields(), "dirty": True}, status=422
    )


@require_safe
@whole_town
def report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, _report(pk))


@require_safe
@whole_town
def differences(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    one = _report(pk)
    found = differences_of(one)
    shown = {"title": f"{one.title}：数据变化", "report": one, "differences": found, "total": len(one.tree.figures)}
    return render(request, "reports/differences.html", shown)


@require_safe
@whole_town
def docx(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    one = _report(pk)
    name = f"{one.title}{'' if one.is_frozen else '（草稿）'}.docx"
    response = HttpResponse(docx_bytes(one), content_type=_DOCX)
    took_out(f"《{one.title}》{'' if one.is_frozen else '（草稿）'}docx", by=request.user)
    response["Content-Disposition"] = f"attachment; filename=\"report-{one.year}.docx\"; filename*=UTF-8''{quote(name)}"
    return response


@require_POST
@whole_town
def freeze(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    one = _report(pk)
    try:
        freeze_report(one, by=request.user)
    except FreezeRefused as error:
        return _page(request, one, refused=error, status=422)
    messages.success(request, "已定稿。之后的数据变化列在“数据变化”里，不会改动本稿。")
    return redirect(one)


def _report(pk: uuid.UUID) -> Report:
    return get_object_or_404(Report.objects.select_related("created_by", "frozen_by"), pk=pk)


def _page(
    request: HttpRequest, one: Report, *, refused: FreezeRefused | None = None, status: int = 200
) -> HttpResponse:
    may_freeze = bool(rights_of(request.user).roles & {Role.LEADER, Role.HEAD}) and not one.is_frozen  # type: ignore[arg-type]
    shown = {
        "title": one.title, "report": one, "lines": list(one.tree.lines()), "figures": list(one.tree.figures.values()),
        "signed_on": official_day(signed_on(one)), "may_freeze": may_freeze, "refused": refused,
    }  # fmt: skip
    return render(request, "reports/report.html", shown, status=status)
