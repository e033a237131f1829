"""Lines of child tables from workbooks: a sheet of their own, or repeated and merged cells; compared, refused, exported."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.importing.actions import apply_staged, stage_file
from zhenwu.ledgers.importing.giving_back import give_back
from zhenwu.ledgers.importing.template import write_template
from zhenwu.ledgers.lines import lines_of, values_of_lines
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.tests.test_lines import LINES
from zhenwu.lib.sheets import SheetError
from zhenwu.packs import runtime
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

TODAY = date(2020, 6, 1)
PACK = pack(
    "trial", text(1, "name", label='"事项"', required="true"), LINES, text(3, "demand", label='"要求"'),
    ledger='place = "town"\nkey = ["name"]',
)  # fmt: skip
MAIN = [["事项", "要求"], ["甲", "尽快"], ["乙", "年内"]]
STEPS = ["事项", "措施", "期限", "电话", "经费（万元）"]


@pytest.fixture
def trial(running, places):  # noqa: F811
    return running(trial=PACK)["trial"]


def book(**sheets):
    """The bytes of a workbook; each sheet is a list of rows, or (rows, merged areas)."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, said in sheets.items():
        rows, merged = said if isinstance(said, tuple) else (said, ())
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
        for area in merged:
            page.merge_cells(area)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


@pytest.fixture
def stage(lin, trial):
    def staged(by=lin, **sheets):
        return stage_file("trial", book(**sheets), name="台账.xlsx", by=by, today=TODAY)

    return staged


@pytest.fixture
def load(stage, lin):
    def loaded(**sheets):
        staged = stage(**sheets)
        assert not staged.problems, [one.message for one in staged.problems]
        return apply_staged(staged, by=lin, today=TODAY)

    return loaded


def said(trial):
    """{事项: [(措施, 期限)]} as stored."""
    return {
        row.name: [(line["what"], line["due"]) for line in values_of_lines(trial, row)["steps"] or ()]
        for row in trial.rows("test").filter(voided_by_change=None)
    }


def test_lines_on_a_sheet_of_their_own_join_new_rows_by_the_key(load, trial):
    load(问题=MAIN, 整改措施=[
        STEPS,
        ["乙", "设挡水板", None, None, None],
        ["甲", "清淤", "2020.7.1", "13800001234", 1.2],
        ["甲", "验收", "2020年8月1日", None, None],
    ])  # fmt: skip
    assert said(trial) == {"甲": [("清淤", date(2020, 7, 1)), ("验收", date(2020, 8, 1))], "乙": [("设挡水板", None)]}
    line = lines_of(trial, trial.rows("test").get(name="甲"), "steps")[0]
    assert (line.cost, trial.children["steps"].types["tel"].from_row(line)) == (12000, "13800001234")
    assert list(verify("trial")) == []


def test_the_sheet_of_lines_may_come_first_and_under_another_name(load, trial):
    load(措施清单=[STEPS[:3], ["甲", "清淤", None]], 问题=MAIN)
    assert said(trial)["甲"] == [("清淤", None)]


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([["甲", "尽快", "清淤", "2020-07-01"], ["甲", "尽快", "验收", None], ["乙", "年内", "设挡水板", None]], ()),
        ([["甲", "尽快", "清淤", "2020-07-01"], [None, None, "验收", None], ["乙", "年内", "设挡水板", None]], ()),
        ([["甲", "尽快", "清淤", "2020-07-01"], [None, None, "验收", None], ["乙", "年内", "设挡水板", None]],
         ("A2:A3", "B2:B3")),
        ([["甲", "尽快", "清淤", "2020-07-01"], ["同上", "〃", "验收", None], ["乙", "年内", "设挡水板", None]], ()),
        ([["甲", "尽快", "清淤", "2020-07-01"], ["乙", "年内", "设挡水板", None], ["甲", "尽快", "验收", None]], ()),
    ],
    ids=["repeated", "blank", "merged", "ditto", "apart"],
)  # fmt: skip
def test_lines_in_the_main_sheet_beside_repeated_merged_or_blank_cells(load, trial, rows, merged):
    load(问题=([["事项", "要求", "措施", "期限"], *rows], merged))
    assert said(trial) == {"甲": [("清淤", date(2020, 7, 1)), ("验收", None)], "乙": [("设挡水板", None)]}


def test_a_two_level_header_names_the_child_table(load, trial):
    load(问题=(
        [["事项", "整改措施", None], [None, "措施", "期限"], ["甲", "清淤", "2020-07-01"], [None, "验收", None]],
        ("A1:A2", "B1:C1"),
    ))  # fmt: skip
    assert said(trial) == {"甲": [("清淤", date(2020, 7, 1)), ("验收", None)]}


def test_a_sheet_without_lines_or_a_row_without_any_leaves_them(stage, load, trial):
    load(问题=MAIN, 整改措施=[STEPS[:2], ["甲", "清淤"], ["乙", "设挡水板"]])
    assert stage(问题=MAIN).counts["same"] == 2
    assert stage(问题=MAIN, 整改措施=[STEPS[:2], ["甲", "清淤"]]).counts["same"] == 2


