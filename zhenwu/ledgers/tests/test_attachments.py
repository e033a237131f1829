"""Files that any row carries beside its fields: kept with every version, compared, restored, undone, and shown to who may see."""

from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers import files, transitions
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.ledgers.personcopy import write_copy
from zhenwu.packs import runtime

FORM = Source(SourceKind.FORM)
ONE, TWO = b"%PDF-1.4 one", b"%PDF-1.4 two"


def kept(name, data, by):
    return files.store(SimpleUploadedFile(name, data), by=by)


@pytest.fixture
def row(declaration, lin):
    return declaration(lin)


def again(row):
    return runtime.ledger("site_none").rows("test").get(pk=row.pk)


def attach(row, by, *some):
    change = commit(Draft("site_none", by, [Edit(row.pk, again(row).version, {}, files=list(some))], FORM))
    return change, again(row)


def form_of(row, **more):
    said = {"sector": "消防", "for_year": "2020", "signer": "陈青", "signed_on": "2020-01-05", "act": "save"}
    said |= {"division": str(row.division_id), "version": str(again(row).version)} | more
    return said


def test_a_new_row_has_its_attachments_in_its_first_version(lin, places):
    one = kept("证明.pdf", ONE, lin)
    said = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": date(2020, 1, 5)}
    change = commit(Draft("site_none", lin, [Add(said, places["青山村"].pk, files=[one])], FORM))
    stored = runtime.ledger("site_none").rows("test").get(change=change)
    assert stored.files == [one]
    assert one["sha256"] in History.objects.get(row=stored.pk).values
    assert not list(verify("site_none"))


def test_versions_are_compared_restored_and_undone(row, lin, live):
    one, two = kept("证明.pdf", ONE, lin), kept("补充.pdf", TWO, lin)
    _, second = attach(row, lin, one)
    change, third = attach(row, lin, one, two)
    assert (second.files, third.files, third.version) == ([one], [one, two], 3)
    page = f"/ledgers/site_none/{row.pk}/"
    client = live(lin)
    assert "证明.pdf、补充.pdf" in client.get(f"{page}history/").content.decode()
    assert "证明.pdf、补充.pdf" in client.get(f"{page}compare/?a=1&b=3").content.decode()

    undo(change, by=lin, reason="传错了")
    assert again(row).files == [one]
    transitions.restore(runtime.ledger("site_none"), again(row), 1, by=lin, reason="试", version=again(row).version)
    assert again(row).files is None
    transitions.restore(runtime.ledger("site_none"), again(row), 3, by=lin, reason="试", version=again(row).version)
    assert again(row).files == [one, two]
    assert not list(verify("site_none"))


def test_what_stands_in_the_column_behind_the_back_of_history_is_found(row, lin):
    attach(row, lin, kept("证明.pdf", ONE, lin))
    runtime.ledger("site_none").rows("test").filter(pk=row.pk).update(files=None)
    assert ["附件" in one.message for one in verify("site_none")] == [True]


def test_an_edit_that_says_nothing_of_them_leaves_them(row, lin):
    one = kept("证明.pdf", ONE, lin)
    attach(row, lin, one)
    commit(Draft("site_none", lin, [Edit(row.pk, again(row).version, {"signer": "陈二"})], FORM))
    assert again(row).files == [one]


def test_through_the_form_they_come_stay_and_go(row, lin, live):
    page = f"/ledgers/site_none/{row.pk}/"
    client = live(lin)
    assert 'name="files"' in client.get(f"{page}edit/").content.decode()
    sent = client.post(f"{page}edit/", form_of(row, files=SimpleUploadedFile("证明.pdf", ONE)))
    assert sent.status_code == 302, sent.content.decode()
    (one,) = again(row).files
    shown = client.get(page).content.decode()
    assert "证明.pdf" in shown
    assert f"{page}files/{one['sha256']}/preview/" in shown
    assert b"".join(client.get(f"{page}files/{one['sha256']}/").streaming_content) == ONE

    client.post(f"{page}edit/", form_of(row, files_has=one["sha256"], note="补记"))
    assert (again(row).files, again(row).note) == ([one], "补记")
    client.post(f"{page}edit/", form_of(row, files_has=one["sha256"], files_drop=one["sha256"]))
    assert again(row).files is None
    assert client.get(f"{page}files/{one['sha256']}/").status_code == 404


