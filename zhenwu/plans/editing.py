"""Correcting the tasks of a draft: what the platform proposed is never published unread."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from zhenwu.accounts.models import Unit
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.queries import spec_of
from zhenwu.packs.spec import LINE_LABELS
from zhenwu.plans.errors import PlanError, TaskRefused
from zhenwu.plans.models import AnnualPlan, Target, Task

_FAR = 1_000_000  # orders are moved out of the way before they are moved up: (plan, order) stays unique all the time
_MAX_VALUE = Decimal(10) ** 16


@dataclass(frozen=True)
class TargetSaid:
    """One target as a person wants it."""

    label: str
    op: str
    value: Decimal | None
    unit: str
    indicator: str = ""
    said: str = ""


@dataclass(frozen=True)
class TaskSaid:
    text: str
    line: str = ""
    lead: Unit | None = None
    assisting: tuple[str, ...] = ()
    person: str = ""
    due: date | None = None
    part: str = ""
    section: str = ""
    targets: tuple[TargetSaid, ...] = ()


@transaction.atomic
def edit_task(task: Task, said: TaskSaid) -> Task:
    """Write a corrected task with its targets. Raises TaskRefused with every problem, PlanError when it is published."""
    plan = _draft(task.plan_id)
    _refuse(said, plan)
    _fill(task, said)
    task.save()
    _set_targets(task, said.targets)
    return task


@transaction.atomic
def add_task(plan: AnnualPlan, said: TaskSaid, *, after: Task | None = None) -> Task:
    """A task that the document does not hold as one; after another task, else at the end."""
    plan = _draft(plan.pk)
    _refuse(said, plan)
    task = Task(plan=plan, order=_room_after(plan, after))
    _fill(task, said)
    task.save()
    _set_targets(task, said.targets)
    return task


@transaction.atomic
def split_task(task: Task, at: str) -> Task:
    """Make the part of the text that begins with the words `at` a task of its own, with the same line, offices and day."""
    plan = _draft(task.plan_id)
    words = at.strip()
    place = task.text.find(words) if words else -1
    if place < 0:
        raise PlanError(f"原文里找不到“{words[:30]}”：请照原文填写后半段开头的几个字。")
    if not task.text[:place].strip():
        raise PlanError(f"“{words[:30]}”已经是开头：请填写后半段开头的几个字。")
    rest = task.text[place:].strip()
    other = Task.objects.create(
        plan=plan, order=_room_after(plan, task), part=task.part, section=task.section, text=rest, line=task.line,
        lead=task.lead, lead_said=task.lead_said, assisting=task.assisting, person=task.person, due=task.due,
    )  # fmt: skip
    task.text = task.text[:place].strip()
    task.save(update_fields=["text"])
    moved = [
        target.pk
        for target in task.targets.all()
        if target.said and target.said in rest and target.said not in task.text
    ]
    Target.objects.filter(pk__in=moved).update(task=other)
    return other


@transaction.atomic
def delete_task(task: Task) -> None:
    """Take out what is no task (an introduction, a slogan). Only from a draft; the document itself stays."""
    plan = _draft(task.plan_id)
    if plan.tasks.count() == 1:
        raise PlanError("这是计划里唯一的任务，不能删除。")
    if task.statements.exists():
        raise PlanError(f"第{task.order}项任务已有填报的进展，不能删除。")
    order = task.order
    task.delete()
    _move(plan, order, -1)


def _draft(pk: uuid.UUID) -> AnnualPlan:
    plan = AnnualPlan.objects.select_for_update().get(pk=pk)
    if plan.state != AnnualPlan.State.DRAFT:
        raise PlanError("计划已经发布，不能再改任务。要改，请先由党政主要领导或分管领导撤回。")
    return plan


def _refuse(said: TaskSaid, plan: AnnualPlan) -> None:
    problems: dict[str, list[str]] = {}

    def problem(name: str, text: str) -> None:
        problems.setdefault(name, []).append(text)

    if not said.text.strip():
        problem("text", "“内容”没有填：请写明要做什么。")
    if said.line and said.line not in LINE_LABELS:
        problem("line", "“条线”请从列表中选择。")
    if said.due and not plan.year - 1 <= said.due.year <= plan.year + 5:
        problem("due", f"“完成时限”填的是“{said.due}”：应在{plan.year}年前后，请核对年份。")
    for number, target in enumerate(said.targets):
        _target_problems(number, target, problem)
    if problems:
        raise TaskRefused(problems)


def _target_problems(number: int, target: TargetSaid, problem: Any) -> None:
    name = f"target{number}"
    if not target.label.strip():
        problem(name, "目标没有写名称：请写明是什么，如“新建公路里程”。")
    if target.value is None:
        problem(name, f"“{target.label}”没有写目标值：请填数字；不需要这个目标，请清空名称和数值。")
    elif abs(target.value) >= _MAX_VALUE or target.value != round(target.value, 4):
        problem(name, f"“{target.label}”的目标值太大或小数多于四位，请换一个单位。")
    if target.op not in Target.Op.values:
        problem(name, f"“{target.label}”请选择不低于、不高于或等于。")
    if target.indicator:
        try:
            spec_of(target.indicator)
        except UnknownIndicator as error:
            problem(name, str(error))


def _fill(task: Task, said: TaskSaid) -> None:
    task.text, task.line, task.lead, task.assisting = said.text.strip(), said.line, said.lead, list(said.assisting)
    task.person, task.due = said.person.strip(), said.due
    task.part, task.section = said.part[:300], said.section[:300]


def _set_targets(task: Task, said: Sequence[TargetSaid]) -> None:
    task.targets.all().delete()
    Target.objects.bulk_create(
        Target(
            task=task, label=one.label.strip()[:200], indicator=one.indicator, op=one.op, value=one.value or Decimal(0),
            unit=one.unit.strip()[:20], said=one.said[:300],
        )
        for one in said
    )  # fmt: skip


def _room_after(plan: AnnualPlan, after: Task | None) -> int:
    if after is None:
        return (plan.tasks.aggregate(last=Max("order"))["last"] or 0) + 1
    _move(plan, after.order, 1)
    return after.order + 1


def _move(plan: AnnualPlan, behind: int, by: int) -> None:
    later = plan.tasks.filter(order__gt=behind)
    later.update(order=F("order") + _FAR)
    plan.tasks.filter(order__gt=_FAR).update(order=F("order") - _FAR + by)