def test_added_changed_and_removed_lines_are_shown_and_undone(stage, load, trial, lin):
    load(
        问题=MAIN, 整改措施=[STEPS, ["甲", "清淤", "2020-07-01", "13800001234", None], ["甲", "验收", None, None, None]]
    )
    before = said(trial)
    staged = stage(问题=MAIN, 整改措施=[
        STEPS[:3], ["甲", "复查", None], ["甲", "清淤", "2020-09-01"],
    ])  # fmt: skip
    assert staged.counts == {"add": 0, "change": 1, "same": 1, "problem": 0}
    [row] = [one for one in staged.rows if one.changes]
    assert row.changes == {
        "整改措施新增第1行": ("", "措施 复查"),
        "整改措施第2行·期限": ("2020-07-01", "2020-09-01"),
        "整改措施删去原第2行": ("措施 验收", ""),
    }
    change = apply_staged(staged, by=lin, today=TODAY)
    assert said(trial)["甲"] == [("复查", None), ("清淤", date(2020, 9, 1))]
    kept = lines_of(trial, trial.rows("test").get(name="甲"), "steps")[1]
    assert (
        trial.children["steps"].types["tel"].from_row(kept) == "13800001234"
    )  # a column that is not there says nothing
    undo(change, by=lin, reason="导错")
    assert said(trial) == before
    assert list(verify("trial")) == []


def test_an_export_comes_back_as_all_the_same(stage, trial, lin, tmp_path):
    two = [
        {"what": "清淤", "due": date(2020, 7, 1), "tel": "13800001234", "cost": 12000},
        {"what": "清淤", "due": date(2020, 8, 1)}, {"what": "验收"},
    ]  # fmt: skip
    commit(Draft("trial", lin, [Add({"name": "甲", "steps": two}), Add({"name": "乙"})], Source(SourceKind.FORM)))
    export(trial, lin, tmp_path / "out.xlsx")
    staged = stage_file("trial", tmp_path / "out.xlsx", name="out.xlsx", by=lin, today=TODAY)
    assert staged.problems == []
    assert staged.counts == {"add": 0, "change": 0, "same": 2, "problem": 0}


def test_a_line_put_between_exported_ones_takes_nothing_from_them(trial, lin, tmp_path):
    lines = [{"what": "清淤", "tel": "13800001234"}, {"what": "验收", "tel": "13900005678"}]
    commit(Draft("trial", lin, [Add({"name": "甲", "steps": lines})], Source(SourceKind.FORM)))
    export(trial, lin, tmp_path / "out.xlsx")
    made = openpyxl.load_workbook(tmp_path / "out.xlsx")
    page = made["整改措施"]
    page.insert_rows(3)
    no = page.cell(2, 1).value
    for column, value in enumerate([no, 2, "复查"], 1):
        page.cell(3, column, value)
    page.cell(4, 2, 3)
    made.save(tmp_path / "out.xlsx")
    staged = stage_file("trial", tmp_path / "out.xlsx", name="out.xlsx", by=lin, today=TODAY)
    assert not staged.problems
    apply_staged(staged, by=lin, today=TODAY)
    tel = trial.children["steps"].types["tel"]
    stored = lines_of(trial, trial.rows("test").get(), "steps")
    assert [(one.what, tel.from_row(one)) for one in stored] == [
        ("清淤", "13800001234"), ("复查", None), ("验收", "13900005678"),
    ]  # fmt: skip


def test_problems_stand_at_their_cell_and_the_sheet_can_be_mended(stage, lin, trial, tmp_path):
    staged = stage(问题=MAIN, 整改措施=[
        STEPS, ["甲", "清淤", "七月", None, None], ["甲", None, "2020-07-01", None, None], ["丙", "复查", None, None, None],
        ["乙", "设挡水板", None, None, None],
    ])  # fmt: skip
    assert staged.counts == {"add": 1, "change": 0, "same": 0, "problem": 2}
    begins = [
        "“整改措施”第 2 行“期限”填的是“七月”",
        "“整改措施”第 3 行“措施”没有填",
        "“整改措施”第 4 行写明的事项与主表",
    ]
    assert all(one.message.startswith(begin) for one, begin in zip(staged.problems, begins, strict=True))
    give_back(staged, tmp_path / "back.xlsx")
    back = openpyxl.load_workbook(tmp_path / "back.xlsx")
    assert [row[1].value for row in back["需要修改"].iter_rows(min_row=2)] == ["甲"]
    sheet = back["整改措施"]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["清淤", None, "复查"]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment] == ["D2", "C3", "G4"]
    sheet["D2"], sheet["C3"], sheet["B4"] = "2020-07-01", "验收", "甲"
    for number in (2, 3, 4):
        sheet.cell(number, 7).value = None
    back.save(tmp_path / "back.xlsx")
    mended = stage_file("trial", tmp_path / "back.xlsx", name="back.xlsx", by=lin, today=TODAY)
    assert not mended.problems, [one.message for one in mended.problems]
    apply_staged(mended, by=lin, today=TODAY)
    assert [what for what, _ in said(trial)["甲"]] == ["清淤", "验收", "复查"]


