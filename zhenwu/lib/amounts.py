"""Numbers as people type them: amounts, areas, counts. Values are Decimal or int, never float.

A cell that could mean two things is an error with its remedy; what is converted or approximate carries a note.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from zhenwu.lib.readings import Reading, typed
from zhenwu.lib.text import fold_width, is_empty_mark
from zhenwu.lib.units import UNITS, UnknownUnit, dimensions_of, factor

__all__ = [
    "UNITS", "AmountReading", "IntReading", "UnknownUnit", "factor", "half_up", "percent_scale", "read_decimal", "read_int",
    "show_decimal", "worth_in",
]  # fmt: skip

AmountReading = Reading[Decimal]
IntReading = Reading[int]

_MAGNITUDES: Final = {
    name: Decimal(10) ** zeros for name, zeros in {"": 0, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}.items()
}
_LONGEST = 500  # characters of a cell that may hold a number and a remark
_TOO_BIG: Final = Decimal(10) ** 20  # beyond what a Decimal of 28 digits can round to 6 places
_ABOUT: Final = r"约|大约|近|将近|不低于|不少于|不超过|至少|最多|超过|超|余|多|左右|上下|以上|以下|以内|许"
_NUMBER: Final = re.compile(
    rf"^(?P<before>(?:{_ABOUT})?)[¥￥$]?(?:RMB|人民币)?(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+))"
    rf"(?P<mid>(?:余|多|来)?)(?P<magnitude>百万|千万|[千万亿]?)(?P<tail>\d*)(?P<mid2>(?:余|多)?)"
    rf"(?P<unit>[^\d()]*?)(?P<after>(?:{_ABOUT})?)(?P<whole>[整正]?)$",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"^(.*?\d.*?)[(（\[]([^()（）\[\]]*)[)）\]]$")
_GROUPED: Final = re.compile(r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_COMPOUND: Final = re.compile(r"(\d+(?:\.\d+)?)([^\d\s.]+)")
_STAKE: Final = re.compile(r"^K(\d+)\+(\d{1,3}(?:\.\d+)?)$", re.IGNORECASE)


def read_decimal(
    raw: object, *, unit_factor: Decimal = Decimal(1), places: int = 2, unit: str | None = None
) -> AmountReading:
    """Read one cell into the stored unit, rounded half up to `places`.

    `unit` is the stored unit (元, 亩, 公里); `unit_factor` is what the header's unit is worth in it (表头 万元: 10000).
    A cell that names its own unit is converted when the header names none, and refused when both name different ones.
    """
    if is_empty_mark(raw):
        return Reading()
    if isinstance(raw, (bool, complex)) or not isinstance(raw, (str, int, float, Decimal)):
        return Reading(error=f"{typed(raw)}，不是数字：{_only_number(unit)}")
    if isinstance(raw, str):
        return _read_text(raw, unit_factor, places, unit)
    if not math.isfinite(raw):
        return Reading(error=f"{typed(raw)}，不是数字：{_only_number(unit)}")
    # 15 digits are what a spreadsheet shows: 0.1+0.2 is typed as 0.3
    exact = Decimal(format(raw, ".15g")) if isinstance(raw, float) else Decimal(raw)
    return _stored(exact * unit_factor, places, [])


def read_int(raw: object, *, unit_factor: Decimal = Decimal(1), unit: str | None = None) -> IntReading:
    """A whole number; 3.0 is 3, 3.5 is an error, 120余人 is 120 with a note, 3.2 under 万人 is 32000."""
    read = read_decimal(raw, unit_factor=unit_factor, places=6, unit=unit)
    if read.value is None:
        return Reading(note=read.note, error=read.error)
    if read.value != read.value.to_integral_value():
        return Reading(error=f"{typed(raw)}，应为整数：只填整数，如 {int(read.value)}。")
    return Reading(int(read.value), note=read.note)


def worth_in(raw: str, unit: str) -> Decimal | None:
    """What the unit that a cell names is worth in `unit`: 10000 of 3.2万元 in 元, 1 of 5元; None where it names none."""
    match = _NUMBER.match(re.sub(r"\s+", "", fold_width(raw)).replace(",", "")) if len(raw) <= _LONGEST else None
    if match is None or not (match["magnitude"] or match["unit"]):
        return None
    return _own_unit(raw, match["magnitude"], match["unit"], unit or None, Decimal(1), raw).value


def half_up(value: Decimal, places: int) -> Decimal:
    """2.5 -> 3, -2.5 -> -3, as reports are rounded."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def show_decimal(value: Decimal | int | None, *, places: int | None = None, grouped: bool = False) -> str:
    """For people: 1,200.5 without idle zeros, or with exactly `places`. Unknown is "—"."""
    if value is None:
        return "—"
    number = Decimal(value) if places is None else half_up(Decimal(value), places)
    text = format(number, ",f" if grouped else "f")
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent_scale(values: Iterable[Decimal | None]) -> Decimal | None:
    """What to multiply a percent column by: 100 when it holds shares (0.85), 1 when percents, None when it can't be told.

    Decided over the whole column: 0.85 alone may be 0.85 %.
    """
    known = [value for value in values if value is not None]
    if any(abs(value) > 1 for value in known):
        return Decimal(1)
    return Decimal(100) if any(value != int(value) for value in known) else None


