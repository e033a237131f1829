"""By when a row must leave its state: the list's filter, its marks and the row's light say the same."""

from datetime import date, timedelta

import pytest

from zhenwu.ledgers.deadlines import due_of
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.listpage import ListPage
from zhenwu.ledgers.queries import scope_in
from zhenwu.packs import runtime

FOUND = date(2020, 5, 6)  # the state 发现 is to be left within one day


@pytest.fixture
def hazard(add_row, lin, places):
    return add_row(lin, "hazard", places["青山村"], detail="消防通道堵塞", found_on=FOUND)


@pytest.mark.parametrize(("days", "light"), [(-3, "green"), (0, "yellow"), (1, "yellow"), (2, "red"), (400, "red")])
def test_filter_mark_and_light_agree_on_every_day(hazard, lin, days, light):
    ledger, today = runtime.ledger("hazard"), FOUND + timedelta(days=days)
    scope = scope_in(lin, ledger)
    due = due_of(ledger, hazard, on=today)
    assert (due.day, due.light) == (FOUND + timedelta(days=1), light)
    filtered = ListPage(ledger, scope, ListQuery(overdue=True), lin, today)
    everything = ListPage(ledger, scope, ListQuery(), lin, today)
    late = light == "red"
    assert bool(filtered.values) is late
    assert ("超期" in everything.body) is late


def test_a_row_whose_date_is_not_filled_or_whose_work_is_done_has_no_deadline(add_row, lin, places):
    ledger = runtime.ledger("hazard")
    empty = add_row(lin, "hazard", places["青山村"], detail="没有日期")
    assert due_of(ledger, empty, on=date(2026, 1, 1)) is None
    done = ledger.model(state="closed", found_on=FOUND)
    assert due_of(ledger, done, on=date(2026, 1, 1)) is None
    page = ListPage(ledger, scope_in(lin, ledger), ListQuery(overdue=True), lin, date(2026, 1, 1))
    assert page.values == []
