"""Pages to read: the plans, one plan as a tree of tasks with lights, one task, the document as it was read."""

import uuid
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.indicators.asking import day_in
from zhenwu.ledgers.days import working_day
from zhenwu.packs.spec import LINE_LABELS
from zhenwu.plans.access import is_mine, may_edit, may_publish, may_state, plan_for, plans_for, task_for, user_of
from zhenwu.plans.actions import resume, state_progress
from zhenwu.plans.errors import PlanError
from zhenwu.plans.models import AnnualPlan
from zhenwu.plans.outlining import outline_view
from zhenwu.plans.queries import task_states
from zhenwu.plans.showing import LIGHTS, TaskFilter, TaskLine, lines_of, tree_of

_MAX_TEXT = 2000


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    years: dict[int, list[AnnualPlan]] = {}
    for one in plans_for(user).select_related("created_by", "published_by").defer("outline"):
        years.setdefault(one.year, []).append(one)
    return render(request, "plans/index.html", {
        "title": "计划与任务", "years": years.items(), "may_edit": may_edit(user),
    })  # fmt: skip


@require_safe
def plan(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    one = plan_for(user, pk)
    on, problems = _day(request)
    lines = lines_of(user, task_states(one, on=on))
    wanted = TaskFilter.from_params(request.GET)
    shown = [line for line in lines if wanted.takes(line, is_mine(user, line.task))]
    lights = {light: sum(1 for line in lines if line.state.light == light) for light in LIGHTS}
    return render(request, "plans/plan.html", {
        "title": one.title, "plan": one, "on": on, "problems": problems, "filter": wanted, "tree": tree_of(shown),
        "shown": len(shown), "total": len(lines), "lights": [(light, LIGHTS[light], n) for light, n in lights.items()],
        "lines": [(code, LINE_LABELS[code]) for code in dict.fromkeys(line.task.line for line in lines) if code in LINE_LABELS],
        "units": sorted({line.task.lead.label for line in lines if line.task.lead}),
        "has_mine": bool(rights_of(user).units), "may_edit": may_edit(user) and one.state == AnnualPlan.State.DRAFT,
        "may_withdraw": may_publish(user) and one.state == AnnualPlan.State.PUBLISHED,
    })  # fmt: skip


@require_safe
def print_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The plan as a paper table (任务分解表)."""
    user = user_of(request)
    one = plan_for(user, pk)
    on, problems = _day(request)
    wanted = TaskFilter.from_params(request.GET)
    shown = [line for line in lines_of(user, task_states(one, on=on)) if wanted.takes(line, is_mine(user, line.task))]
    return render(request, "plans/print.html", {
        "title": f"{one.title}任务分解表", "plan": one, "on": on, "problems": problems, "tree": tree_of(shown), "shown": len(shown),
    })  # fmt: skip


@require_safe
def outline(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The document as it was read: headings, points and the figures found in each."""
    one = plan_for(user_of(request), pk)
    return render(request, "plans/outline.html", {
        "title": f"{one.title}：原文提纲", "plan": one, "outline": outline_view(one.outline),
    })  # fmt: skip


@require_safe
def task(request: HttpRequest, pk: uuid.UUID, task: uuid.UUID) -> HttpResponse:
    return _task_page(request, user_of(request), pk, task)


@require_POST
def state(request: HttpRequest, pk: uuid.UUID, task: uuid.UUID) -> HttpResponse:
    """State progress on a published task."""
    user = user_of(request)
    one = task_for(user, plan_for(user, pk), task)
    if not may_state(user, one):
        raise Http404
    said = request.POST
    problems: list[str] = []
    on = day_in(said.get("on", ""), problems) or timezone.localdate()
    typed = said.get("percent", "").strip().removesuffix("%")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 3):
        problems.append(f"进度填的是“{typed[:20]}”：请填0到100之间的整数。")
    if len(said.get("text", "")) > _MAX_TEXT:
        problems.append(f"进展情况有{len(said['text'])}字，请压缩到{_MAX_TEXT}字以内。")
    if on > timezone.localdate():
        problems.append(f"日期填的是“{on}”，还没有到：请填今天或以前的日期。")
    if not problems:
        try:
            if said.get("act") == "resume":
                resume(one, by=user, on=on, text=said.get("text", ""))
            else:
                percent = int(typed) if typed else None
                state_progress(
                    one, by=user, on=on, text=said.get("text", ""), percent=percent, done=said.get("done") == "true"
                )
        except PlanError as error:
            problems.append(str(error))
    if problems:
        return _task_page(request, user, pk, task, problems)
    messages.success(request, "已记下进展。")
    return redirect("plans:task", pk=pk, task=task)


def _task_page(
    request: HttpRequest, user: User, pk: uuid.UUID, task: uuid.UUID, problems: list[str] | None = None
) -> HttpResponse:
    one = plan_for(user, pk)
    found = task_for(user, one, task)
    on, unread = _day(request)
    line = _line(user, one, found.pk, on)
    return render(request, "plans/task.html", {
        "title": f"第{found.order}项任务", "plan": one, "task": found, "line": line, "on": on, "typed": request.POST,
        "problems": [*(problems or []), *unread], "may_state": may_state(user, found),
        "line_label": LINE_LABELS.get(found.line, ""), "today": timezone.localdate(),
        "statements": list(found.statements.select_related("by")),
        "may_edit": may_edit(user) and one.state == AnnualPlan.State.DRAFT,
    }, status=422 if problems else 200)  # fmt: skip


def _line(user: User, plan: AnnualPlan, task: uuid.UUID, on: date) -> TaskLine:
    return lines_of(user, task_states(plan, on=on, only=task))[0]


def _day(request: HttpRequest) -> tuple[date, list[str]]:
    problems: list[str] = []
    return day_in(request.GET.get("on", ""), problems) or working_day(), problems
