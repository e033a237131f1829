"""Rosters as they come: what is read from real xlsx files, what is compared, what is refused and how it is explained."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, Conflict
from zhenwu.ledgers.importing.actions import WrongSheet, apply_staged, stage_file
from zhenwu.ledgers.importing.giving_back import give_back
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.ledgers.tests.test_commit import draft
from zhenwu.lib.sheets import SheetError
from zhenwu.packs import runtime
from zhenwu.people.models import Person

TODAY = date(2020, 6, 1)
HEAD = ["村（社区）", "领域", "对象类型", "名称", "责任人", "风险等级", "检查频次", "启用日期"]
SHOP = ["青山村", "消防", "商铺", "一号店", "李青", "黄", "月", "2020-01-05"]
FOUND = ["村（社区）", "来源", "领域", "发现日期", "发现人", "隐患描述", "隐患类别"]
HAZARD = ["青山村", "排查", "消防", "2020-05-01", "李青", "通道堵塞", "管理"]


def like(row, **changes):
    """A copy of a row with some columns of HEAD changed."""
    return [changes.get(label, value) for label, value in zip(HEAD, row, strict=True)]


@pytest.fixture
def stage(sheet):
    """`stage(user, rows)` stages these rows, the header among them, as an xlsx of the ledger."""

    def staged(by, rows, ledger="hazard_site", **said):
        return stage_file(ledger, sheet(rows), name="台账.xlsx", by=by, today=TODAY, **said)

    return staged


@pytest.fixture
def load(stage):
    """Stage and apply; returns the stored rows of the change in the order of the sheet."""

    def loaded(by, rows, ledger="hazard_site", **said):
        change = apply_staged(stage(by, rows, ledger), by=by, today=TODAY, **said)
        return list(runtime.model_for(ledger).objects.unscoped("test").filter(change=change).order_by("no"))

    return loaded


def messages(staged) -> list[str]:
    return [problem.message for problem in staged.problems]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="what further savepoints cost is SQLite's")
def test_an_import_writes_under_one_savepoint_at_most(stage, lin, places):
    """Each further one makes SQLite keep all pages twice and look through them after every statement: 10 times the work at
    300,000 rows. (The one is of this test's own transaction; with none around there is none.)"""
    staged = stage(lin, [HEAD, SHOP])
    with CaptureQueriesContext(connection) as asked:
        change = apply_staged(staged, by=lin, today=TODAY)
    said = [one["sql"] for one in asked]
    before = said[: next(at for at, sql in enumerate(said) if "changes_history" in sql and "INSERT" in sql)]
    opened = {sql.split()[-1] for sql in before if sql.startswith("SAVEPOINT")}
    assert len(opened - {sql.split()[-1] for sql in before if sql.startswith("RELEASE")}) == 1
    assert change is not None


# reading


def test_titles_notes_numbers_and_totals_are_no_rows(stage, lin, places):
    staged = stage(lin, [
        ["青石镇2020年安全排查对象台账"],
        ["填报单位：应急办", "", "", "填报日期：2020年6月"],
        ["序号", *HEAD],
        [1, *SHOP],
        [2, *like(SHOP, 名称="二号店")],
        ["合计", "", "", "", "2家"],
        ["填表人：李青"],
    ])  # fmt: skip
    assert staged.counts == {"add": 2, "change": 0, "same": 0, "problem": 0}
    assert [row.number for row in staged.rows] == [4, 5]
    assert [why for _, why in staged.table.dropped] == ["合计、小计行", "填表人、审核人等落款"]


def test_a_unit_in_the_header_or_above_the_table_is_converted(load, lin, places):
    [in_header] = load(lin, [[*FOUND, "整改资金（万元）"], [*HAZARD, 1.25]], "hazard")
    [above] = load(lin, [["单位：万元"], [*FOUND, "整改资金"], [*HAZARD[:5], "线路老化", "设施", "0.3"]], "hazard")
    assert (in_header.fund, above.fund) == (Decimal("12500.00"), Decimal("3000.00"))


@pytest.mark.parametrize("village", ["青山村", "青山", "青山村委会", "青石镇青山村", "519999100201", " 青 山 村"])
def test_a_village_is_known_by_its_names_and_its_code(load, lin, places, village):
    [row] = load(lin, [HEAD, like(SHOP, **{"村（社区）": village})])
    assert row.division == places["青山村"]


@pytest.mark.parametrize(
    ("header", "how"),
    [("名称", "exact"), ("点位名称", "alias"), ("名 称", "exact"), ("name", "exact"), ("名称（全称）", "none")],
)
def test_headers_are_known_by_label_alias_and_code(stage, lin, places, header, how):
    head = [header if label == "名称" else label for label in HEAD]
    if how == "none":
        with pytest.raises(WrongSheet, match=r"缺少.*必填的列：名称"):
            stage(lin, [head, SHOP])
    else:
        [mapped] = [one for one in stage(lin, [head, SHOP]).mapping if one.target == "name"]
        assert mapped.how == how


def test_a_header_that_is_nearly_right_is_offered(stage, lin, places):
    head = ["两卡发放的日期" if label == "两卡发放日期" else label for label in [*HEAD, "两卡发放日期"]]
    staged = stage(lin, [head, [*SHOP, "2020-02-01"]])
    assert [(one.target, one.how) for one in staged.mapping][-1] == ("card_on", "like")
    assert staged.rows[0].values["card_on"] == date(2020, 2, 1)


def test_a_person_may_say_which_column_is_which(stage, lin, places):
    staged = stage(lin, [["村", *HEAD[1:3], "丁", *HEAD[4:]], SHOP], chosen={3: "name"})
    assert staged.rows[0].values["name"] == "一号店"


def test_a_sheet_of_another_kind_is_told_what_was_found_and_expected(stage, lin, places):
    with pytest.raises((SheetError, WrongSheet)) as wrong:
        stage(lin, [["车牌", "颜色", "里程"], ["云A", "白", 3]])
    assert "车牌" in str(wrong.value)
    assert "名称" in str(wrong.value) or "领域" in str(wrong.value)


def test_a_missing_required_column_is_named(stage, lin, places):
    with pytest.raises(WrongSheet) as wrong:
        stage(lin, [[*HEAD[1:5], *HEAD[6:]], [*SHOP[1:5], *SHOP[6:]]])
    assert "必填的列：村（社区）、风险等级。表里的列是：领域、对象类型、" in str(wrong.value)


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [
        ("风险等级", "紫", "第 2 行“风险等级”填的是“紫”，不在可选项里。可填：红、橙、黄、蓝。"),
        ("启用日期", "2020-02-30", "第 2 行“启用日期”填的是“2020-02-30”，2020 年 2 月没有 30 日"),
        ("村（社区）", "外村", "第 2 行“村（社区）”填的是“外村”：找不到这个村（社区）。现有：河口村"),
        ("名称", "", "第 2 行“名称”没有填：请填写。"),
        ("责任人", "陈" * 900, "第 2 行“责任人”有900个字"),
    ],
)
def test_a_bad_cell_is_named_with_its_row_its_column_and_what_to_do(stage, lin, places, column, typed, said):
    staged = stage(lin, [HEAD, like(SHOP, **{column: typed})])
    assert staged.counts["problem"] == 1
    assert said in "\n".join(messages(staged))


