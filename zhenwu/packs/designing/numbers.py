"""Columns of numbers: what is counted or measured, and in which unit."""

import re
from collections import Counter
from typing import Any, Final

from zhenwu.lib.amounts import read_decimal
from zhenwu.lib.text import fold_width
from zhenwu.lib.units import dimensions_of, is_unit
from zhenwu.packs.designing.sample import SampleColumn
from zhenwu.packs.designing.words import AGE, AREA, CODE, GROUP, LENGTH, MONEY, PERCENT, YEAR

_UNIT_IN_CELL: Final = re.compile(r"^[约近]?[-+]?\d[\d,]*(?:\.\d+)?\s*([^\d\s.,:：/\-]{1,4})$")
_UNIT_AT_END: Final = re.compile(
    r"^(.{2,}?)[/：:、,，\-_ ]?(万元|千元|亿元|元|亩|公顷|平方米|平米|㎡|公里|千米|米|公斤|千克|斤|吨|%)$"
)
_BRACKETED: Final = re.compile(r"^(.+)\(([A-Za-z\u3400-\u9fff℃/·]{1,4})\)$")
_MOST: Final = 9  # of ten values must be numbers
_NOT_MEASURED: Final = {"人", "户", "个", "年", "月", "日", "号", "岁"}


def unit_of(column: SampleColumn) -> tuple[str, str]:
    """(unit, where it was found: head | cells | label | sheet | ""). Only a head's bracket, a cell or a note above the
    table converts at import; a unit that is just a word of the label stays what it is."""
    if column.unit:
        return column.unit, "head"
    if column.sheet_unit and "money" in dimensions_of(column.sheet_unit) and MONEY.search(column.label):
        return column.sheet_unit, "sheet"
    if column.sheet_unit and "area" in dimensions_of(column.sheet_unit) and AREA.search(column.label):
        return column.sheet_unit, "sheet"
    in_cells = Counter(
        match[1] for text in column.texts if (match := _UNIT_IN_CELL.match(fold_width(text))) and is_unit(match[1])
    )
    if in_cells and in_cells.most_common(1)[0][1] * 2 >= len(column.texts):
        return in_cells.most_common(1)[0][0], "cells"
    if match := _BRACKETED.match(column.leaf):
        return match[2], "head"  # 功率(千瓦): a unit that cannot be converted, but still one
    if match := _UNIT_AT_END.match(column.label):
        return match[2], "label"
    return "", ""


def are_numbers(column: SampleColumn, unit: str) -> bool:
    """Whether nearly all values are numbers, with or without that unit behind them."""
    if not column.values:
        return False
    right = sum(1 for value in column.values if _is_number(value, unit))
    return right * 10 >= len(column.values) * _MOST


def _is_number(value: Any, unit: str) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return True
    if not isinstance(value, str) or len(value) > 40 or re.match(r"^0\d", value.strip()):
        return False  # 007 is a number only to a spreadsheet
    read = read_decimal(value, places=6, unit=unit or None)
    return read.error is None and read.value is not None


def are_whole(column: SampleColumn, unit: str) -> bool:
    for value in column.values:
        if isinstance(value, (int, float)):
            if float(value) != int(value):
                return False
        elif (read := read_decimal(value, places=6, unit=unit or None)).value is not None and read.value % 1:
            return False
    return True


def number_type(column: SampleColumn) -> tuple[str, str, str] | None:
    """(type, unit, why) of a column of numbers; None when it is none, or a number that nobody reckons with (编号)."""
    unit, where = unit_of(column)
    label = column.label
    if (CODE.search(column.leaf) and not unit) or GROUP.search(column.leaf) or _are_codes(column):
        return None
    if not are_numbers(column, unit):
        return None
    count = len(column.values)
    why = f"{count}个值都是数字" if column.is_filled_with_numbers else f"{count}个值可以读作数字"
    named = {"head": f"，列名注明单位“{unit}”", "cells": f"，值后写着单位“{unit}”", "sheet": f"，表上方注明单位“{unit}”",
             "label": f"，列名里有“{unit}”", "": ""}[where]  # fmt: skip
    whole = are_whole(column, unit)
    kinds = set(dimensions_of(unit))
    if YEAR.search(label) and whole:
        return "integer", "年" if where == "cells" else "", why + "，列名是年份"
    if unit in ("%", "‰") or (PERCENT.search(column.leaf) and not kinds - {"ratio"} and _are_percents(column)):
        return "percent", "", why + "，列名是比率"
    if "money" in kinds and not (unit == "分" and AREA.search(label)):
        if where == "label" and unit != "元":  # nothing in the file tells the import to convert it
            return "decimal", unit, why + named
        return "money", "", why + named + ("（导入时换算成元）" if unit != "元" else "")
    if "area" in kinds and unit in ("亩", "公顷", "万亩", "mu", "ha") and where != "label":
        return "area_mu", "", why + named
    if "length" in kinds and unit in ("公里", "千米", "km") and where != "label":
        return "length_km", "", why + named
    if unit:
        return ("integer" if whole and not _is_measured(unit) else "decimal"), unit, why + named
    if AGE.search(column.leaf) and whole:
        return "integer", "岁", why + "，列名是年龄"
    if MONEY.search(column.leaf) and not re.search(r"次数|人数|户数|个数|倍数|系数|用量|度数|吨数|读数|表数", label):
        return "money", "", why + f"，列名“{column.leaf}”是金额"
    if AREA.search(column.leaf) and re.search(r"亩|耕地|林地|流转|种植|承包|退耕|田", label):
        return "area_mu", "", why + "，列名是面积"
    if LENGTH.search(column.leaf) or not whole:
        return "decimal", "", why
    return "integer", "", why + "，都是整数"


def _are_codes(column: SampleColumn) -> bool:
    """Long numbers of one length, hardly one twice: they name things."""
    lengths = {len(text) for text in column.texts}
    return (
        lengths == {max(lengths, default=0)}
        and min(lengths, default=0) >= 8
        and len(column.distinct) * 10 >= len(column.texts) * 9
        and all(text.isdigit() for text in column.texts)
    )


def _are_percents(column: SampleColumn) -> bool:
    numbers = [float(value) for value in column.values if isinstance(value, (int, float))]
    return all(-100 <= number <= 1000 for number in numbers)


def _is_measured(unit: str) -> bool:
    """Weight, length, area and the like may have decimals though the sample has none."""
    return bool({"area", "length", "volume", "weight"} & set(dimensions_of(unit))) or "/" in unit
