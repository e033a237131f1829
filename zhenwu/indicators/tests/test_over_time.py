"""Figures of periods, against last year, and on the boundaries of today; rows paged by the engine."""

from datetime import date

import pytest

from zhenwu.divisions.actions import merge
from zhenwu.divisions.models import Division
from zhenwu.indicators.beginnings import kept_since
from zhenwu.indicators.errors import PeriodTooShort
from zhenwu.indicators.periods import Kind, parts_of, read_period
from zhenwu.indicators.queries import by_period, by_place, compared, value
from zhenwu.indicators.tests.hazards import hazard, record
from zhenwu.indicators.tracing import Seen, trace

AS_OF = date(2020, 12, 31)


@pytest.fixture
def rows(lin, places):
    one, other = places["青山村"], places["河口村"]
    days = [(one, "2019-03-10"), (one, "2019-08-01"), (one, "2020-01-05"), (other, "2020-02-29"), (one, "2020-03-06")]
    days += [(one, "2020-07-01"), (other, "2020-09-30"), (other, "2020-10-01")]
    record(lin, *(hazard(place, day) for place, day in days), on=date(2020, 12, 1))


def test_a_flow_counts_what_fell_into_the_period(rows, places):
    def of(said: str, **asked) -> object:
        return value("hz_n", as_of=asked.pop("as_of", AS_OF), period=read_period(said), **asked).value

    assert [of(f"2020Q{n}") for n in (1, 2, 3, 4)] == [3, 0, 2, 1]
    assert (of("2020H1"), of("2020H2"), of("2020"), of("2020-01..09")) == (3, 3, 6, 5)
    assert (of("2020-02"), of("2020-02-29"), of("2020-02-28")) == (1, 1, 0)
    assert of("2020Q3", place=places["河口村"]) == 1
    assert of("2020Q3", as_of=date(2020, 9, 29)) == 1
    assert {one.code: found.value for one, found in by_period("hz_n", list(parts_of(2020, Kind.QUARTER)), as_of=AS_OF).items()} == {
        "2020-Q1": 3, "2020-Q2": 0, "2020-Q3": 2, "2020-Q4": 1,
    }  # fmt: skip
    villages = by_place("hz_n", as_of=AS_OF, period=read_period("2020Q3"))
    assert sum(one.value or 0 for one in villages.values()) == 2


def test_a_figure_of_a_whole_year_only_refuses_a_month(rows):
    with pytest.raises(PeriodTooShort, match="上年结转隐患"):
        value("hz_carry_n", as_of=AS_OF, period=read_period("2020-03"))
    assert value("hz_carry_n", as_of=AS_OF, period=read_period("2020")).value == 2


def test_the_digest_of_a_period_is_its_own(rows):
    whole = value("hz_n", as_of=AS_OF, signed=True).digest
    assert value("hz_n", as_of=AS_OF, period=read_period("2020"), signed=True).digest == whole
    assert value("hz_n", as_of=AS_OF, period=read_period("2020Q1"), signed=True).digest != whole


def test_last_year_is_the_same_period_on_the_same_day(rows):
    said = compared("hz_n", as_of=AS_OF, period=read_period("2020Q3"))
    assert said.before is not None
    assert (said.now.value, said.before.value, said.growth.text) == (2, 1, "增长100.0%")
    said = compared("hz_n", as_of=date(2020, 3, 31), period=read_period("2020-03"))
    assert said.before is not None
    assert (said.before.value, said.before.as_of, said.growth.text) == (1, date(2019, 3, 31), "持平")
    assert compared("hz_n", as_of=AS_OF, period=read_period("2020Q4")).growth.text == "由0增加到1"


def test_a_year_in_which_the_ledger_began_is_not_held_against_a_whole_one(rows):
    said = compared("hz_n", as_of=AS_OF)
    assert (said.before, said.growth.text) == (None, "上年同期的记录不全，不能比较")
    assert compared("hz_late", as_of=AS_OF).before is not None, "a stock is as on the day"


def test_before_the_ledger_was_kept_nothing_is_known(rows):
    assert kept_since("hazard") == date(2019, 3, 10)
    said = compared("hz_n", as_of=date(2019, 12, 31))
    assert said.before is None
    assert said.growth.text == "上年同期还没有这本台账的记录"
    assert compared("hz_n", as_of=date(2020, 2, 1)).before is None, "the ledger began in March of the year before"


def test_last_year_is_counted_in_the_villages_of_today(rows, lin, places):
    new = Division(code="519999100203", name="青河村", parent=places["town"])
    merge([places["青山村"], places["河口村"]], into=new, on=date(2020, 7, 1), title="合并", approval="1号", by=lin)
    said = compared("hz_n", as_of=AS_OF, place=new, period=read_period("2020H2"))
    assert said.before is not None
    assert (said.now.value, said.before.value) == (3, 1)
    months = by_period("hz_late", list(parts_of(2020, Kind.MONTH)), as_of=AS_OF, place=new)
    whole = by_period("hz_late", list(parts_of(2020, Kind.MONTH)), as_of=AS_OF)
    assert [one.value for one in months.values()] == [one.value for one in whole.values()], "also before the merger"


def test_rows_are_found_and_paged_by_the_engine(rows, places):
    whole = trace("hz_n", as_of=AS_OF)
    assert (whole.seen, whole.hidden, whole.more) == (6, 0, 0)
    pages = [trace("hz_n", as_of=AS_OF, start=start, limit=4) for start in (0, 4, 8)]
    assert [one for page in pages for one in page.rows] == whole.rows
    assert [(len(page.rows), page.seen, page.more) for page in pages] == [(4, 6, 2), (2, 6, 0), (0, 6, 0)]
    quarter = trace("hz_n", as_of=AS_OF, period=read_period("2020Q3"))
    assert [row.day for row in quarter.rows] == [date(2020, 7, 1), date(2020, 9, 30)]
    own = trace("hz_n", as_of=AS_OF, place=places["河口村"], sight={})
    assert (own.rows, own.seen, own.hidden) == ([], 0, 3)


def test_single_rows_of_an_office_are_seen_beside_those_of_the_places(rows, places):
    far = next(row.row for row in trace("hz_n", as_of=AS_OF).rows if row.place == places["河口村"].pk.hex)
    sight = {"hazard": Seen(frozenset({places["青山村"].pk.hex}), frozenset({str(far)}))}
    found = trace("hz_n", as_of=AS_OF, sight=sight)
    assert (found.seen, found.hidden) == (4, 2)
    assert far in {row.row for row in found.rows}
    assert trace("hz_n", as_of=AS_OF, sight={"person": Seen(None)}).seen == 0
