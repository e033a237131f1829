"""Tasks as their pages show them: in the document's order, filtered, each target with its figure and bar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.indicators.links import figure_part
from zhenwu.indicators.seeing import may_see, text_for
from zhenwu.packs.spec import LINE_LABELS
from zhenwu.plans.models import Task
from zhenwu.plans.queries import TargetState, TaskState

LIGHTS = {"red": "红灯", "yellow": "黄灯", "green": "绿灯"}


@dataclass(frozen=True)
class TargetLine:
    """`figure` as `_figure.html` takes it; None where nothing is computed or the reader may not see it."""

    state: TargetState
    figure: dict[str, str] | None
    bar: dict[str, Any] | None

    @property
    def met_text(self) -> str:
        return {True: "已达到", False: "未达到", None: ""}[self.state.met]


@dataclass(frozen=True)
class TaskLine:
    state: TaskState
    targets: list[TargetLine]
    line_label: str
    bar: dict[str, Any] | None

    @property
    def task(self) -> Task:
        return self.state.task


@dataclass
class SectionLines:
    heading: str
    lines: list[TaskLine] = field(default_factory=list)


@dataclass
class PartLines:
    heading: str
    sections: list[SectionLines] = field(default_factory=list)


@dataclass(frozen=True)
class TaskFilter:
    line: str = ""
    unit: str = ""
    light: str = ""
    mine: bool = False

    @classmethod
    def from_params(cls, said: Mapping[str, str]) -> "TaskFilter":
        return cls(
            said.get("line", "") if said.get("line") in LINE_LABELS else "", said.get("unit", "")[:60],
            said.get("light", "") if said.get("light") in LIGHTS else "", said.get("mine") == "1",
        )  # fmt: skip

    def takes(self, line: TaskLine, mine: bool) -> bool:
        task = line.task
        return (
            (not self.line or task.line == self.line)
            and (not self.unit or (task.lead is not None and task.lead.label == self.unit))
            and (not self.light or line.state.light == self.light)
            and (not self.mine or mine)
        )

    @property
    def is_plain(self) -> bool:
        return self == TaskFilter()


def lines_of(user: User, states: Iterable[TaskState]) -> list[TaskLine]:
    return [_line(user, state) for state in states]


def tree_of(lines: Iterable[TaskLine]) -> list[PartLines]:
    """Part → section → tasks, in order; a heading that comes again later stands again."""
    parts: list[PartLines] = []
    for line in lines:
        if not parts or parts[-1].heading != line.task.part:
            parts.append(PartLines(line.task.part))
        sections = parts[-1].sections
        if not sections or sections[-1].heading != line.task.section:
            sections.append(SectionLines(line.task.section))
        sections[-1].lines.append(line)
    return parts


def _line(user: User, state: TaskState) -> TaskLine:
    tone = {"red": "bad", "yellow": "warn", "green": "good"}.get(state.light or "", "plain")
    bar = None if state.percent is None else {"label": "", "value": state.percent, "tone": tone}
    targets = [_target(user, one) for one in state.targets]
    return TaskLine(state, targets, LINE_LABELS.get(state.task.line, ""), bar)


def _target(user: User, state: TargetState) -> TargetLine:
    figure = state.figure
    if figure is None or not may_see(user, figure.code):
        return TargetLine(state, None, None)
    text = text_for(user, figure)
    hidden = text != figure.text
    shown = figure_part(figure, text=text)
    if hidden or state.percent is None:
        return TargetLine(state, shown, None)
    return TargetLine(state, shown, {"label": "", "value": state.percent, "tone": "good" if state.met else "plain"})
