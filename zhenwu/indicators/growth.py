"""A number against the same period last year (同比), as officials write it.

A percentage is said only where one can be: of an amount that was more than nothing and is not below it. Else the two numbers
are said (由0增加到5). Of shares the difference is in percentage points, of means in their unit.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from zhenwu.lib.amounts import half_up, show_decimal
from zhenwu.packs.spec import Indicator

Number = int | Decimal
Measure = Literal["amount", "mean", "share"]
_POINTS = {"%": "个百分点", "‰": "个千分点"}
_LEAST = Decimal("0.1")  # percent that is shown


@dataclass(frozen=True)
class Growth:
    """`difference` and `percent` are now against before; None where there is none. `way`: up, down, same; "" for unknown."""

    text: str
    way: Literal["up", "down", "same", ""] = ""
    difference: Number | None = None
    percent: Decimal | None = None


NOT_KEPT = Growth("上年同期还没有这本台账的记录")
KEPT_PARTLY = Growth("上年同期的记录不全，不能比较")


def measure_of(spec: Indicator) -> Measure:
    if spec.unit in _POINTS and spec.agg not in ("count", "sum", "distinct"):
        return "share"
    return "mean" if spec.agg in ("avg", "median", "weighted") else "amount"


def growth_of(spec: Indicator, now: Number | None, before: Number | None, texts: tuple[str, str]) -> Growth:
    """`texts` are the two numbers as reports print them, now and before."""
    return growth(now, before, measure_of(spec), spec.unit, texts)


def growth(
    now: Number | None, before: Number | None, measure: Measure, unit: str = "", texts: tuple[str, str] | None = None
) -> Growth:
    if now is None or before is None:
        which = "两年都" if now is before else "本期" if now is None else "上年同期"
        return Growth(f"{which}没有数，不能比较")
    difference: Number = now - before
    if not difference:
        return Growth("持平", "same", difference, Decimal(0) if measure == "amount" and before > 0 else None)
    way: Literal["up", "down"] = "up" if difference > 0 else "down"
    if measure == "share":
        return Growth(_words(way, "上升", "下降", difference, _POINTS.get(unit, unit)), way, difference)
    if measure == "mean":
        return Growth(_words(way, "增加", "减少", difference, unit), way, difference)
    if before > 0 and now >= 0:
        exact = Decimal(difference) * 100 / Decimal(before)
        percent = half_up(exact, 1)
        shown = f"{show_decimal(percent.copy_abs(), places=1)}%" if abs(exact) >= _LEAST else "不足0.1%"
        return Growth(f"{'增长' if way == 'up' else '下降'}{shown}", way, difference, percent)
    said_now, said_before = texts if texts else (show_decimal(now), show_decimal(before))
    verb = "增加到" if before == 0 and now > 0 else "变为"
    return Growth(f"由{said_before}{verb}{said_now}", way, difference)


def _words(way: str, up: str, down: str, difference: Number, unit: str) -> str:
    return f"{up if way == 'up' else down}{show_decimal(Decimal(difference).copy_abs())}{unit}"