def test_all_problems_of_a_row_are_said_at_once(stage, lin, places):
    staged = stage(lin, [HEAD, like(SHOP, 风险等级="紫", 启用日期="昨天", 责任人="")])
    assert sorted(problem.field for problem in staged.problems) == ["active_from", "duty_name", "risk"]


def test_ditto_marks_repeat_the_cell_above(load, lin, places):
    rows = load(lin, [HEAD, SHOP, like(SHOP, 名称="二号店", 责任人="同上", 风险等级="〃")])
    assert [(row.duty_name, row.risk) for row in rows] == [("李青", "黄"), ("李青", "黄")]


def test_a_year_of_two_digits_is_completed_by_today_not_by_the_row(load, lin, places):
    [row] = load(lin, [[*HEAD, "停用日期"], [*like(SHOP, 启用日期="2001-01-05"), "19.3.1"]])
    assert row.active_to == date(2019, 3, 1)


def test_an_amount_merged_over_several_rows_counts_once(lin, places):
    book = openpyxl.Workbook()
    page = book.active
    for row in ([*HEAD, "从业人数"], [*SHOP, 7], [*like(SHOP, 名称="二号店"), None]):
        page.append(row)
    page.merge_cells("I2:I3")
    target = io.BytesIO()
    book.save(target)
    staged = stage_file("hazard_site", target.getvalue(), name="合并.xlsx", by=lin, today=TODAY)
    assert [row.values.get("people_n") for row in staged.rows] == [7, None]


def test_a_field_without_a_column_takes_its_default(load, lin, places):
    assert load(lin, [HEAD, SHOP])[0].season_only is False
    assert load(lin, [[*HEAD, "仅季节内检查"], [*like(SHOP, 名称="二号店"), ""]])[0].season_only is None


