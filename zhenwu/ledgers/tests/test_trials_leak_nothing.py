"""What pages try out and take back — undoing, acts on many rows — leaves nothing behind: no number, version, task, or notice."""

import pytest
from django.db import connection
from django.urls import reverse

from zhenwu.changes import followers
from zhenwu.changes.models import Serial
from zhenwu.ledgers.changelog import why_not_undo
from zhenwu.packs import runtime


def everything():
    """{table: its rows, as text}, sessions and the index of words apart."""
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if name != "django_session" and "search" not in name:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
                found[name] = sorted(map(str, cursor.fetchall()))
    return found


@pytest.fixture
def heard(monkeypatch):
    """A follower that writes when it hears of a change, as the outbox of notices does; the list says that it was asked."""
    asked = []

    def follower(change, ledger):
        asked.append(ledger)
        Serial.objects.create(prefix=f"LEAK-{change.pk}", last=1)

    monkeypatch.setattr(followers, "_followers", [*followers._followers, follower])
    return asked


def test_looking_at_an_undo_leaves_nothing(live, lin, declaration, heard, queued, django_capture_on_commit_callbacks):
    row = declaration(lin)
    client = live(lin)
    client.get(reverse("ledgers:change", args=[row.change_id]))  # whatever a first visit writes
    heard.clear()
    before = everything()
    with django_capture_on_commit_callbacks() as later:
        assert client.get(reverse("ledgers:undo", args=[row.change_id])).status_code == 200
        assert why_not_undo(row.change, lin) == []
    assert heard == ["site_none", "site_none"]  # it was tried for real
    assert later == []
    assert everything() == before
    assert queued() == 0


def test_acts_on_many_rows_of_which_some_cannot_be_done_leave_nothing(
    live, lin, leader, declaration, heard, queued, django_capture_on_commit_callbacks
):  # fmt: skip
    good, bad = declaration(lin, review="submitted"), declaration(lin, village="河口村")
    client = live(leader)
    chosen = [f"{one.pk}:{one.version}" for one in (good, bad)]
    client.get(reverse("ledgers:list", args=["site_none"]))
    heard.clear()
    before = everything()
    with django_capture_on_commit_callbacks() as later:
        answer = client.post(reverse("ledgers:bulk", args=["site_none"]), {"rows": chosen, "act": "approve"})
    assert answer.status_code == 422
    assert later == []
    assert everything() == before
    assert queued() == 0
    assert {one.review for one in runtime.ledger("site_none").rows("test")} == {"submitted", "draft"}
