import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from zhenwu.lib.sheets import BookWriter, CellMark, SheetColumn, find_table, read_book, write_csv

COLUMNS = [
    SheetColumn("姓名"), SheetColumn("身份证号"), SheetColumn("面积(亩)", "decimal", places=4),
    SheetColumn("人数", "integer"), SheetColumn("出生日期", "date"),
]  # fmt: skip
ROW = ["张三", "519999195302141012", Decimal("12.5"), 3, date(1953, 2, 14)]


def written(*, constant_memory=False, **options):
    target = io.BytesIO()
    with BookWriter(target, constant_memory=constant_memory) as book:
        book.add_sheet("花名册", COLUMNS, options.pop("rows", [ROW]), **options)
    return target.getvalue()


@pytest.mark.parametrize("constant_memory", [False, True])
def test_what_is_written_is_read_back_equal(constant_memory):
    table = find_table(read_book(written(constant_memory=constant_memory, heading="青石镇花名册")).sheets[0])
    assert [column.label for column in table.columns] == ["姓名", "身份证号", "面积", "人数", "出生日期"]
    assert table.rows[0].cells == ["张三", "519999195302141012", 12.5, 3.0, date(1953, 2, 14)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://example.com", "0012"]
)
def test_text_is_never_a_formula_a_link_or_a_number(text):
    cell = openpyxl.load_workbook(io.BytesIO(written(rows=[[text, *ROW[1:]]]))).active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_headers_stay_in_sight_and_empty_stays_empty():
    sheet = openpyxl.load_workbook(io.BytesIO(written(rows=[["张三", None, None, None, None]]))).active
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[2]] == ["张三", None, None, None, None]
    assert sheet["C2"].value is None


def test_bad_cells_are_coloured_and_explained():
    marks = [
        CellMark(0, 1, "red", "末位校验码应为 2"),
        CellMark(0, 1, "yellow", "重复"),
        CellMark(0, 2, "yellow", "请核对"),
    ]
    sheet = openpyxl.load_workbook(
        io.BytesIO(written(rows=[["张三", "519999195302141013", None, 1, None]], marks=marks))
    ).active
    assert sheet["B2"].comment.text.endswith("末位校验码应为 2\n重复")
    assert sheet["B2"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["C2"].fill.fgColor.rgb == "FFFFEB9C"
    assert sheet["A2"].comment is None


def test_titles_of_sheets_are_made_valid_and_unique():
    target = io.BytesIO()
    with BookWriter(target) as book:
        for title in ("收入/支出", "收入/支出", "长" * 40, ""):
            assert book.add_sheet(title, COLUMNS, []) == 0
    assert [sheet.name for sheet in read_book(target.getvalue()).sheets] == [
        "收入_支出",
        "收入_支出(2)",
        "长" * 31,
        "Sheet",
    ]


def test_csv_is_read_back_and_defused():
    target = io.StringIO()
    assert (
        write_csv(target, ["姓名", "金额", "备注"], [["=cmd|' /C calc'!A0", Decimal("-5.00"), None], ["张三", 3, "@x"]])
        == 2
    )
    rows = read_book(target.getvalue().encode()).sheets[0].rows
    assert rows == [["姓名", "金额", "备注"], ["'=cmd|' /C calc'!A0", "-5.00", ""], ["张三", "3", "'@x"]]