# comparing


def test_rows_that_are_the_same_thing_twice_are_both_named(stage, lin, places):
    staged = stage(lin, [HEAD, SHOP, like(SHOP, 名称="二号店"), like(SHOP, 责任人="王红")])
    assert messages(staged) == ["第 4 行与第 2 行重复：村（社区）、领域、名称都相同。请删去一行。"]


def test_the_same_sheet_again_is_all_the_same(stage, load, lin, places):
    load(lin, [HEAD, SHOP, like(SHOP, 名称="二号店")])
    again = stage(lin, [HEAD, SHOP, like(SHOP, 名称="二号店")])
    assert again.counts == {"add": 0, "change": 0, "same": 2, "problem": 0}
    assert apply_staged(again, by=lin) is None


def test_a_changed_row_shows_each_field_as_it_was_and_will_be(stage, load, lin, places):
    [row] = load(lin, [HEAD, SHOP])
    staged = stage(lin, [[*HEAD, "备注"], [*like(SHOP, 责任人="王红", 启用日期="2020年2月1日"), "换了人"]])
    assert staged.rows[0].changes == {
        "责任人": ("李青", "王红"), "启用日期": ("2020-01-05", "2020-02-01"), "备注": ("", "换了人"),
    }  # fmt: skip
    apply_staged(staged, by=lin, today=TODAY)
    row.refresh_from_db()
    assert (row.duty_name, row.active_from, row.note, row.version) == ("王红", date(2020, 2, 1), "换了人", 2)
    assert list(verify("hazard_site")) == []


def test_an_empty_cell_leaves_the_value_as_it_is(stage, load, lin, places):
    [row] = load(lin, [[*HEAD, "包保干部"], [*SHOP, "周明"]])
    staged = stage(lin, [[*HEAD, "包保干部"], [*SHOP, ""]])
    assert staged.counts["same"] == 1
    row.refresh_from_db()
    assert row.manager == "周明"


def test_a_row_named_by_its_number_can_change_its_key(stage, load, lin, places):
    [row] = load(lin, [HEAD, SHOP])
    staged = stage(lin, [["编号", "名称"], [row.no, "一号老店"], ["FX-1999-0001", "二号店"]])
    assert staged.rows[0].changes == {"名称": ("一号店", "一号老店")}
    assert messages(staged) == [
        f"第 3 行“编号”FX-1999-0001不在{runtime.ledger('hazard_site').label}里，或已作废。新登记的行请把编号留空。"
    ]
    apply_staged(staged, by=lin, skip_problems=True, today=TODAY)
    row.refresh_from_db()
    assert row.name == "一号老店"


def test_a_state_is_not_changed_by_a_sheet(stage, load, lin, places):
    [row] = load(lin, [HEAD, SHOP])
    same = stage(lin, [[*HEAD, "状态"], [*SHOP, runtime.ledger("hazard_site").state_label(row.state)]])
    assert same.counts["same"] == 1
    staged = stage(lin, [[*HEAD, "状态"], [*SHOP, "停用"]])
    assert "状态请在页面上办理，或清空这一格" in "".join(messages(staged))


def test_what_is_reviewed_is_not_changed_by_a_village_s_sheet(stage, load, lin, chen, places):
    load(lin, [HEAD, SHOP])  # an office's rows arrive approved
    staged = stage(chen, [HEAD, like(SHOP, 责任人="王红")])
    assert "已通过，请先由经办人员退回" in "".join(messages(staged))


def test_a_village_learns_nothing_of_another_village_s_rows(stage, load, lin, wu, places):
    load(lin, [HEAD, SHOP])
    staged = stage(wu, [HEAD, like(SHOP, 责任人="王红"), like(SHOP, 名称="二号店")])
    assert staged.rows[0].changes == {}
    assert messages(staged) == [
        "第 2 行已有这条记录，但不在你管辖的村（社区），不能由你修改。", "第 3 行只能登记你管辖的村（社区）的记录。",
    ]  # fmt: skip


# applying


def test_one_bad_row_stops_all_until_a_person_leaves_it_out(stage, lin, places):
    rows = [HEAD, SHOP, like(SHOP, 名称="二号店", 风险等级="紫")]
    staged = stage(lin, rows)
    with pytest.raises(CommitRefused) as refused:
        apply_staged(staged, by=lin, today=TODAY)
    assert [problem.at for problem in refused.value.problems] == [3]
    assert not runtime.model_for("hazard_site").objects.unscoped("test").exists()
    change = apply_staged(staged, by=lin, skip_problems=True, today=TODAY)
    assert change.ledgers == {"hazard_site": 1}


