"""By when: the day a piece of plan text names."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Final

from zhenwu.lib.numerals import chinese_to_int
from zhenwu.plans.outline.folding import fold, squeeze

_MONTH: Final = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
_YEAR: Final = r"(?:(?P<year>20\d\d)年?|(?P<next>明年|次年|翌年|来年))?(?:的|度)?"
_BY: Final = r"(?:之前|以前|前|止|截止|内|完成|完工|竣工|建成|到位|投用|启用|办结|销号)"
_DAY: Final = re.compile(
    rf"(?<!每)(?<!\d){_YEAR}{_MONTH}(?P<day>\d{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号](?={_BY}|$)"
)
_MONTH_PART: Final = re.compile(rf"(?<!每)(?<!\d){_YEAR}{_MONTH}份?(?P<part>底|末|下旬|中旬|上旬|初|中)")
_WHOLE_MONTH: Final = re.compile(
    rf"(?<!每)(?<![\d.年]){_YEAR}{_MONTH}份?(?P<before>之前|以前|前)?(?=内|完成|完工|竣工|建成|到位|$|(?<=前))"
)
_QUARTER: Final = re.compile(rf"{_YEAR}(?:第(?P<a>[一二三四1-4])季度|(?P<b>[一二三四1-4])季度|Q(?P<c>[1-4]))")
_HALF: Final = re.compile(rf"{_YEAR}(?P<half>上半年|下半年)")
_YEAR_END: Final = re.compile(
    rf"(?<!每){_YEAR}(?:年底|年末|年内|全年|年终)|(?P<own>20\d\d)年?(?:底|末)|到(?P<until>20\d\d)年(?!\d|[底末]|.{{0,2}}月)"
)
_HOLIDAYS: Final = {"五一": (4, 30), "七一": (6, 30), "八一": (7, 31), "国庆": (9, 30)}
_HOLIDAY: Final = re.compile(rf"{_YEAR}“?(?P<day>五一|七一|八一|国庆)”?(?:节|期间)?(?:之前|以前|前)")
_PARTS: Final = {"初": 5, "上旬": 10, "中": 15, "中旬": 20}


def find_due(text: str, year: int) -> date | None:
    """The last day `text` leaves for its work, None when it names none. `year` is the plan's year.

    Of several days the latest counts: work that starts by June and ends by October is due in October. 9月前 ends with
    August, as it is written; 9月, 9月底, 三季度末 end with the period. 每月25日前 repeats and is no due day.
    """
    squeezed = squeeze(fold(text))
    return max(_days(squeezed, year), default=None)


def _days(text: str, year: int) -> Iterator[date]:
    for match in _DAY.finditer(text):
        yield from _day(_year(match, year), _number(match["month"]), _number(match["day"]))
    for match in _MONTH_PART.finditer(text):
        yield from _day(_year(match, year), _number(match["month"]), _PARTS.get(match["part"]))
    for match in _WHOLE_MONTH.finditer(text):
        month, own_year = _number(match["month"]), _year(match, year)
        if match["before"]:
            own_year, month = (own_year, month - 1) if month > 1 else (own_year - 1, 12)
        yield from _day(own_year, month, None)
    for match in _QUARTER.finditer(text):
        quarter = _number(match["a"] or match["b"] or match["c"])
        yield from _day(_year(match, year), quarter * 3, None)
    for match in _HALF.finditer(text):
        yield from _day(_year(match, year), 6 if match["half"] == "上半年" else 12, None)
    for match in _YEAR_END.finditer(text):
        told = match["own"] or match["until"]
        yield date(int(told) if told else _year(match, year), 12, 31)
    for match in _HOLIDAY.finditer(text):
        yield date(_year(match, year), *_HOLIDAYS[match["day"]])


def _year(match: re.Match[str], year: int) -> int:
    return int(match["year"]) if match["year"] else year + 1 if match["next"] else year


def _number(text: str) -> int:
    return int(text) if text.isdigit() else chinese_to_int(text)


def _day(year: int, month: int, day: int | None) -> Iterator[date]:
    """The day, or the last of the month; nothing when the calendar has no such day."""
    last = monthrange(year, month)[1]
    if day is None or 1 <= day <= last:
        yield date(year, month, day or last)
