"""The periods that a figure's page offers, in plain words."""

from dataclasses import dataclass

from zhenwu.indicators.asking import Asked
from zhenwu.indicators.periods import Kind, parts_of
from zhenwu.indicators.questions import is_answered
from zhenwu.packs.spec import Indicator

_GROUPS = {Kind.QUARTER: "季度", Kind.HALF: "半年", Kind.MONTH: "月份", Kind.TO: "年初以来累计"}


@dataclass(frozen=True)
class Choice:
    """`value` names the period within the year that the form asks for beside it."""

    value: str
    label: str
    is_chosen: bool


def period_choices(spec: Indicator, asked: Asked) -> list[tuple[str, list[Choice]]]:
    """(group, choices); the first group has no name. A protected figure is told of the whole year alone."""
    part = asked.period.part if asked.period else ""
    whole = "全年（到截至日）" if spec.kind == "flow" else "到截至日"
    first = [Choice("", whole, not part)]
    if asked.is_settled:
        return [("", first)]
    if is_answered(spec, Kind.DAY) and spec.kind == "flow":
        first.append(Choice("day", "截至日当天", part == "day"))
    groups = [("", first)]
    for kind, label in _GROUPS.items():
        if is_answered(spec, kind) and not (spec.kind == "stock" and kind == Kind.TO):
            choices = [
                Choice(one.part, one.short if spec.kind == "flow" else f"{one.short}末", one.part == part)
                for one in parts_of(asked.year, kind)
            ]
            groups.append((label, choices))
    return groups
