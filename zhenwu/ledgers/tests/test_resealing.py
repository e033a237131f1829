"""A new data key: every personal value is under it afterwards, reads the same, and the chain holds."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers import files, resealing
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.importing import jobs, preview
from zhenwu.ledgers.operations import Draft, Edit
from zhenwu.ledgers.tasks import read_import
from zhenwu.lib.crypto import CryptoError, KeyRing
from zhenwu.packs import runtime

IDNO = "519999195302141012"


@pytest.fixture
def ring(tmp_path, monkeypatch, settings):
    """A ring of the test's own: a key added to the instance's would stay for other tests."""
    made = KeyRing.create(tmp_path / "keys")
    settings.INSTANCE = tmp_path
    for module in (
        "zhenwu.changes.keys", "zhenwu.packs.types.personal", "zhenwu.packs.types.sealed", "zhenwu.ledgers.resealing",
        "zhenwu.ledgers.files", "zhenwu.ledgers.importing.jobs", "zhenwu.ledgers.importing.preview",
    ):  # fmt: skip
        monkeypatch.setattr(f"{module}.keyring", lambda: made)
    return made


@pytest.fixture
def known(ring, person, lin):
    one = person(lin, idno=IDNO, phone="13800001234")
    commit(Draft("person", lin, [Edit(one.pk, 1, {"phone": "13900005678"})], Source(SourceKind.FORM)))
    return one


def values(row):
    row.refresh_from_db()
    types = runtime.ledger("person").types
    return types["idno"].from_row(row), types["phone"].from_row(row)


def test_every_value_is_under_the_new_key_and_reads_the_same(ring, known, lin):
    before = dict(History.objects.values_list("pk", "hash"))
    ring.rotate()
    assert resealing.waiting() == 6  # two in the row, two in each version of its history
    assert sum(resealing.reseal_all()) == 6
    assert resealing.waiting() == 0
    assert sum(resealing.reseal_all()) == 0
    assert values(known) == (IDNO, "13900005678")
    assert dict(History.objects.values_list("pk", "hash")) == before
    assert list(verify("person")) == []
    undo(History.objects.latest("pk").change, by=lin, reason="改错了")
    assert values(known) == (IDNO, "13800001234")


def test_what_was_broken_off_goes_on(ring, known, monkeypatch):
    ring.rotate()
    monkeypatch.setattr(resealing, "_BATCH", 1)
    steps = resealing.reseal_all()
    next(steps)
    steps.close()
    assert 0 < resealing.waiting() < 6
    assert values(known) == (IDNO, "13900005678")
    list(resealing.reseal_all())
    assert resealing.waiting() == 0
    assert list(verify("person")) == []


def test_stored_files_and_uploads_are_under_the_new_key_too(ring, tmp_path, lin, sheet, places):
    told = files.store(SimpleUploadedFile("说明.pdf", b"%PDF-1.4 Chen"), by=lin)
    plain = tmp_path / "files" / "ab" / ("ab" * 32)  # one from before files were encrypted
    plain.parent.mkdir(parents=True)
    plain.write_bytes(b"%PDF-1.4 Lin")
    rows = sheet([["村", "行业领域", "年度", "签字人", "签字日期"], ["青山村", "消防", 2020, "陈青", "2020-01-05"]])
    job = jobs.start("site_none", SimpleUploadedFile("表.xlsx", rows), by=lin, read=read_import)
    known = [path for path in tmp_path.rglob("*") if "keys" not in path.parts and path.is_file()]
    assert not [path for path in known if "陈青".encode() in path.read_bytes() or b"Chen" in path.read_bytes()]
    ring.rotate()
    assert resealing.waiting() == 4  # two stored files, the upload and its preview
    assert sum(resealing.reseal_all()) == 4
    assert resealing.waiting() == 0
    ring.destroy_older()
    assert b"".join(files.content_of(told["sha256"])) == b"%PDF-1.4 Chen"
    assert b"Lin" not in plain.read_bytes()
    assert b"".join(files.content_of("ab" * 32)) == b"%PDF-1.4 Lin"
    assert preview.page(jobs.preview_of(job), tab="", words="陈青", first=0, count=5)[1] == 1


def test_a_worker_finds_the_key_that_another_process_added(ring, known, tmp_path):
    other = KeyRing.load(tmp_path / "keys")
    token = other.seal("13800001234", b"phone")
    fresh = KeyRing.load(tmp_path / "keys")
    fresh.rotate()
    newer = fresh.seal("13900005678", b"phone")
    assert other.open(newer, b"phone") == "13900005678"
    assert other.open(token, b"phone") == "13800001234"
    with pytest.raises(CryptoError):
        other.open(newer.replace(fresh.key_ids[-1], "00000000"), b"phone")
