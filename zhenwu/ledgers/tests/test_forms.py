"""The form of a row: drafts and submissions, what was typed is kept, conflicts, look-ups, acts, files."""

import hashlib
import io
from datetime import date
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from zhenwu.changes.models import History
from zhenwu.ledgers.models import StoredFile
from zhenwu.packs import runtime

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def url(name, *args):
    return reverse(f"ledgers:{name}", args=args)


def typed(place, **changed):
    said = {
        "division": str(place.pk),
        "sector": "消防",
        "for_year": "2020",
        "signer": "陈青",
        "signed_on": "2020-01-05",
    }
    return said | {"note": "", "act": "save"} | changed


def only(ledger="site_none"):
    return runtime.model_for(ledger).objects.unscoped("test").get()


def test_a_draft_may_be_incomplete_and_a_submission_not(live, chen, places):
    client = live(chen)
    answer = client.post(url("new", "site_none"), typed(places["青山村"], signer="", act="submit"))
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "“签字人”没有填：请填写。" in body
    assert 'value="2020-01-05"' in body  # what was typed is kept
    assert runtime.model_for("site_none").objects.unscoped("test").count() == 0
    answer = client.post(url("new", "site_none"), typed(places["青山村"], signer=""))
    assert answer.status_code == 302
    assert (only().review, only().signer, only().created_by) == ("draft", None, chen)


def test_a_value_that_can_not_be_read_is_named_and_kept(live, chen, places):
    answer = live(chen).post(url("new", "site_none"), typed(places["青山村"], for_year="二零二X"))
    assert answer.status_code == 422
    assert "“声明年度”" in answer.content.decode()
    assert 'value="二零二X"' in answer.content.decode()


def test_a_village_clerk_can_not_enter_for_another_village(live, wu, places):
    answer = live(wu).post(url("new", "site_none"), typed(places["青山村"]))
    assert answer.status_code == 422
    assert runtime.model_for("site_none").objects.unscoped("test").count() == 0


def test_submitting_goes_to_review_and_another_person_approves(live, chen, lin, places):
    client = live(chen)
    client.post(url("new", "site_none"), typed(places["青山村"], act="submit"))
    row = only()
    assert row.review == "submitted"
    assert client.post(url("review", "site_none", row.pk, "approve"), {"version": 1}).status_code in (302, 422)
    row.refresh_from_db()
    assert row.review == "submitted"
    page = live(lin).get(url("row", "site_none", row.pk)).content.decode()
    assert "审核通过" in page
    live(lin).post(url("review", "site_none", row.pk, "return"), {"version": 1, "reason": ""})
    row.refresh_from_db()
    assert row.review == "submitted"  # a return needs its reason
    live(lin).post(url("review", "site_none", row.pk, "approve"), {"version": 1})
    row.refresh_from_db()
    assert (row.review, row.version) == ("approved", 2)
    answer = live(chen).post(url("edit", "site_none", row.pk), typed(places["青山村"], version="2", signer="改了"))
    row.refresh_from_db()
    assert (answer.status_code, row.signer) == (302, "陈青")


def test_saving_and_submitting_are_both_done_or_neither(live, chen, declaration, places):
    row = declaration(chen)
    answer = live(chen).post(
        url("edit", "site_none", row.pk), typed(places["青山村"], version="1", sector="燃气", signer="", act="submit")
    )
    assert answer.status_code == 422
    row.refresh_from_db()
    assert (row.sector, row.version) == ("消防", 1)


def test_only_changed_values_make_a_version(live, chen, declaration, places):
    row = declaration(chen)
    client = live(chen)
    client.post(url("edit", "site_none", row.pk), typed(places["青山村"], version="1"))
    row.refresh_from_db()
    assert row.version == 1
    client.post(url("edit", "site_none", row.pk), typed(places["青山村"], version="1", sector="燃气"))
    row.refresh_from_db()
    assert (row.version, row.sector) == (2, "燃气")


def test_who_was_slower_sees_both_values_and_loses_nothing(live, chen, lin, declaration, places):
    row = declaration(chen)
    live(lin).post(
        url("edit", "site_none", row.pk), typed(places["青山村"], version="1", signer="林改的", for_year="2021")
    )
    answer = live(chen).post(url("edit", "site_none", row.pk), typed(places["青山村"], version="1", signer="陈填的"))
    body = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="陈填的"' in body
    assert "现在的值：林改的" in body
    assert 'value="2021"' in body  # the other's change of a field that I left alone stays
    assert 'name="version" value="2"' in body
    row.refresh_from_db()
    assert row.signer == "林改的"
    live(chen).post(
        url("edit", "site_none", row.pk), typed(places["青山村"], version="2", signer="陈填的", for_year="2021")
    )
    row.refresh_from_db()
    assert (row.signer, row.for_year, row.version) == ("陈填的", 2021, 3)


