"""What `zhenwu doctor` says of the instance as it stands."""

from datetime import date

import pytest

from zhenwu.config.cli.health import calendar_of
from zhenwu.ledgers.calendar import import_notice
from zhenwu.ledgers.tests.test_calendar import NOTICE_2031


def states(on):
    return [(one.state, one.found.partition("年")[0]) for one in calendar_of(on)]


@pytest.mark.parametrize(
    ("on", "state", "years"),
    [
        (date(2020, 9, 30), "ok", "2020"),
        (date(2020, 10, 1), "ok", "2020、2021"),
        (date(2031, 9, 30), "ok", "2031"),  # the notice of 2032 is not out yet, so nothing can be done
        (date(2031, 10, 1), "warn", "没有2032"),
        (date(2032, 1, 1), "warn", "没有2032"),
        (date(2032, 12, 31), "warn", "没有2032、2033"),
    ],
)
def test_the_next_years_holidays_are_asked_for_from_october_on(lin, on, state, years):
    assert import_notice(2031, NOTICE_2031, source="国办发明电", by=lin).problems == []
    assert states(on) == [(state, years)]


def test_what_to_do_about_missing_holidays_names_page_and_years(db):
    (found,) = calendar_of(date(2031, 3, 1))
    assert found.found == "没有2031年的放假安排，落在里面的期限只按周末推算"
    assert "在“工作日历”里粘贴2031年的通知" in found.remedy
