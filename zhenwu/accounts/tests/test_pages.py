"""The administrators' pages: each its own, none for others; the log as a page and as a file."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhenwu.accounts.actions import create_user, save_unit
from zhenwu.accounts.models import Appointment, Grant, Unit, User
from zhenwu.changes.audit import record, verify_log
from zhenwu.changes.models import AuditEntry, Watched

SINCE = date(2020, 1, 1)


@pytest.fixture
def three(db):
    roles = {"admin": "郭维新", "security": "沈安之", "auditor": "白鉴清"}
    return {role: create_user(role, name, role, since=SINCE, must_change=False)[0] for role, name in roles.items()}


def test_from_a_new_account_to_the_first_log_in(three, live, client, places):
    save_unit(None, "民政办", ["welfare"], by=three["admin"])
    made = live(three["admin"]).post("/accounts/users/new/", {"username": "he", "name": "何静宜"})
    code = made.context["code"]
    assert code in made.content.decode()
    he = User.objects.get(username="he")
    desk = live(three["security"]).get("/")
    assert [one.username for one in desk.context["waiting"]] == ["he"]
    security = live(three["security"])
    security.post(f"/accounts/users/{he.pk}/approve/")
    said = {"role": "office", "unit": Unit.objects.get(label="民政办").pk, "since": "2020-01-01", "reason": "新任"}
    assert security.post(f"/accounts/users/{he.pk}/appoint/", said).status_code == 302
    security.logout()
    assert client.post("/login/", {"username": "he", "password": code}).status_code == 302
    assert client.get("/ledgers/dibao/").status_code == 302  # an own password first
    page = live(three["security"]).get(f"/accounts/users/{he.pk}/").content.decode()
    assert "民政办 站所经办" in page
    assert "新建账号he（何静宜）" in page


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(three, live):
    page = live(three["admin"]).post("/accounts/users/new/", {"username": "admin", "name": ""})
    assert page.status_code == 422
    assert "已有人使用" in page.content.decode()
    assert 'value="admin"' in page.content.decode()
    someone, _ = create_user("luo", "罗南", "leader", since=SINCE)
    post = Appointment.objects.get(user=someone)
    page = live(three["security"]).post(f"/accounts/posts/{post.pk}/end/", {"on": "2019-13-01", "reason": "调离"})
    assert page.status_code == 422
    assert "2019-13-01" in page.content.decode()
    today = timezone.localdate().isoformat()
    live(three["security"]).post(f"/accounts/posts/{post.pk}/end/", {"on": today, "reason": "调离"})
    assert Appointment.objects.get(pk=post.pk).valid_to == timezone.localdate()


def test_a_grant_is_given_seen_and_taken_back(three, live):
    unit = save_unit(None, "民政办", ["welfare"], by=three["admin"])
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    said = {"to": f"unit:{unit.pk}", "ledger": "person", "privacy": "S2", "since": "2020-01-01", "until": until}
    client = live(three["security"])
    assert client.post("/accounts/grants/new/", said).status_code == 422  # no reason
    assert client.post("/accounts/grants/new/", said | {"reason": "低保核查"}).status_code == 302
    assert "授权民政办在“" in client.get("/accounts/grants/").content.decode()
    one = Grant.objects.get()
    client.post(f"/accounts/grants/{one.pk}/end/", {"on": timezone.localdate().isoformat(), "reason": "核查结束"})
    assert Grant.objects.get().valid_to == timezone.localdate()


def test_the_log_is_filtered_paged_and_exported_without_formulas(three, live, lin):
    for number in range(60):
        record(Watched.EXPORT, f"=1+{number}", by=lin, ledger="person")
    record(Watched.REVEAL, "查看人口RK-1的电话，用途：核对", by=lin, ledger="person")
    client = live(three["auditor"])
    page = client.get("/accounts/log/?kind=export&q=林澄")
    assert len(page.context["rows"]) == 50
    older = client.get("/accounts/log/" + page.context["older"])
    assert len(older.context["rows"]) == 10
    assert client.get("/accounts/log/?since=2099-01-01").context["rows"] == []
    answer = client.get("/accounts/log/export.csv?kind=export")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 61
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert client.get("/accounts/log/export.xlsx").status_code == 200
    assert AuditEntry.objects.filter(kind=Watched.AUDIT_EXPORT, by=three["auditor"]).count() == 2
    assert list(verify_log()) == []


def test_the_log_is_the_auditor_s_and_nobody_else_s(three, live, lin, leader):
    for user in (three["admin"], three["security"], lin, leader):
        for path in ("/accounts/log/", "/accounts/log/export.csv", "/accounts/log/changes/"):
            assert live(user).get(path).status_code == 404


def test_who_took_out_and_who_looked_stands_in_the_log(three, live, lin, places):
    assert live(lin).get("/ledgers/hazard/export.csv?q=通道").status_code == 200
    entry = AuditEntry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.by, entry.ledger) == (Watched.EXPORT, lin, "hazard")
    assert "通道" in entry.said
    assert "通道" in live(three["auditor"]).get("/accounts/log/?ledger=hazard").content.decode()


def test_the_auditor_sees_that_rows_changed_not_what_they_say(three, live, lin, places):
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft

    values = {"sector": "消防", "for_year": 2020, "signer": "签名甲", "signed_on": date(2020, 1, 5)}
    commit(Draft("site_none", lin, [Add(values, places["青山村"].pk)], Source(SourceKind.FORM), "补登"))
    page = live(three["auditor"]).get("/accounts/log/changes/?ledger=site_none").content.decode()
    assert "补登" in page
    assert "签名甲" not in page
