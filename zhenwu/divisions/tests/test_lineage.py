"""The rules of lineage by hand: HR4's seven worked examples, and what can and can't be decided."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from zhenwu.divisions.lineage import Lineage, Place, Way

JUNE, MARCH = date(2020, 6, 1), date(2021, 3, 1)
QUARTER, YEAR_20, YEAR_21 = date(2020, 3, 31), date(2020, 12, 31), date(2021, 12, 31)
BEGIN = date(2000, 1, 1)
ONE = Decimal(1)


def whole(source, target, on, order=1):
    return Way(source, target, on, order, True, ONE, ONE)


def part(source, target, on, pop, land=None, order=1):
    said = [None if one is None else Decimal(one) for one in (pop, land)]
    return Way(source, target, on, order, False, *said)


@pytest.fixture
def world():
    """A+B → E and C into D on 2020-06-01; group 3 of E, once group 3 of A, to D on 2021-03-01."""
    places = [
        Place("town", None, BEGIN, None), Place("A", "town", BEGIN, JUNE), Place("B", "town", BEGIN, JUNE),
        Place("C", "town", BEGIN, JUNE), Place("D", "town", BEGIN, None), Place("E", "town", JUNE, None),
        Place("A3", "A", BEGIN, JUNE), Place("A1", "A", BEGIN, JUNE), Place("E3", "E", JUNE, MARCH),
        Place("E1", "E", JUNE, None), Place("D9", "D", MARCH, None),
    ]  # fmt: skip
    ways = [
        whole("A", "E", JUNE), whole("B", "E", JUNE), whole("C", "D", JUNE, 2), whole("A3", "E3", JUNE),
        whole("A1", "E1", JUNE), whole("E3", "D9", MARCH), part("E", "D", MARCH, "0.0893", "0.08"),
    ]  # fmt: skip
    return Lineage(places, ways)


def villages(known, rows, on, *, by="any"):
    """{village: sum} of (place, day, value), and what no village can be given."""
    sums, undecided = defaultdict(Decimal), Decimal(0)
    for place, day, value in rows:
        found = known.standing(place, on, since=day, by=by)
        if found.place is None:
            undecided += value
            continue
        home = found.place if len(found.place) == 1 else known.places[found.place].parent
        sums[home] += value
    return dict(sums), undecided


def test_example_1_villages_before_and_after(world):
    def count(day):
        return sum(place.in_force(day) for place in world.places.values() if place.parent == "town")

    assert (count(date(2020, 5, 31)), count(JUNE)) == (4, 2)


def test_example_2_rows_of_the_first_quarter_on_the_boundaries_of_the_year(world):
    households = [("A", QUARTER, 412), ("B", QUARTER, 305), ("C", QUARTER, 268), ("D", QUARTER, 350)]
    persons = [("A", QUARTER, 1386), ("B", QUARTER, 1021), ("C", QUARTER, 873), ("D", QUARTER, 1180)]
    assert villages(world, households, YEAR_20) == ({"E": 717, "D": 618}, 0)
    assert villages(world, persons, YEAR_20) == ({"E": 2407, "D": 2053}, 0)
    assert villages(world, persons, QUARTER)[0] == {"A": 1386, "B": 1021, "C": 873, "D": 1180}


def test_example_3_a_year_later_with_the_group_known(world):
    households = [("A3", QUARTER, 64), ("A1", QUARTER, 653), ("C", QUARTER, 268), ("D", QUARTER, 350)]
    persons = [("A3", QUARTER, 215), ("A1", QUARTER, 2192), ("C", QUARTER, 873), ("D", QUARTER, 1180)]
    assert villages(world, households, YEAR_21) == ({"E": 653, "D": 682}, 0)
    assert villages(world, persons, YEAR_21) == ({"E": 2192, "D": 2268}, 0)


def test_example_3_without_the_group_nobody_can_tell_and_the_total_stays_whole(world):
    sums, undecided = villages(world, [("A", QUARTER, 1386), ("C", QUARTER, 873)], YEAR_21)
    assert (sums, undecided) == ({"D": 873}, 1386)
    assert world.standing("A", YEAR_21, since=QUARTER).among == {"E", "D"}


def test_example_4_rates_are_made_of_sums_not_of_rates(world):
    insured, _ = villages(world, [("A", QUARTER, 1320), ("B", QUARTER, 960)], YEAR_20)
    persons, _ = villages(world, [("A", QUARTER, 1386), ("B", QUARTER, 1021)], YEAR_20)
    assert (insured["E"], persons["E"]) == (2280, 2407)
    assert round(insured["E"] * 100 / persons["E"], 2) == Decimal("94.72")


def test_example_5_land_without_groups_is_divided_by_its_share_and_said_to_be_an_estimate(world):
    found = world.standing("E", YEAR_21, since=date(2020, 10, 1), by="land")
    assert found.is_estimated
    assert {place: share * 3240 for place, share in found.shares.items()} == {
        "D": Decimal("259.2"),
        "E": Decimal("2980.8"),
    }
    assert world.standing("A", YEAR_21, since=date(2019, 12, 31), by="land").shares == found.shares


def test_example_6_books_stay_those_of_the_former_units(world):
    """The rows stay at A and B; below E both are found, each under its own name."""
    books = {"A": (Decimal(186_400), Decimal(42_000)), "B": (Decimal(95_300), Decimal(118_000))}
    assert {place: assets - debts for place, (assets, debts) in books.items()} == {"A": 144_400, "B": -22_700}
    under = [books[place] for place in sorted(world.below(["E"]) & books.keys())]
    assert tuple(map(sum, zip(*under, strict=True))) == (281_700, 160_000)


def test_a_row_after_the_day_is_not_touched_by_what_was_given_away_before(world):
    assert world.now("E", YEAR_21, since=MARCH) == "E"
    assert world.now("E", YEAR_21, since=date(2021, 2, 28)) is None
    assert world.successor("E", YEAR_21) == "E"


def test_a_row_dated_after_its_place_ended_goes_where_the_place_went(world):
    assert world.now("A", YEAR_20, since=JUNE) == "E"
    assert world.now("C", YEAR_21, since=MARCH) == "D"


def test_below_a_village_lies_what_it_was_but_not_what_it_gave_away(world):
    assert world.below(["E"]) == {"E", "A", "B", "A1", "E1"}
    assert world.below(["D"]) == {"D", "C", "D9", "E3", "A3"}
    assert world.below(["A"]) == {"A", "A1", "A3"}


def test_parts_that_come_together_again_are_decided():
    day, later = date(2010, 1, 1), date(2015, 1, 1)
    places = [
        Place("A", None, BEGIN, day),
        *(Place(one, None, day, later) for one in "BC"),
        Place("D", None, later, None),
    ]
    known = Lineage(
        places, [part("A", "B", day, None), part("A", "C", day, None), whole("B", "D", later), whole("C", "D", later)]
    )
    assert known.now("A", date(2012, 1, 1)) is None
    assert known.standing("A", date(2012, 1, 1)).shares == {}
    assert known.now("A", later) == "D"


def test_events_of_one_day_count_in_their_order():
    """C comes to D, and D then gives a part to F: what was C's may be in it. The other way round it can not."""
    day = date(2010, 1, 1)
    places = [Place("C", None, BEGIN, day), Place("D", None, BEGIN, None), Place("F", None, BEGIN, None)]
    first = Lineage(places, [whole("C", "D", day, 1), part("D", "F", day, "0.25", order=2)])
    assert first.standing("C", day).shares == {"D": Decimal("0.75"), "F": Decimal("0.25")}
    last = Lineage(places, [part("D", "F", day, "0.25", order=1), whole("C", "D", day, 2)])
    assert last.now("C", day) == "D"


def test_what_was_abolished_or_not_there_yet_is_nowhere():
    places = [Place("A", None, BEGIN, JUNE), Place("B", None, JUNE, None)]
    known = Lineage(places, [])
    assert known.standing("A", JUNE).among == frozenset()
    assert known.standing("B", date(2020, 5, 31)).among == frozenset()
    assert known.now("A", date(2020, 5, 31)) == "A"


def test_a_strip_where_nobody_lives_moved_no_person_but_perhaps_a_row():
    places = [Place("A", None, BEGIN, None), Place("B", None, BEGIN, None)]
    known = Lineage(places, [part("A", "B", JUNE, "0", "0.05")])
    assert known.standing("A", JUNE, by="pop", since=QUARTER).place == "A"
    assert known.standing("A", JUNE, by="land", since=QUARTER).shares == {"A": Decimal("0.95"), "B": Decimal("0.05")}
    found = known.standing("A", JUNE, since=QUARTER)
    assert (found.place, found.among, found.shares) == (None, {"A", "B"}, {"A": 1, "B": 0})
