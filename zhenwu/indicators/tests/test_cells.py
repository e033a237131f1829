"""Cells that tell of few persons, and what is hidden with them so that no sum gives them away."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhenwu.indicators.cells import hidden_cells
from zhenwu.indicators.seeing import settled_day

_PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # on a machine at work


def test_the_next_smallest_goes_with_a_single_small_cell():
    assert hidden_cells({"a": 12, "b": 3, "c": 7, "d": 9}, 5) == ({"b"}, {"c"})


def test_nobody_is_no_small_cell_and_hides_nothing():
    assert hidden_cells({"a": 0, "b": 0, "c": 40}, 10) == (set(), set())
    assert hidden_cells({"a": 0, "b": 3}, 10) == ({"b"}, set())


def test_two_small_cells_whose_sum_is_small_take_a_third():
    assert hidden_cells({"a": 1, "b": 2, "c": 30, "d": 40}, 10) == ({"a", "b"}, {"c"})
    assert hidden_cells({"a": 6, "b": 7, "c": 30}, 10) == ({"a", "b"}, set())


_TABLES = st.dictionaries(st.integers(0, 20), st.integers(0, 60), max_size=15)


@_PATIENT
@given(_TABLES, st.integers(2, 12))
def test_the_total_less_what_is_shown_tells_of_no_few(people, least):
    few, beside = hidden_cells(people, least)
    assert few == {key for key, number in people.items() if 0 < number < least}
    hidden = few | beside
    shown = {key: number for key, number in people.items() if key not in hidden and number}
    if not few:
        assert not beside
    elif shown:  # else the total itself is hidden, or all of it is
        assert len(hidden) > 1
        assert sum(people[key] for key in hidden) >= least
        assert max(people[key] for key in hidden) <= max(shown.values()), "the smallest that will do"


@_PATIENT
@given(st.dates(date(2015, 1, 1), date(2022, 12, 31)), st.dates(date(2019, 1, 1), date(2021, 12, 31)))
def test_a_protected_figure_is_told_of_no_day_of_ones_own_choice(asked, today):
    day = settled_day(asked, today)
    ends = {(3, 31), (6, 30), (9, 30), (12, 31)}
    assert (day.month, day.day) in ends
    assert day <= today or asked.year < today.year
    if day.year < today.year:
        assert (day.month, day.day) == (12, 31)
