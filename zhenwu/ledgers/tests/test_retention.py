"""Retention: what is due and why not, two persons for an order, and after it nobody reads the values, nor from old copies."""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from typer.testing import CliRunner

from zhenwu.changes.actions import Source
from zhenwu.changes.erasing import TOMBSTONE
from zhenwu.changes.models import AuditEntry, Change, History, SourceKind
from zhenwu.ledgers import files
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, LedgerError, NotAllowed
from zhenwu.ledgers.importing import jobs
from zhenwu.ledgers.models import ErasureItem, ErasureOrder, ImportJob, SearchEntry, StoredFile
from zhenwu.ledgers.operations import Draft, Edit, Restore, Void
from zhenwu.ledgers.retention import holds, hooks, orders
from zhenwu.ledgers.retention.due import due_by_year
from zhenwu.ledgers.retention.erasing import carry_out
from zhenwu.ledgers.retention.leftovers import destroy_old_keys
from zhenwu.ledgers.tasks import read_import
from zhenwu.lib.crypto import CryptoError, KeyRing
from zhenwu.packs import runtime

IDNO = "519999190001010014"
ON = date(2130, 6, 1)  # persons are kept for a hundred years after death
SITES_ON = date(2031, 1, 1)


@pytest.fixture
def ring(tmp_path, monkeypatch, settings):
    made = KeyRing.create(tmp_path / "keys")
    settings.INSTANCE = tmp_path
    for module in (
        "changes.keys", "packs.types.personal", "packs.types.sealed", "ledgers.resealing", "ledgers.files", "ledgers.importing.jobs",
        "ledgers.importing.preview", "ledgers.retention.leftovers", "changes.actions",
    ):  # fmt: skip
        monkeypatch.setattr(f"zhenwu.{module}.keyring", lambda: made)
    return made


@pytest.fixture
def dead(person, lin):
    return person(lin, name="陈故人", idno=IDNO, phone="13800001234", death_date=date(2020, 3, 1))


@pytest.fixture
def ordered(dead, lin, leader):
    """A confirmed order over the one dead person."""
    order = orders.propose(runtime.ledger("person"), [2020], "保管期满", by=lin, on=ON)
    return orders.decide(order, runtime.ledger("person"), agree=True, note="", by=leader)


def due(code, on=ON):
    return [(one.year, one.rows, one.held, one.used, one.free) for one in due_by_year(runtime.ledger(code), on)]


# what is due
def test_a_row_is_due_from_the_first_of_january_after_its_years(declaration, lin):
    declaration(lin, signed_on=date(2020, 1, 5))
    declaration(lin, signed_on=date(2020, 12, 31), sector="燃气")
    assert due("site_none", date(2030, 12, 31)) == []
    assert due("site_none", date(2031, 1, 1)) == [(2020, 2, 0, 0, 2)]


def test_who_lives_is_never_due(person, dead, lin):
    person(lin, name="陈长寿", birth=date(1900, 1, 1))
    assert due("person", date(2120, 12, 31)) == []
    assert due("person", date(2300, 1, 1)) == [(2020, 1, 0, 0, 1)]


def test_what_is_not_finished_is_not_due(add_row, lin, places):
    row = add_row(lin, "hazard", places["青山村"], found_on=date(2001, 1, 1))
    assert due("hazard") == []
    commit(Draft("hazard", lin, [Void(row.pk, 1)], Source(SourceKind.FORM), "登记错了"))
    assert due("hazard") == [(2001, 1, 0, 0, 1)]


def test_a_voided_row_that_says_no_day_counts_from_its_entry(person, lin):
    row = person(lin)
    commit(Draft("person", lin, [Void(row.pk, 1)], Source(SourceKind.FORM), "重复登记"))
    entered = row.created_at.year
    assert due("person", date(entered + 101, 1, 1)) == [(entered, 1, 0, 0, 1)]


def test_who_is_still_pointed_to_stays(person, dead, lin):
    child = person(lin, name="陈孩子", father=dead.pk)
    assert due("person") == [(2020, 1, 0, 1, 0)]
    with pytest.raises(LedgerError, match="仍被引用"):
        orders.propose(runtime.ledger("person"), [2020], "保管期满", by=lin, on=ON)
    commit(Draft("person", lin, [Void(child.pk, 1)], Source(SourceKind.FORM), "重复登记"))
    assert due("person")[0][-1] == 1


