"""Deadlines that run from entering a state, and whose business an overdue row becomes."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from zhenwu.changes.models import Change, History
from zhenwu.desk.work import escalated_rows
from zhenwu.ledgers.deadlines import due_of, escalated, overdue, with_starts
from zhenwu.ledgers.escalation import escalations_of, note_escalations
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.listpage import ListPage
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.ledgers.stays import stays
from zhenwu.ledgers.transitions import restore, transition
from zhenwu.packs import runtime
from zhenwu.packs.spec import Deadline


@pytest.fixture
def ledger(monkeypatch):
    """Patrol problems: 发现 is left within two days of coming into it; then the leader's business, then the head's."""
    ledger = runtime.ledger("eco_issue")
    levels = [{"after": 1, "to": "leader"}, {"after": 3, "to": "head"}]
    deadline = Deadline.model_validate({"field": "state_since", "days": 2, "escalate": levels})
    for state in ("found", "sent"):
        monkeypatch.setitem(ledger.states, state, ledger.states[state].model_copy(update={"deadline": deadline}))
    return ledger


@pytest.fixture
def issue(add_row, lin, places):
    kinds = runtime.ledger("eco_issue").types
    said = {code: kinds[code].spec.options[0].value for code in ("found_way", "kind", "level")}
    said |= {"spot_text": "河边", "detail": "垃圾", "found_on": date(2020, 5, 30), "found_by": "陈青"}
    return add_row(lin, "eco_issue", places["青山村"], **said)


def at(change: Change, day: str) -> None:
    """As if the change had been made on that day, which its rows say too."""
    moment = timezone.make_aware(datetime.fromisoformat(f"{day} 10:00"))
    Change.objects.filter(pk=change.pk).update(at=moment)
    rows = runtime.ledger("eco_issue").rows("test")
    rows.filter(change=change).update(changed_at=moment)
    made = History.objects.filter(change=change, version=1).values("row")
    rows.filter(pk__in=made).update(created_at=moment)


def late(ledger, user, day):
    rows = with_starts(ledger, rows_in(ledger, scope_in(user, ledger)))
    return rows.filter(overdue(ledger, on=day)).exists()


def test_the_time_runs_from_entering_the_state(ledger, issue, lin):
    at(issue.change, "2020-06-01")
    first = date(2020, 6, 3)
    assert due_of(ledger, issue, on=first).day == first
    assert not late(ledger, lin, first)
    assert late(ledger, lin, first + timedelta(days=1))
    edited = transition(ledger, issue, "submit", by=lin)  # what does not touch the state does not start it anew
    at(edited, "2020-06-09")
    issue.refresh_from_db()
    assert due_of(ledger, issue, on=first).day == first
    page = ListPage(ledger, scope_in(lin, ledger), ListQuery(), lin, first + timedelta(days=1))
    assert "超期" in page.body


def test_coming_back_into_a_state_starts_it_anew(ledger, issue, lin):
    at(issue.change, "2020-06-01")
    moved = transition(ledger, issue, "step:send", by=lin, values={"sent_to": "保洁队", "due_on": date(2020, 7, 1)})
    at(moved, "2020-06-05")
    issue.refresh_from_db()
    assert due_of(ledger, issue, on=date(2020, 6, 5)).day == date(2020, 6, 7)
    back = restore(ledger, issue, 1, by=lin, reason="交办错了")
    at(back, "2020-06-10")
    issue.refresh_from_db()
    assert [one.state for one in stays(ledger, issue.pk)] == ["found", "sent", "found"]
    twelfth = date(2020, 6, 12)
    assert due_of(ledger, issue, on=twelfth).day == twelfth
    assert (late(ledger, lin, twelfth), late(ledger, lin, twelfth + timedelta(days=1))) == (False, True)
    assert History.objects.filter(row=issue.pk).count() == 3


@pytest.mark.parametrize(
    ("days", "to"), [(0, ()), (1, ()), (2, ("leader",)), (3, ("leader",)), (4, ("leader", "head"))]
)
def test_the_query_and_the_row_agree_whose_business_it_is(ledger, issue, lin, days, to):
    at(issue.change, "2020-06-01")
    on = date(2020, 6, 3) + timedelta(days=days)
    assert due_of(ledger, issue, on=on).escalated_to == to
    rows = with_starts(ledger, rows_in(ledger, scope_in(lin, ledger)))
    assert tuple(role for role in ("leader", "head") if rows.filter(escalated(ledger, role, on=on)).exists()) == to


def test_what_went_up_is_noted_once(ledger, issue, lin, leader, live):
    at(issue.change, "2020-06-01")
    assert note_escalations(date(2020, 6, 4)) == 0
    assert note_escalations(date(2020, 6, 5)) == 1
    assert note_escalations(date(2020, 6, 6)) == 0  # the head's turn comes a day later
    assert note_escalations(date(2020, 6, 7)) == 1
    assert [(one.to, one.on) for one in escalations_of(ledger, issue)] == [
        ("leader", date(2020, 6, 5)), ("head", date(2020, 6, 7)),
    ]  # fmt: skip
    assert "超期提请过问" in live(leader).get(f"/ledgers/eco_issue/{issue.pk}/").content.decode()
    assert escalated_rows(leader, date(2020, 6, 4)).total == 0
    block = escalated_rows(leader, date(2020, 6, 5))
    assert (block.total, block.items[0].no, block.items[0].note) == (1, issue.no, "已超期2天")
    assert escalated_rows(lin, date(2020, 6, 9)).total == 0
