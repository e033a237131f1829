"""The township's own working days: one table for deadlines, lists and figures; each switch with its reason."""

from datetime import date, timedelta

import pytest

from zhenwu.changes.actions import verify_chain
from zhenwu.changes.models import Change
from zhenwu.ledgers.calendar import import_notice, set_back, set_day, stored_calendar
from zhenwu.ledgers.deadlines import due_of, overdue, with_starts
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.lib.tests.test_holiday_notice import NOTICE_2026
from zhenwu.lib.workdays import default_calendar, working_calendar
from zhenwu.packs import runtime
from zhenwu.packs.spec import Deadline

NOTICE_2031 = """元旦：1月1日放假，共1天。
春节：1月22日至28日放假调休，共7天。1月19日（周日）、2月1日（周六）上班。
清明节：4月5日至7日放假调休，共3天。
劳动节：5月1日放假，共1天。
端午节：6月24日放假，共1天。
中秋节、国庆节：10月1日至7日放假调休，共7天。"""


def test_a_switched_day_moves_every_deadline_and_back(lin):
    day = date(2020, 10, 9)  # a Friday
    assert working_calendar().add_workdays(date(2020, 9, 30), 1) == day
    set_day(day, is_workday=False, reason="防汛停工", source="青石府发〔2020〕1号", by=lin)
    assert working_calendar().add_workdays(date(2020, 9, 30), 1) == date(2020, 10, 10)  # a Saturday that is worked
    assert working_calendar().day(day).note == "防汛停工"
    set_back(day, by=lin)
    assert working_calendar().add_workdays(date(2020, 9, 30), 1) == day
    assert [one.reason for one in Change.objects.order_by("pk")] == ["防汛停工", "2020-10-09恢复为原来的安排"]
    assert list(verify_chain("calendar")) == []


def test_the_spring_festival_of_2020_was_prolonged_after_the_fact(lin):
    """The notice had 24 to 30 January off and 1 February worked; on 26 January the holiday was prolonged to 2 February."""
    for day, works in ((date(2020, 1, 31), True), (date(2020, 2, 1), True)):  # as people knew it before
        set_day(day, is_workday=works, reason="原通知", source="国办发明电〔2019〕16号", by=lin)
    assert working_calendar().add_workdays(date(2020, 1, 20), 5) == date(2020, 2, 1)
    for day in (date(2020, 1, 31), date(2020, 2, 1)):
        set_day(day, is_workday=False, reason="春节假期延长", source="国办发明电〔2020〕1号", by=lin)
    assert working_calendar().add_workdays(date(2020, 1, 20), 5) == date(2020, 2, 4)


def test_a_single_day_does_not_make_a_year_known_but_its_notice_does(lin):
    set_day(date(2031, 3, 8), is_workday=True, reason="调休", source="", by=lin)
    due = stored_calendar().provisional_due(date(2031, 3, 3), 6)
    assert (due.day, due.warning) == (date(2031, 3, 10), "2031年放假安排尚未公布，按周末推算")
    notice = import_notice(2031, NOTICE_2031, source="国办发明电", by=lin)
    assert notice.problems == []
    due = stored_calendar().provisional_due(date(2031, 3, 3), 6)
    assert (due.day, due.warning) == (date(2031, 3, 10), "")
    assert not stored_calendar().is_workday(date(2031, 1, 22))


def test_a_notice_is_taken_whole_or_not(lin, chen):
    assert import_notice(2026, NOTICE_2026, source=" ", by=lin).problems == ["请写明依据：通知的名称和文号。"]
    assert import_notice(2026, NOTICE_2026, source="国办发明电〔2025〕7号", by=lin).problems == []
    assert stored_calendar() is not default_calendar()
    assert stored_calendar().workdays_in(2026) == default_calendar().workdays_in(2026)
    with pytest.raises(NotAllowed):
        import_notice(2026, NOTICE_2026, source="国办发明电", by=chen)
    with pytest.raises(LedgerError, match="写明原因"):
        set_day(date(2020, 1, 1), is_workday=True, reason="", source="", by=lin)


def test_the_row_says_when_its_deadline_is_a_guess(live, lin, add_row, places, monkeypatch):
    ledger = runtime.ledger("hazard")
    state = ledger.states["found"].model_copy(update={"deadline": Deadline(field="found_on", days=3, working=True)})
    monkeypatch.setitem(ledger.states, "found", state)
    row = add_row(lin, "hazard", places["青山村"], detail="堵塞", found_on=date(2031, 3, 3))
    due = due_of(ledger, row, on=date(2031, 3, 4))
    assert (due.day, due.warning) == (date(2031, 3, 6), "2031年放假安排尚未公布，按周末推算")
    assert "2031年放假安排尚未公布，按周末推算" in live(lin).get(f"/ledgers/hazard/{row.pk}/").content.decode()
    rows = with_starts(ledger, rows_in(ledger, scope_in(lin, ledger)))
    for on, late in ((date(2031, 3, 6), 0), (date(2031, 3, 7), 1)):
        assert rows.filter(overdue(ledger, on=on)).count() == late


@pytest.mark.parametrize(("moves", "last"), [(False, date(2021, 9, 20)), (True, date(2021, 9, 22))])
def test_a_last_day_on_a_holiday_moves_where_the_ledger_says_so(live, lin, add_row, places, monkeypatch, moves, last):
    ledger = runtime.ledger("hazard")
    said = Deadline(field="found_on", days=7, moves=moves)
    monkeypatch.setitem(ledger.states, "found", ledger.states["found"].model_copy(update={"deadline": said}))
    row = add_row(lin, "hazard", places["青山村"], detail="堵塞", found_on=date(2021, 9, 13))
    due = due_of(ledger, row, on=date(2021, 9, 14))
    assert (due.day, due.warning) == (last, "")
    rows = with_starts(ledger, rows_in(ledger, scope_in(lin, ledger)))
    late = [on for on in (last, last + timedelta(days=1)) if rows.filter(overdue(ledger, on=on)).exists()]
    assert late == [last + timedelta(days=1)]


def test_the_pages(live, lin, chen):
    page = live(lin).get("/ledgers/calendar/?year=2020")
    assert page.context["workdays"] == 249
    assert "10月10日 国庆节调休上班" in page.content.decode()
    assert live(lin).get("/ledgers/calendar/2020-10-09/").status_code == 200
    missing = live(lin).post("/ledgers/calendar/2020-10-09/", {"act": "rest", "reason": ""})
    assert (missing.status_code, working_calendar().is_workday(date(2020, 10, 9))) == (422, True)
    live(lin).post("/ledgers/calendar/2020-10-09/", {"act": "rest", "reason": "防汛停工"})
    assert not working_calendar().is_workday(date(2020, 10, 9))
    assert live(lin).post("/ledgers/calendar/2026/notice/", {"text": "胡言", "source": "某文"}).status_code == 422
    assert live(lin).post("/ledgers/calendar/2026/notice/", {"text": NOTICE_2026, "source": "某文"}).status_code == 302
    assert "还没有录入" in live(lin).get("/ledgers/calendar/?year=2031").content.decode()
    for path in ("/ledgers/calendar/2020-10-09/", "/ledgers/calendar/2026/notice/"):
        assert live(chen).get(path).status_code == 404
    assert live(chen).get("/ledgers/calendar/").status_code == 200
    assert live(lin).get("/ledgers/calendar/2020-13-09/").status_code == 404
