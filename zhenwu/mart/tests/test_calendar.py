"""The mart counts working days by the township's own calendar, from the next question on."""

from datetime import date, timedelta

import pytest

from zhenwu.ledgers.calendar import set_day
from zhenwu.lib.workdays import default_calendar
from zhenwu.mart.engine import open_engine
from zhenwu.mart.memory import fill_reference
from zhenwu.mart.store import mart
from zhenwu.mart.workdays import workday_macros

SQL = (
    "SELECT c.workday, zw_wd_add(DATE '2020-09-30', 1) AS next FROM base.calendar AS c WHERE c.day = DATE '2020-10-09'"
)


def test_a_switched_day_is_known_to_the_mart(lin):
    assert mart().look_up([], SQL, {}).to_pylist() == [{"workday": True, "next": date(2020, 10, 9)}]
    before = mart().stamp([])
    set_day(date(2020, 10, 9), is_workday=False, reason="防汛停工", source="", by=lin)
    assert mart().look_up([], SQL, {}).to_pylist() == [{"workday": False, "next": date(2020, 10, 10)}]
    assert mart().stamp([]) != before


@pytest.fixture(scope="module")
def engine():
    made = open_engine(memory_limit="150MB")
    fill_reference(made)
    yield made
    made.close()


def test_working_days_are_those_of_the_calendar(engine):
    """Around every day of a year, forwards and backwards; from and to days of rest too."""
    calendar = default_calendar()
    found = engine.sql(
        "SELECT c.day, n.n - 20 AS n, zw_wd_add(c.day, n.n - 20) AS reached, zw_wd_diff(c.day, DATE '2020-06-30') AS apart "
        "FROM base.calendar AS c, base.number AS n WHERE c.yr = 2020 AND n.n <= 40 AND n.n <> 20"
    ).fetchall()
    assert len(found) == 366 * 40
    for day, n, reached, apart in found:
        assert reached == calendar.add_workdays(day, n), (day, n)
        low, high = sorted((day, date(2020, 6, 30)))
        between = sum(calendar.is_workday(low + timedelta(days=at)) for at in range(1, (high - low).days + 1))
        assert apart == (between if day == low else -between), day


def test_outside_of_the_calendar_nothing_is_known(engine):
    said = "zw_wd_add(DATE '1999-12-31', 1), zw_wd_add(DATE '2000-01-03', -5), zw_wd_add(DATE '2040-12-31', 9), "
    said += "zw_wd_diff(DATE '2041-01-01', DATE '2020-01-01'), zw_wd_add(NULL, 3), zw_wd_add(DATE '2020-01-01', NULL)"
    assert engine.sql(f"SELECT {said}").fetchall() == [(None,) * 6]
    assert engine.sql("SELECT zw_wd_add(DATE '1999-12-31', 0)").fetchall() == [(date(1999, 12, 31),)]


def test_many_rows_take_no_memory_each(engine):
    """A list of the days beside each row would be 60 kB a row: here joined, grouped and looked at in a window."""
    rows = "SELECT DATE '2018-01-01' + CAST(range % 1500 AS INTEGER) AS day, range % 30 AS n FROM range(50000)"
    sql = f"""WITH t AS ({rows}), due AS (SELECT day, n, zw_wd_add(day, n) AS last FROM t)
      SELECT count(*), sum(late), max(place) FROM (
        SELECT zw_wd_diff(a.day, b.day) AS late, row_number() OVER (PARTITION BY a.n ORDER BY zw_wd_add(a.day, 1)) AS place
        FROM due AS a LEFT JOIN (SELECT DISTINCT day FROM t) AS b ON b.day = zw_wd_add(a.day, 2))"""
    [(count, late, place)] = engine.sql(sql).fetchall()
    assert (count, place) == (50000, 1667)
    assert 1.9 < late / count <= 2


def test_long_feasts_and_a_calendar_of_any_length_are_counted_right():
    """A stop of half a year, and days that fill no whole block: numbers hold fewer days then."""
    first, rows, nth = date(2020, 1, 1), [], 0
    for at in range(701):
        day = first + timedelta(days=at)
        workday = day.weekday() < 5 and not date(2020, 3, 1) <= day < date(2020, 9, 1)
        nth += workday
        rows.append({"day": day, "workday": workday, "nth": nth})
    engine = open_engine()
    for macro in workday_macros(rows):
        engine.execute(macro)
    worked = [row["day"] for row in rows if row["workday"]]
    engine.execute("CREATE TABLE days AS SELECT DATE '2020-01-01' + CAST(range - 5 AS INTEGER) AS day FROM range(711)")
    found = engine.sql(
        "SELECT day, zw_nth(day), zw_workday_at(zw_nth(day) - 1), zw_workday_at(zw_nth(day)) FROM days"
    ).fetchall()
    for day, count, last, following in found:
        at = (day - first).days
        if not 0 <= at < len(rows):
            assert (count, last, following) == (None,) * 3
            continue
        nth = rows[at]["nth"]
        assert count == nth
        assert last == (worked[nth - 1] if nth else None), day
        assert following == (worked[nth] if nth < len(worked) else None), day
