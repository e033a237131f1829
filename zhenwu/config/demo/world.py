"""What the parts of the demo township build together: rows by ledger with symbolic ids, and the errors planted in them."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from zhenwu.config.demo.names import Phones
from zhenwu.lib.workdays import default_calendar

YEAR = 2020
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
AS_OF = LAST
Row = dict[str, Any]


@dataclass(frozen=True)
class Planted:
    """One planted error, or one that was just avoided. `subject` is the finding's identity in symbolic ids, in the order of the check's subject."""

    check: str  # full code: hazard.HZ-05
    subject: tuple[str, ...]
    what: str  # in natural words
    why: str


@dataclass
class World:
    """`persons` scales the registers; each part draws from its own random stream, so that one change stays local."""

    seed: int
    persons: int
    rows: dict[str, list[Row]] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)
    spared: list[Planted] = field(default_factory=list)  # on the right side of a limit: must not be found
    phones: Phones = field(default_factory=Phones)
    of: dict[str, Row] = field(default_factory=dict)  # every row by its symbolic id
    given: dict[str, int] = field(default_factory=dict)  # ids given out by ledger; rows may be taken away again
    homes: dict[str, set[str]] = field(default_factory=dict)  # person → households of its registration

    def rng(self, part: str) -> Random:
        return Random(f"{self.seed}/{part}")

    def scaled(self, at_full: int, least: int) -> int:
        """A number that is `at_full` in a township of 20,000 and never below `least`."""
        return max(least, at_full * self.persons // 20_000)

    def add(self, ledger: str, **values: Any) -> Row:
        self.given[ledger] = self.given.get(ledger, 0) + 1
        row: Row = {"id": f"{ledger}-{self.given[ledger]:05d}", **values}
        self.rows.setdefault(ledger, []).append(row)
        self.of[row["id"]] = row
        return row

    def plant(self, check: str, *subject: Any, what: str, why: str) -> None:
        self.planted.append(Planted(check, tuple(_key(one) for one in subject), what, why))

    def spare(self, check: str, *subject: Any, what: str) -> None:
        self.spared.append(Planted(check, tuple(_key(one) for one in subject), what, "刚好在界限以内，不应报出"))


def _key(value: Any) -> str:
    """As findings keep their identity: ISO dates, plain numbers."""
    return value.isoformat() if isinstance(value, date) else str(value)


def add_months(day: date, months: int) -> date:
    """Clips to the month's end, as the packs' add_months does."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def after_workdays(day: date, count: int) -> date:
    """The `count`-th working day after `day`."""
    calendar = default_calendar()
    while count:
        day += timedelta(days=1)
        count -= calendar.is_workday(day)
    return day


def age(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def day_in(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def ym(day: date) -> str:
    return f"{day.year}-{day.month:02d}"
