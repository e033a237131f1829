"""Pages to correct: a document becomes a draft, people correct it, a leader publishes it."""

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.plans.access import may_edit, may_publish, plan_for, task_for, user_of
from zhenwu.plans.actions import delete_draft, make_plan, publish, withdraw
from zhenwu.plans.editing import add_task, delete_task, edit_task, split_task
from zhenwu.plans.errors import PlanError, TaskRefused
from zhenwu.plans.forms import OPS, TaskForm, indicator_choices
from zhenwu.plans.models import AnnualPlan, Task
from zhenwu.plans.outline import OutlineError

MAX_BYTES = 20 * 1024 * 1024
_SUFFIXES = (".docx", ".txt")


def upload(request: HttpRequest) -> HttpResponse:
    user = _editor(request)
    problems: list[str] = []
    if request.method == "POST":
        year = _year(request.POST.get("year", ""), problems)
        file = request.FILES.get("file")
        if file is None:
            problems.append("没有选择文件：请选择计划的 docx 或 txt 文件。")
        else:
            _check_file(file, problems)
        if file is not None and not problems:
            try:
                plan = _read(file, user, year)
            except (OutlineError, PlanError) as error:
                problems.append(str(error))
            else:
                messages.success(
                    request, f"已从《{plan.title}》读出{plan.tasks.count()}项任务。请逐项核对，再由领导发布。"
                )
                return redirect("plans:review", pk=plan.pk)
    return render(request, "plans/upload.html", {
        "title": "上传年度计划", "problems": problems, "year": request.POST.get("year", ""),
    }, status=422 if problems else 200)  # fmt: skip


@require_safe
def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _review_page(request, _editor(request), pk)


def edit(request: HttpRequest, pk: uuid.UUID, task: uuid.UUID) -> HttpResponse:
    user = _editor(request)
    plan = _draft(user, pk)
    one = task_for(user, plan, task)
    form = TaskForm.of(one) if request.method != "POST" else TaskForm.posted(request.POST)
    if request.method == "POST" and _written(form, lambda said: edit_task(one, said)):
        messages.success(request, f"第{one.order}项任务已保存。")
        following = plan.tasks.filter(order__gt=one.order).first() if request.POST.get("act") == "next" else None
        return redirect("plans:edit", pk=pk, task=following.pk) if following else redirect("plans:review", pk=pk)
    return _form_page(request, plan, form, one)


def add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A task that the document does not have as one; `?after=` says behind which it goes."""
    user = _editor(request)
    plan = _draft(user, pk)
    after = _after(plan, request.GET.get("after", ""))
    form = TaskForm.empty(after) if request.method != "POST" else TaskForm.posted(request.POST)
    if request.method == "POST" and _written(form, lambda said: add_task(plan, said, after=after)):
        messages.success(request, "已新增任务。")
        return redirect("plans:review", pk=pk)
    return _form_page(request, plan, form, None)


@require_POST
def split(request: HttpRequest, pk: uuid.UUID, task: uuid.UUID) -> HttpResponse:
    user = _editor(request)
    plan = _draft(user, pk)
    one = task_for(user, plan, task)
    try:
        other = split_task(one, request.POST.get("at", "").replace("\r\n", "\n"))
    except PlanError as error:
        return _form_page(request, plan, TaskForm.of(one), one, problem=str(error))
    messages.success(request, f"已拆成第{one.order}、{other.order}两项，请核对后一项的条线、责任单位和目标。")
    return redirect("plans:edit", pk=pk, task=other.pk)


@require_POST
def remove(request: HttpRequest, pk: uuid.UUID, task: uuid.UUID) -> HttpResponse:
    user = _editor(request)
    plan = _draft(user, pk)
    one = task_for(user, plan, task)
    return _acted(request, user, pk, lambda: delete_task(one), f"已删除第{one.order}项任务。")


@require_POST
def publish_plan(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = _publisher(request)
    plan = plan_for(user, pk)
    try:
        publish(plan, by=user)
    except PlanError as error:
        return _review_page(request, user, pk, str(error))
    messages.success(request, f"《{plan.title}》已发布，各责任单位可以填报进展了。")
    return redirect("plans:plan", pk=pk)


@require_POST
def withdraw_plan(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = _publisher(request)
    plan = plan_for(user, pk)
    try:
        withdraw(plan, by=user)
    except PlanError as error:
        messages.error(request, str(error))
        return redirect("plans:plan", pk=pk)
    messages.success(request, "已撤回，改好后请重新发布。已填报的进展仍然保留。")
    return redirect("plans:review", pk=pk)


@require_POST
def delete_plan(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Throw away a draft, for example of the wrong file."""
    user = _editor(request)
    plan = _draft(user, pk)
    try:
        delete_draft(plan)
    except PlanError as error:
        return _review_page(request, user, pk, str(error))
    messages.success(request, f"已删除草稿《{plan.title}》。")
    return redirect("plans:index")