def test_a_personal_number_left_empty_is_unchanged(live, chen, person, places):
    row = person(chen, phone="13800001234")
    client = live(chen)
    page = client.get(url("edit", "person", row.pk))
    assert "138****1234" in page.content.decode()
    fields = {field.name: field.value for part in page.context["parts"] for field in part.fields}
    posted = {name: value for name, value in fields.items() if value not in (None, "", [])}
    client.post(url("edit", "person", row.pk), posted | {"version": "1", "name": "陈壹", "act": "save"})
    row.refresh_from_db()
    assert row.name == "陈壹"
    assert runtime.ledger("person").types["phone"].from_row(row) == "13800001234"


def test_look_ups_find_short_names_within_ones_rights_and_never_by_number(live, chen, wu, lin, person):
    person(chen, name="陈一", idno="519999195302141012", birth=None, sex=None)
    person(wu, "河口村", name="陈二")
    found = live(chen).get(url("lookup", "person") + "?q=陈一").content.decode()
    assert "陈一" in found
    assert "青山村" in found
    assert "RK-" in found
    assert "519999195302141012" not in found
    assert "陈二" not in live(chen).get(url("lookup", "person") + "?q=陈").content.decode()
    assert "陈二" in live(lin).get(url("lookup", "person") + "?q=陈").content.decode()
    assert "陈一" not in live(lin).get(url("lookup", "person") + "?q=519999195302141012").content.decode()
    assert "河口村" not in live(chen).get(url("lookup", "division") + "?q=村").content.decode()
    assert live(chen).get(url("lookup", "nothing") + "?q=x").status_code == 404


def test_a_link_to_someone_out_of_reach_is_refused_also_by_its_id(live, chen, wu, person, places):
    theirs = person(wu, "河口村", name="外人")
    said = {
        "division": str(places["青山村"].pk),
        "name": "陈三",
        "father": str(theirs.pk),
        "father_q": "外人",
        "act": "save",
    }
    answer = live(chen).post(url("new", "person"), said)
    assert answer.status_code == 422
    assert "没有找到" in answer.content.decode()


def test_without_a_script_the_words_alone_choose_when_they_mean_one(live, chen, person, places):
    father = person(chen, name="陈父")
    said = {"division": str(places["青山村"].pk), "name": "陈三", "father": "", "father_q": "陈父", "act": "save"}
    live(chen).post(url("new", "person"), said)
    assert runtime.model_for("person").objects.unscoped("test").get(name="陈三").father_id == father.pk


def test_the_steps_of_a_hazard_ask_for_what_they_need(live, chen, lin, add_row, places):
    row = add_row(
        chen,
        "hazard",
        places["青山村"],
        detail="消防通道堵塞",
        sector="消防",
        found_on=date(2020, 5, 1),
        found_by_way="排查",
    )
    address = url("step", "hazard", row.pk, "grade")
    assert live(chen).get(address).status_code == 404  # a step for the office
    client = live(lin)
    page = client.get(address)
    assert page.status_code == 200
    asked = {field.name for part in page.context["parts"] for field in part.fields}
    assert asked == {"grade", "duty_unit", "fix_owner"}
    assert client.post(address, {"version": 1, "grade": "一般"}).status_code == 422
    row.refresh_from_db()
    assert row.state == "found"
    wanted = {"version": 1}
    for part in page.context["parts"]:
        for field in part.fields:
            wanted[field.name] = field.choices[0][0] if field.choices else "某某"
    answer = client.post(address, wanted)
    row.refresh_from_db()
    assert (answer.status_code, row.state) == (302, "graded")


def test_chosen_rows_are_submitted_together_or_not_at_all(live, chen, declaration):
    good, bad = declaration(chen), declaration(chen, signer=None, for_year=2021)
    chosen = [f"{good.pk}:1", f"{bad.pk}:1"]
    live(chen).post(url("bulk", "site_none"), {"act": "submit", "rows": chosen})
    good.refresh_from_db()
    assert good.review == "draft"
    live(chen).post(url("bulk", "site_none"), {"act": "submit", "rows": chosen[:1]})
    good.refresh_from_db()
    assert good.review == "submitted"