@pytest.mark.parametrize("which", [{"no": True}, {"year": 2020}, {}])
def test_what_is_held_stays_until_another_person_lifts_it(dead, lin, leader, which):
    ledger = runtime.ledger("person")
    said = {"no": dead.no} if "no" in which else which
    hold = holds.place_hold(ledger, "县纪委调阅", by=lin, **said)
    assert due("person") == [(2020, 1, 1, 0, 0)]
    with pytest.raises(NotAllowed, match="另一人"):
        holds.lift_hold(hold, ledger, "调阅完毕", by=lin)
    holds.lift_hold(hold, ledger, "调阅完毕", by=leader)
    assert due("person")[0][-1] == 1
    kept = AuditEntry.objects.filter(kind="erasure").values_list("said", flat=True)
    assert [("暂缓" in one, "解除" in one) for one in kept] == [(True, True), (True, False)]


def test_a_hold_of_another_year_or_that_ran_out_keeps_nothing(dead, lin):
    ledger = runtime.ledger("person")
    holds.place_hold(ledger, "诉讼未结", by=lin, year=2019)
    holds.place_hold(ledger, "诉讼未结", by=lin, until=date(2130, 5, 31))
    assert due("person")[0][-1] == 1


# who
def test_the_order_needs_two_persons_and_a_leader(dead, lin, leader, chen):
    ledger = runtime.ledger("person")
    with pytest.raises(NotAllowed):
        orders.propose(ledger, [2020], "保管期满", by=chen, on=ON)
    with pytest.raises(LedgerError, match="原因"):
        orders.propose(ledger, [2020], " ", by=lin, on=ON)
    order = orders.propose(ledger, [2020], "保管期满", by=lin, on=ON)
    with pytest.raises(NotAllowed, match="领导审批"):
        orders.decide(order, ledger, agree=True, note="", by=lin)
    with pytest.raises(LedgerError, match="没有可以销毁"):
        orders.propose(ledger, [2020], "保管期满", by=leader, on=ON)
    orders.decide(order, ledger, agree=False, note="还要用", by=leader)
    mine = orders.propose(ledger, [2020], "保管期满", by=leader, on=ON)
    with pytest.raises(NotAllowed, match="另一人"):
        orders.decide(mine, ledger, agree=True, note="", by=leader)
    orders.withdraw(mine, ledger, by=leader)
    with pytest.raises(LedgerError, match="已撤回"):
        orders.decide(mine, ledger, agree=True, note="", by=leader)
    dead.refresh_from_db()
    assert dead.name == "陈故人"


# what erasure leaves
def test_a_row_that_somebody_wrote_in_since_is_kept(ring, ordered, dead, lin):
    commit(Draft("person", lin, [Edit(dead.pk, 1, {"phone": "13900005678"})], Source(SourceKind.FORM)))
    order = carry_out(ordered, on=ON)
    assert (order.state, order.erased, order.kept) == ("erased", 0, 1)
    dead.refresh_from_db()
    assert dead.name == "陈故人"


def test_nothing_of_an_erased_row_is_left_in_the_database(ring, person, lin, leader):
    row = person(lin, name="陈故人", idno=IDNO, phone="13800001234", death_date=date(2020, 3, 1))
    commit(Draft("person", lin, [Edit(row.pk, 1, {"name": "陈故者"}, note="住在青山湾")], Source(SourceKind.FORM)))
    alive = person(lin, name="陈在世", idno="519999198001010018")
    ledger = runtime.ledger("person")
    order = orders.propose(ledger, [2020], "保管期满", by=lin, on=ON)
    order = carry_out(orders.decide(order, ledger, agree=True, note="", by=leader), on=ON)
    assert (order.state, order.erased, order.kept) == ("erased", 1, 0)
    row = runtime.model_for("person").objects.unscoped("test").get(pk=row.pk)
    assert (row.no, row.is_void, row.version) == (row.no, True, 3)
    assert [row.name, row.idno, row.idno_hash, row.idno_birth, row.phone, row.phone_hash, row.note] == [None] * 7
    versions = list(History.objects.filter(ledger="person", row=row.pk).order_by("version"))
    assert [one.values == TOMBSTONE for one in versions] == [True, True, False]
    assert [one.sealed for one in versions] == [None, None, None]
    assert list(verify("person")) == []
    assert not SearchEntry.objects.filter(row=row.pk, text__contains="陈故").exists()
    assert due("person") == []
    alive.refresh_from_db()
    assert ledger.types["idno"].from_row(alive) == "519999198001010018"


