"""From a plan document to tasks; correcting, publishing, stating progress."""

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.models import Unit
from zhenwu.packs import runtime
from zhenwu.plans.classify import Named, indicator_of, line_of
from zhenwu.plans.errors import PlanError
from zhenwu.plans.models import AnnualPlan, Statement, Target, Task
from zhenwu.plans.outline import (
    Outline,
    Point,
    Section,
    TableTarget,
    find_due,
    find_offices,
    find_targets,
    read_outline,
)
from zhenwu.plans.outline import Target as Promise


@transaction.atomic
def make_plan(path: Path, *, by: Any, name: str = "", year: int | None = None) -> AnnualPlan:
    """Read a document and propose its plan part as tasks; a person corrects and publishes it.

    Raises OutlineError for a file that cannot be read, PlanError when it holds no plan or names no year.
    """
    outline = read_outline(path)
    plan_year = year or outline.year_plan
    called = name or path.name
    if plan_year is None:
        raise PlanError(f"“{called}”里看不出是哪一年的计划：请在上传时填写计划年度。")
    pieces = list(_pieces(outline))
    if not pieces:
        raise PlanError(f"“{called}”里没有找到工作计划部分（如“二、{plan_year}年工作计划”）。请检查是否传错了文件。")
    plan = AnnualPlan.objects.create(
        year=plan_year, title=outline.title or called, source_name=called, created_by=by,
        outline=outline.as_json() | {"source": outline.source_json()},
        source_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
    )  # fmt: skip
    units = {unit.label: unit for unit in Unit.objects.all()}
    known = indicators_known()
    packs = list(runtime.packs().packs.values())
    for order, (part, section, text) in enumerate(pieces, 1):
        offices = find_offices(text)
        task = Task.objects.create(
            plan=plan, order=order, part=part[:300], section=section[:300], text=text, due=find_due(text, plan_year),
            line=line_of(text, packs) or line_of(f"{section}{part}", packs), lead=_unit(offices.lead, units),
            lead_said=offices.lead or "", assisting=list(offices.assisting), person=offices.person or "",
        )  # fmt: skip
        Target.objects.bulk_create([_target(task, promise, known) for promise in find_targets(text)])
    _add_table(plan, outline, len(pieces), known)
    return plan


@transaction.atomic
def publish(plan: AnnualPlan, *, by: Any) -> AnnualPlan:
    """Make the plan the year's plan. Raises PlanError with what is still to be decided."""
    plan = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state == AnnualPlan.State.PUBLISHED:
        raise PlanError("这份计划已经发布了。")
    other = AnnualPlan.objects.filter(year=plan.year, state=AnnualPlan.State.PUBLISHED).first()
    if other:
        raise PlanError(f"{plan.year}年已经发布了《{other.title}》。要换成这一份，请先撤回那一份。")
    undecided = plan.tasks.filter(line="").values_list("order", flat=True)
    if undecided:
        raise PlanError(f"第{'、'.join(map(str, undecided))}项任务还没有选条线：请先核对这些任务。")
    plan.state, plan.published_by, plan.published_at = AnnualPlan.State.PUBLISHED, by, timezone.now()
    plan.save(update_fields=["state", "published_by", "published_at"])
    return plan


@transaction.atomic
def withdraw(plan: AnnualPlan, *, by: Any) -> AnnualPlan:
    """Bring a published plan back to draft, to be corrected."""
    plan = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != AnnualPlan.State.PUBLISHED:
        raise PlanError("这份计划还没有发布。")
    plan.state, plan.published_by, plan.published_at = AnnualPlan.State.DRAFT, None, None
    plan.save(update_fields=["state", "published_by", "published_at"])
    return plan


@transaction.atomic
def delete_draft(plan: AnnualPlan) -> None:
    """Throw away a draft that holds nothing said by people yet."""
    plan = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != AnnualPlan.State.DRAFT:
        raise PlanError("已发布的计划不能删除。请先撤回。")
    if Statement.objects.filter(task__plan=plan).exists():
        raise PlanError("这份计划的任务已有填报的进展，不能删除。请改正后重新发布。")
    plan.delete()


