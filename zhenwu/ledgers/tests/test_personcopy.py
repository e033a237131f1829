"""A person's copy: what stands in it, that nothing leaves without a purpose and a trace, and that rights hold throughout."""

import io
from datetime import date

import openpyxl
import pytest

from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.actions import Source
from zhenwu.changes.audit import verify_log
from zhenwu.changes.models import AuditEntry, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.models import Reveal
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.ledgers.personcopy import write_copy
from zhenwu.packs import runtime
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

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
    client.post(f"/ledgers/person/{known.pk}/reveal/phone/", {"purpose": "P4", "note": "电话回访"})
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
    assert [(row[1], row[4], row[5]) for row in looked] == [(str(lin), "电话", "入户走访：电话回访")]


def test_every_number_shown_is_noted_with_the_purpose(known, lin, live):
    live(lin).post(url(known), {"purpose": "本人申请查阅"})
    noted = Reveal.objects.filter(purpose="P7", note="本人申请查阅")
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


def test_rows_of_the_persons_household_are_in_it_and_others_numbers_stay_masked(add_row, person, places, lin, live):
    village = places["青山村"]
    child, mother = person(lin, name="陈小"), person(lin, name="陈母", phone=OTHER)
    home = add_row(lin, "household", village, hkind="hukou", head=mother.pk, from_date=date(2010, 1, 1))
    add_row(lin, "household_member", village, household=home.pk, person=child.pk, rel="20", from_date=date(2012, 1, 1))
    add_row(lin, "household_member", village, household=home.pk, person=mother.pk, rel="02", from_date=date(2010, 1, 1))
    case = add_row(lin, "dibao", village, **{household_field("dibao"): home.pk})
    other = add_row(
        lin, "household", village, hkind="hukou", head=person(lin, name="陈邻").pk, from_date=date(2010, 1, 1)
    )
    pages = book(live(lin).post(url(child), {"purpose": "本人申请查阅"}))
    rows = list(pages["相关记录"].iter_rows(min_row=2, values_only=True))
    said = {(row[0], row[1], row[2]) for row in rows}
    assert ("户台账", home.no, "所在户") in said
    assert any(row[1] == case.no and row[2].startswith("所在户") for row in rows)
    assert other.no not in {row[1] for row in rows}
    assert [row[2] for row in rows if row[0] == "户成员台账"] == [
        runtime.ledger("household_member").types["person"].label
    ]
    assert OTHER not in str([row for page in pages for row in page.iter_rows(values_only=True)])


def household_field(code: str) -> str:
    return next(one for one, kind in runtime.ledger(code).types.items() if kind.name == "household")


LINES = """id = 2
code = "seats"
label = "参会人员"
type = "rows"
column = [
  { id = 1, code = "who", label = "姓名", type = "person", privacy = "S1" },
  { id = 2, code = "said", label = "发言", type = "text" },
  { id = 3, code = "tel", label = "电话", type = "phone", privacy = "S2" },
]
"""


def test_lines_about_the_person_are_in_it_and_those_of_others_are_not(running, person, places, lin, tmp_path):  # noqa: F811
    one, neighbour = person(lin, name="陈一"), person(lin, name="陈二", birth=date(1981, 1, 1))
    persons = runtime.ledger("person")
    trial = running(trial=pack("trial", text(1, "name"), LINES))["trial"]
    runtime.ledgers()["person"] = persons
    lines = [{"who": one.pk, "said": "修路", "tel": PHONE}, {"who": neighbour.pk, "said": "修渠", "tel": OTHER}]
    commit(Draft("trial", lin, [Add({"name": "村民会", "seats": lines}, places["青山村"].pk)], Source(SourceKind.FORM)))
    assert write_copy(persons, one, tmp_path / "copy.xlsx", by=lin, purpose="本人申请查阅") == 1
    pages = openpyxl.load_workbook(tmp_path / "copy.xlsx")
    [row] = pages["相关记录"].iter_rows(min_row=2, values_only=True)
    assert (row[1], row[2]) == (trial.rows("test").get().no, "参会人员：姓名")
    assert "修路" in row[8]
    assert "修渠" not in row[8]
    assert PHONE not in row[8]
