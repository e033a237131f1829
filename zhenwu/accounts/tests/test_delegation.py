"""Standing in for someone: dated, recorded, never more than the one who is away may do."""

from datetime import date, timedelta

import pytest

from zhenwu.accounts.delegation import DelegationRefused, delegate, end_delegation
from zhenwu.accounts.models import Appointment, Delegation
from zhenwu.accounts.scope import Rights
from zhenwu.changes.actions import verify_chain

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 6)


@pytest.fixture
def away(chen, wu):
    return delegate(chen, wu, first=FIRST, last=LAST, reason="出差", by=chen, today=FIRST)


@pytest.mark.parametrize(("day", "holds"), [(-1, False), (0, True), (4, True), (5, False)])
def test_it_holds_from_the_first_to_the_last_day(away, wu, places, day, holds):
    scope = Rights(wu, on=FIRST + timedelta(days=day)).scope("welfare", "S1")
    assert scope.covers(places["青山村"].pk) is holds
    assert scope.enters(places["青山村"].pk) is holds
    assert scope.covers(places["河口村"].pk)


def test_what_was_lent_is_not_lent_on_and_admin_never_is(away, wu, lin, chen, admin, leader):
    delegate(wu, lin, first=FIRST, last=LAST, reason="休假", by=wu, today=FIRST)
    assert {one.pk for one in Rights(lin, on=FIRST).stood_in_for} == {wu.pk}
    Appointment.objects.create(user=leader, role="admin", valid_from=date(2000, 1, 1))
    delegate(leader, chen, first=FIRST, last=LAST, reason="休假", by=admin, today=FIRST)
    assert not Rights(chen, on=FIRST).is_admin
    assert "leader" in Rights(chen, on=FIRST).roles


def test_ended_early_it_ends_today_and_history_keeps_both(away, chen, wu, places):
    end_delegation(away, by=chen, today=date(2026, 3, 4))
    assert not Rights(wu, on=date(2026, 3, 4)).scope("welfare", "S1").covers(places["青山村"].pk)
    assert Rights(wu, on=date(2026, 3, 3)).scope("welfare", "S1").covers(places["青山村"].pk)
    assert list(verify_chain("delegation")) == []
    again = delegate(chen, wu, first=date(2026, 3, 4), last=LAST, reason="出差", by=chen, today=date(2026, 3, 4))
    assert again.valid_to == date(2026, 3, 7)


def test_every_problem_is_said(chen, wu, admin):
    with pytest.raises(DelegationRefused) as refused:
        delegate(chen, chen, first=FIRST, last=FIRST - timedelta(days=9), reason=" ", by=wu, today=FIRST)
    assert set(refused.value.problems) == {"", "deputy", "last", "reason"}
    with pytest.raises(DelegationRefused, match="没有岗位"):
        delegate(chen, admin, first=FIRST, last=LAST, reason="出差", by=chen, today=FIRST)
    delegate(chen, wu, first=FIRST, last=LAST, reason="出差", by=admin, today=FIRST)
    with pytest.raises(DelegationRefused, match="已经有代办人"):
        delegate(chen, wu, first=LAST, last=LAST, reason="出差", by=chen, today=FIRST)
    with pytest.raises(DelegationRefused, match="本人或系统管理员"):
        end_delegation(Delegation.objects.get(), by=wu, today=FIRST)
