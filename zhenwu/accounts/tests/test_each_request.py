"""Nothing about a person is kept from one request to the next: what ended a moment ago gives nothing now."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from zhenwu.accounts.models import Appointment, Delegation, Grant, User

LIST = "/ledgers/site_none/"


def status(client) -> int:
    return client.get(LIST).status_code


def menu(client) -> str:
    page = client.get("/").content.decode()
    return page[page.index('id="sidebar"') : page.index("</nav>", page.index('id="sidebar"'))]


def test_a_post_that_ended_and_one_that_began(live, lin):
    client, today = live(lin), timezone.localdate()
    assert status(client) == 200
    assert LIST in menu(client)
    Appointment.objects.filter(user=lin).update(valid_to=today)
    assert status(client) == 404
    assert LIST not in menu(client)
    Appointment.objects.filter(user=lin).update(valid_to=today + timedelta(days=1))
    assert status(client) == 200
    assert LIST in menu(client)


def test_the_lines_of_the_office_and_a_grant(live, offices, lin):
    post = Appointment.objects.get(user=lin)
    client = live(lin)
    assert client.get(f"{LIST}new/").status_code == 200
    post.unit.lines = ["welfare"]
    post.unit.save()
    assert client.get(f"{LIST}new/").status_code == 404  # another line's office reads, it does not enter
    today = timezone.localdate()
    grant = Grant.objects.create(user=lin, ledger="site_none", verbs=["enter"], valid_from=today, reason="代管")
    assert client.get(f"{LIST}new/").status_code == 200
    grant.delete()
    assert client.get(f"{LIST}new/").status_code == 404


def test_who_stands_in_sees_the_rows_of_the_one_who_is_away_while_it_lasts(live, chen, wu, declaration_of):
    row = declaration_of(chen)
    client, today = live(wu), timezone.localdate()
    assert row.no not in client.get(LIST).content.decode()
    lent = Delegation.objects.create(
        user=chen, deputy=wu, by=chen, valid_from=today, valid_to=today + timedelta(days=1), reason="请假"
    )
    assert row.no in client.get(LIST).content.decode()
    Delegation.objects.filter(pk=lent.pk).update(valid_to=today)
    assert row.no not in client.get(LIST).content.decode()


@pytest.fixture
def declaration_of(places):
    from datetime import date

    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft
    from zhenwu.packs import runtime

    def make(by):
        said = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": date(2020, 1, 5)}
        change = commit(Draft("site_none", by, [Add(said, places["青山村"].pk)], Source(SourceKind.FORM)))
        return runtime.model_for("site_none").objects.unscoped("test").get(change=change)

    return make


def test_a_changed_password_a_closed_account_and_a_session_that_ran_out(client, lin):
    def logged_in() -> bool:
        return client.get(LIST).status_code == 200

    def log_in() -> None:
        client.force_login(User.objects.get(pk=lin.pk), backend="django.contrib.auth.backends.ModelBackend")
        assert logged_in()

    log_in()
    user = User.objects.get(pk=lin.pk)
    user.set_password("another long pass phrase")
    user.save()
    assert not logged_in()
    log_in()
    User.objects.filter(pk=lin.pk).update(is_active=False)
    assert not logged_in()
    User.objects.filter(pk=lin.pk).update(is_active=True)
    log_in()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not logged_in()


def test_sessions_are_those_of_django(live, lin):
    """An upgrade logs nobody out, and what reads sessions with Django's own store goes on."""
    client = live(lin)
    assert SessionStore(client.session.session_key)["_auth_user_id"] == str(lin.pk)
    made = SessionStore()
    made.update(dict(client.session))
    made.create()
    client.cookies["sessionid"] = made.session_key
    assert status(client) == 200