def test_an_edit_hidden_behind_a_tombstone_is_found(ring, ordered, dead, person, lin):
    carry_out(ordered, on=ON)
    assert list(verify("person")) == []
    History.objects.filter(row=dead.pk, version=1).update(act="edit")
    assert [one.seq for one in verify("person")] == [2]
    History.objects.filter(row=dead.pk, version=1).update(act="add")
    other = person(lin, name="陈二")
    History.objects.filter(row=other.pk).update(values=TOMBSTONE)
    assert any("没有清除的记录" in one.message for one in verify("person"))


def test_what_is_erased_does_not_come_back(ring, ordered, dead, lin):
    carry_out(ordered, on=ON)
    with pytest.raises(CommitRefused, match="已按保管期限清除"):
        commit(Draft("person", lin, [Restore(dead.pk, 2, 1)], Source(SourceKind.FORM), "误删"))
    with pytest.raises((CommitRefused, LedgerError)):
        undo(Change.objects.latest("pk"), by=lin, reason="误删")
    dead.refresh_from_db()
    assert dead.name is None


def test_an_old_copy_of_the_database_cannot_be_opened_with_the_keys_of_today(
    ring, ordered, dead, person, lin, tmp_path
):
    alive = person(lin, name="陈在世", idno="519999198001010018")
    dead.refresh_from_db()
    token, sealed = dead.idno, History.objects.get(row=dead.pk).sealed["phone"]
    carry_out(ordered, on=ON)
    assert ring.open(token, b"idno") == IDNO  # the key is still there
    assert len(destroy_old_keys()) == 1
    fresh = KeyRing.load(tmp_path / "keys")
    for one, purpose in ((token, b"idno"), (sealed, b"phone")):
        with pytest.raises(CryptoError):
            fresh.open(one, purpose)
    alive.refresh_from_db()
    assert runtime.ledger("person").types["idno"].from_row(alive) == "519999198001010018"
    assert ErasureOrder.objects.get().keys_destroyed_at is not None
    assert list(verify("person")) == []
    assert [
        one for one in verify("audit_log") if one.seq > 1
    ] == []  # the first is of the test's set-up, under another ring


def test_broken_off_it_goes_on(ring, person, lin, leader, monkeypatch):
    for number in range(5):
        person(lin, name=f"陈故{number}", death_date=date(2020, 3, 1))
    ledger = runtime.ledger("person")
    order = orders.propose(ledger, [2020], "保管期满", by=lin, on=ON)
    orders.decide(order, ledger, agree=True, note="", by=leader)
    monkeypatch.setattr("zhenwu.ledgers.retention.erasing._BATCH", 2)

    class Killed(Exception):
        pass

    def kill(done):
        raise Killed

    with pytest.raises(Killed):
        carry_out(order, on=ON, tell=kill)
    assert ErasureItem.objects.filter(outcome="erased").count() == 2
    assert carry_out(order, on=ON).erased == 5
    assert list(verify("person")) == []


def test_files_and_uploads_go_with_the_rows_that_named_them(ring, tmp_path, declaration, lin, leader, sheet, places):
    shared = files.store(SimpleUploadedFile("共用.pdf", b"%PDF-1.4 shared"), by=lin)
    only = files.store(SimpleUploadedFile("自用.pdf", b"%PDF-1.4 only"), by=lin)
    row = declaration(lin, paper=[shared, only])
    commit(Draft("site_none", lin, [Edit(row.pk, 1, {"paper": [shared]})], Source(SourceKind.FORM)))
    loose, held = (
        files.store(SimpleUploadedFile(f"{name}.pdf", b"%PDF-1.4 " + name.encode()), by=lin) for name in ("附", "留")
    )
    commit(Draft("site_none", lin, [Edit(row.pk, 2, {}, files=[loose, held])], Source(SourceKind.FORM)))
    stays = declaration(lin, "河口村", paper=[shared], signed_on=date(2025, 1, 5), for_year=2025)
    commit(Draft("site_none", lin, [Edit(stays.pk, 1, {}, files=[held])], Source(SourceKind.FORM)))
    rows = sheet([["村", "行业领域", "年度", "签字人", "签字日期"], ["青山村", "燃气", 2020, "陈青", "2020-01-05"]])
    job = jobs.start("site_none", SimpleUploadedFile("表.xlsx", rows), by=lin, read=read_import)
    _applied(job)
    ledger = runtime.ledger("site_none")
    order = orders.propose(ledger, [2020], "保管期满", by=lin, on=SITES_ON)
    carry_out(orders.decide(order, ledger, agree=True, note="", by=leader), on=SITES_ON)
    assert set(StoredFile.objects.values_list("sha256", flat=True)) == {shared["sha256"], held["sha256"]}
    assert not list((tmp_path / "files").rglob(f"{loose['sha256']}*"))
    assert not list((tmp_path / "files").rglob(f"{only['sha256']}*"))
    assert b"".join(files.content_of(shared["sha256"])) == b"%PDF-1.4 shared"
    assert not list((tmp_path / "imports").glob(f"{job.pk.hex}*"))
    assert ImportJob.objects.get().shown == {}
    assert list(verify("site_none")) == []


