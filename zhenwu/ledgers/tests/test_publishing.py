"""The public notice: public fields of approved rows, names masked, and what never stands in it."""

import io
from datetime import date

import openpyxl
import pytest

from zhenwu.changes.models import AuditEntry
from zhenwu.packs import runtime

URL = "/ledgers/river_head/public.xlsx"


@pytest.fixture
def heads(add_row, places, lin):
    """An approved head of a river in each of two villages, and a draft."""
    made = []
    for village, name, review in (
        ("青山村", "欧阳明", "approved"),
        ("河口村", "张三", "approved"),
        ("青山村", "未审人", "draft"),
    ):
        segment = add_row(lin, "river_segment", places[village], name=f"{name}河", bank_km="3")
        made.append(
            add_row(
                lin, "river_head", places[village], review, segment=segment.pk, level="村", head_name=name, post="村主任",
                phone="13900001234", valid_from=date(2020, 1, 1),
            )
        )  # fmt: skip
    return made


def sheet(answer) -> list[tuple]:
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book["公示表"].iter_rows(values_only=True))


def test_a_notice_holds_public_fields_of_approved_rows_with_names_masked(heads, lin, live):
    rows = sheet(live(lin).get(URL, {"sort": "no"}))
    assert rows[0][0] == "河长任职公示表"
    assert rows[1] == ("序号", "村（社区）", "姓名", "职务")
    assert rows[2:] == [(1, "青山村", "欧*明", "村主任"), (2, "河口村", "张*", "村主任")]
    entry = AuditEntry.objects.filter(kind="export").get()
    assert "公示表2行" in entry.said


def test_voided_rows_stay_out_whatever_the_address_says_and_filters_hold(heads, places, lin, chen, live):
    runtime.model_for("river_head").objects.unscoped("test").filter(pk=heads[0].pk).update(
        voided_by_change=heads[0].change_id
    )
    assert [row[2] for row in sheet(live(lin).get(URL, {"voided": "1"}))[2:]] == ["张*"]
    assert sheet(live(lin).get(URL, {"place": str(places["青山村"].pk)}))[2:] == []
    assert [row[2] for row in sheet(live(chen).get(URL))[2:]] == []  # another village's row is not hers


def test_a_ledger_without_public_fields_says_so_and_has_no_button(declaration, lin, heads, live):
    declaration(lin)
    answer = live(lin).get("/ledgers/site_none/public.xlsx")
    assert answer.status_code == 422
    assert "没有可以公示的字段" in answer.content.decode()
    assert "public.xlsx" not in live(lin).get("/ledgers/site_none/").content.decode()
    assert f"{URL}?place=" in live(lin).get(f"/ledgers/river_head/?place={heads[0].division_id}").content.decode()


def test_numbers_of_persons_are_no_part_of_a_notice_even_if_a_pack_calls_them_public(heads, lin, live, monkeypatch):
    phone = runtime.ledger("river_head").types["phone"]
    monkeypatch.setattr(phone, "spec", phone.spec.model_copy(update={"public": True}))
    assert "电话" not in sheet(live(lin).get(URL))[1]
