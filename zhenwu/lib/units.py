"""Units met in headers and cells, with exact factors. 1 ㎡ = 0.0015 亩, so every factor here is a finite decimal."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

_COUNTS = (
    "人 人次 户 户次 个 家 处 座 口 台 辆 头 只 羽 尾 株 棵 蔸 件 次 场 期 项 宗 条 份 张 套 间 栋 幢 桌 组"
    " 村 所 岁 盏 根 支 名 把 批"
)

# dimension -> unit -> how many of the dimension's base unit (the first in each row) one such unit is
UNITS: Final[dict[str, dict[str, Decimal]]] = {
    "money": {
        "元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "百万元": Decimal(1_000_000),
        "亿元": Decimal(100_000_000), "角": Decimal("0.1"), "分": Decimal("0.01"), "块": Decimal(1), "圆": Decimal(1),
    },
    "area": {
        "亩": Decimal(1), "mu": Decimal(1), "万亩": Decimal(10_000), "分": Decimal("0.1"), "厘": Decimal("0.01"),
        "公顷": Decimal(15), "ha": Decimal(15), "hm²": Decimal(15), "hm2": Decimal(15), "万公顷": Decimal(150_000),
        "㎡": Decimal("0.0015"), "m²": Decimal("0.0015"), "m2": Decimal("0.0015"), "平方米": Decimal("0.0015"),
        "平米": Decimal("0.0015"), "平方": Decimal("0.0015"), "万平方米": Decimal(15), "万㎡": Decimal(15),
        "公亩": Decimal("0.15"), "市亩": Decimal(1),
        "平方公里": Decimal(1500), "平方千米": Decimal(1500), "km²": Decimal(1500), "km2": Decimal(1500),
    },
    "length": {
        "米": Decimal(1), "m": Decimal(1), "公里": Decimal(1000), "千米": Decimal(1000), "km": Decimal(1000),
        "里": Decimal(500), "华里": Decimal(500), "厘米": Decimal("0.01"), "cm": Decimal("0.01"), "公分": Decimal("0.01"),
        "毫米": Decimal("0.001"), "mm": Decimal("0.001"), "万米": Decimal(10_000),
    },
    "volume": {
        "立方米": Decimal(1), "m³": Decimal(1), "m3": Decimal(1), "立方": Decimal(1), "方": Decimal(1),
        "万立方米": Decimal(10_000), "万方": Decimal(10_000), "升": Decimal("0.001"),
    },
    "weight": {
        "公斤": Decimal(1), "千克": Decimal(1), "kg": Decimal(1), "斤": Decimal("0.5"), "市斤": Decimal("0.5"), "两": Decimal("0.05"),
        "吨": Decimal(1000),
        "t": Decimal(1000), "万吨": Decimal(10_000_000), "克": Decimal("0.001"),
    },
    "ratio": {"%": Decimal(1), "‰": Decimal("0.1"), "百分比": Decimal(1)},
    "duration": {"分钟": Decimal(1), "小时": Decimal(60), "学时": Decimal(60)},
    "days": {"天": Decimal(1), "日": Decimal(1)},
    "months": {"月": Decimal(1), "个月": Decimal(1), "年": Decimal(12)},
    **{f"count:{name}": {name: Decimal(1), f"万{name}": Decimal(10_000)} for name in _COUNTS.split()},
}  # fmt: skip

_MAGNITUDES: Final = {"千万": 7, "百万": 6, "亿": 8, "万": 4, "千": 3, "百": 2}


class UnknownUnit(ValueError):
    """A unit that no table holds, or two units that measure different things."""


def dimensions_of(unit: str) -> list[str]:
    """What `unit` can measure: 分 is money and area, so a list."""
    return [dimension for dimension, units in UNITS.items() if _worth(unit, units) is not None]


def _worth(unit: str, units: dict[str, Decimal]) -> Decimal | None:
    """How many base units one `unit` is, also with a magnitude in front (万斤, 亿立方米); None when it measures something else."""
    if unit in units:
        return units[unit]
    for magnitude, zeros in _MAGNITUDES.items():
        if unit.startswith(magnitude) and unit[len(magnitude) :] in units:
            return units[unit[len(magnitude) :]].scaleb(zeros)
    return None


def is_unit(text: str) -> bool:
    """Whether `text` is a unit or a rate of units, such as 元/亩 or 元/人·月."""
    head, *rest = text.replace("·", "/").replace("每", "/").split("/")
    return bool(dimensions_of(head)) and all(dimensions_of(part) for part in rest)


def in_unit(number: Decimal, from_unit: str, to_unit: str, places: int) -> Decimal | None:
    """A number of one unit in another, exact to the last digit; None when `places` decimals cannot hold it. Raises
    UnknownUnit."""
    worth, base = Fraction(1), Fraction(1)
    if from_unit != to_unit:
        factor(from_unit, to_unit)  # whether both measure the same thing
        units = next(units for units in UNITS.values() if from_unit in units and to_unit in units)
        worth, base = Fraction(units[from_unit]), Fraction(units[to_unit])
    shifted = Fraction(number) * worth / base * 10**places
    return Decimal(shifted.numerator).scaleb(-places) if shifted.denominator == 1 else None


def factor(from_unit: str, to_unit: str) -> Decimal:
    """What to multiply a number in `from_unit` by to get `to_unit`. Raises UnknownUnit.

    Both names must measure the same thing; an ambiguous name (分) is decided by the other one.
    """
    if from_unit == to_unit:
        return Decimal(1)
    for units in UNITS.values():
        here, there = _worth(from_unit, units), _worth(to_unit, units)
        if here is not None and there is not None:
            return here / there
    for name in (from_unit, to_unit):
        if not dimensions_of(name):
            raise UnknownUnit(f"不认识单位“{name}”。请改用常用单位，如 元、万元、亩、公顷、平方米、公里、米、%。")
    raise UnknownUnit(f"“{from_unit}”不能换算成“{to_unit}”：两者不是同一类单位。请核对表头的单位。")
