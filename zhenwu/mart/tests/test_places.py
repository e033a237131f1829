"""Where a recorded place counts after villages merged, were divided, or gave a part away."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from zhenwu.divisions.lineage import Way
from zhenwu.mart.places import Places

MERGED, MOVED = date(2020, 6, 1), date(2021, 3, 1)


def place(code: str, parent: str | None, level: str = "village", **period: date) -> dict[str, Any]:
    return {"id": code, "parent": parent, "level": level, "valid_from": None, "valid_to": None} | period


def way(source: str, target: str, on: date = MERGED, land: str | None = "1", pop: str | None = "1") -> Way[str]:
    whole = land == pop == "1"
    return Way(source, target, on, 1, whole, Decimal(pop) if pop else None, Decimal(land) if land else None)


ROWS = [
    place("town", None, "town"),
    place("a", "town", valid_to=MERGED),
    place("b", "town", valid_to=MERGED),
    place("ab", "town", valid_from=MERGED),
    place("a1", "a", "group", valid_to=MERGED),
    place("ab1", "ab", "group", valid_from=MERGED, valid_to=MOVED),
    place("c", "town", valid_to=MERGED),
    place("c1", "town", valid_from=MERGED),
    place("c2", "town", valid_from=MERGED),
    place("d", "town"),
    place("d9", "d", "group", valid_from=MOVED),
    place("gone", "town", valid_to=MERGED),
]
WAYS = [
    way("a", "ab"), way("b", "ab"), way("a1", "ab1"), way("c", "c1", land=None, pop=None), way("c", "c2", land=None, pop=None),
    way("ab1", "d9", MOVED), way("ab", "d", MOVED, land="0.08", pop=None),
]  # fmt: skip


def counted_in(places: Places, asked: str, boundary: Any = "now", since: date | None = None) -> set[str]:
    return {one for one in places.divisions if asked in places.above(one, boundary, since)}


def test_before_the_merger_everything_is_as_it_was() -> None:
    places = Places.build(ROWS, WAYS, MERGED - timedelta(days=1))
    assert places.now("a") == "a"
    assert places.turns() == []
    assert places.above("a1", "now") == {"a1", "a", "town"}


def test_a_merged_village_and_its_groups_count_in_the_new_one() -> None:
    places = Places.build(ROWS, WAYS, MERGED)
    assert places.now("a") == "ab"
    assert counted_in(places, "ab") == {"a", "b", "ab", "a1", "ab1"}
    assert counted_in(places, "ab", "was") == {"ab", "ab1"}
    assert counted_in(places, "a", "was") == {"a", "a1"}
    assert places.at_level("a1", "village", "now") == "ab"


def test_a_divided_village_is_undecided_below_the_town_and_certain_in_it() -> None:
    places = Places.build(ROWS, WAYS, MERGED)
    assert places.now("c") is None
    assert places.belonging("c", "now").above == {"town"}
    assert places.belonging("c", "now").shares == {"c1": None, "c2": None}
    assert counted_in(places, "town") == {row["id"] for row in ROWS}
    assert [row["division"] for row in places.div_now() if row["division"] == "c"] == []


def test_what_was_recorded_before_a_part_was_given_away_is_divided_by_shares_only() -> None:
    places = Places.build(ROWS, WAYS, date(2021, 12, 31))
    assert places.turns() == [MOVED]
    early, late = places.belonging("ab", "now", None, "land"), places.belonging("ab", "now", MOVED, "land")
    assert early.above == {"town"}
    assert early.shares == {"ab": Decimal("0.92"), "d": Decimal("0.08")}
    assert places.belonging("ab", "now").shares == {"ab": None, "d": None}, "nobody said how many people went"
    assert late.above == {"ab", "town"}
    assert places.now("ab") == "ab", "the unit itself goes on"


def test_a_known_group_follows_its_own_way() -> None:
    places = Places.build(ROWS, WAYS, date(2021, 12, 31))
    assert places.above("a1", "now") == {"d9", "d", "town"}
    assert places.at_level("ab1", "village", "now") == "d"


def test_what_is_written_down_late_under_a_former_village_counts_in_its_successor() -> None:
    places = Places.build(ROWS, WAYS, date(2020, 12, 31))
    assert places.above("a", "now", date(2020, 9, 1)) == {"ab", "town"}


def test_an_abolished_place_still_counts_in_the_town() -> None:
    places = Places.build(ROWS, WAYS, date(2020, 12, 31))
    assert "town" in places.above("gone", "now")
    assert places.now("gone") is None
