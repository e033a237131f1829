"""What a figure page is asked: period, day, place, boundary. What cannot be read is said, not guessed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from zhenwu.divisions.models import Division, Level
from zhenwu.indicators.errors import PeriodNotBegun, PeriodProblem
from zhenwu.indicators.periods import Period, read_period, year_of
from zhenwu.indicators.questions import ask
from zhenwu.ledgers.days import working_day
from zhenwu.mart.places import Boundary
from zhenwu.packs.spec import Indicator


@dataclass
class Asked:
    """`period` None is the year up to `as_of`. `as_of_said`: someone chose the day; else it is the period's end or today.
    `problems` are for the reader; the page then answers with the default of what could not be read."""

    as_of: date
    year: int
    place: Division | None = None
    boundary: Boundary = "now"
    period: Period | None = None
    as_of_said: bool = False
    is_settled: bool = False  # only this day may be asked of a protected figure
    problems: list[str] = field(default_factory=list)

    @classmethod
    def from_params(cls, said: Mapping[str, str]) -> "Asked":
        problems: list[str] = []
        today = working_day()
        as_of = day_in(said.get("as_of", ""), problems)
        year = _year(said.get("year", ""), problems)
        period = _period(said.get("period", ""), year, as_of or today, problems)
        if period is not None and period.first > (as_of or today):
            problems.append(str(PeriodNotBegun(period.label, (as_of or today).isoformat())))
            period = None
        if period is not None:
            year = period.first.year
        day = as_of or min(today, period.last if period else date(year, 12, 31) if year else today)
        place = _place(said.get("place", ""), problems)
        boundary: Boundary = "was" if said.get("boundary") == "was" else "now"
        return cls(
            day, year or day.year, place, boundary, period, as_of_said=as_of is not None, problems=problems
        )  # fmt: skip

    def answered_by(self, spec: Indicator) -> "Asked":
        """The same, without a period that the indicator says nothing of."""
        try:
            ask(spec, as_of=self.as_of, period=self.period)
        except PeriodProblem as problem:
            return replace(self, period=None, problems=[*self.problems, str(problem)])
        return self

    def settled(self, day: date) -> "Asked":
        """Of the whole year up to `day`, on the boundaries of today: all that may be asked of a protected figure."""
        return replace(self, as_of=day, year=day.year, period=None, boundary="now", as_of_said=True, is_settled=True)

    def question(self) -> dict[str, Any]:
        """The keywords that `indicators.queries` takes."""
        return {
            "as_of": self.as_of, "year": self.year, "place": self.place.pk if self.place else None,
            "boundary": self.boundary, "period": self.period,
        }  # fmt: skip

    @property
    def said(self) -> str:
        """The span in words: 2020年三季度; 2020年（截至12月31日）."""
        return (self.period or year_of(self.year)).label

    def params(self, **changed: Any) -> dict[str, Any]:
        """The words of an address that asks the same, with something changed."""
        said = {
            "period": self.period.code if self.period else None, "as_of": self.as_of,
            "year": self.year if self.period is None and self.year != self.as_of.year else None,
            "place": self.place.pk.hex if self.place else None, "boundary": "was" if self.boundary == "was" else None,
        }  # fmt: skip
        return said | changed


def day_in(said: str, problems: list[str]) -> date | None:
    """The day that was typed; None for none. What is not a day is reported."""
    said = said.strip()
    if not said:
        return None
    try:
        day = date.fromisoformat(said)
    except ValueError:
        problems.append(f"截至日期填的是“{said[:20]}”：请按“2020-12-31”的样子填写。")
        return None
    if not 1990 <= day.year <= 2100:
        problems.append(f"截至日期填的是“{said}”：年份应在1990到2100之间。")
        return None
    return day


def villages_now_and_before() -> list[Division]:
    """Every village that is or was, for the choice of a place."""
    return list(Division.objects.filter(level=Level.VILLAGE).order_by("code", "valid_from"))


def _year(said: str, problems: list[str]) -> int | None:
    said = said.strip()
    if not said:
        return None
    if said.isascii() and said.isdigit() and 1990 <= int(said[:5]) <= 2100:
        return int(said)
    problems.append(f"年度填的是“{said[:20]}”：请填四位数的年份，如2020。")
    return None


def _place(said: str, problems: list[str]) -> Division | None:
    said = said.strip()
    if not said:
        return None
    try:
        found = Division.objects.filter(pk=uuid.UUID(said)).first()
    except ValueError:
        found = Division.objects.filter(code=said[:16]).order_by("-valid_from").first()
    if found is None:
        problems.append("找不到所选的村（社区），以下为全镇的数。")
    return found


def _period(said: str, year: int | None, as_of: date, problems: list[str]) -> Period | None:
    if not said.strip():
        return None
    try:
        return read_period(said, year=year or as_of.year, as_of=as_of)
    except PeriodProblem as problem:
        problems.append(str(problem))
        return None
