"""Filling what one may not see: in one's own draft, write-only; and emptying a personal number."""

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

HIDDEN = """id = 2
code = "ill"
label = "病情"
type = "text"
privacy = "S3"
required = true
"""


@pytest.fixture
def secret(running, places):  # noqa: F811
    return running(trial=pack("trial", text(1, "name"), HIDDEN))["trial"]


def ill(ledger, row):
    return ledger.types["ill"].from_row(row)


def test_a_clerk_fills_what_is_hidden_and_does_not_see_it_again(secret, live, chen, places):
    page = live(chen).get("/ledgers/trial/new/").content.decode()
    assert 'name="ill"' in page
    data = {"name": "甲", "ill": "高血压", "division": places["青山村"].pk, "act": "save"}
    answer = live(chen).post("/ledgers/trial/new/", data)
    assert answer.status_code == 302
    row = secret.rows("test").get()
    assert ill(secret, row) == "高血压"
    assert "高血压" not in live(chen).get(answer["Location"]).content.decode()
    edit = live(chen).get(f"/ledgers/trial/{row.pk}/edit/").content.decode()
    assert "高血压" not in edit
    assert "已填，不显示" in edit
    data |= {"version": 1, "ill": "", "name": "乙"}
    assert live(chen).post(f"/ledgers/trial/{row.pk}/edit/", data).status_code == 302
    row.refresh_from_db()
    assert (row.name, ill(secret, row)) == ("乙", "高血压")
    live(chen).post(f"/ledgers/trial/{row.pk}/edit/", data | {"version": 2, "ill_clear": "1"})
    row.refresh_from_db()
    assert row.ill is None


def test_the_hidden_field_of_someone_elses_row_is_not_offered(secret, live, chen, lin, places):
    draft = Draft("trial", lin, [Add({"name": "甲", "ill": "高血压"}, places["青山村"].pk)], Source(SourceKind.FORM))
    row = secret.rows("test").get(change=commit(draft))
    page = live(chen).get(f"/ledgers/trial/{row.pk}/edit/").content.decode()
    assert 'name="ill"' not in page
    data = {"name": "乙", "ill": "没病", "division": places["青山村"].pk, "version": 1, "act": "save"}
    live(chen).post(f"/ledgers/trial/{row.pk}/edit/", data)
    row.refresh_from_db()
    assert (row.name, ill(secret, row)) == ("乙", "高血压")


def test_a_personal_number_is_emptied_by_a_tick_alone(live, chen, places, person):
    row = person(chen, idno="519999195302141012")
    data = {
        "name": "陈一",
        "sex": "1",
        "birth": "1980-01-01",
        "division": places["青山村"].pk,
        "act": "save",
        "idno": "",
    }
    live(chen).post(f"/ledgers/person/{row.pk}/edit/", data | {"version": 1})
    row.refresh_from_db()
    assert row.idno
    assert "清空这一栏" in live(chen).get(f"/ledgers/person/{row.pk}/edit/").content.decode()
    live(chen).post(f"/ledgers/person/{row.pk}/edit/", data | {"version": row.version, "idno_clear": "1"})
    row.refresh_from_db()
    assert (row.idno, row.idno_hash) == (None, None)