def test_an_import_is_one_change_with_its_file_and_can_be_undone(stage, lin, places):
    staged = stage(lin, [HEAD, SHOP, like(SHOP, 名称="二号店")])
    change = apply_staged(staged, by=lin, today=TODAY)
    assert (change.source_kind, change.source_name, change.source_hash) == ("import", "台账.xlsx", staged.source_hash)
    rows = runtime.model_for("hazard_site").objects.unscoped("test").order_by("no")
    assert [(row.review, row.source) for row in rows] == [
        ("approved", "台账.xlsx 第2行"), ("approved", "台账.xlsx 第3行"),
    ]  # fmt: skip
    undo(change, by=lin, reason="传错了表")
    assert all(row.is_void for row in rows.all())
    assert list(verify("hazard_site")) == []


def test_a_village_s_rows_arrive_as_drafts(load, chen, places):
    assert load(chen, [HEAD, SHOP])[0].review == "draft"


def test_what_was_looked_at_is_not_applied_to_a_ledger_that_moved_on(stage, load, lin, places):
    staged = stage(lin, [HEAD, SHOP])
    load(lin, [HEAD, SHOP])
    with pytest.raises(Conflict, match="核对之后又有了改动"):
        apply_staged(staged, by=lin, today=TODAY)
    assert runtime.model_for("hazard_site").objects.unscoped("test").count() == 1


def test_a_row_that_another_changed_meanwhile_is_not_overwritten(stage, load, lin, leader, places):
    [row] = load(lin, [HEAD, SHOP])
    staged = stage(lin, [HEAD, like(SHOP, 责任人="王红")])
    commit(draft(leader, Edit(row.pk, 1, {"duty_name": "周明"}), ledger="hazard_site"))
    with pytest.raises(Conflict):
        apply_staged(staged, by=lin, today=TODAY)
    row.refresh_from_db()
    assert row.duty_name == "周明"


def test_a_sheet_given_back_marks_and_explains_each_bad_cell(stage, lin, places):
    staged = stage(
        lin, [[*HEAD, "电话"], [*SHOP, 13800001234], [*like(SHOP, 名称="二号店", 风险等级="紫"), 13800001235]]
    )
    target = io.BytesIO()
    give_back(staged, target)
    page = openpyxl.load_workbook(target)["需要修改"]
    assert [cell.value for cell in page[1]] == ["原行号", "村(社区)", *HEAD[1:], "电话", "问题说明"]
    assert page["A2"].value == 3
    assert page["G2"].fill.fgColor.rgb == "FFFFC7CE"
    assert "不在可选项里" in page["G2"].comment.text
    assert page["E2"].comment is None
    assert page["J2"].value == "13800001235"
    assert page.max_row == 2
    page["G2"].value = "黄"
    mended = io.BytesIO()
    page.parent.save(mended)
    again = stage_file("hazard_site", mended.getvalue(), name="改好.xlsx", by=lin, today=TODAY)
    assert again.counts == {"add": 1, "change": 0, "same": 0, "problem": 0}


# references


def test_a_row_of_another_ledger_is_found_by_number_key_or_name(load, lin, places):
    [site] = load(lin, [HEAD, SHOP])
    key = "｜".join(["青山村", "消防", "一号店"])
    rows = [[*HAZARD[:5], f"隐患{n}", "管理", said] for n, said in enumerate([site.no, key, "一号店", "一 号 店"])]
    hazards = load(lin, [[*FOUND, "点位"], *rows], "hazard")
    assert [one.site_id for one in hazards] == [site.pk] * 4


@pytest.mark.parametrize(("said", "cause"), [("九号店", "里没有这一条"), (7, "里没有这一条"), ("同名店", "有2条同名")])
def test_a_row_of_another_ledger_is_never_guessed(stage, load, lin, places, said, cause):
    load(lin, [HEAD, like(SHOP, 名称="同名店"), like(SHOP, 名称="同名店", **{"村（社区）": "河口村"})])
    staged = stage(lin, [[*FOUND, "点位"], [*HAZARD, said]], "hazard")
    assert cause in "".join(messages(staged))


def test_an_id_that_leads_nowhere_is_refused(stage, lin, places):
    staged = stage(lin, [[*FOUND, "点位"], [*HAZARD, "01890a5d-ac96-774b-bcce-b302099a8057"]], "hazard")
    with pytest.raises(CommitRefused, match="“点位”指向的记录不存在或已作废"):
        apply_staged(staged, by=lin, today=TODAY)


