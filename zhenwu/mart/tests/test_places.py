"""Where a recorded place counts after villages merged or split."""

from datetime import date
from typing import Any

from zhenwu.mart.places import Places

MERGED = date(2020, 6, 1)


def place(code: str, parent: str | None, level: str = "village", **period: date) -> dict[str, Any]:
    return {"id": code, "parent": parent, "level": level, "valid_from": None, "valid_to": None} | period


ROWS = [
    place("town", None, "town"),
    place("a", "town", valid_to=MERGED),
    place("b", "town", valid_to=MERGED),
    place("ab", "town", valid_from=MERGED),
    place("a1", "a", "group"),
    place("c", "town", valid_to=MERGED),
    place("c1", "town", valid_from=MERGED),
    place("c2", "town", valid_from=MERGED),
]
EDGES = [("a", "ab", MERGED), ("b", "ab", MERGED), ("c", "c1", MERGED), ("c", "c2", MERGED)]


def test_before_the_merger_everything_is_as_it_was() -> None:
    places = Places.build(ROWS, EDGES, date(2020, 5, 31))
    assert places.now("a") == "a"
    assert places.scope("ab", "now") == (["ab"], [])


def test_a_merged_village_and_its_groups_count_in_the_new_one() -> None:
    places = Places.build(ROWS, EDGES, MERGED)
    assert places.now("a") == "ab"
    assert set(places.scope("ab", "now")[0]) == {"a", "b", "ab", "a1"}
    assert set(places.scope("ab", "was")[0]) == {"ab"}
    assert set(places.scope("a", "was")[0]) == {"a", "a1"}
    assert places.at_level("a1", "village", "now") == "ab"


def test_a_split_village_is_undecided_below_the_town_and_certain_in_it() -> None:
    places = Places.build(ROWS, EDGES, MERGED)
    assert places.now("c") is None
    assert places.scope("c1", "now") == (["c1"], ["c"])
    assert set(places.scope("town", "now")[0]) == {row["id"] for row in ROWS}
    assert [row["division"] for row in places.div_now() if row["division"] == "c"] == []
