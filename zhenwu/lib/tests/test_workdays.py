from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.lib.workdays import Calendar, CalendarDay, UnknownYear, add_months, days, default_calendar


@pytest.fixture
def calendar():
    return default_calendar()


def on(text):
    return date.fromisoformat(text)


def built(off=(), work=(), years=()):
    rows = [CalendarDay(on(d), False, "放假") for d in off] + [CalendarDay(on(d), True, "调休上班") for d in work]
    return Calendar(rows, years=years or None)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        # governance HR-14
        ("2020-09-25", 5, "2020-10-09"),
        ("2020-09-30", 5, "2020-10-14"),
        ("2020-11-02", 5, "2020-11-09"),
        # livelihood HR2
        ("2020-09-28", 20, "2020-11-02"),
        ("2020-11-02", 10, "2020-11-16"),
        ("2021-02-05", 5, "2021-02-18"),
        ("2020-01-20", 5, "2020-02-04"),
        ("2021-04-20", 20, "2021-05-19"),
        ("2021-09-06", 3, "2021-09-09"),
        ("2021-09-06", 30, "2021-10-22"),
        ("2021-09-06", 45, "2021-11-12"),
        ("2020-10-28", 10, "2020-11-11"),
        ("2021-04-28", 15, "2021-05-21"),
    ],
)
def test_deadlines_of_2020_and_2021(calendar, start, n, end):
    assert calendar.add_workdays(on(start), n) == on(end)
    assert calendar.workdays_between(on(start), on(end)) == n


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2021-09-17", 7, "2021-09-24"),  # a notice, over a long holiday: decided from the 25th
        ("2021-06-03", 15, "2021-06-18"),  # a monitoring clue
        ("2021-09-13", 7, "2021-09-20"),  # a notice may end on a holiday
    ],
)
def test_periods_of_calendar_days_end_with_their_last_day(calendar, start, n, end):
    assert calendar.period_end(on(start), n) == (on(end), ())


@pytest.mark.parametrize(
    ("start", "n", "end", "guessed"),
    [
        ("2021-09-13", 7, "2021-09-22", ()),  # the 20th is 中秋
        ("2021-09-19", 7, "2021-09-26", ()),  # a Sunday that is worked
        ("2021-06-03", 15, "2021-06-18", ()),
        ("2030-12-28", 7, "2031-01-06", (2031,)),  # a Saturday of a year without a table
    ],
)
def test_what_a_citizen_must_do_by_a_day_off_may_be_done_on_the_next_working_day(calendar, start, n, end, guessed):
    assert calendar.period_end(on(start), n, moves=True) == (on(end), guessed)


def test_the_days_of_the_notices_of_2020_and_2021(calendar):
    def stretches(year):
        """Days off from Monday to Friday, and worked weekends, as MM-DD."""
        every = [on(f"{year}-01-01") + timedelta(days=n) for n in range(365 + (year == 2020))]
        off = [f"{d:%m-%d}" for d in every if d.weekday() < 5 and not calendar.is_workday(d)]
        return off, [f"{d:%m-%d}" for d in every if d.weekday() >= 5 and calendar.is_workday(d)]

    off, worked = stretches(2020)
    assert worked == ["01-19", "04-26", "05-09", "06-28", "09-27", "10-10"]
    assert off == [
        "01-01", *(f"01-{d}" for d in (24, 27, 28, 29, 30, 31)), "04-06", "05-01", "05-04", "05-05", "06-25", "06-26",
        "10-01", "10-02", "10-05", "10-06", "10-07", "10-08",
    ]  # fmt: skip
    off, worked = stretches(2021)
    assert worked == ["02-07", "02-20", "04-25", "05-08", "09-18", "09-26", "10-09"]
    assert off == [
        "01-01", "02-11", "02-12", "02-15", "02-16", "02-17", "04-05", "05-03", "05-04", "05-05", "06-14", "09-20",
        "09-21", "10-01", "10-04", "10-05", "10-06", "10-07",
    ]  # fmt: skip


def test_the_spring_festival_of_2020_before_and_after_it_was_prolonged():
    off = [f"2020-01-{day}" for day in range(24, 31)]
    november = built(off, ["2020-01-19", "2020-02-01"], years=[2020])
    assert november.add_workdays(on("2020-01-20"), 5) == on("2020-02-01")
    change = [CalendarDay(on(d), False, "延长春节假期") for d in ("2020-01-31", "2020-02-01", "2020-02-02")]
    changed = november.with_rows(change)
    assert changed.add_workdays(on("2020-01-20"), 5) == on("2020-02-04")
    assert november.add_workdays(on("2020-01-20"), 5) == on("2020-02-01")


