"""Months far from a river segment's own past. Nobody can plant that without looking at all the months, so the definition of
the hint (docs/developer/packs.md) is worked out here in plain Python once everything else stands."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import AS_OF, YEAR, World, month_end, ym

_LEAST, _LIMIT = 6, Fraction("3.5")
_SCORE, _MEAN = Fraction("0.6745"), Fraction("1.2533")


def metres_for_kilometres(world: World, picker: Picker, turn: int) -> None:
    """One patrol's distance in metres; or, smaller, without its decimal point."""
    one = picker.pick(
        world.rows["river_patrol"], lambda row: row["patrol_on"] >= date(YEAR, 8, 1) and row["km"] is not None, "km"
    )
    one["km"] = str(Decimal(one["km"]) * (1000, 100, 1000, 100, 1000)[turn])


def note_all(world: World) -> None:
    months: dict[str, dict[str, Fraction]] = {}
    for row in world.rows["river_patrol"]:
        said = months.setdefault(row["segment"], {})
        if row["km"] is not None:
            said[ym(row["patrol_on"])] = said.get(ym(row["patrol_on"]), Fraction(0)) + Fraction(row["km"])
    for segment, said in sorted(months.items()):
        for month in _far(said):
            name = world.of[segment]["name"]
            world.plant("river_patrol.RP08", segment, month, what=f"{name}{month}里程与以往相差较大", why="离群提示")


def _far(said: dict[str, Fraction]) -> Iterator[str]:
    for month in sorted(said):
        year, number = map(int, month.split("-"))
        before = [value for other, value in said.items() if other < month]
        if year == YEAR and month_end(year, number) <= AS_OF and len(before) >= _LEAST and _is_far(said[month], before):
            yield month


def _is_far(value: Fraction, before: list[Fraction]) -> bool:
    """The modified z-score, by the median distance; where most months are alike, by the mean distance."""
    usual = median(before)
    distances = [abs(one - usual) for one in before]
    spread, mean = median(distances), sum(distances) / len(distances)
    if spread:
        return abs(value - usual) * _SCORE > spread * _LIMIT
    return abs(value - usual) > mean * _MEAN * _LIMIT if mean else value != usual


KINDS = (metres_for_kilometres,)
