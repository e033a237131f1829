"""Reading plans: how each task stands on a day."""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.queries import value
from zhenwu.plans.models import AnnualPlan, Target, Task

Light = Literal["green", "yellow", "red"]
YELLOW_DAYS = 7  # from so many days before its due day an open task is yellow


@dataclass(frozen=True, slots=True)
class TargetState:
    target: Target
    figure: Figure | None
    met: bool | None  # None: cannot be computed

    @property
    def percent(self) -> int | None:
        """How much of a target that is to be reached is reached, at most 100; None where that means nothing."""
        if self.figure is None or self.figure.value is None or self.target.op == "<=" or self.target.value <= 0:
            return None
        return max(0, min(100, int(Decimal(self.figure.value) * 100 / self.target.value)))


@dataclass(frozen=True, slots=True)
class TaskState:
    task: Task
    targets: list[TargetState] = field(default_factory=list)
    percent: int | None = None
    light: Light | None = None
    why: str = ""


def published_plan(year: int) -> AnnualPlan | None:
    return AnnualPlan.objects.filter(year=year, state=AnnualPlan.State.PUBLISHED).first()


def lines_of_plan(plan: AnnualPlan) -> list[str]:
    """The lines of work in the order in which the plan first names them."""
    return list(dict.fromkeys(line for line in plan.tasks.values_list("line", flat=True) if line))


def task_states(plan: AnnualPlan, *, on: date, only: uuid.UUID | None = None) -> list[TaskState]:
    """Every task of the plan (or the one asked for) with its targets and light on a day."""
    as_of = min(on, date(plan.year, 12, 31))
    figures: dict[str, Figure | None] = {}
    states = []
    tasks = plan.tasks.filter(pk=only) if only else plan.tasks.all()
    for task in tasks.prefetch_related("targets", "statements").select_related("lead", "plan"):
        targets = [_target_state(target, figures, as_of, plan.year) for target in task.targets.all()]
        percent = _percent(task, targets)
        light, why = light_of(task, targets, on=on)
        states.append(TaskState(task, targets, percent, light, why))
    return states


def light_of(task: Task, targets: list[TargetState], *, on: date) -> tuple[Light | None, str]:
    """Green, yellow or red, and why. The due day is the task's, else 31 December of its year (governance HR-13):
    done or all computed targets met → green; after the due day → red; within seven days of it → yellow; else green."""
    if task.status == Task.Status.DROPPED:
        return None, "已取消"
    due = task.due or date(task.plan.year, 12, 31)
    computed = [state.met for state in targets if state.met is not None]
    if task.status == Task.Status.DONE:
        late = (task.done_on - due).days if task.done_on else 0
        return ("green", "已完成") if late <= 0 else ("yellow", f"完成，超期{late}天")
    if computed and len(computed) == len(targets) and all(computed):
        return "green", "目标已达到"
    if on > due:
        return "red", f"超期{(on - due).days}天"
    if due - on <= timedelta(days=YELLOW_DAYS):
        return "yellow", f"还有{(due - on).days}天到期" if due > on else "今天到期"
    return "green", "未到期"


def _target_state(target: Target, figures: dict[str, Figure | None], as_of: date, year: int) -> TargetState:
    if not target.indicator:
        return TargetState(target, None, None)
    if target.indicator not in figures:
        try:
            figures[target.indicator] = value(target.indicator, as_of=as_of, year=year)
        except UnknownIndicator:  # the pack that declared it is gone: the target is then stated by people
            figures[target.indicator] = None
    figure = figures[target.indicator]
    if figure is None or figure.value is None:
        return TargetState(target, figure, None)
    reached = Decimal(figure.value)
    met = {">=": reached >= target.value, "<=": reached <= target.value, "=": reached == target.value}[target.op]
    return TargetState(target, figure, met)


def _percent(task: Task, targets: list[TargetState]) -> int | None:
    """The lowest of the computed targets, else what was last stated."""
    if task.status == Task.Status.DONE:
        return 100
    computed = [state.percent for state in targets if state.percent is not None]
    if computed:
        return min(computed)
    stated = [one.percent for one in task.statements.all() if one.percent is not None]
    return stated[0] if stated else None
