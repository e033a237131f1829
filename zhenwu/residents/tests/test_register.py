"""A register in one sheet: persons, households and memberships, in one change, and never half a family."""

import io
from datetime import date

import pytest
import xlsxwriter

from zhenwu.ledgers.actions import undo
from zhenwu.ledgers.errors import CommitRefused
from zhenwu.ledgers.importing.actions import apply_staged, stage_file
from zhenwu.lib.idno import check_digit
from zhenwu.people.models import Household, HouseholdMember, Person
from zhenwu.residents.tests.conftest import TODAY, spells

HEAD = ["序号", "村", "组", "户主姓名", "姓名", "与户主关系", "性别", "身份证号码", "是否外出"]


def idno(born: str, number: int) -> str:
    body = f"519999{born}{number:03}"
    return body + check_digit(body)


WANG = idno("19500101", 1)
ROWS = [
    [1, "青山村", "一组", "王大", "王大", "户主", "男", WANG, "否"],
    [2, "青山村", "一组", "", "李 梅", "之妻", "女", idno("19520101", 2), "否"],
    [3, "青山村", "一组", "", "王二", "长子", "男", idno("19750101", 3), "否"],
    ["合计", "", "", "", "", "", "", "", ""],
    [4, "青山村", "一组", "赵一", "赵一", "户主", "男", idno("19600101", 5), "否"],
    [5, "青山村", "一组", "", "赵小", "儿子", "男", idno("19900101", 7), "否"],
]


@pytest.fixture
def sheet(group):
    """The sheet as villages keep it: the head's name merged over the family's rows."""

    def make(rows, merged=(), below=()):
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True})
        page = book.add_worksheet("花名册")
        for number, row in enumerate([HEAD, *rows, *below]):
            for column, value in enumerate(row):
                page.write(number, column, value)
        for first, last, name in merged:
            page.merge_range(first, 3, last, 3, name)
        book.close()
        return target.getvalue()

    return make


def staged(by, data):
    return stage_file("person", data, name="花名册.xlsx", by=by, today=TODAY)


def apply(by, data, **more):
    return apply_staged(staged(by, data), by=by, today=TODAY, **more)


def test_persons_households_and_memberships_come_in_one_change_and_go_in_one(lin, sheet):
    data = sheet(ROWS, merged=[(1, 3, "王大"), (5, 6, "赵一")])
    found = staged(lin, data)
    assert found.problems == []
    assert found.besides.says.startswith(
        "表里有2户：新立2户，登记5人的户成员关系，与人口在同一次变更里写入。有2户没有写立户日期，"
    )
    assert "从2020年1月1日算起；要从别的日子算起，请填写户籍登记起始日期，或在表头上方写明" in found.besides.says
    change = apply_staged(found, by=lin, today=TODAY)
    assert change.ledgers == {"person": 5, "household": 2, "household_member": 5}
    home = Household.objects.unscoped("test").get(head__name="王大")
    assert [one[:3] for one in spells(home)] == [
        ("王大", "02", date(2020, 1, 1)), ("李梅", "12", date(2020, 1, 1)), ("王二", "22", date(2020, 1, 1)),
    ]  # fmt: skip
    assert (home.hkind, home.grp.name, home.review) == ("hukou", "一组", "approved")
    assert apply(lin, data) is None  # the same sheet again says nothing new
    undo(change, by=lin, reason="传错了表")
    for model in (Person, Household, HouseholdMember):
        assert not model.objects.unscoped("test").filter(voided_by_change=None).exists()


@pytest.mark.parametrize(("said", "since"), [("2020年6月1日", date(2020, 6, 1)), ("2021年6月1日", date(2020, 1, 1))])
def test_families_without_a_day_begin_with_the_sheets_own_unless_it_is_to_come(lin, sheet, said, since):
    data = sheet(ROWS[:3], below=[[f"填表人：张三　填表日期：{said}"]])
    found = staged(lin, data)
    assert "有1户没有写立户日期，户成员关系从" in found.besides.says
    assert ("从表上写的2020年6月1日算起" in found.besides.says) == (since.month == 6)
    apply_staged(found, by=lin, today=TODAY)
    (home,) = Household.objects.unscoped("test")
    assert (home.from_date, {one[2] for one in spells(home)}) == (since, {since})


def test_a_family_is_taken_whole_or_not_at_all(lin, sheet):
    rows = [list(row) for row in ROWS]
    rows[2][7] = 5.19999e17  # the number was lost by the spreadsheet
    found = staged(lin, sheet(rows))
    said = {one.at: one.message for one in found.problems}
    assert set(said) == {2, 3, 4}
    assert "同一户的第 4 行有问题" in said[2]
    with pytest.raises(CommitRefused):
        apply_staged(found, by=lin, today=TODAY)
    change = apply_staged(staged(lin, sheet(rows)), by=lin, skip_problems=True, today=TODAY)
    assert change.ledgers == {"person": 2, "household": 1, "household_member": 2}


@pytest.mark.parametrize(
    ("row", "column", "value", "says"),
    [
        (0, 5, "", None),  # the head's own name stands in the column of the head
        (2, 5, "", "没有填与户主关系"),
        (1, 5, "户主", "没有户主|有2个户主|只能有一个"),
        (0, 2, "", "新立的户要写明村民小组"),
    ],
)
def test_what_a_family_must_say(lin, sheet, row, column, value, says):
    rows = [list(one) for one in ROWS]
    rows[row][column] = value
    if row == 1 and column == 5:
        rows[1][3] = "王大"
    found = staged(lin, sheet(rows, merged=[] if column == 5 and row == 1 else [(1, 3, "王大"), (5, 6, "赵一")]))
    messages = "；".join(one.message for one in found.problems)
    if says is None:
        assert messages == ""
    elif row == 1:
        assert len(Household.objects.unscoped("test")) == 0
        assert found.besides.plan is not None
    else:
        assert says in messages