def test_problems_of_lines_in_the_main_sheet_stand_at_their_row(stage):
    staged = stage(问题=[["事项", "措施", "期限"], ["甲", "清淤", None], [None, "验收", "13月"]])
    assert [(one.at, one.field) for one in staged.problems] == [(3, "steps.1.due")]
    assert staged.problems[0].message.startswith("第 3 行“期限”填的是“13月”")


def test_a_sheet_of_lines_that_names_no_row_is_refused(stage):
    with pytest.raises(SheetError, match="没有一列写明每一行属于哪条记录"):
        stage(问题=MAIN, 整改措施=[["措施", "期限"], ["清淤", "2020-07-01"]])


def test_lines_of_rows_that_are_known_by_number(stage, load, trial, lin):
    load(问题=MAIN, 整改措施=[STEPS[:2], ["甲", "清淤"]])
    no = trial.rows("test").get(name="甲").no
    staged = stage(问题=[["编号", "事项"], [no, "甲"]], 整改措施=[["编号", "措施"], [no, "清淤"], [no, "验收"]])
    assert staged.counts["change"] == 1
    apply_staged(staged, by=lin, today=TODAY)
    assert [what for what, _ in said(trial)["甲"]] == ["清淤", "验收"]
    wrong = stage(问题=[["编号", "事项"], [no, "甲"]], 整改措施=[["编号", "措施"], ["SY-1", "清淤"]])
    assert "写的编号“SY-1”在主表里没有" in wrong.problems[0].message


def test_a_locked_or_outside_row_refuses_its_lines_as_its_fields(stage, load, trial, lin, leader):
    load(问题=MAIN, 整改措施=[STEPS[:2], ["甲", "清淤"]])
    row = trial.rows("test").get(name="甲")
    commit(Draft("trial", lin, [Edit(row.pk, row.version, {"demand": "月底"})], Source(SourceKind.FORM)))
    trial.rows("test").filter(pk=row.pk).update(review="locked")
    staged = stage(问题=MAIN, 整改措施=[STEPS[:2], ["甲", "复查"]])
    assert any("已定稿，不能修改" in one.message for one in staged.problems)


def test_the_blank_book_has_a_sheet_for_the_lines_that_can_be_filled_and_imported(trial, lin):
    blank = io.BytesIO()
    write_template(trial, scope_in(lin, trial), blank, today=TODAY)
    made = openpyxl.load_workbook(io.BytesIO(blank.getvalue()))
    assert made.sheetnames == ["试验台账", "整改措施", "填写说明", "选项"]
    assert [cell.value for cell in made["整改措施"][1]][:3] == ["事项", "措施", "期限"]
    made["试验台账"].append(["甲"])
    made["整改措施"].append(["甲", "清淤", "2020-07-01"])
    filled = io.BytesIO()
    made.save(filled)
    staged = stage_file("trial", filled.getvalue(), name="填好.xlsx", by=lin, today=TODAY)
    assert not staged.problems, [one.message for one in staged.problems]
    apply_staged(staged, by=lin, today=TODAY)
    assert said(trial) == {"甲": [("清淤", date(2020, 7, 1))]}


def test_the_page_tells_where_the_lines_stand_and_what_they_change(live, lin, leader, places, db):
    client = live(lin)
    head = ["村（社区）", "来源", "轮次批次", "问题编号"]
    key = ["青山村", "中央督察", "第二轮", "1"]
    data = book(
        清单=[[*head, "问题", "整改目标", "牵头单位", "责任领导", "整改时限"],
              [*key, "河道淤积", "清淤", "农业农村办", "罗南", "2020-12-31"]],
        整改措施=[[*head, "措施", "责任人", "旁注"], [*key, "挖泥", "吴岸", "x"]],
    )  # fmt: skip
    answer = client.post(
        reverse("ledgers:import", args=["env_rectify"]), {"file": SimpleUploadedFile("督察.xlsx", data)}
    )
    page = client.get(answer["Location"])
    body = page.content.decode()
    assert "“整改措施”在工作表“整改措施”，1 行" in body
    assert "工作表“整改措施”里的这些列没有用到：旁注。" in body
    assert page.context["counts"]["add"] == 1, page.context["causes"]
    assert "整改措施新增第1行" in body
    assert page.context["several"] is False  # the sheet of lines is not one to choose
    job = page.context["job"]
    client.post(reverse("ledgers:import_apply", args=[job.pk]), {"digest": page.context["digest"]})
    ledger = runtime.ledger("env_rectify")
    row = ledger.rows("test").get(problem="河道淤积")
    assert [(one.measure, one.resp) for one in lines_of(ledger, row, "measures")] == [("挖泥", "吴岸")]
