"""Which groups of rows count in a place, on boundaries as they were or as they are (design section 6).

A flow adds up over the places that became one. A stock says how it follows (`recast`): `recount` counts each row where its
place stands now; `pop` and `land` also divide what lineage cannot place by the shares of the event, marked as an estimate;
`successor` takes only what was recorded in places that are in force. What cannot be decided is counted apart, never guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from zhenwu.indicators.aggregate import Group, Number
from zhenwu.lib.amounts import half_up
from zhenwu.mart.places import Belonging, Boundary, Places
from zhenwu.packs.spec import Indicator

_EXACT = 4  # decimals that an estimate keeps
_NOWHERE = Belonging(frozenset())


@dataclass(slots=True)
class Counted:
    """The groups of one place. `undecided` rows may belong to it; of `estimated` rows a share counts in the groups."""

    groups: list[Group] = field(default_factory=list)
    undecided: int = 0
    estimated: int = 0


def counted_in(
    spec: Indicator, groups: Sequence[Group], place: str | None, boundary: Boundary, places: Places
) -> Counted:
    """`place` None: the whole township, in which everything counts."""
    if place is None:
        return Counted(list(groups))
    return counted_by_place(spec, groups, [place], boundary, places)[place]


def counted_by_place(
    spec: Indicator, groups: Iterable[Group], wanted: Iterable[str], boundary: Boundary, places: Places
) -> Mapping[str, Counted]:
    """{place: what counts in it} in one pass over the groups; every wanted place is there."""
    found: dict[str, Counted] = {place: Counted() for place in wanted}
    names = frozenset(found)
    for group in groups:
        belongs = _belonging(spec, group.place, group.since, boundary, places)
        for place in belongs.above & names:
            found[place].groups.append(group)
        for place in names & belongs.shares.keys():
            share = belongs.shares[place]
            if share is None:
                found[place].undecided += group.rows
            elif share:
                found[place].groups.append(_part_of(group, share))
                found[place].estimated += group.rows
    return found


def share_in(
    asked: str, spec: Indicator, place: str | None, since: date | None, boundary: Boundary, places: Places
) -> Decimal | None:
    """How much of a row recorded at `place` counts in `asked`: 1, 0, a part of it, or None for undecided."""
    belongs = _belonging(spec, place, since, boundary, places)
    return Decimal(1) if asked in belongs.above else belongs.shares.get(asked, Decimal(0))


def _belonging(spec: Indicator, place: str | None, since: date | None, boundary: Boundary, places: Places) -> Belonging:
    """Where a row of the indicator counts; shares are None where it may not be divided."""
    if place is None or (spec.recast == "successor" and boundary == "now" and not places.in_force(place)):
        return _NOWHERE
    belongs = places.belonging(place, boundary, since, spec.recast if spec.recast in ("pop", "land") else "any")
    if belongs.shares and spec.recast not in ("pop", "land"):
        return Belonging(belongs.above, dict.fromkeys(belongs.shares))
    return belongs


def _part_of(group: Group, share: Decimal) -> Group:
    """Only sums can be divided; the reader of packs sees to it that nothing else asks."""
    return replace(group, num=_share(group.num, share), den=_share(group.den, share))


def _share(number: Number | None, share: Decimal) -> Decimal | None:
    return None if number is None else Decimal(number) * share


def tidy(value: Number | None) -> Number | None:
    """An estimate without the digits that a share has added: 2980.8, not 2980.80000000."""
    if value is None:
        return None
    rounded = half_up(Decimal(value), _EXACT).normalize()
    return int(rounded) if rounded == rounded.to_integral_value() else rounded
