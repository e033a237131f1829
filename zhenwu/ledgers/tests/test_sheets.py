"""Sheets in and out through the pages: preview, mapping, apply, give back; export with rights, masks and no formulas."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from zhenwu.ledgers.models import ImportJob
from zhenwu.packs import runtime

HEAD = ["村（社区）", "领域", "声明年度", "签字人", "签字日期"]


def url(name, *args):
    return reverse(f"ledgers:{name}", args=args)


def upload(client, data, name="无此类对象.xlsx"):
    return client.post(url("import", "site_none"), {"file": SimpleUploadedFile(name, data)})


def rows():
    return runtime.model_for("site_none").objects.unscoped("test").filter(voided_by_change=None)


@pytest.fixture
def good(sheet):
    return sheet([
        ["2020年无此类排查对象声明"],
        HEAD,
        ["青山村", "消防", 2020, "陈青", "2020年1月5日"],
        ["河口村", "燃气", 2020, "吴岸", "2020/1/6"],
        ["合计", "", 2, "", ""],
    ])  # fmt: skip


def test_a_sheet_is_looked_at_applied_as_one_change_and_undone(live, lin, good, places):
    client = live(lin)
    answer = upload(client, good)
    page = client.get(answer["Location"])
    assert page.context["counts"] == {"add": 2, "change": 0, "same": 0, "problem": 0}
    assert page.context["shown"]["dropped_n"] == 1
    assert rows().count() == 0
    job = ImportJob.objects.get()
    client.post(url("import_apply", job.pk), {"digest": page.context["digest"]})
    assert rows().count() == 2
    assert {row.review for row in rows()} == {"approved"}
    job.refresh_from_db()
    assert job.status == "applied"
    done = client.get(url("import_preview", job.pk)).content.decode()
    assert url("change", job.change_id) in done
    assert url("undo", job.change_id) in done
    again = client.post(url("import_apply", job.pk), {"digest": job.digest})
    assert again.status_code == 302
    assert rows().count() == 2
    client.post(url("undo", job.change_id), {"reason": "传错表"})
    assert rows().count() == 0


def test_the_same_sheet_again_changes_nothing_and_a_changed_cell_shows_both_values(live, lin, sheet, good, places):
    client = live(lin)
    page = client.get(upload(client, good)["Location"])
    client.post(url("import_apply", page.context["job"].pk), {"digest": page.context["digest"]})
    page = client.get(upload(client, good)["Location"])
    assert page.context["counts"]["same"] == 2
    changed = sheet([HEAD, ["青山村", "消防", 2020, "李四", "2020-01-05"]])
    page = client.get(upload(client, changed)["Location"])
    assert page.context["counts"]["change"] == 1
    body = page.content.decode()
    assert '<span class="diff-old">陈青</span>' in body
    assert '<span class="diff-new">李四</span>' in body


def test_a_sheet_of_another_kind_is_named_and_not_kept(live, lin, sheet, instance):
    before = len(list((instance / "imports").glob("*")))
    answer = upload(live(lin), sheet([["牲畜种类", "存栏数", "防疫员"], ["黄牛", 12, "某某"]]))
    assert answer.status_code == 422
    assert "没有导入" in answer.content.decode()
    assert ImportJob.objects.count() == 0
    assert len(list((instance / "imports").glob("*"))) == before


@pytest.mark.parametrize("data", [b"", b"MZ not a table at all \x00\x01", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_table_says_what_to_do(live, lin, data):
    answer = upload(live(lin), data)
    assert answer.status_code == 422
    assert "请" in answer.context["problem"]


def test_a_file_that_is_too_large_is_refused(live, lin, settings, good):
    settings.MAX_UPLOAD_BYTES = 1000
    assert upload(live(lin), good).status_code == 413


def test_a_wrong_header_is_corrected_on_the_page(live, lin, sheet, places):
    client = live(lin)
    odd = sheet(
        [["村（社区）", "领域", "声明年度", "谁签的名", "签字日期"], ["青山村", "消防", 2020, "陈青", "2020-01-05"]]
    )
    page = client.get(upload(client, odd)["Location"])
    assert "签字人" in page.context["problem"]
    assert "counts" not in page.context
    names = {one["label"]: one["name"] for one in page.context["mapping"]}
    chosen = {one["name"]: one["target"] for one in page.context["mapping"]} | {names["谁签的名"]: "signer"}
    job = ImportJob.objects.get()
    page = client.post(url("import_preview", job.pk), chosen | {"sheet": ""}, follow=True)
    assert page.context["counts"]["add"] == 1
    client.post(url("import_apply", job.pk), {"digest": page.context["digest"]})
    assert rows().get().signer == "陈青"


def test_bad_rows_stop_the_import_until_a_person_leaves_them_out(live, lin, sheet, places):
    client = live(lin)
    bad = sheet([
        HEAD,
        ["青山村", "消防", 2020, "陈青", "2020-01-05"],
        ["天上村", "消防", 2020, "某人", "2020-01-05"],
        ["河口村", "潜水", 2020, "吴岸", "2020-13-45"],
    ])  # fmt: skip
    page = client.get(upload(client, bad)["Location"])
    assert page.context["counts"] == {"add": 1, "change": 0, "same": 0, "problem": 2}
    body = page.content.decode()
    assert "第 3 行" in body
    assert "找不到这个村" in body
    job = ImportJob.objects.get()
    answer = client.post(url("import_apply", job.pk), {"digest": page.context["digest"]})
    assert answer.status_code == 422
    assert rows().count() == 0
    back = client.get(url("import_problems", job.pk))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(back.streaming_content)))
    page_back = book["需要修改"]
    assert [cell.value for cell in page_back["A"]][1:] == [3, 4]
    assert page_back["B2"].fill.fgColor.rgb.endswith("FFC7CE")
    client.post(url("import_apply", job.pk), {"digest": page.context["digest"], "skip": "1"})
    assert rows().count() == 1


def test_what_changed_since_the_preview_is_shown_again(live, lin, chen, sheet, declaration, places):
    client = live(lin)
    page = client.get(upload(client, sheet([HEAD, ["青山村", "消防", 2020, "李四", "2020-01-05"]]))["Location"])
    declaration(chen)  # the same natural key, entered meanwhile
    answer = client.post(url("import_apply", page.context["job"].pk), {"digest": page.context["digest"]})
    assert answer.status_code == 409
    assert answer.context["counts"]["change"] == 1
    assert rows().get().signer == "陈青"
    client.post(url("import_apply", page.context["job"].pk), {"digest": answer.context["digest"]})
    assert rows().get().signer == "李四"


def test_only_who_uploaded_sees_an_import(live, lin, chen, good, places):
    upload(live(lin), good)
    job = ImportJob.objects.get()
    client = live(chen)
    assert client.get(url("import_preview", job.pk)).status_code == 404
    assert client.get(url("import_problems", job.pk)).status_code == 404
    assert client.post(url("import_apply", job.pk), {"digest": job.digest}).status_code == 404
    assert client.post(url("import_drop", job.pk)).status_code == 404


def test_a_village_clerk_can_not_see_or_change_another_village_by_a_sheet(live, chen, wu, declaration, sheet, places):
    theirs = declaration(wu, "河口村", signer="吴岸本人")
    client = live(chen)
    data = sheet(
        [HEAD, ["河口村", "消防", 2020, "改名字", "2020-01-05"], ["河口村", "燃气", 2020, "新的", "2020-01-05"]]
    )
    page = client.get(upload(client, data)["Location"])
    assert page.context["counts"] == {"add": 0, "change": 0, "same": 0, "problem": 2}
    assert "吴岸本人" not in page.content.decode()
    theirs.refresh_from_db()
    assert theirs.signer == "吴岸本人"


def test_dropping_an_import_deletes_its_file(live, lin, good, instance, places):
    client = live(lin)
    upload(client, good)
    job = ImportJob.objects.get()
    file = instance / "imports" / job.pk.hex
    assert file.stat().st_mode & 0o777 == 0o600
    client.post(url("import_drop", job.pk))
    assert not file.exists()


def exported(client, code="site_none", kind="xlsx", query=""):
    answer = client.get(url("export", code, kind) + query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def table(data):
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    head, *body = [[cell.value for cell in row] for row in page.iter_rows()]
    return [dict(zip(head, row, strict=True)) for row in body]


def test_an_export_holds_what_the_list_shows(live, lin, chen, wu, declaration):
    declaration(chen, signed_on=date(2020, 1, 5))
    declaration(wu, "河口村", sector="燃气")
    assert len(table(exported(live(lin)))) == 2
    assert [row["领域"] for row in table(exported(live(lin), query="?f_sector=燃气"))] == ["燃气"]
    mine = table(exported(live(chen)))
    assert [row["村（社区）"] for row in mine] == ["青山村"]
    assert mine[0]["签字日期"].date() == date(2020, 1, 5)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_runs_no_formula_that_someone_typed(live, lin, declaration, kind):
    declaration(lin, signer='=HYPERLINK("http://x","y")')
    data = exported(live(lin), kind=kind)
    if kind == "csv":
        row = next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        assert row["签字人"].startswith("'=")
    else:
        cell = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        found = [one for line in cell.iter_rows() for one in line if "HYPERLINK" in str(one.value)]
        assert [one.data_type for one in found] == ["s"]


def test_an_export_masks_personal_numbers_and_leaves_closed_fields_out(live, lin, leader, chen, person):
    person(chen, idno="519999195302141012", birth=None, sex=None, phone="13800001234")
    row = table(exported(live(lin), "person"))[0]
    assert (
        row["公民身份号码" if "公民身份号码" in row else next(k for k in row if "身份" in k)] == "5****************2"
    )  # beside birthdays
    secret = next(one for one in runtime.ledger("person").stored.values() if one.spec.privacy == "S3")
    assert secret.label in row
    assert secret.label not in table(exported(live(leader), "person"))[0]


def test_an_export_can_be_imported_again_and_says_the_same(live, lin, chen, person):
    person(chen, idno="519999195302141012", birth=None, sex=None, phone="13800001234")
    client = live(lin)
    data = exported(client, "person")
    answer = client.post(url("import", "person"), {"file": SimpleUploadedFile("人口.xlsx", data)})
    page = client.get(answer["Location"])
    assert page.context.get("problem", "") == ""
    assert page.context["counts"]["problem"] == 0, page.context["problems"]
    assert page.context["counts"]["add"] + page.context["counts"]["change"] == 0


def test_the_blank_sheet_has_the_labels_and_choices_and_is_read_back(live, lin, places):
    client = live(lin)
    data = b"".join(client.get(url("template", "site_none")).streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    head = [cell.value for cell in page[1]]
    assert head[:2] == ["村（社区）", "领域"]
    assert len(page.data_validations.dataValidation) >= 2
    for column, value in zip(head, ["青山村", "消防", 2020, "陈青", "2020-01-05"], strict=False):
        page.cell(row=2, column=head.index(column) + 1, value=value)
    target = io.BytesIO()
    book.save(target)
    shown = client.get(upload(client, target.getvalue())["Location"])
    assert shown.context["counts"]["add"] == 1
