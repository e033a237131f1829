"""Periods as they are typed, named and held against last year's."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhenwu.indicators.errors import NoPeriod, PeriodNotBegun, PeriodTooShort
from zhenwu.indicators.periods import Kind, Period, a_year_before, day_of, parts_of, read_period, year_of
from zhenwu.indicators.queries import spec_of
from zhenwu.indicators.questions import ask

_PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # on a machine at work


@pytest.mark.parametrize(
    ("said", "code", "label"),
    [
        ("2025", "2025", "2025年"),
        ("2025年", "2025", "2025年"),
        ("2025Q3", "2025-Q3", "2025年三季度"),
        ("2025年第3季度", "2025-Q3", "2025年三季度"),
        ("2025年三季度", "2025-Q3", "2025年三季度"),
        ("2025-h1", "2025-H1", "2025年上半年"),
        ("2025年下半年", "2025-H2", "2025年下半年"),
        ("2025-09", "2025-09", "2025年9月"),
        ("２０２５年9月", "2025-09", "2025年9月"),
        ("2025-09-30", "2025-09-30", "2025年9月30日"),
        ("2025年9月30日", "2025-09-30", "2025年9月30日"),
        ("2025-01-09", "2025-01-09", "2025年1月9日"),
        ("2025-1-9", "2025-01-09", "2025年1月9日"),
        ("2025-01..09", "2025-01..09", "2025年1—9月"),
        ("2025年1-9月", "2025-01..09", "2025年1—9月"),
        ("2025年1—9月", "2025-01..09", "2025年1—9月"),
        ("2025-01..12", "2025", "2025年"),
    ],
)
def test_a_period_is_typed_in_code_or_in_words(said, code, label):
    found = read_period(said)
    assert (found.code, found.label) == (code, label)
    assert read_period(found.code) == found


@pytest.mark.parametrize(
    "said", ["", "Q3", "2025Q5", "2025H3", "2025-13", "2025-02-30", "20251", "1889", "三季度", "2025-03..09", "2025-"]
)
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(said):
    with pytest.raises(NoPeriod, match="请写年"):
        read_period(said)


def test_without_its_year_it_is_one_of_the_year_asked_for():
    assert read_period("Q3", year=2020).code == "2020-Q3"
    assert read_period("day", as_of=date(2020, 5, 6)).code == "2020-05-06"


_DAYS = st.dates(date(1995, 1, 1), date(2095, 12, 31))


@_PATIENT
@given(_DAYS, st.sampled_from([Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR]))
def test_every_day_of_a_year_is_in_one_part_of_it(day, kind):
    parts = [year_of(day.year)] if kind == Kind.YEAR else list(parts_of(day.year, kind))
    assert sum(one.first <= day <= one.last for one in parts) == 1
    assert all(before.last + timedelta(days=1) == after.first for before, after in itertools.pairwise(parts))
    for one in parts:
        assert read_period(one.code) == one
        assert one.a_year_before().kind == one.kind
        assert one.a_year_before().last == a_year_before(one.last), "the end of a period stays the end"


@_PATIENT
@given(_DAYS)
def test_the_same_day_last_year_is_one_and_the_end_of_a_month_stays_one(day):
    before = a_year_before(day)
    assert before.year == day.year - 1
    assert before.month == day.month
    is_end = (day + timedelta(days=1)).day == 1
    assert ((before + timedelta(days=1)).day == 1) >= is_end
    assert day_of(day).a_year_before() == Period(before, before, Kind.DAY)


@pytest.mark.usefixtures("db")
def test_a_stock_is_asked_at_the_end_of_the_period_and_a_flow_within_it():
    flow = spec_of("hz_n").model_copy(update={"kind": "flow"})
    stock = flow.model_copy(update={"kind": "stock"})
    quarter = read_period("2020Q3")
    asked = ask(stock, as_of=date(2020, 12, 31), period=quarter)
    assert (asked.as_of, asked.year, asked.cut) == (date(2020, 9, 30), 2020, None)
    asked = ask(flow, as_of=date(2020, 12, 31), period=quarter)
    assert (asked.as_of, asked.cut) == (date(2020, 12, 31), quarter)


@pytest.mark.usefixtures("db")
def test_the_first_quarter_at_its_end_is_the_year_so_far():
    """Then nothing is cut, and rows without a day count too: one question has one answer."""
    flow = spec_of("hz_n")
    for said, as_of in (("2020Q1", date(2020, 3, 31)), ("2020", date(2020, 6, 1)), ("2020-01..05", date(2020, 5, 31))):
        assert ask(flow, as_of=as_of, period=read_period(said)).cut is None
    assert ask(flow, as_of=date(2020, 4, 1), period=read_period("2020Q1")).cut is not None


@pytest.mark.usefixtures("db")
def test_what_cannot_be_asked_is_refused_with_the_reason():
    with pytest.raises(PeriodNotBegun, match="2020年四季度还没有开始"):
        ask(spec_of("hz_n"), as_of=date(2020, 6, 1), period=read_period("2020Q4"))
    yearly = spec_of("hz_n").model_copy(update={"period": "year"})
    for said in ("2020Q2", "2020-05", "2020-01..05"):
        with pytest.raises(PeriodTooShort, match="全年"):
            ask(yearly, as_of=date(2020, 12, 31), period=read_period(said))
    assert ask(yearly, as_of=date(2020, 6, 30), period=read_period("2020H1")).cut is None
    quarterly = spec_of("hz_n").model_copy(update={"period": "quarter"})
    with pytest.raises(PeriodTooShort, match="最细按季统计"):
        ask(quarterly, as_of=date(2020, 12, 31), period=read_period("2020-05"))
    assert ask(quarterly, as_of=date(2020, 12, 31), period=read_period("2020H2")).cut is not None
