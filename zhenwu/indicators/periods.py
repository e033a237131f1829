"""The span of time that a figure is asked for: a day, a month, a quarter, half a year, a year, or from January on (累计)."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhenwu.indicators.errors import NoPeriod
from zhenwu.lib.text import fold_width

_QUARTERS = "一二三四"
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_CUMULATIVE = re.compile(r"^0?1月?(?:(?:\.\.|[–—~至到])(\d\d?)月?|-(\d\d?)月)(?:累计)?$")


class Kind(StrEnum):
    """From the shortest to the longest; TO is from 1 January to the end of a month."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    TO = "to"


_MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}


@dataclass(frozen=True, order=True)
class Period:
    """Both ends are included. `code` is how addresses and commands name it: 2025-09-30, 2025-09, 2025-Q3, 2025-H1, 2025,
    2025-01..09."""

    first: date
    last: date
    kind: Kind

    @property
    def code(self) -> str:
        match self.kind:
            case Kind.DAY:
                return self.first.isoformat()
            case Kind.YEAR:
                return f"{self.first.year}"
            case _:
                return f"{self.first.year}-{self.part}"

    @property
    def part(self) -> str:
        """The code without its year; "" for a year, "day" for a day."""
        match self.kind:
            case Kind.DAY:
                return "day"
            case Kind.MONTH:
                return f"{self.first.month:02d}"
            case Kind.QUARTER:
                return f"Q{self.last.month // 3}"
            case Kind.HALF:
                return f"H{self.last.month // 6}"
            case Kind.TO:
                return f"01..{self.last.month:02d}"
        return ""

    @property
    def label(self) -> str:
        return f"{self.first.year}年{self.short if self.kind != Kind.YEAR else ''}"

    @property
    def short(self) -> str:
        """Its name within the year: 三季度, 9月, 1—9月; a year's own."""
        match self.kind:
            case Kind.DAY:
                return f"{self.first.month}月{self.first.day}日"
            case Kind.MONTH:
                return f"{self.first.month}月"
            case Kind.QUARTER:
                return f"{_QUARTERS[self.last.month // 3 - 1]}季度"
            case Kind.HALF:
                return "上半年" if self.first.month == 1 else "下半年"
            case Kind.TO:
                return f"1—{self.last.month}月"
        return f"{self.first.year}年"

    @property
    def months(self) -> frozenset[str]:
        """The months it consists of; a day has none."""
        if self.kind == Kind.DAY:
            return frozenset()
        return frozenset(f"{self.first.year}-{month:02d}" for month in range(self.first.month, self.last.month + 1))

    def cuts(self, as_of: date) -> bool:
        """Whether it is less than what a statement sees that looks at the year up to `as_of`."""
        return (self.first.month, self.first.day) != (1, 1) or self.last < min(as_of, date(self.first.year, 12, 31))

    def a_year_before(self) -> "Period":
        """The same period last year."""
        if self.kind == Kind.DAY:
            day = a_year_before(self.first)
            return Period(day, day, Kind.DAY)
        year = self.first.year - 1
        return _months(self.kind, year, self.first.month, self.last.month)

    def __str__(self) -> str:
        return self.label


def year_of(year: int) -> Period:
    return _months(Kind.YEAR, year, 1, 12)


def day_of(day: date) -> Period:
    return Period(day, day, Kind.DAY)


def parts_of(year: int, kind: Kind) -> Iterator[Period]:
    """The months, quarters or halves of a year; for TO the spans from January to each of the months 2 to 11."""
    if kind == Kind.TO:
        yield from (_months(Kind.TO, year, 1, month) for month in range(2, 12))
        return
    step = _MONTHS[kind]
    yield from (_months(kind, year, first, first + step - 1) for first in range(1, 13, step))


def a_year_before(day: date) -> date:
    """The same day last year; the end of a month stays one (29 February 2020 ← 28 February 2021)."""
    year, month = day.year - 1, day.month
    end = monthrange(year, month)[1]
    return date(year, month, end if day.day == monthrange(day.year, month)[1] else min(day.day, end))


def read_period(said: str, *, year: int | None = None, as_of: date | None = None) -> Period:
    """The period that was typed, in code (2025Q3) or in words (2025年三季度). Without its year (Q3) it is one of `year`; `day` is
    the day `as_of`. Raises NoPeriod."""
    text = fold_width(said).strip().upper().replace(" ", "")
    if text == "DAY" and as_of is not None:
        return day_of(as_of)
    found = re.match(r"^(\d{4})(?:年|-(?!$)|(?=\D)|$)(.*)$", text)
    if found:
        year, text = int(found[1]), found[2]
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise NoPeriod(said)
    try:
        return _of_year(year, text)
    except (ValueError, KeyError, IndexError):
        raise NoPeriod(said) from None


def _of_year(year: int, text: str) -> Period:
    if text in ("", "全年"):
        return year_of(year)
    if text in ("上半年", "下半年"):
        return _months(Kind.HALF, year, *((1, 6) if text == "上半年" else (7, 12)))
    if hit := re.match(r"^(?:Q([1-4])|第?([一二三四1-4])季度)$", text):
        said = hit[1] or hit[2]
        last = 3 * (_QUARTERS.index(said) + 1 if said in _QUARTERS else int(said))
        return _months(Kind.QUARTER, year, last - 2, last)
    if hit := re.match(r"^H([12])$", text):
        return _months(Kind.HALF, year, 6 * int(hit[1]) - 5, 6 * int(hit[1]))
    if hit := _CUMULATIVE.match(text):
        last = int(hit[1] or hit[2])
        return year_of(year) if last == 12 else _months(Kind.TO if last > 1 else Kind.MONTH, year, 1, last)
    if hit := re.match(r"^(\d\d?)(?:月)?(?:-?(\d\d?)日?)?$", text):
        month = int(hit[1])
        return day_of(date(year, month, int(hit[2]))) if hit[2] else _months(Kind.MONTH, year, month, month)
    raise ValueError(text)


def _months(kind: Kind, year: int, first: int, last: int) -> Period:
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]), kind)
