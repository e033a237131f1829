import io
from datetime import date

import pytest
import xlsxwriter

from zhenwu.lib.sheets import SheetError, read_book
from zhenwu.lib.tests import ole


def xlsx(*sheets):
    """Each sheet is a function that writes on (worksheet, book)."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    for number, write in enumerate(sheets, start=1):
        write(book.add_worksheet(f"表{number}"), book)
    book.close()
    return target.getvalue()


def test_cells_of_an_xlsx_keep_their_types_and_places():
    def first(sheet, book):
        sheet.merge_range(0, 0, 0, 2, "花名册")
        sheet.write_row(2, 1, ["张三", 12.5])
        sheet.write_datetime(3, 1, date(2020, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_boolean(3, 2, True)

    book = read_book(xlsx(first, lambda sheet, _: sheet.hide()), filename="花名册.xlsx")
    assert (book.kind, book.filename, [sheet.name for sheet in book.visible]) == ("xlsx", "花名册.xlsx", ["表1"])
    sheet = book.sheets[0]
    assert sheet.rows == [["花名册", "", ""], ["", "", ""], ["", "张三", 12.5], ["", date(2020, 1, 1), True]]
    assert sheet.merged == [(0, 0, 0, 2)]
    assert (book.sheets[1].hidden, book.sheets[1].rows) == (True, [])


def test_rows_start_at_a1_even_when_the_table_does_not():
    book = read_book(xlsx(lambda sheet, _: sheet.write(3, 2, "姓名")))
    assert book.sheets[0].rows == [["", "", ""]] * 3 + [["", "", "姓名"]]


def test_hidden_rows_are_known_on_the_right_sheet():
    def second(sheet, _):
        for row in range(5):
            sheet.write(row, 0, row)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(3, 20, None, {"hidden": True})

    book = read_book(xlsx(lambda sheet, _: sheet.write(0, 0, 1), second))
    assert [sorted(sheet.hidden_rows) for sheet in book.sheets] == [[], [2, 4]]


def test_wide_and_long_sheets_arrive_whole():
    def wide(sheet, _):
        for column in range(500):
            sheet.write(0, column, f"列{column}")
            sheet.write(12_345, column, column)

    rows = read_book(xlsx(wide)).sheets[0].rows
    assert (len(rows), len(rows[0]), rows[0][499], rows[12_345][499]) == (12_346, 500, "列499", 499.0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_csv_in_the_encodings_met(encoding, mark):
    text = f'姓名{mark}备注\r\n张䶮{mark}"甲{mark}乙"\r\n李四\r\n'
    book = read_book(text.encode(encoding), filename="名单.xls")
    assert book.kind == "csv"
    assert book.sheets[0].name == "名单"
    assert book.sheets[0].rows == [["姓名", "备注"], ["张䶮", f"甲{mark}乙"], ["李四", ""]]


def test_a_path_is_read_too(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_text("姓名\n张三\n", encoding="utf-8")
    assert read_book(path).filename == "名单.csv"


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "空文件"),
        (b"  \r\n", "empty", "空文件"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web_page", "另存为 xlsx"),
        (b"%PDF-1.7 ...", "broken", "另存为 xlsx"),
        (b"abc\x00\x01\x02", "broken", "另存为 xlsx"),
        (b"\xff\xff\x81\x20\x81", "encoding", "文字编码"),
        (b"PK\x03\x04 but nothing more", "broken", "已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "broken", "另存为 xlsx"),
    ],
)
def test_what_is_no_sheet_says_so(content, code, words):
    with pytest.raises(SheetError, match=words) as caught:
        read_book(content, filename="材料.xlsx")
    assert caught.value.code == code
    assert "“材料.xlsx”" in str(caught.value)


def test_xls_is_read_by_content_whatever_its_name():
    cells = {(0, 0): "姓名", (0, 1): "金额", (1, 0): "张三", (1, 1): 1.5, (2, 1): 2.0}
    book = read_book(ole.xls("名册", cells, [(1, 0, 2, 0)]), filename="名册.et")
    assert (book.kind, [sheet.name for sheet in book.sheets]) == ("xls", ["名册"])
    assert book.sheets[0].rows == [["姓名", "金额"], ["张三", 1.5], ["", 2.0]]
    assert book.sheets[0].merged == [(1, 0, 2, 0)]


def test_an_office_file_that_is_no_workbook():
    with pytest.raises(SheetError, match="另存为 xlsx"):
        read_book(ole.compound({"WordDocument": b"x"}), filename="材料.doc")
