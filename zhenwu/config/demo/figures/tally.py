"""Collects figures: counts, sums, shares and their parts, in int and Decimal."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from zhenwu.config.demo.world import FIRST, LAST, Row, World
from zhenwu.lib.amounts import half_up

Figure = int | Decimal | None
Number = int | Decimal


class Tally:
    def __init__(self, world: World) -> None:
        self.world = world
        self.figures: dict[str, Figure] = {}

    def rows(self, ledger: str) -> list[Row]:
        return self.world.rows[ledger]

    def count(self, code: str, rows: Iterable[Row], by: Callable[[Row], str | None] | None = None) -> None:
        rows = list(rows)
        self.figures[code] = len(rows)
        if by:
            for row in rows:
                part = f"{code}.{by(row)}"
                self.figures[part] = int(self.figures.get(part) or 0) + 1

    def total(self, code: str, numbers: Iterable[Number]) -> None:
        self.figures[code] = sum(numbers, start=Decimal(0))

    def share(self, code: str, num: Number, den: Number, *, scale: int = 100, places: int = 1) -> None:
        self.figures[code] = half_up(Decimal(num) * scale / Decimal(den), places) if den else None

    def share_of(self, code: str, rows: Iterable[Row], hits: Callable[[Row], object]) -> None:
        rows = list(rows)
        self.share(code, sum(bool(hits(row)) for row in rows), len(rows))


def in_year(day: date | None) -> bool:
    return day is not None and FIRST <= day <= LAST
