"""The pages of the API: tokens shown once, notices, the reference of what one may read."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from zhenwu.api.models import Delivery, Subscription, Token
from zhenwu.changes.models import AuditEntry


@pytest.fixture
def security(db):
    from datetime import date

    from zhenwu.accounts.models import Appointment, User

    user = User.objects.create(username="an", display_name="安全员")
    Appointment.objects.create(user=user, role="security", valid_from=date(2000, 1, 1))
    return user


def filled(**said):
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    return {"label": "县平台同步", "expires_on": until, "write": "1", "reveal": "0"} | said


def test_a_token_is_made_shown_once_and_ended(live, chen, client, places):
    browser = live(chen)
    page = browser.post("/api/tokens/new/", filled(ledgers=["site_none"]))
    text = re.search(r"zw_[\w-]{40,}", page.content.decode())[0]
    assert page["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {text}"}
    assert browser.get("/api/me", headers=headers).json()["may_write"] is True
    listed = browser.get("/api/tokens/").content.decode()
    assert "县平台同步" in listed
    assert text not in listed
    browser.post(f"/api/tokens/{Token.objects.get().pk}/end/")
    assert browser.get("/api/me", headers=headers).status_code == 401
    assert [one.said[:6] for one in AuditEntry.objects.filter(about=chen).order_by("seq")] == [
        "新建接口令牌",
        "停用接口令牌",
    ]


def test_what_is_wrong_is_said_and_what_was_typed_stays(live, chen, places):
    page = live(chen).post("/api/tokens/new/", filled(label="", expires_on="2999-01-01"))
    said = page.content.decode()
    assert page.status_code == 422
    assert "最长一年" in said
    assert "2999-01-01" in said


def test_others_tokens_are_not_there_but_for_the_security_administrator(live, chen, wu, security, program):
    token = program(chen).token
    assert live(wu).post(f"/api/tokens/{token.pk}/end/").status_code == 404
    assert token.start not in live(wu).get("/api/tokens/").content.decode()
    browser = live(security)
    assert "陈青" in browser.get("/api/tokens/").content.decode()
    assert browser.get("/api/tokens/new/").status_code == 404
    assert browser.post(f"/api/tokens/{token.pk}/end/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_by == security


def test_forms_of_other_sites_are_refused(chen, places):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(chen, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.post("/api/tokens/new/", filled()).status_code == 403
    assert not Token.objects.exists()


def test_a_notice_is_made_paused_and_sent_again(live, chen, wu, declaration):
    browser = live(chen)
    wrong = browser.post("/api/notices/new/", {"label": "县平台", "url": "http://10.0.0.1/"})
    assert wrong.status_code == 422
    made = browser.post("/api/notices/new/", {"label": "县平台", "url": "https://example.org/in", "acts": ["add"]})
    assert "whs_" in made.content.decode()
    one = Subscription.objects.get()
    declaration(chen)
    Delivery.objects.update(state="dead", attempts=8, last_problem="对方答复500。")
    page = browser.get(f"/api/notices/{one.pk}/").content.decode()
    assert "对方答复500。" in page
    assert "whs_" not in page
    sent = Delivery.objects.get()
    browser.post(f"/api/notices/{one.pk}/{sent.pk}/again/")
    assert Delivery.objects.get().state == "waiting"
    browser.post(f"/api/notices/{one.pk}/switch/")
    assert not Subscription.objects.get().active
    assert live(wu).get(f"/api/notices/{one.pk}/").status_code == 404


def test_the_reference_shows_the_ledgers_one_may_read(live, chen, lin, wu, program, places):
    browser = live(chen)
    index = browser.get("/api/docs/").content.decode()
    assert "/api/docs/site_none/" in index
    page = browser.get("/api/docs/person/").content.decode()
    assert "idno" in page
    assert "guardian" not in page.partition("POST")[0].partition("字段")[2].partition("</table>")[0]
    assert browser.get("/api/docs/no_such/").status_code == 404
    assert "http://testserver/api/ledgers/person/rows" in page
    for script in re.findall(r"<script[^>]*src=\"([^\"]+)\"", index):
        assert script.startswith("/static/")


def test_the_document_is_for_callers_and_readers(live, client, chen, program):
    assert client.get("/api/openapi.json").status_code == 401
    by_session = live(chen).get("/api/openapi.json").json()
    by_token = program(chen).get("openapi.json").json()
    assert by_session == by_token
    assert by_token["openapi"].startswith("3.1")
    narrow = program(chen, ledgers=["site_none"]).get("openapi.json").json()
    assert [path for path in narrow["paths"] if path.startswith("/api/ledgers/person/")] == []