def test_an_old_version_comes_back_as_a_new_one(live, chen, declaration, places):
    row = declaration(chen)
    client = live(chen)
    client.post(url("edit", "site_none", row.pk), typed(places["青山村"], version="1", sector="燃气"))
    client.post(url("restore", "site_none", row.pk, 1), {"version": "2", "reason": "改错了"})
    row.refresh_from_db()
    assert (row.sector, row.version) == ("消防", 3)
    body = client.get(url("history", "site_none", row.pk)).content.decode()
    assert "改错了" in body
    assert '<span class="diff-old">消防</span>' in body


def test_a_clerk_can_not_take_back_what_the_office_approved(live, chen, lin, declaration):
    row = declaration(chen)
    live(chen).post(url("review", "site_none", row.pk, "submit"), {"version": 1})
    live(lin).post(url("review", "site_none", row.pk, "approve"), {"version": 2})
    approved = History.objects.get(row=row.pk, version=3).change
    live(chen).post(url("undo", approved.pk), {"reason": "不想要"})
    live(chen).post(url("restore", "site_none", row.pk, 1), {"version": "3", "reason": "不想要"})
    row.refresh_from_db()
    assert (row.review, row.version) == ("approved", 3)
    live(lin).post(url("undo", approved.pk), {"reason": "审错了"})
    row.refresh_from_db()
    assert (row.review, row.version) == ("submitted", 4)


def _docx() -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/document.xml", "<w/>")
    return target.getvalue()


@pytest.mark.parametrize(("name", "content", "kept"), [
    ("照片.png", PNG, True),
    ("声明.docx", _docx(), True),
    ("假照片.png", b"<script>alert(1)</script>", False),
    ("程序.pdf", b"MZ" + b"0" * 20, False),
    ("空.png", b"", False),
])  # fmt: skip
def test_files_are_taken_by_what_they_hold(live, chen, places, name, content, kept):
    said = typed(places["青山村"]) | {"paper": SimpleUploadedFile(name, content)}
    answer = live(chen).post(url("new", "site_none"), said)
    assert (answer.status_code == 302) is kept
    assert StoredFile.objects.count() == int(kept)


def test_a_file_is_handed_out_only_through_a_row_one_may_see(live, chen, wu, lin, places, instance):
    said = typed(places["青山村"]) | {"paper": SimpleUploadedFile('照"片\r\n.png', PNG)}
    live(chen).post(url("new", "site_none"), said)
    row, digest = only(), StoredFile.objects.get().sha256
    assert PNG[:20] not in (instance / "files" / digest[:2] / digest).read_bytes()  # encrypted, under a keyed hash
    assert digest != hashlib.sha256(PNG).hexdigest()
    address = url("file", "site_none", row.pk, digest)
    answer = live(lin).get(address)
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert live(lin).get(address + "?inline=1")["Content-Disposition"].startswith("inline")
    assert live(wu).get(address).status_code == 404
    other = url("file", "site_none", row.pk, "0" * 64)
    assert live(lin).get(other).status_code == 404


def test_a_hash_that_someone_else_uploaded_can_not_be_claimed(live, chen, wu, places):
    live(chen).post(url("new", "site_none"), typed(places["青山村"]) | {"paper": SimpleUploadedFile("a.png", PNG)})
    digest = StoredFile.objects.get().sha256
    live(wu).post(url("new", "site_none"), typed(places["河口村"], paper_has=digest))
    stolen = runtime.model_for("site_none").objects.unscoped("test").get(division=places["河口村"])
    assert stolen.paper is None


def test_rows_that_refer_to_a_row_stand_on_its_page(live, chen, lin, wu, add_row, places, person):
    father = person(chen, name="陈父")
    child = person(chen, name="陈子", father=father.pk)
    body = live(lin).get(url("row", "person", father.pk)).content.decode()
    assert child.no in body
    assert f"{url('new', 'person')}?father={father.pk}" in body
    assert "陈父" in live(lin).get(url("new", "person") + f"?father={father.pk}").content.decode()


def test_reveals_and_writes_need_the_token(chen, declaration):
    from django.test import Client

    row = declaration(chen)
    client = Client(enforce_csrf_checks=True)
    client.force_login(chen, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(url("review", "site_none", row.pk, "submit"), {"version": 1}).status_code == 403
    assert client.get(url("bulk", "site_none")).status_code == 405
