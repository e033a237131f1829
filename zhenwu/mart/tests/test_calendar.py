"""The mart counts working days by the township's own calendar, from the next question on."""

from datetime import date

from zhenwu.ledgers.calendar import set_day
from zhenwu.mart.store import mart

SQL = (
    "SELECT c.workday, zw_wd_add(DATE '2020-09-30', 1) AS next FROM base.calendar AS c WHERE c.day = DATE '2020-10-09'"
)


def test_a_switched_day_is_known_to_the_mart(lin):
    assert mart().look_up([], SQL, {}).to_pylist() == [{"workday": True, "next": date(2020, 10, 9)}]
    before = mart().stamp([])
    set_day(date(2020, 10, 9), is_workday=False, reason="防汛停工", source="", by=lin)
    assert mart().look_up([], SQL, {}).to_pylist() == [{"workday": False, "next": date(2020, 10, 10)}]
    assert mart().stamp([]) != before