def test_a_file_that_is_none_is_refused_and_what_was_typed_stays(row, lin, live):
    client = live(lin)
    sent = client.post(
        f"/ledgers/site_none/{row.pk}/edit/",
        form_of(row, signer="陈二", files=SimpleUploadedFile("坏.pdf", b"<html>")),
    )
    assert sent.status_code == 422
    assert "“附件”：“坏.pdf”的内容不是" in sent.content.decode()
    assert "陈二" in sent.content.decode()
    assert again(row).version == 1


def test_a_new_row_through_the_form(lin, live, places):
    said = {"sector": "消防", "for_year": "2020", "signer": "陈青", "signed_on": "2020-01-05", "act": "save"}
    said |= {"division": str(places["青山村"].pk), "files": SimpleUploadedFile("证明.pdf", ONE)}
    client = live(lin)
    assert client.post("/ledgers/site_none/new/", said).status_code == 302
    (stored,) = runtime.ledger("site_none").rows("test")
    assert [one["name"] for one in stored.files] == ["证明.pdf"]


def test_who_sees_no_personal_field_sees_no_scan_either(person, lin, offices, live):
    """A scan at a person's row is of class S2, as the row's own numbers are; other offices read up to S1."""
    stored, one = person(lin), kept("户口页.pdf", ONE, lin)
    commit(Draft("person", lin, [Edit(stored.pk, 1, {}, files=[one])], FORM))
    page = f"/ledgers/person/{stored.pk}/"
    assert "户口页.pdf" in live(lin).get(page).content.decode()

    other = User.objects.create(username="safe", display_name="安监员")
    Appointment.objects.create(user=other, role="office", unit=offices["应急办"], valid_from=date(2000, 1, 1))
    client = live(other)
    for tail in ("", "history/", "compare/?a=1&b=2"):
        answer = client.get(f"{page}{tail}")
        assert answer.status_code == 200
        assert "户口页" not in answer.content.decode()
    assert client.get(f"{page}files/{one['sha256']}/").status_code == 404
    assert client.get(f"{page}files/{one['sha256']}/preview/").status_code == 404
    plain = [one for one in runtime.ledgers().values() if one.attachments.spec.privacy == "S1"]
    assert all(kind.spec.privacy <= "S1" for one in plain for kind in one.stored.values())
    assert runtime.ledger("site_none") in plain


def test_the_list_is_filtered_by_whether_a_row_has_attachments(row, declaration, lin, live):
    one, other = kept("证明.pdf", ONE, lin), declaration(lin, sector="燃气")
    attach(row, lin, one)
    attach(other, lin, one)
    attach(other, lin)  # taken away again

    def listed(asked):
        page = live(lin).get("/ledgers/site_none/", {"attached": asked}).content.decode()
        return [said.no for said in (row, other) if f">{said.no}</a>" in page], page

    assert listed("1")[0] == [row.no]
    assert listed("0")[0] == [other.no]
    assert sorted(listed("x")[0]) == sorted([row.no, other.no])
    assert 'name="attached"' in listed("1")[1]
    assert "有附件" in listed("1")[1]


def test_who_does_not_see_attachments_does_not_filter_by_them(person, lin, live):
    """In the roll of persons they are of class S2; an office of another line sees the rows and not these."""
    one = person(lin)
    file = kept("户口簿.pdf", ONE, lin)
    commit(Draft("person", lin, [Edit(one.pk, 1, {}, files=[file])], FORM))
    other = User.objects.create(username="qi", display_name="齐")
    Appointment.objects.create(user=other, role="office", valid_from=date(2000, 1, 1))
    pages = [live(other).get("/ledgers/person/", {"attached": said}).content.decode() for said in ("1", "0")]
    assert [one.no in page for page in pages] == [True, True]
    assert all('name="attached"' not in page for page in pages)


def test_a_persons_copy_names_the_attachments(person, lin, live, tmp_path):
    one = person(lin)
    commit(Draft("person", lin, [Edit(one.pk, 1, {}, files=[kept("户口簿.pdf", ONE, lin)])], FORM))
    book = tmp_path / "copy.xlsx"
    write_copy(runtime.ledger("person"), again_person(one), book, by=lin, purpose="本人申请查阅")
    own = dict(openpyxl.load_workbook(book)["本人信息"].iter_rows(min_row=2, values_only=True))
    assert own["附件"] == "1个：户口簿.pdf"


def again_person(one):
    return runtime.ledger("person").rows("test").get(pk=one.pk)