def _review_page(request: HttpRequest, user: User, pk: uuid.UUID, problem: str = "") -> HttpResponse:
    plan = _draft(user, pk)
    tasks = list(plan.tasks.select_related("lead").prefetch_related("targets"))
    return render(request, "plans/review.html", {
        "title": f"核对：{plan.title}", "plan": plan, "tasks": tasks, "problem": problem,
        "undecided": sum(1 for one in tasks if not one.line), "without_lead": sum(1 for one in tasks if one.lead_id is None),
        "may_publish": may_publish(user), "may_edit": may_edit(user),
    }, status=422 if problem else 200)  # fmt: skip


def _form_page(
    request: HttpRequest, plan: AnnualPlan, form: TaskForm, task: Task | None, *, problem: str = ""
) -> HttpResponse:
    dirty = bool(form.problems)
    is_last = task is None or not plan.tasks.filter(order__gt=task.order).exists()
    return render(request, "plans/edit.html", {
        "title": f"核对第{task.order}项任务" if task else "新增任务", "plan": plan, "task": task, "fields": form.fields(),
        "targets": form.target_rows(), "ops": OPS, "indicators": indicator_choices(), "dirty": dirty,
        "problem": problem, "typed_at": request.POST.get("at", ""), "is_last": is_last,
    }, status=422 if dirty or problem else 200)  # fmt: skip


def _written(form: TaskForm, write: Callable[[Any], Any]) -> bool:
    said = form.said()
    if said is None:
        return False
    try:
        write(said)
    except TaskRefused as refused:
        form.problems |= refused.problems
        return False
    except PlanError as error:
        form.problems["text"] = [str(error)]
        return False
    return True


def _acted(request: HttpRequest, user: User, pk: uuid.UUID, act: Callable[[], Any], done: str) -> HttpResponse:
    try:
        act()
    except PlanError as error:
        return _review_page(request, user, pk, str(error))
    messages.success(request, done)
    return redirect("plans:review", pk=pk)


def _read(file: UploadedFile, user: User, year: int | None) -> AnnualPlan:
    """The upload is read under its own name, so that what the reader says names the file people know."""
    name = Path(str(file.name)).name[-120:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return make_plan(path, by=user, name=name, year=year)


def _check_file(file: UploadedFile, problems: list[str]) -> None:
    name = Path(str(file.name)).name
    if not name.lower().endswith(_SUFFIXES):
        problems.append(f"“{name}”不是 docx 或 txt 文件：请用 Word 或 WPS 打开，另存为 docx 后再传。")
    if (file.size or 0) > MAX_BYTES:
        problems.append(f"“{name}”有{(file.size or 0) / 1024 / 1024:.1f} MB，超过20 MB：请删去图片、附件后再传。")


def _year(said: str, problems: list[str]) -> int | None:
    said = said.strip()
    if not said:
        return None
    if said.isascii() and said.isdigit() and len(said) == 4 and 1990 <= int(said) <= 2100:
        return int(said)
    problems.append(f"计划年度填的是“{said[:20]}”：请填四位数的年份，如2021；不填则从文件中读出。")
    return None


def _after(plan: AnnualPlan, said: str) -> Task | None:
    try:
        return plan.tasks.filter(pk=uuid.UUID(said)).first() if said else None
    except ValueError:
        return None


def _draft(user: User, pk: uuid.UUID) -> AnnualPlan:
    plan = plan_for(user, pk)
    if plan.state != AnnualPlan.State.DRAFT:
        raise Http404
    return plan


def _editor(request: HttpRequest) -> User:
    user = user_of(request)
    if not may_edit(user):
        raise Http404
    return user


def _publisher(request: HttpRequest) -> User:
    user = user_of(request)
    if not may_publish(user):
        raise Http404
    return user
