"""Working days: weekends, holidays of the yearly notice, make-up workdays (调休), later emergency changes.

`working_calendar()` is the one to ask: the township's own table over what the package knows.

The day a period starts on is never counted (民法典 Art 201). A year without a table is an error, not a guess.
"""

import calendar as months
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from chinese_calendar import constants


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day. `note` says why it differs from an ordinary Monday to Sunday (春节放假, 春节调休上班), else None."""

    day: date
    is_workday: bool
    note: str | None = None


class Due(NamedTuple):
    """A deadline. `guessed` are the years on the way that have no table yet, where weekends alone were counted."""

    day: date
    guessed: tuple[int, ...] = ()

    @property
    def warning(self) -> str:
        """What to write beside the day; "" when nothing was guessed."""
        return f"{'、'.join(map(str, self.guessed))}年放假安排尚未公布，按周末推算" if self.guessed else ""


class UnknownYear(LookupError):
    """Working days were asked of a year whose holidays nobody has entered."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"{year} 年的放假安排还没有录入，不能计算工作日。请先在“工作日历”中导入 {year} 年的放假通知。")


class Calendar:
    """Working days of the years it knows. `rows` may hold every day or only those that differ from Monday to Friday."""

    def __init__(self, rows: Iterable[CalendarDay], *, years: Iterable[int] | None = None) -> None:
        """Later rows win over earlier ones for the same day. `years` defaults to the years that have a row."""
        self._special = {row.day: row for row in rows}
        self.years = frozenset(years) if years is not None else frozenset(day.year for day in self._special)
        self._workdays: dict[int, list[date]] = {}
        self._guesses: dict[int, Calendar] = {}

    def with_rows(self, rows: Iterable[CalendarDay]) -> "Calendar":
        """This calendar after a later change, such as the prolonged Spring Festival of 2020. The old one stays as it was."""
        added = list(rows)
        return Calendar([*self._special.values(), *added], years=self.years | {row.day.year for row in added})

    def special(self) -> Iterable[CalendarDay]:
        """The days that differ from Monday to Friday, or say why they do not."""
        return self._special.values()

    def day(self, d: date) -> CalendarDay:
        if d.year not in self.years:
            raise UnknownYear(d.year)
        return self._special.get(d) or CalendarDay(d, d.weekday() < 5)

    def is_workday(self, d: date) -> bool:
        return self.day(d).is_workday

    def next_workday(self, d: date) -> date:
        """`d` itself if it is a working day, else the next one (民法典 Art 203)."""
        return d if self.is_workday(d) else self.add_workdays(d, 1)

    def add_workdays(self, d: date, n: int, *, pauses: Sequence[tuple[date, date]] = ()) -> date:
        """The n-th working day after `d` (before it, if n < 0); n = 0 is `d` itself.

        Working days inside `pauses` (first and last day included) are not used up; pauses need n > 0.
        """
        if n == 0:
            return d
        if pauses:
            return self._add_around_pauses(d, n, pauses)
        year, left = d.year, abs(n)
        while True:
            days = self._workdays_of(year)
            if n > 0:
                index = bisect_right(days, d) + left - 1
                if index < len(days):
                    return days[index]
                left -= len(days) - bisect_right(days, d)
                year += 1
            else:
                index = bisect_left(days, d) - left
                if index >= 0:
                    return days[index]
                left -= bisect_left(days, d)
                year -= 1

    def provisional_due(self, d: date, n: int) -> Due:
        """`add_workdays`, but a year without a table counts Monday to Friday and marks the deadline provisional."""
        try:
            return Due(self.add_workdays(d, n))
        except UnknownYear as missing:
            day, guessed = self._guessing(missing.year).provisional_due(d, n)
            return Due(day, tuple(sorted((missing.year, *guessed))))

    def period_end(self, d: date, n: int, *, moves: bool = False) -> Due:
        """The day at whose end a period of n calendar days after `d` is over; what it waits for may happen the day after.

        With `moves` a last day off moves to the next working day (民法典 Art 203): for acts of a citizen, not for notices.
        """
        last = d + timedelta(days=n)
        return self.provisional_due(last - timedelta(days=1), 1) if moves else Due(last)

    def _guessing(self, year: int) -> "Calendar":
        """This calendar with one more year, of which only the weekends are known; built once, it is asked row by row."""
        if year not in self._guesses:
            self._guesses[year] = Calendar(self._special.values(), years=self.years | {year})
        return self._guesses[year]

    def workdays_between(self, a: date, b: date) -> int:
        """Working days in (a, b]: `a` is not counted, `b` is. Negative when b is before a."""
        if b < a:
            return -self.workdays_between(b, a)
        total = 0
        for year in range(a.year, b.year + 1):
            days = self._workdays_of(year)
            total += bisect_right(days, b) - bisect_right(days, a)
        return total

    def workdays_in(self, year: int) -> int:
        """Working days of a calendar year: 249 in 2020."""
        return len(self._workdays_of(year))

    def _workdays_of(self, year: int) -> list[date]:
        if year not in self._workdays:
            self._workdays[year] = [d for d in _every_day(year, year) if self.is_workday(d)]
        return self._workdays[year]

    def _add_around_pauses(self, d: date, n: int, pauses: Sequence[tuple[date, date]]) -> date:
        if n < 0:
            raise ValueError("倒推工作日时不能带暂停时段。")
        while n:
            d = self.add_workdays(d, 1)
            if not any(first <= d <= last for first, last in pauses):
                n -= 1
        return d


def add_months(d: date, n: int) -> date:
    """`d` plus n months; the 31st becomes the last day of a shorter month."""
    index = d.year * 12 + d.month - 1 + n
    year, month = divmod(index, 12)
    return date(year, month + 1, min(d.day, months.monthrange(year, month + 1)[1]))


@cache
def default_calendar() -> Calendar:
    """The State Council's notices as far as the installed chinesecalendar package carries them."""
    years = _known_years()
    return Calendar((row for row in days(years.start, years.stop - 1) if row.note), years=years)


_source: list[Callable[[], Calendar]] = []


def use_calendar(source: Callable[[], Calendar]) -> None:
    """Register where the township's own calendar comes from; done once, when the app starts."""
    _source[:] = [source]


def working_calendar() -> Calendar:
    """The calendar to count by now: the registered one, else `default_calendar`. Asked once for a batch of rows."""
    return _source[0]() if _source else default_calendar()


def days(from_year: int, to_year: int) -> Iterator[CalendarDay]:
    """Every day of the years asked, both included, to seed a table. Raises UnknownYear for a year the package lacks."""
    for year in range(from_year, to_year + 1):
        if year not in _known_years():
            raise UnknownYear(year)
    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    for d in _every_day(from_year, to_year):
        if d in constants.workdays:
            yield CalendarDay(d, True, f"{names[constants.workdays[d]]}调休上班")
        elif d in constants.holidays:
            yield CalendarDay(d, False, f"{names[constants.holidays[d]]}放假")
        else:
            yield CalendarDay(d, d.weekday() < 5)


def _known_years() -> range:
    return range(min(constants.holidays).year, max(constants.holidays).year + 1)


def _every_day(from_year: int, to_year: int) -> Iterator[date]:
    d, end = date(from_year, 1, 1), date(to_year, 12, 31)
    while d <= end:
        yield d
        d += timedelta(days=1)