def _applied(job):
    ImportJob.objects.filter(pk=job.pk).update(status=ImportJob.Status.APPLYING)
    job.refresh_from_db()
    assert not jobs.apply_now(job, skip_problems=False, seen=job.digest)
    job.refresh_from_db()
    assert job.change_id


def test_higher_rooms_are_told_which_rows_are_erased(ring, ordered, dead, monkeypatch):
    heard = []
    monkeypatch.setattr(hooks, "_erasers", [lambda ledger, rows: heard.append((ledger, list(rows))) or ()])
    monkeypatch.setattr(hooks, "_finishers", [heard.append])
    carry_out(ordered, on=ON)
    assert heard == [("person", [dead.pk]), "person"]


# pages
def test_from_the_list_to_the_signed_book(ring, live, dead, lin, leader, chen, admin, monkeypatch):
    monkeypatch.setattr("zhenwu.ledgers.views.retention.timezone.localdate", lambda: ON)
    monkeypatch.setattr("zhenwu.ledgers.tasks.timezone.localdate", lambda: ON)
    assert live(chen).get(reverse("ledgers:retention")).status_code == 404
    assert live(admin).get(reverse("ledgers:retention")).status_code == 404
    page = live(lin).get(reverse("ledgers:retention"))
    assert "可以销毁" in page.content.decode()
    address = reverse("ledgers:retention_propose", args=["person"])
    assert "陈故人" in live(lin).get(address + "?year=2020").content.decode()
    refused = live(lin).post(address, {"year": "2020", "reason": ""})
    assert refused.status_code == 422
    assert "请写明依据" in refused.content.decode()
    live(lin).post(address, {"year": "2020", "reason": "保管期满"})
    order = ErasureOrder.objects.get()
    page = reverse("ledgers:erasure", args=[order.pk])
    assert "同意销毁" not in live(lin).get(page).content.decode()
    assert live(lin).post(page, {"act": "agree"}).status_code == 422
    assert "同意销毁" in live(leader).get(page).content.decode()
    assert live(leader).post(page, {"act": "agree"}).status_code == 302
    order.refresh_from_db()
    assert (order.state, order.erased) == ("erased", 1)
    assert order.keys_destroyed_at is not None
    book = live(lin).get(reverse("ledgers:erasure_register", args=[order.pk]))
    assert b"".join(book.streaming_content)[:2] == b"PK"
    assert live(lin).post(page, {"act": "backups", "note": "旧备份已覆盖"}).status_code == 302
    order.refresh_from_db()
    assert order.state == "closed"
    history = live(lin).get(reverse("ledgers:history", args=["person", dead.pk])).content.decode()
    assert "清除个人信息" in history
    assert "陈故人" not in history
    assert live(lin).get(reverse("ledgers:row", args=["person", dead.pk])).status_code == 200


def test_the_command_line(ring, dead, lin, leader, monkeypatch):
    from zhenwu.config.cli import retention

    monkeypatch.setattr(retention, "start_django", lambda: None)
    monkeypatch.setattr(retention, "_today", lambda text="": date.fromisoformat(text) if text else ON)
    run = CliRunner()
    said = json.loads(run.invoke(retention.retention, ["due", "--json"]).stdout)
    assert [(one["ledger"], one["year"], one["free"]) for one in said] == [("person", 2020, 1)]
    run.invoke(retention.retention, ["propose", "person", "--year", "2020", "--reason", "保管期满", "--as", "lin"])
    order = ErasureOrder.objects.get()
    assert run.invoke(retention.retention, ["erase", order.no, "--as", "luo"]).exit_code == 1  # without --yes
    refused = run.invoke(retention.retention, ["erase", order.no, "--as", "lin", "--yes"])
    assert "领导审批" in str(refused.exception)
    assert run.invoke(retention.retention, ["erase", order.no, "--as", "luo", "--yes"]).exit_code == 0
    dead.refresh_from_db()
    assert dead.name is None
