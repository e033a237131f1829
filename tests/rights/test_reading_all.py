"""Those who audit read every line of work and change nothing: what the role `audit`, and the discipline office in the other
lines, meet on each kind of page."""

import re

import pytest
from django.test import Client

from tests.rights.cast import CAST, FAR
from tests.rights.world import CLOSED, LEDGERS, World
from zhenwu.changes.models import AuditEntry, Watched
from zhenwu.checks.queries import coverage_codes
from zhenwu.checks.registry import registry
from zhenwu.ledgers.models import Reveal
from zhenwu.packs import runtime

READERS = ("audit", "discipline")
_OPEN = [code for code in LEDGERS if code != CLOSED]


@pytest.fixture(params=READERS)
def reader(request, world) -> str:
    return request.param


def visitor(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def _numbers(world: World) -> list[str]:
    return [one.text for one in world.markers if one.never]


def test_every_ledger_opens_but_those_that_name_their_roles(world, reader):
    client = visitor(world, reader)
    listed = client.get("/ledgers/").content.decode()
    for code, ledger in runtime.ledgers().items():
        closed = (
            bool(ledger.realm.roles) and next(one.role for one in CAST if one.name == reader) not in ledger.realm.roles
        )
        for tail in ("", "changes/", "export.csv"):
            assert client.get(f"/ledgers/{code}/{tail}").status_code == (404 if closed else 200), (code, tail)
        assert (f'href="/ledgers/{code}/"' in listed) is not closed
    named = runtime.ledger(CLOSED).realm.roles
    assert named == ("discipline",)  # so that one of the two readers stood before a closed door above
    for tail in ("", "history/", "compare/"):
        path = f"/ledgers/{CLOSED}/{world.row(CLOSED, FAR).pk}/{tail}"
        assert client.get(path).status_code == (200 if reader in named else 404)


def test_a_row_its_history_and_its_change_are_read_masked_and_offer_nothing_to_do(world, reader):
    client = visitor(world, reader)
    for code in _OPEN:
        row = world.row(code, FAR)
        page = f"/ledgers/{code}/{row.pk}/"
        for path in (page, f"{page}history/", f"{page}compare/?a=1&b=1", f"/ledgers/changes/{row.change_id}/"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            body = answer.content.decode()
            assert row.no in body
            assert not [one for one in _numbers(world) if one in body]
            main = body[body.index('id="main"') :]
            forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', main)
            assert not forms, (path, forms)
            assert f"{page}edit/" not in main
            assert "/restore/" not in main
            assert "restore=1" not in main


def test_findings_and_coverage_of_all_lines_are_read(world, reader):
    client = visitor(world, reader)
    overview, opened = client.get("/findings/coverage/").content.decode(), 0
    for code in coverage_codes():
        closed = reader == "audit" and CLOSED in registry().prepared(code).bad.ledgers  # it looks into a closed ledger
        assert client.get(f"/findings/coverage/{code}/").status_code == (404 if closed else 200), code
        assert (f"/findings/coverage/{code}/" in overview) is not closed
        opened += not closed
    assert opened
    finding = world.findings[FAR]
    assert finding.message in client.get("/findings/").content.decode()
    assert finding.message in client.get(f"/findings/{finding.pk}/").content.decode()


def test_nothing_can_be_written_in_the_ledgers_of_others(world, reader):
    client = visitor(world, reader)
    for code in _OPEN:
        row = world.row(code, FAR)
        page, said = f"/ledgers/{code}/{row.pk}/", {"version": row.version, "reason": "试", "act": "save"}
        for tail in ("edit/", "restore/1/", "review/submit/", "review/approve/", "review/return/", "review/void/"):
            client.post(f"{page}{tail}", said)
        assert client.get(f"/ledgers/{code}/new/").status_code == 404
        assert client.get(f"/ledgers/{code}/import/").status_code == 404
        now = runtime.ledger(code).rows("test").get(pk=row.pk)
        assert (now.version, now.review, now.is_void) == (row.version, row.review, False)


def test_opening_a_number_asks_the_purpose_and_stays_on_record(world, reader):
    client, row = visitor(world, reader), world.row("person", FAR)
    page = f"/ledgers/person/{row.pk}/"
    assert client.post(f"{page}reveal/phone/", {"purpose": ""}).status_code == 422
    assert not Reveal.objects.exists()
    answer = client.post(f"{page}reveal/phone/", {"purpose": "P6", "note": "核查冒领线索"})
    assert [one for one in _numbers(world) if one in answer.content.decode()]
    kept = Reveal.objects.get()
    assert (kept.by, kept.row, kept.field) == (world.users[reader], row.pk, "phone")
    assert AuditEntry.objects.filter(kind=Watched.REVEAL, by=world.users[reader], row=row.pk).count() == 1

    history = client.get(f"{page}history/").content.decode()
    assert "查看过完整号码的人" in history
    assert "核查冒领线索" in history
    for name in ("village", "neighbour", "safety"):  # who reads rows, but not the audit trail
        answer = visitor(world, name).get(f"{page}history/")
        assert "核查冒领线索" not in answer.content.decode()
