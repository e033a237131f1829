"""A person's copy: what stands in it, that nothing leaves without a purpose and a trace, and that rights hold throughout."""

import io
from datetime import date

import openpyxl
import pytest

from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.audit import verify_log
from zhenwu.changes.models import AuditEntry
from zhenwu.ledgers.models import Reveal

PHONE, OTHER = "13900001234", "13900005678"


@pytest.fixture
def known(add_row, person, places, lin):
    """A person of 青山村 who is head of a river there and of another in 河口村."""
    one = person(lin, phone=PHONE)
    for village, phone in (("青山村", PHONE), ("河口村", OTHER)):
        segment = add_row(lin, "river_segment", places[village], name=f"{village}河", bank_km="3")
        add_row(
            lin, "river_head", places[village], "approved", segment=segment.pk, level="村", head_name="陈一",
            head=one.pk, phone=phone, valid_from=date(2020, 1, 1),
        )  # fmt: skip
    return one


def url(row, ledger="person"):
    return f"/ledgers/{ledger}/{row.pk}/copy/"


def book(answer):
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def test_a_copy_holds_the_persons_values_the_rows_about_them_and_who_looked(known, lin, live):
    client = live(lin)
    client.post(f"/ledgers/person/{known.pk}/reveal/phone/", {"purpose": "电话回访"})
    pages = book(client.post(url(known), {"purpose": "本人申请查阅"}))
    own = dict(pages["本人信息"].iter_rows(min_row=2, values_only=True))
    assert (own["姓名"], own["电话"], own["编号"]) == ("陈一", PHONE, known.no)
    rows = list(pages["相关记录"].iter_rows(min_row=2, values_only=True))
    assert {(row[0], row[2], row[3], row[5]) for row in rows} == {
        ("河长任职", "人口台账中的人", "青山村", "已通过"), ("河长任职", "人口台账中的人", "河口村", "已通过"),
    }  # fmt: skip
    assert all(row[6] and row[7] == "页面填报" for row in rows)
    assert any("级别 村" in row[8] and PHONE in row[8] for row in rows)
    looked = list(pages["查看记录"].iter_rows(min_row=2, values_only=True))
    assert [(row[1], row[4], row[5]) for row in looked] == [(str(lin), "电话", "电话回访")]


def test_every_number_shown_is_noted_with_the_purpose(known, lin, live):
    live(lin).post(url(known), {"purpose": "本人申请查阅"})
    noted = Reveal.objects.filter(purpose="本人申请查阅")
    assert sorted(noted.values_list("ledger", "field")) == [
        ("person", "phone"), ("river_head", "phone"), ("river_head", "phone"),
    ]  # fmt: skip
    entry = AuditEntry.objects.get(kind="export")
    assert (entry.row, entry.by) == (known.pk, lin)
    assert "相关记录2条" in entry.said
    assert PHONE not in "".join(AuditEntry.objects.values_list("said", flat=True))
    assert not list(verify_log())


@pytest.mark.parametrize("purpose", ["", " ", "查"])
def test_without_a_purpose_nothing_is_shown(known, lin, live, purpose):
    answer = live(lin).post(url(known), {"purpose": purpose})
    assert answer.status_code == 422
    assert "请写明用途" in answer.content.decode()
    assert not Reveal.objects.exists()
    assert not AuditEntry.objects.filter(kind="export").exists()


def test_a_village_copies_only_its_own_people_and_rows(known, chen, wu, live):
    assert live(wu).get(url(known)).status_code == 404
    assert live(wu).post(url(known), {"purpose": "本人申请查阅"}).status_code == 404
    pages = book(live(chen).post(url(known), {"purpose": "本人申请查阅"}))
    rows = list(pages["相关记录"].iter_rows(min_row=2, values_only=True))
    assert {row[3] for row in rows} == {"青山村"}
    assert OTHER not in str([row for page in pages for row in page.iter_rows(values_only=True)])


def test_who_may_not_see_sensitive_values_and_other_ledgers_have_no_copy(known, offices, lin, declaration, live):
    safety = User.objects.create(username="an", display_name="安全员")
    Appointment.objects.create(user=safety, role="office", unit=offices["应急办"], valid_from=date(2000, 1, 1))
    assert live(lin).get(url(declaration(lin), "site_none")).status_code == 404
    assert url(known) in live(lin).get(f"/ledgers/person/{known.pk}/").content.decode()
    page = live(safety).get(f"/ledgers/person/{known.pk}/")
    assert page.status_code == 200
    assert url(known) not in page.content.decode()
    assert live(safety).post(url(known), {"purpose": "本人申请查阅"}).status_code == 404