def test_unknown_words_become_other_kin_with_a_remark(lin, sheet):
    rows = [list(row) for row in ROWS]
    rows[2][5] = "干儿子"
    found = staged(lin, sheet(rows))
    assert any("干儿子" in words for said in found.rows.remarks.values() for words in said)
    apply_staged(found, by=lin, today=TODAY)
    assert HouseholdMember.objects.unscoped("test").get(person__name="王二").rel == "97"


def test_what_the_register_says_otherwise_is_an_event_not_an_edit(lin, sheet):
    apply(lin, sheet(ROWS))
    rows = [list(row) for row in ROWS]
    rows[1][5] = "母亲"
    assert "请登记“更正”" in "".join(one.message for one in staged(lin, sheet(rows)).problems)
    moved = [list(ROWS[4]), [9, "青山村", "一组", "", "王二", "女婿", "男", ROWS[2][7], "否"]]
    assert "已登记在另一户" in "".join(one.message for one in staged(lin, sheet(moved)).problems)


def test_a_newcomer_joins_a_household_that_is_there(lin, sheet):
    apply(lin, sheet(ROWS))
    more = [ROWS[0], [7, "青山村", "一组", "", "王苗", "孙女", "女", idno("20100101", 8), "否"]]
    change = apply(lin, sheet(more))
    assert change.ledgers == {"person": 1, "household_member": 1}
    assert Household.objects.unscoped("test").count() == 2


def test_old_numbers_become_new_ones(lin, sheet):
    rows = [[1, "青山村", "一组", "何远", "何远（户主）", "户主", "男", "519999530214101", "否"]]
    apply(lin, sheet(rows))
    one = Person.objects.unscoped("test").get()
    assert (one.name, one.idno_birth, one.idno_ok) == ("何远", date(1953, 2, 14), True)


def test_a_village_brings_its_register_as_drafts(chen, lin, sheet):
    change = apply(chen, sheet(ROWS))
    assert set(change.ledgers) == {"person", "household", "household_member"}
    assert {one.review for one in HouseholdMember.objects.unscoped("test")} == {"draft"}


def test_families_without_a_day_begin_with_the_day_that_a_person_gave(lin, sheet, live, group):
    data = sheet(ROWS[:3], below=[["填表日期：2020年6月1日"]])
    found = stage_file("person", data, name="花名册.xlsx", by=lin, today=TODAY, since=date(2010, 3, 4))
    assert "户成员关系从填写的2010年3月4日算起" in found.besides.says
    apply_staged(found, by=lin, today=TODAY)
    assert Household.objects.unscoped("test").get().from_date == date(2010, 3, 4)


def test_the_page_asks_for_that_day_and_only_where_a_sheet_may_say_families(lin, sheet, live):
    client = live(lin)
    page = client.get("/ledgers/person/import/").content.decode()
    assert "户籍登记起始日期" in page
    assert "户籍登记起始日期" not in client.get("/ledgers/household/import/").content.decode()

    def post(since):
        file = io.BytesIO(sheet(ROWS[:3]))
        file.name = "花名册.xlsx"
        return client.post("/ledgers/person/import/", {"file": file, "since": since}, follow=True)

    for wrong, words in (("去年", "请填日期，如 2020-06-01"), ("2999-01-01", "起始日期还没有到")):
        refused = post(wrong)
        assert (refused.status_code, words in refused.content.decode()) == (422, True)
    shown = post("2010-03-04")
    assert "从填写的2010年3月4日算起" in shown.content.decode()
    assert 'value="2010-03-04"' in shown.content.decode()
    columns = {"sheet": "花名册", "since": "2011-05-06"}
    again = client.post(shown.redirect_chain[-1][0], columns, follow=True).content.decode()
    assert "从填写的2011年5月6日算起" in again


LOST = idno("19530214", 101)


@pytest.mark.parametrize(
    "lost",
    [float(f"{LOST[:15]}000"), f"{LOST[:15]}000", f"{LOST[0]}.{LOST[1:15]}E+17"],
    ids=["number", "text", "scientific"],
)
def test_a_rounded_number_says_who_it_most_likely_was_and_takes_nobody(lin, sheet, lost):
    rows = [list(row) for row in ROWS[:3]]
    rows[0][7] = LOST
    apply(lin, sheet(rows))
    king = Person.objects.unscoped("test").get(name="王大")
    rows[0][7] = lost
    found = staged(lin, sheet(rows))
    (said,) = (one.message for one in found.problems if one.field == "idno")
    assert f"最像已登记的王大（青山村一组　1953年生　{king.no}，前15位相同）" in said
    assert LOST not in said
    assert found.counts["problem"] == 3
    rows[0][4] = rows[0][3] = "王达"
    assert "最像" not in "".join(one.message for one in staged(lin, sheet(rows)).problems)


def test_who_may_not_see_numbers_is_told_of_nobody(lin, wu, sheet):
    apply(lin, sheet(ROWS[:3]))
    rows = [list(row) for row in ROWS[:3]]
    rows[0][7] = float(f"{LOST[:15]}000")
    assert "最像" not in "".join(one.message for one in staged(wu, sheet(rows)).problems)
