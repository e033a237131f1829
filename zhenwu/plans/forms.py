"""What is typed about a task, a document, a statement: kept when it comes back with problems."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from zhenwu.accounts.models import Unit
from zhenwu.indicators.queries import indicator_codes, spec_of
from zhenwu.packs.spec import LINE_LABELS
from zhenwu.plans.editing import TargetSaid, TaskSaid
from zhenwu.plans.models import Target, Task

SPARE_TARGETS = 2  # empty lines at the end of the table of targets
MAX_TARGETS = 30
_NUMBER = re.compile(r"^-?\d{1,16}(\.\d{1,4})?$")
_COLUMNS = ("label", "indicator", "op", "value", "unit", "said")


@dataclass
class TaskForm:
    """`typed` and `targets` are what stands in the fields; `problems` by field name."""

    typed: dict[str, str]
    targets: list[dict[str, str]]
    problems: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Task) -> "TaskForm":
        typed = {
            "text": task.text, "line": task.line, "lead": str(task.lead_id or ""), "assisting": "、".join(task.assisting),
            "person": task.person, "due": task.due.isoformat() if task.due else "", "part": task.part, "section": task.section,
        }  # fmt: skip
        targets = [
            {
                "label": one.label, "indicator": one.indicator, "op": one.op, "value": f"{one.value.normalize():f}",
                "unit": one.unit, "said": one.said,
            }
            for one in task.targets.all()
        ]  # fmt: skip
        return cls(typed, targets)

    @classmethod
    def empty(cls, after: Task | None = None) -> "TaskForm":
        typed = {"part": after.part, "section": after.section, "line": after.line} if after else {}
        return cls(typed, [])

    @classmethod
    def posted(cls, said: Mapping[str, str]) -> "TaskForm":
        names = ("text", "line", "lead", "assisting", "person", "due", "part", "section")
        typed = {name: said.get(name, "").replace("\r\n", "\n").strip() for name in names}
        targets = []
        for number in range(MAX_TARGETS):
            one = {column: said.get(f"target{number}_{column}", "").strip() for column in _COLUMNS}
            if one["label"] or one["value"]:
                targets.append(one)
        return cls(typed, targets)

    def said(self) -> TaskSaid | None:
        """What was typed as values; None with `problems` when something cannot be read."""
        typed = self.typed
        lead = Unit.objects.filter(pk=int(typed["lead"])).first() if typed.get("lead", "").isdigit() else None
        if typed.get("lead") and lead is None:
            self._problem("lead", "“责任单位”请从列表中选择。")
        due = self._day("due", "完成时限")
        targets = tuple(self._target(number, one) for number, one in enumerate(self.targets))
        if self.problems:
            return None
        assisting = tuple(one for one in re.split(r"[、，,；;\s]+", typed["assisting"]) if one)
        return TaskSaid(
            typed["text"],
            typed["line"],
            lead,
            assisting,
            typed["person"][:60],
            due,
            typed["part"],
            typed["section"],
            targets,
        )

    def fields(self) -> list[dict[str, Any]]:
        """As `_field.html` takes them."""
        lines = [("", "未定"), *LINE_LABELS.items()]
        units = [("", "未定"), *((str(one.pk), one.label) for one in Unit.objects.all())]
        said: list[dict[str, Any]] = [
            {"name": "text", "label": "内容", "widget": "textarea", "rows": 6, "wide": True, "required": True},
            {
                "name": "line",
                "label": "条线",
                "widget": "select",
                "choices": lines,
                "help": "发布前每项任务都要选定条线。",
            },
            {"name": "lead", "label": "责任单位", "widget": "select", "choices": units},
            {"name": "assisting", "label": "配合单位", "widget": "text", "help": "几个单位用顿号隔开。"},
            {"name": "person", "label": "责任人", "widget": "text"},
            {"name": "due", "label": "完成时限", "widget": "date", "help": "不填即当年12月31日。"},
            {"name": "part", "label": "所在部分", "widget": "text"},
            {"name": "section", "label": "所在小节", "widget": "text"},
        ]
        return [
            one | {"value": self.typed.get(one["name"], ""), "errors": self.problems.get(one["name"], [])}
            for one in said
        ]

    def target_rows(self) -> list[dict[str, Any]]:
        """The lines of the table of targets with their problems, and empty ones to fill."""
        empty = dict.fromkeys(_COLUMNS, "") | {"op": ">="}
        rows = [*self.targets, *[dict(empty) for _ in range(SPARE_TARGETS)]][:MAX_TARGETS]
        return [one | {"number": n, "errors": self.problems.get(f"target{n}", [])} for n, one in enumerate(rows)]

    def _target(self, number: int, one: dict[str, str]) -> TargetSaid:
        value: Decimal | None = None
        typed = one["value"].replace(",", "").replace("，", "")
        if typed and not _NUMBER.match(typed):
            self._problem(
                f"target{number}", f"目标值填的是“{one['value'][:20]}”：只填数字，最多四位小数，单位写在单位一栏。"
            )
        elif typed:
            try:
                value = Decimal(typed)
            except InvalidOperation:
                value = None
        return TargetSaid(one["label"], one["op"], value, one["unit"], one["indicator"], one["said"])

    def _day(self, name: str, label: str) -> date | None:
        said = self.typed.get(name, "")
        try:
            return date.fromisoformat(said) if said else None
        except ValueError:
            self._problem(name, f"“{label}”填的是“{said[:20]}”：请填日期，如 2020-09-30。")
            return None

    def _problem(self, name: str, text: str) -> None:
        self.problems.setdefault(name, []).append(text)


def indicator_choices() -> list[tuple[str, str]]:
    """(code, label with unit) of the indicators that a target may be measured by."""
    specs = [spec_of(code) for code in indicator_codes()]
    return [("", "无，由责任单位填报进展"), *((one.code, f"{one.label}（{one.unit}）") for one in specs if not one.by)]


OPS = Target.Op.choices
