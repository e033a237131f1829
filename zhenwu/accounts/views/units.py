"""Offices and their lines of work. The system administrator's pages; the security administrator may look."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhenwu.accounts.actions import save_unit
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.lines import LINE_LABELS
from zhenwu.accounts.models import Role, Unit
from zhenwu.accounts.views.access import ANY, field, for_roles, holds, user_of

_OWN = "系统"  # the command line's own


@require_safe
@for_roles(*ANY)
def units(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    now = Q(appointments__valid_from__lte=today) & (
        Q(appointments__valid_to__isnull=True) | Q(appointments__valid_to__gt=today)
    )
    found = Unit.objects.exclude(label=_OWN).annotate(people=Count("appointments__user", filter=now, distinct=True))
    rows = [(one, [LINE_LABELS.get(line, line) for line in one.lines]) for one in found]
    kept = {line for one, _ in rows for line in one.lines}
    nobodys = [label for line, label in LINE_LABELS.items() if line not in kept]
    return render(request, "accounts/units.html", {
        "title": "站所和条线", "rows": rows, "nobodys": nobodys, "may_edit": holds(request, Role.ADMIN),
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.ADMIN)
def new_unit(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.ADMIN)
def edit_unit(request: HttpRequest, unit: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Unit.objects.exclude(label=_OWN), pk=unit))


def _edit(request: HttpRequest, unit: Unit | None) -> HttpResponse:
    posted = request.method == "POST"
    label = request.POST.get("label", "") if posted else unit.label if unit else ""
    lines = request.POST.getlist("lines") if posted else unit.lines if unit else []
    problems: dict[str, str] = {}
    if posted:
        try:
            save_unit(unit, label[:60], lines, by=user_of(request))
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, f"已保存{label}。条线变了的，其人员能看的台账随之改变。")
            return redirect("accounts:units")
    fields = [
        field("label", "站所名称", label, problems, required=True),
        field("lines", "业务条线", lines, problems, widget="multiselect", choices=list(LINE_LABELS.items()), wide=True,
              help="本站所人员能登记和审核这些条线的台账"),
    ]  # fmt: skip
    context = {"title": f"修改{unit.label}" if unit else "新建站所", "fields": fields, "problems": problems, "button": "保存",
               "back": "accounts:units", "back_args": ()}  # fmt: skip
    return render(request, "accounts/form.html", context, status=422 if problems else 200)