@transaction.atomic
def state_progress(
    task: Task, *, by: Any, on: date, text: str, percent: int | None = None, done: bool = False
) -> Statement:
    """Say how a task stands. `done` closes it on that day."""
    if not text.strip():
        raise PlanError("请写明进展情况。")
    if percent is not None and not 0 <= percent <= 100:
        raise PlanError("进度应为0到100之间的数。")
    if done:
        task.status, task.done_on = Task.Status.DONE, on
        task.save(update_fields=["status", "done_on"])
    return Statement.objects.create(task=task, by=by, said_on=on, text=text.strip(), percent=100 if done else percent)


@transaction.atomic
def resume(task: Task, *, by: Any, on: date, text: str) -> Statement:
    """Take back that a task is done: a click too early, or what was done did not hold."""
    if task.status != Task.Status.DONE:
        raise PlanError("这项任务没有报过完成。")
    if not text.strip():
        raise PlanError("请写明恢复为进行中的原因。")
    task.status, task.done_on = Task.Status.OPEN, None
    task.save(update_fields=["status", "done_on"])
    return Statement.objects.create(task=task, by=by, said_on=on, text=f"恢复为进行中：{text.strip()}")


def indicators_known() -> list[Named]:
    return [
        Named(one.code, one.label, one.unit)
        for pack in runtime.packs().packs.values()
        for one in pack.indicator
        if not one.by
    ]


def _pieces(outline: Outline) -> Iterator[tuple[str, str, str]]:
    """(part heading, section heading, text) of everything promised: points, else the section's or part's own text."""
    for part in outline.parts:
        if part.kind != "plan":
            continue
        if part.text.strip() and not part.sections:
            yield part.heading, "", part.text.strip()
        for section in part.sections:
            yield from ((part.heading, section.heading, text) for text in _texts(section))


def _texts(section: Section) -> Iterator[str]:
    if section.text.strip() and not section.points:
        yield section.text.strip()
    for point in section.points:
        yield _whole(point)


def _whole(point: Point) -> str:
    """A point with all that stands below it."""
    below = [passage.text.strip() for passage in point.body]
    below += [f"{child.marker}{_whole(child)}" for child in point.points if not child.inside]
    return "\n".join([point.text.strip(), *below])


def _unit(said: str | None, units: dict[str, Unit]) -> Unit | None:
    """The office a document names: its label, or the only one whose label holds the words (镇党建办 → 党建办)."""
    if not said:
        return None
    if said in units:
        return units[said]
    close = [unit for label, unit in units.items() if label in said or said in label]
    return close[0] if len(close) == 1 else None


def _target(task: Task, promise: Promise, known: list[Named]) -> Target:
    return Target(
        task=task, label=promise.label[:200], indicator=indicator_of(promise, known), op=promise.op,
        value=Decimal(promise.value), unit=promise.unit, said=promise.raw[:300],
    )  # fmt: skip


def _add_table(plan: AnnualPlan, outline: Outline, count: int, known: list[Named]) -> None:
    """The rows of a table of targets (重点指标分解表), each as a task with one target."""
    packs = list(runtime.packs().packs.values())
    units = {unit.label: unit for unit in Unit.objects.all()}
    rows: list[TableTarget] = [row for row in outline.targets if row.target is not None]
    for order, row in enumerate(rows, count + 1):
        task = Task.objects.create(
            plan=plan, order=order, part="重点指标", text=f"{row.indicator}达到{row.target}{row.unit}",
            line=line_of(row.indicator, packs), due=find_due(row.due or "", plan.year), lead=_unit(row.office, units),
            lead_said=row.office or "",
        )  # fmt: skip
        promise = Promise(row.indicator, row.op or ">=", row.target or 0, row.unit, row.indicator)
        Target.objects.bulk_create([_target(task, promise, known)])
