"""The table of dirty values that lists of persons and money arrive with: each row of it with what it is read as."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from zhenwu.divisions.models import Division, Level
from zhenwu.ledgers.importing.actions import apply_staged, stage_file
from zhenwu.ledgers.importing.corrected import corrections, five
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures
from zhenwu.people.models import Person

TODAY = date(2021, 6, 1)
IDNO = "51999919620318007X"


def field(number, code, kind, **more):
    privacy = '"S2"' if kind in ("idno", "phone", "bank_account") else '"S0"'
    return text(number, code, **({"label": f'"{code}"', "type": f'"{kind}"', "privacy": privacy} | more))


PACK = pack(
    "trial", field(1, "name", "name", privacy='"S1"'), field(2, "idno", "idno"), field(3, "on_day", "date"),
    field(4, "in_month", "month"), field(5, "pay", "money"), field(6, "ok", "bool"), field(7, "tel", "phone"),
    field(8, "card", "bank_account"), field(9, "grade", "choice", options='["一级", "二级", "三级"]'),
    field(10, "team", "division"), ledger='place = "village"\nmain_date = "on_day"',
)  # fmt: skip


@pytest.fixture
def trial(running, places):  # noqa: F811
    for number in (3, 13):
        Division.objects.create(
            code=f"519999100201{number:03}", name=f"第{number}村民小组", level=Level.GROUP, parent=places["青山村"],
            valid_from=date(2000, 1, 1),
        )  # fmt: skip
    return running(trial=PACK)["trial"]


@pytest.fixture
def read(lin, trial, places):
    """`read(header, *cells)` stages one column of cells beside the village, one row each."""

    def staged(header, *cells, merged=(), more=()):
        book, target = openpyxl.Workbook(), io.BytesIO()
        page = book.active
        page.append(["村（社区）", header, *(one[0] for one in more)])
        for number, cell in enumerate(cells):
            page.append(["青山村", cell, *(one[1 + number] for one in more)])
        for area in merged:
            page.merge_cells(area)
        book.save(target)
        return stage_file("trial", target.getvalue(), name="表.xlsx", by=lin, today=TODAY)

    return staged


def values(staged, code):
    return staged.rows.values[code]


def said(staged):
    return [one.message for one in staged.problems]


READ = [
        ("idno", "５１９９９９１９６２０３１８００７ｘ", IDNO),
        ("idno", "'519999 19620318 007х", IDNO),  # Cyrillic х
        ("name", "张 三", "张三"),
        ("name", "张　三", "张三"),
        ("name", "阿依古丽.买买提", "阿依古丽·买买提"),
        ("name", "阿依古丽•买买提", "阿依古丽·买买提"),
        ("name", "阿依古丽・买买提", "阿依古丽·买买提"),
        ("on_day", "20200101", date(2020, 1, 1)),
        ("on_day", "2020.1.1", date(2020, 1, 1)),
        ("on_day", "2020/1/1", date(2020, 1, 1)),
        ("on_day", "2020年1月1日", date(2020, 1, 1)),
        ("on_day", "20.1.1", date(2020, 1, 1)),
        ("on_day", "62.1.1", date(1962, 1, 1)),
        ("on_day", 43831, date(2020, 1, 1)),
        ("in_month", "202101", "2021-01"),
        ("in_month", "2021.1", "2021-01"),
        ("in_month", "1月", "2021-01"),
        ("pay", "1,200.00", Decimal("1200.00")),
        ("pay", "1200元", Decimal("1200.00")),
        ("pay", "0.12万", Decimal("1200.00")),
        ("pay", "¥1200", Decimal("1200.00")),
        ("pay", "１２００", Decimal("1200.00")),
        ("pay（万元）", 0.12, Decimal("1200.00")),
        *[("ok", yes, True) for yes in ("√", "是", "有", "达标", 1, "ü")],
        *[("ok", no, False) for no in ("×", "否", "无", 0)],
        ("ok", None, None),
        ("tel", "13800001234/13900005678", "13800001234"),
        ("tel", "13800001234、0826-2234567", "13800001234"),
        ("tel", "0826-2234567", "0826-2234567"),
        ("tel", 13800001234.0, "13800001234"),
        ("card", "6217 0000 1234 5678 901", "6217000012345678901"),
        ("card", "'6217000012345678901", "6217000012345678901"),
        *[("grade", one, "一级") for one in ("一级", "壹级", "1级", "Ⅰ", "Ⅰ级", 1, "一")],
        *[("grade", one, "三级") for one in ("叁级", "Ⅲ级", "3")],
    ]  # fmt: skip
REFUSED = [
        ("idno", 5.19999e17, "后几位已丢失"),
        ("idno", "5.19999E+17", "后几位已丢失"),
        ("idno", "5199991962O318007X", f"是否应为 {IDNO}"),  # a letter O; the check digit then holds
        ("on_day", "2020.13.1", "“on_day”填的是“2020.13.1”"),
        ("on_day", "0000-00-00", "“on_day”填的是“0000-00-00”"),
        ("on_day", "2020-02-30", "“on_day”填的是“2020-02-30”"),
        ("in_month", "1-3月", "是2021-01、2021-02、2021-03三个月"),
        ("in_month", "一季度", "是2021-01、2021-02、2021-03三个月"),
        ("in_month", "2020年四季度", "是2020-10、2020-11、2020-12三个月"),
        ("tel", "1.38E+10", "科学计数法"),
        ("card", "6.21E+18", "后几位已丢失"),
        ("card", 6.21e18, "后几位已丢失"),
        ("grade", "四级", "不在可选项里"),
    ]  # fmt: skip


def test_a_dirty_cell_is_read_as_what_it_means(read):
    wrong = []
    for header, cell, value in READ:
        staged = read(header, cell, more=[("name", "甲")] if header != "name" else [("pay", 1)])
        if said(staged) or values(staged, header.partition("（")[0]) != [value]:
            wrong.append((header, cell, said(staged), staged.rows.values))
    assert wrong == []


def test_what_cannot_be_known_is_refused_and_never_guessed(read):
    wrong = []
    for header, cell, why in REFUSED:
        problems = said(read(header, cell, more=[("name", "甲")]))
        if len(problems) != 1 or why not in problems[0]:
            wrong.append((header, cell, problems))
    assert wrong == []


def test_an_old_number_gets_its_eighteen_digits_and_a_remark(read):
    staged = read("idno", "519999620318007", more=[("name", "甲")])
    assert values(staged, "idno") == [IDNO]
    assert "15位旧号" in staged.rows[0].remarks[0]


@pytest.mark.parametrize(
    ("header", "cell", "remark"),
    [
        ("name", "龙+天", "生僻字"), ("name", "李□", "没有显示出来的字"), ("name", "王?", "没有显示出来的字"),
        ("on_day", "20.1.1", "年份"), ("tel", "13800001234 / 13900005678", "2 个号码"),
    ],
)  # fmt: skip
def test_what_a_person_should_look_at_is_remarked(read, header, cell, remark):
    staged = read(header, cell, more=[("pay", 1)])
    assert not staged.problems
    assert remark in "".join(staged.rows[0].remarks)


def test_words_in_brackets_behind_a_name_go_to_the_note(lin, read, trial):
    staged = read("name", "张　三（户主）", "李四(已故)", "王五", more=[("备注", None, "低保", "走访")])
    assert values(staged, "name") == ["张三", "李四", "王五"]
    assert staged.rows.notes == ["户主", "低保；已故", "走访"]
    apply_staged(staged, by=lin, today=TODAY)
    again = read("name", "张　三（户主）", "李四(已故)", "王五", more=[("备注", None, "低保", "走访")])
    assert again.counts["same"] == 3


@pytest.mark.parametrize("cell", ["3组", "三社", "第三村民小组", "3", 3.0])
def test_a_group_is_known_by_its_number_inside_the_village(read, cell):
    staged = read("team", cell, more=[("name", "甲")])
    assert said(staged) == []
    assert values(staged, "team") == [Division.objects.get(code="519999100201003").pk]


def test_an_amount_merged_over_members_counts_once_and_asks(read):
    staged = read("pay", 300, None, None, merged=["B2:B4"], more=[("name", "甲", "乙", "丙")])
    assert values(staged, "pay") == [Decimal("300.00"), None, None]
    assert ["几行合并的一格" in "".join(row.remarks) for row in staged.rows] == [False, True, True]


def test_dropped_rows_are_listed_with_their_numbers(read):
    staged = read("pay", 1, 2, 3, more=[("name", "甲", "乙", "合计")])
    assert [row.number for row in staged.rows] == [2, 3]
    assert dict(staged.table.dropped)[4] == "合计、小计行"


@pytest.mark.parametrize(
    ("word", "value"),
    [("之子", "20"), ("长子", "22"), ("儿子", "20"), ("子", "20"), ("孙", "40"), ("儿媳妇", "38"), ("干亲", "97")],
)
def test_relations_are_read_by_the_table_and_unknown_ones_stay_to_be_looked_at(word, value):
    from zhenwu.ledgers.resolve import Resolver
    from zhenwu.packs import runtime

    kind, context = runtime.ledger("household_member").types["rel"], Resolver(TODAY)
    assert kind.parse(word, context) == value
    assert bool(context.remarks) is (value == "97")


def test_names_of_the_register_of_persons_are_cleaned_too(lin, places, db):
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["村（社区）", "姓名", "性别", "出生日期", "人户状态", "居住状态", "户籍状态"])
    book.active.append(["青山村", "张　三（户主）", "男", "1980-1-1"])
    book.save(target)
    staged = stage_file("person", target.getvalue(), name="人口.xlsx", by=lin, today=TODAY)
    assert staged.rows.values["name"] == ["张三"]
    assert not Person.objects.unscoped("test").exists()


def test_the_five_numbers_add_up_and_name_what_was_corrected(read):
    staged = read(
        "on_day", "2020-01-01", "2020.1.2", "20.1.3", "2020-13-01", date(2020, 1, 5), 43831,
        more=[("pay", 1, 2, 3, 4, "1,200.00", 6.5), ("name", *"甲乙丙丁戊己")],
    )  # fmt: skip
    found = corrections(staged)
    numbers = five(staged, found)
    assert (numbers.read, numbers.stored, numbers.plain, numbers.corrected, numbers.to_confirm, numbers.rejected) == (
        6, 5, 2, 2, 1, 1,
    )  # fmt: skip
    assert numbers.read == numbers.plain + numbers.corrected + numbers.to_confirm + numbers.rejected
    assert found[1] == [("on_day", "2020.1.2", "2020-01-02")]
    assert 4 not in found  # the same number, written otherwise
    assert found[5] == [("on_day", "43831", "2020-01-01")]
    assert "读到6行 = 可入账5行 + 退回1行" in numbers.in_words()


def test_a_corrected_number_of_a_person_is_told_without_it(read):
    staged = read("tel", "13800001234/13900005678", "13800001234", more=[("name", "甲", "乙")])
    found = corrections(staged)
    assert list(found) == [0]
    assert "1390000" not in str(found)
    assert "13800001234" not in str(found)