# persons

MAN, WOMAN = "519999195302141012", "519999198001011226"


@pytest.fixture
def chens(person, chen, wu):
    """陈一 of 青山村 (with a number), 陈一 of 河口村, and 吴二 of 河口村."""
    return {
        "here": person(chen, idno=MAN, birth=date(1953, 2, 14)),
        "there": person(wu, "河口村"),
        "only": person(wu, "河口村", name="吴二", sex="2", birth=date(1990, 3, 3)),
    }


def monitor_of(stage, lin, *cells, head=("监测员",)):
    staged = stage(lin, [[*HEAD, *head], [*SHOP, *cells]])
    return staged.rows[0].values.get("monitor"), "".join(messages(staged))


@pytest.mark.parametrize(
    ("cells", "head"),
    [
        ([MAN], ["监测员"]),
        (["陈一", MAN], ["监测员", "监测员身份证号"]),
        (["", MAN], ["监测员", "监测员身份证号"]),
        ([MAN], ["监测员身份证号"]),
        ([f"陈一（{MAN}）"], ["监测员"]),
        (["陈 一", "519999530214101"], ["监测员", "监测员身份证号"]),
        (["陈一"], ["监测员"]),  # the only one of the name in the row's village
    ],
)
def test_a_person_is_found_by_number_or_by_name_and_village(stage, lin, chens, cells, head):
    assert monitor_of(stage, lin, *cells, head=head) == (chens["here"].pk, "")


@pytest.mark.parametrize(
    ("cells", "head", "cause"),
    [
        (["郑九"], ["监测员"], "人口台账里没有这个人"),
        (["吴二"], ["监测员"], "这个村没有叫这个名字的人，别的村有1个"),
        (["吴二", MAN], ["监测员", "监测员身份证号"], "姓名与身份证号对不上（这个号码登记的是陈一）"),
        ([WOMAN], ["监测员"], "没有这个身份证号"),
        (["陈一", "5199"], ["监测员", "监测员身份证号"], "共 4 位"),
        (["陈一", 5.19999195302141e17], ["监测员", "监测员身份证号"], "当成数字"),
    ],
)
def test_a_person_is_never_guessed_and_never_made(stage, lin, chens, cells, head, cause):
    count = Person.objects.unscoped("test").count()
    found, problem = monitor_of(stage, lin, *cells, head=head)
    assert found is None
    assert cause in problem
    assert Person.objects.unscoped("test").count() == count


def test_two_of_one_name_in_the_village_need_a_number(stage, lin, chens, person, chen):
    person(chen, birth=date(1999, 1, 1))
    assert monitor_of(stage, lin, "陈一")[1].endswith("有2个同名的人：请补填身份证号来区分。")


# files that are no rosters


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return target.getvalue()


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.append(HEAD)
    page.append(SHOP)
    page.cell(row=2, column=16_384, value="远")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bomb, "解压后过大"),
        (far_cell, "用到了第 16384 列，最多读 500 列。请选中表格右侧的空白列"),
        (lambda: b"PK\x03\x04 not a zip at all", "损坏"),
        (lambda: b"%PDF-1.7 ...", "不是能读的表格"),
        (lambda: b"", "空文件"),
    ],
)
def test_a_file_that_is_no_roster_says_what_to_do(lin, places, data, said):
    with pytest.raises(SheetError, match=said):
        stage_file("hazard_site", data(), name="台账.xlsx", by=lin, today=TODAY)


def test_what_an_export_printed_is_still_what_is_stored(lin, places, tmp_path):
    """Two people of one name in one village: the sheet that comes back names them by the row it came from."""
    from zhenwu.ledgers.exporting import export

    for _ in range(2):
        person = Add({"name": "王强", "sex": "1"}, places["青山村"].pk)
        commit(Draft("person", lin, [person], Source(SourceKind.FORM)))
    someone = runtime.model_for("person").objects.unscoped("test").first()
    household = Add({"hkind": "hukou", "head": someone.pk, "from_date": date(2010, 1, 1)}, places["青山村"].pk)
    commit(Draft("household", lin, [household], Source(SourceKind.FORM)))
    sheet = tmp_path / "户.xlsx"
    export(runtime.ledger("household"), lin, sheet)
    staged = stage_file("household", sheet, name=sheet.name, by=lin)
    assert staged.counts == {"add": 0, "change": 0, "same": 1, "problem": 0}
