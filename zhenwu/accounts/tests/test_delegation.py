"""Standing in for someone: dated, recorded, never more than the one who is away may do."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhenwu.accounts.delegation import DelegationRefused, delegate, end_delegation
from zhenwu.accounts.models import Appointment, Delegation
from zhenwu.accounts.scope import Rights
from zhenwu.changes.models import AuditEntry
from zhenwu.ledgers.audit import verify

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 6)


@pytest.fixture
def away(chen, wu):
    return delegate(chen, wu, first=FIRST, last=LAST, reason="出差", by=chen, today=FIRST)


@pytest.fixture
def security(db):
    from zhenwu.accounts.models import User

    user = User.objects.create(username="security", display_name="安全")
    Appointment.objects.create(user=user, role="security", valid_from=date(2000, 1, 1))
    return user


@pytest.mark.parametrize(("day", "holds"), [(-1, False), (0, True), (4, True), (5, False)])
def test_it_holds_from_the_first_to_the_last_day(away, wu, places, day, holds):
    scope = Rights(wu, on=FIRST + timedelta(days=day)).scope("welfare", "S1")
    assert scope.covers(places["青山村"].pk) is holds
    assert scope.enters(places["青山村"].pk) is holds
    assert scope.covers(places["河口村"].pk)


def test_what_was_lent_is_not_lent_on_and_admin_never_is(away, wu, lin, chen, security, leader):
    delegate(wu, lin, first=FIRST, last=LAST, reason="休假", by=wu, today=FIRST)
    assert {one.pk for one in Rights(lin, on=FIRST).stood_in_for} == {wu.pk}
    Appointment.objects.create(user=leader, role="admin", valid_from=date(2000, 1, 1))
    delegate(leader, chen, first=FIRST, last=LAST, reason="休假", by=security, today=FIRST)
    assert not Rights(chen, on=FIRST).is_admin
    assert "leader" in Rights(chen, on=FIRST).roles


def test_ended_early_it_ends_today_and_history_keeps_both(away, chen, wu, places):
    end_delegation(away, by=chen, today=date(2026, 3, 4))
    assert not Rights(wu, on=date(2026, 3, 4)).scope("welfare", "S1").covers(places["青山村"].pk)
    assert Rights(wu, on=date(2026, 3, 3)).scope("welfare", "S1").covers(places["青山村"].pk)
    assert list(verify("delegation")) == []
    assert AuditEntry.objects.filter(about=chen).count() == 2
    again = delegate(chen, wu, first=date(2026, 3, 4), last=LAST, reason="出差", by=chen, today=date(2026, 3, 4))
    assert again.valid_to == date(2026, 3, 7)


def test_every_problem_is_said(chen, wu, security, admin):
    with pytest.raises(DelegationRefused) as refused:
        delegate(chen, chen, first=FIRST, last=FIRST - timedelta(days=9), reason=" ", by=wu, today=FIRST)
    assert set(refused.value.problems) == {"", "deputy", "last", "reason"}
    with pytest.raises(DelegationRefused, match="没有岗位"):
        delegate(chen, admin, first=FIRST, last=LAST, reason="出差", by=chen, today=FIRST)
    delegate(chen, wu, first=FIRST, last=LAST, reason="出差", by=security, today=FIRST)
    with pytest.raises(DelegationRefused, match="已经有代办人"):
        delegate(chen, wu, first=LAST, last=LAST, reason="出差", by=chen, today=FIRST)
    with pytest.raises(DelegationRefused, match="本人或安全管理员"):
        end_delegation(Delegation.objects.get(), by=wu, today=FIRST)


def test_the_page_sets_it_up_for_oneself(live, chen, wu, lin):
    page = live(chen).get("/accounts/delegations/new/")
    assert "user" not in [field["name"] for field in page.context["fields"]]
    today = timezone.localdate()
    said = {
        "deputy": str(wu.pk),
        "first": today.isoformat(),
        "last": (today + timedelta(days=3)).isoformat(),
        "reason": "",
    }
    assert live(chen).post("/accounts/delegations/new/", said).status_code == 422
    live(chen).post(
        "/accounts/delegations/new/", said | {"reason": "出差", "user": str(lin.pk)}
    )  # lin is not mine to lend
    one = Delegation.objects.get()
    assert (one.user, one.deputy) == (chen, wu)
    assert "吴岸" in live(chen).get("/accounts/delegations/").content.decode()
    assert not live(lin).get("/accounts/delegations/").context["rows"]
    assert "你现在代陈青办理" in live(wu).get("/").content.decode()
    assert live(wu).post(f"/accounts/delegations/{one.pk}/end/").status_code == 404
    live(chen).post(f"/accounts/delegations/{one.pk}/end/")
    assert not Rights(wu).stood_in_for


def test_the_security_administrator_sets_it_up_for_others(live, security, chen, wu):
    today = timezone.localdate()
    said = {
        "user": str(chen.pk),
        "deputy": str(wu.pk),
        "first": today.isoformat(),
        "last": today.isoformat(),
        "reason": "病假",
    }
    assert live(security).post("/accounts/delegations/new/", said).status_code == 302
    assert [one.pk for one in Rights(wu).stood_in_for] == [chen.pk]
