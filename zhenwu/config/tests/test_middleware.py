"""What stands before every page: log-in, an own password, newer packs."""

import pytest
from django.urls import reverse

from zhenwu.packs.models import Applied

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name", ["desk", "plans:index", "reports:index", "ledgers:index", "indicators:index", "checks:index"]
)
def test_every_page_asks_for_a_log_in(client, name):
    page = client.get(reverse(name))
    assert page.status_code == 302
    assert page.url.startswith("/login/")


def test_a_password_given_by_someone_else_is_changed_first(chen, live):
    chen.must_change_password = True
    chen.set_password("rust-tree-lamp-42")
    chen.save()
    browser = live(chen)
    assert browser.get(reverse("ledgers:index")).url == reverse("password_change")
    new = "quiet-river-stone-77"
    answer = browser.post(
        reverse("password_change"), {"old_password": "rust-tree-lamp-42", "new_password1": new, "new_password2": new}
    )
    assert answer.url == reverse("desk")
    assert browser.get(reverse("ledgers:index")).status_code == 200


def test_a_commit_under_older_packs_says_try_again(lin, live, places):
    Applied.objects.create(hash="newer", dump=Applied.objects.latest("pk").dump)
    browser = live(lin)
    page = browser.post(reverse("ledgers:new", args=["person"]), {"name": "张三", "act": "save"})
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert "请稍候再试" in page.content.decode()


def test_pages_carry_a_strict_content_policy(client):
    policy = client.get("/login/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_health_needs_no_log_in(client):
    assert client.get("/healthz").content == b"ok"


def test_the_ninth_wrong_password_is_locked_out(client, chen):
    for _ in range(8):
        client.post("/login/", {"username": "chen", "password": "wrong"})
    assert client.post("/login/", {"username": "chen", "password": "wrong"}).status_code == 429


def test_a_stranger_cannot_fill_the_disk_with_an_upload(client, live, chen):
    from django.core.files.uploadedfile import SimpleUploadedFile

    big = SimpleUploadedFile("a.xlsx", b"x" * 200_000)
    answer = client.post("/login/", {"username": "a", "password": "b", "file": big})
    assert answer.status_code == 413
    assert "请重新登录" in answer.content.decode()
    known = live(chen)
    big.seek(0)
    assert known.post(reverse("ledgers:import", args=["site_none"]), {"file": big}).status_code == 422
    assert known.post("/login/", {}, CONTENT_LENGTH="9" * 30).status_code == 413
    assert known.generic("POST", "/login/", b"", CONTENT_LENGTH=str(10**9)).status_code == 413


def test_a_zero_byte_in_an_address_is_refused(chen, live):
    assert live(chen).get("/search/?q=%00").status_code == 400


def test_who_is_given_a_password_must_choose_an_own_one(db, client):
    from datetime import date

    from zhenwu.accounts.actions import create_user

    _, password = create_user("zhou", "周舟", "leader", since=date(2020, 1, 1))
    assert client.post("/login/", {"username": "zhou", "password": password}).status_code == 302
    assert client.get(reverse("desk")).url == reverse("password_change")