def _read_text(raw: str, unit_factor: Decimal, places: int, unit: str | None) -> AmountReading:
    if len(raw) > _LONGEST:
        return Reading(error=f"填了{len(raw)}个字，太长了，不像一个数：{_only_number(unit)}")
    text, notes = re.sub(r"\s+", "", fold_width(raw)).lstrip("'‘’").replace("，", ","), []
    if remark := _REMARK.match(text):
        text, inner = remark[1], remark[2]
        notes.append(f"括号内“{inner}”未计入，请移到备注。")
    if stake := _STAKE.match(text):
        return _read_stake(raw, stake, places, unit)
    if re.fullmatch(r"[-+]?\d(\.\d+)?E[+-]?\d+", text, re.IGNORECASE):
        return Reading(error=f"{typed(raw)}，是科学计数法，后几位可能已丢失：请把单元格改为“数值”格式后重填。")
    if "," in text:
        if not _GROUPED.match(re.sub(rf"^(?:{_ABOUT})?[¥￥]?", "", text)):
            return Reading(error=f"{typed(raw)}，逗号位置不对或一格有几个数：{_only_number(unit)}")
        text = text.replace(",", "")
    match = _NUMBER.match(text)
    if not match:
        return Reading(error=_not_one_number(raw, text, unit))
    number = Decimal(match["number"])
    magnitude = _MAGNITUDES[match["magnitude"]]
    if match["tail"]:
        if len(match["tail"]) != 1 or magnitude == 1:
            return Reading(error=_not_one_number(raw, text, unit))
        number += Decimal(match["tail"]) / 10  # 5万8 is 58,000
    if match["before"] or match["mid"] or match["mid2"] or match["after"]:
        notes.append(f"“{raw.strip()}”是约数，请核对。")
    in_unit = _own_unit(raw, match["magnitude"], match["unit"], unit, unit_factor, text)
    if in_unit.error or in_unit.value is None:
        return in_unit
    if in_unit.note:
        notes.append(in_unit.note)
    return _stored(number * in_unit.value, places, notes)


def _own_unit(raw: str, prefix: str, suffix: str, unit: str | None, header: Decimal, text: str) -> AmountReading:
    """What the number in the cell is worth in the stored unit."""
    magnitude = _MAGNITUDES[prefix]
    if not prefix and not suffix:
        return Reading(header)
    if suffix and unit is None:
        if prefix or not dimensions_of(suffix):
            return Reading(error=f"{typed(raw)}，不能识别“{prefix}{suffix}”：只填数字。")
        return Reading(header)
    own = magnitude
    if suffix and unit:
        try:
            own = magnitude * factor(suffix, unit)
        except UnknownUnit:
            return Reading(error=f"{typed(raw)}，单位“{suffix}”与本列不符：{_only_number(unit)}")
    if header not in (1, own):
        return Reading(
            error=f"{typed(raw)}，格内单位“{prefix}{suffix}”与表头单位不一致：请按表头单位只填数字，整列用同一单位。"
        )
    return Reading(own, note=f"格内单位“{prefix}{suffix}”已换算。" if own != 1 and header == 1 else None)


def _stored(value: Decimal, places: int, notes: list[str]) -> AmountReading:
    if abs(value) >= _TOO_BIG:
        return Reading(error=f"填的是“{value:.3e}”，数字太大：请核对数字和单位。")
    rounded = half_up(value, places)
    if rounded != value:
        notes.append(f"原值 {show_decimal(value)} 已四舍五入到 {places} 位小数。")
    return Reading(rounded, note="".join(notes) or None)


def _read_stake(raw: str, stake: re.Match[str], places: int, unit: str | None) -> AmountReading:
    if unit is None or "length" not in dimensions_of(unit):
        return Reading(error=f"{typed(raw)}，是桩号，不是数量：{_only_number(unit)}")
    return _stored((Decimal(stake[1]) * 1000 + Decimal(stake[2])) / factor(unit, "米"), places, [])


def _only_number(unit: str | None) -> str:
    return f"只填数字，单位为{unit}，如 12.5。" if unit else "只填数字，如 12.5。"


def _not_one_number(raw: str, text: str, unit: str | None) -> str:
    parts = _COMPOUND.findall(text)
    if unit and len(parts) > 1 and "".join(a + b for a, b in parts) == text:
        try:
            total = sum((Decimal(number) * factor(name, unit) for number, name in parts), Decimal(0))
        except UnknownUnit:
            pass
        else:
            return f"{typed(raw)}：只填数字，单位为{unit}，如 {show_decimal(total)}。"
    if len(re.findall(r"\d+(?:\.\d+)?", text)) > 1:
        return f"{typed(raw)}，一格里有几个数：请拆成几行或几列，{_only_number(unit)}"
    return f"{typed(raw)}，不是数字：{_only_number(unit)}"


@dataclass(frozen=True, slots=True)
class Part:
    """One of several measures in a cell, such as 3.5米 of 3.5米×1200米."""

    number: Decimal
    label: str


def split_measures(raw: str) -> list[Part]:
    """The measures of a cell that holds several: `3.5米×1200米` -> 3.5 米, 1200 米; `柑橘大8小15` -> 8 大, 15 小.

    A unit stands behind its number, a word in front of it; which column each belongs to is the caller's to know.
    """
    text = re.sub(r"\s+", "", fold_width(raw))
    pieces = re.split(r"[×xX*+、;；]", text)
    if len(pieces) > 1:
        found = [re.fullmatch(r"\D*?(\d+(?:\.\d+)?)(\D*)", piece) for piece in pieces]
        return [Part(Decimal(m[1]), m[2]) for m in found if m]
    return [Part(Decimal(number), label) for label, number in re.findall(r"([大中小])(\d+(?:\.\d+)?)", text)]
