"""What a figure page is asked: day, year, place, boundary, month. What cannot be read is said, not guessed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhenwu.divisions.models import Division, Level
from zhenwu.ledgers.days import working_day
from zhenwu.mart.places import Boundary


@dataclass
class Asked:
    """`problems` are for the reader; the page then answers with the default of what could not be read."""

    as_of: date
    year: int
    place: Division | None = None
    boundary: Boundary = "now"
    month: str = ""
    problems: list[str] = field(default_factory=list)

    @classmethod
    def from_params(cls, said: Mapping[str, str]) -> "Asked":
        problems: list[str] = []
        as_of = day_in(said.get("as_of", ""), problems)
        year = _year(said.get("year", ""), problems)
        if as_of is None:
            today = working_day()
            as_of = min(date(year, 12, 31), today) if year is not None and year <= today.year else today
        place = _place(said.get("place", ""), problems)
        boundary: Boundary = "was" if said.get("boundary") == "was" else "now"
        return cls(as_of, year or as_of.year, place, boundary, _month(said.get("month", ""), problems), problems)

    def question(self) -> dict[str, Any]:
        """The keywords that `indicators.queries` takes."""
        return {
            "as_of": self.as_of, "year": self.year, "place": self.place.pk if self.place else None,
            "boundary": self.boundary,
        }  # fmt: skip

    def params(self, **changed: Any) -> dict[str, Any]:
        """The words of an address that asks the same, with something changed."""
        said = {
            "as_of": self.as_of, "year": self.year if self.year != self.as_of.year else None,
            "place": self.place.pk.hex if self.place else None, "boundary": "was" if self.boundary == "was" else None,
            "month": self.month,
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


def _month(said: str, problems: list[str]) -> str:
    said = said.strip()
    if not said:
        return ""
    try:
        return f"{date.fromisoformat(f'{said}-01'):%Y-%m}"
    except ValueError:
        problems.append(f"月份填的是“{said[:20]}”：请按“2020-03”的样子填写。")
        return ""
