"""Closing problems: rates, lights, periods. Pure functions of dates (governance HR-9, HR-12, HR-13; docs/developer/closing.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from zhenwu.lib.workdays import add_months

Light = Literal["green", "yellow", "red", "done", "done_late"]


@dataclass(frozen=True, slots=True)
class Closing:
    """One problem. `closed_on` is None while it is open, also when it was closed and came back."""

    found_on: date
    due_on: date | None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Of the problems found in the year; those carried over from before are counted apart and never mixed in."""

    found: int
    closed: int
    on_time: int
    on_time_of: int  # closed, or due by the day
    late: int  # open and past their day
    carried: int
    carried_closed: int

    @property
    def open(self) -> int:
        return self.found - self.closed

    @property
    def rate(self) -> Decimal | None:
        return percent(self.closed, self.found)

    @property
    def on_time_rate(self) -> Decimal | None:
        return percent(self.on_time, self.on_time_of)


def percent(part: int, whole: int) -> Decimal | None:
    """One decimal, half up; None of nothing, which is shown as —."""
    if not whole:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def closing_rates(problems: Iterable[Closing], year: int, on: date) -> Rates:
    """As of `on`: what was found, and closed, later than that does not count. Carried over is what was found before the year
    and was not closed before it."""
    first = date(year, 1, 1)
    last = min(on, date(year, 12, 31))
    found = closed = on_time = on_time_of = late = carried = carried_closed = 0
    for one in problems:
        done = one.closed_on if one.closed_on is not None and one.closed_on <= on else None
        if one.found_on < first:
            if done is None or done >= first:
                carried += 1
                carried_closed += done is not None
            continue
        if one.found_on > last:
            continue
        found += 1
        closed += done is not None
        if done is not None or (one.due_on is not None and one.due_on <= on):
            on_time_of += 1
            on_time += done is not None and (one.due_on is None or done <= one.due_on)
        late += done is None and one.due_on is not None and one.due_on < on
    return Rates(found, closed, on_time, on_time_of, late, carried, carried_closed)


def rectification_period(feedback_on: date, *, plan_days: int, months: int) -> tuple[date, date]:
    """(day by which the plan is due, end of the concentrated period). `months` is what was in force on the day of feedback."""
    return feedback_on + timedelta(days=plan_days), add_months(feedback_on, months)


@dataclass(frozen=True, slots=True)
class DueLight:
    due: date
    light: Light
    late_days: int = 0


def due_light(
    due: date, on: date, *, extended_to: date | None = None, asked_on: date | None = None, done_on: date | None = None,
    soon: int = 7,
) -> DueLight:  # fmt: skip
    """An extension holds only if it was asked for no later than the day it moves. Red from the day after the last day."""
    if extended_to is not None and asked_on is not None and asked_on <= due:
        due = extended_to
    if done_on is not None:
        late = (done_on - due).days
        return DueLight(due, "done_late", late) if late > 0 else DueLight(due, "done")
    left = (due - on).days
    if left < 0:
        return DueLight(due, "red", -left)
    return DueLight(due, "yellow" if left <= soon else "green")


def closing_sentence(rates: Rates) -> str:
    """As a report says it: the year's rate alone, and what was carried over in words of its own."""
    rate = "—" if rates.rate is None else f"{rates.rate}%"
    said = f"本年发现{rates.found}处，销号{rates.closed}处，销号率{rate}"
    if rates.carried:
        rest = "全部销号" if rates.carried == rates.carried_closed else f"已销号{rates.carried_closed}处"
        said += f"；上年结转{rates.carried}处，{rest}"
    return said + "。"