def test_days_of_a_site_inspection_are_not_used_up(calendar):
    pause = (on("2021-04-26"), on("2021-05-07"))
    assert calendar.workdays_between(on("2021-04-25"), on("2021-05-07")) == 7
    assert calendar.add_workdays(on("2021-04-20"), 20, pauses=[pause]) == on("2021-05-28")
    with pytest.raises(ValueError, match="暂停"):
        calendar.add_workdays(on("2021-04-20"), -1, pauses=[pause])


@pytest.mark.parametrize(
    ("start", "off", "work", "end"),
    [
        ("2021-04-26", [f"2021-05-0{d}" for d in range(1, 6)], ["2021-04-25", "2021-05-08"], "2021-05-12"),
        ("2020-09-25", [f"2020-10-0{d}" for d in range(1, 9)], ["2020-09-27", "2020-10-10"], "2020-10-15"),
        ("2021-02-05", [f"2021-02-{d}" for d in range(11, 18)], ["2021-02-07", "2021-02-20"], "2021-02-24"),
        ("2020-11-02", [], [], "2020-11-16"),
    ],
)
def test_land_notices_by_their_own_calendar(start, off, work, end):
    calendar = built(off, work, years=[int(start[:4])])
    assert calendar.add_workdays(on(start), 10) == on(end)


def test_working_days_of_a_year(calendar):
    assert (calendar.workdays_in(2020), calendar.workdays_in(2021)) == (249, 250)


def test_backwards_and_across_years(calendar):
    assert calendar.add_workdays(on("2021-01-05"), -2) == on("2020-12-31")
    assert calendar.add_workdays(on("2020-12-31"), 1) == on("2021-01-04")
    assert calendar.add_workdays(on("2020-05-02"), 0) == on("2020-05-02")
    assert calendar.workdays_between(on("2021-01-05"), on("2020-12-31")) == -2


def test_a_last_day_on_a_holiday_moves(calendar):
    assert calendar.next_workday(on("2020-10-01")) == on("2020-10-09")
    assert calendar.next_workday(on("2020-10-10")) == on("2020-10-10")


def test_a_year_without_a_table_is_an_error_not_a_guess(calendar):
    with pytest.raises(UnknownYear, match="2031 年的放假安排还没有录入") as caught:
        calendar.add_workdays(on("2031-03-03"), 5)
    assert caught.value.year == 2031
    with pytest.raises(UnknownYear):
        calendar.is_workday(on("2031-03-03"))
    with pytest.raises(UnknownYear):
        list(days(2020, 2031))


def test_a_provisional_deadline_says_so(calendar):
    assert calendar.provisional_due(on("2031-03-03"), 5) == (on("2031-03-10"), (2031,))
    assert calendar.provisional_due(on("2020-09-25"), 5) == (on("2020-10-09"), ())
    assert calendar.provisional_due(on("2031-12-30"), 5).warning == "2031、2032年放假安排尚未公布，按周末推算"


@given(st.dates(on("2005-01-01"), on("2025-11-30")), st.integers(0, 60), st.integers(0, 30))
def test_adding_working_days_is_monotone_and_counting_undoes_it(day, n, more):
    calendar = default_calendar()
    end = calendar.add_workdays(day, n)
    assert calendar.workdays_between(day, end) == n
    assert calendar.add_workdays(day, n + more) >= end
    assert calendar.add_workdays(day + timedelta(days=more), n) >= end
    assert n == 0 or calendar.is_workday(end)
    assert calendar.workdays_between(end, day) == -n


@given(
    st.dates(on("2019-01-01"), on("2021-12-31")), st.integers(1, 40),
    st.sets(st.dates(on("2019-01-01"), on("2022-12-31")), max_size=40),
)  # fmt: skip
def test_days_switched_to_rest_never_bring_a_deadline_forward(day, n, off):
    plain = Calendar([], years=range(2019, 2023))
    changed = plain.with_rows(CalendarDay(one, False, "放假") for one in off)
    end = changed.add_workdays(day, n)
    assert end >= plain.add_workdays(day, n)
    assert changed.workdays_between(day, end) == n
    assert end not in off


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2020-12-31", 2, "2021-02-28"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-01-15", -1, "2019-12-15"),
        ("2020-03-31", -1, "2020-02-29"),
    ],
)
def test_months_end_with_the_month(start, n, end):
    assert add_months(on(start), n) == on(end)


def test_days_to_seed_a_table():
    year = {row.day: row for row in days(2020, 2020)}
    assert len(year) == 366
    assert year[on("2020-10-10")] == CalendarDay(on("2020-10-10"), True, "国庆节调休上班")
    assert year[on("2020-02-02")] == CalendarDay(on("2020-02-02"), False, "春节放假")
    assert year[on("2020-11-02")] == CalendarDay(on("2020-11-02"), True, None)
    assert year[on("2020-11-07")] == CalendarDay(on("2020-11-07"), False, None)
