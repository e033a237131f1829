"""What a figure is asked for: of when, of where, on which boundaries."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhenwu.indicators.errors import PeriodNotBegun, PeriodTooShort
from zhenwu.indicators.periods import Kind, Period, a_year_before
from zhenwu.mart.places import Boundary
from zhenwu.packs.spec import Indicator

KIND_LABELS = {"day": "日", "month": "月", "quarter": "季", "half": "半年", "year": "全年（或年初以来累计）"}
SPAN_LABELS = {"flow": "期内发生", "stock": "截至当天"}


@dataclass(frozen=True)
class Question:
    """`cut` is the period whose rows alone count, where it is less than the year up to `as_of`; a stock has none, for it is
    asked at the period's end. The boundaries of today are those of the day `on`."""

    as_of: date
    year: int
    on: date
    place: str | None = None
    boundary: Boundary = "now"
    period: Period | None = None
    cut: Period | None = None

    @property
    def last(self) -> date:
        """The last day that it is about."""
        return min(self.as_of, self.period.last if self.period else date(self.year, 12, 31))


def ask(
    spec: Indicator,
    *,
    as_of: date,
    year: int | None = None,
    place: Any = None,
    boundary: Boundary = "now",
    period: Period | None = None,
    on: date | None = None,
) -> Question:
    """`place`: a Division, its id, or None for all. `year` is that of the period, else of `as_of`. Raises PeriodNotBegun,
    PeriodTooShort."""
    cut: Period | None = None
    if period is not None:
        if period.first > as_of:
            raise PeriodNotBegun(period.label, as_of.isoformat())
        year = period.first.year
        if spec.kind == "stock":
            as_of = min(as_of, period.last)
        elif period.cuts(as_of):
            if not is_answered(spec, period.kind):
                raise PeriodTooShort(spec.label, period.label, KIND_LABELS[spec.period])
            cut = period
    return Question(as_of, year or as_of.year, on or as_of, hex_of(place), boundary, period, cut)


def is_answered(spec: Indicator, kind: Kind) -> bool:
    """Whether the indicator says something of a part of the year of this kind. A stock does on any day."""
    if spec.kind == "stock" or kind == Kind.YEAR:
        return True
    if kind == Kind.TO:
        return spec.period != "year"
    return not _is_shorter(kind, spec.period)


def same_last_year(asked: dict[str, Any]) -> dict[str, Any]:
    """The keywords of `ask` for the same period last year, on the boundaries of the year asked for."""
    period: Period | None = asked.get("period")
    year: int | None = asked.get("year")
    return asked | {
        "as_of": a_year_before(asked["as_of"]),
        "year": year and year - 1,
        "period": period and period.a_year_before(),
        "on": asked.get("on") or asked["as_of"],
    }


def hex_of(place: Any) -> str | None:
    if place is None:
        return None
    key = getattr(place, "pk", place)
    return key.hex if isinstance(key, uuid.UUID) else str(key).replace("-", "")


def _is_shorter(kind: Kind, least: str) -> bool:
    order = list(Kind)
    return order.index(kind) < order.index(Kind(least))
