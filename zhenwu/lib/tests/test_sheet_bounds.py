import io
import zipfile

import pytest
import xlsxwriter

from zhenwu.lib.sheets import Limits, SheetError, book, read_book
from zhenwu.lib.tests import ole

SHEET = "xl/worksheets/sheet1.xml"


def xlsx(*cells, sheets=1):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    for _ in range(sheets):
        sheet = book.add_worksheet()
        for row, column in cells:
            sheet.write(row, column, 1)
    book.close()
    return target.getvalue()


def with_part(content, name, change):
    """The same xlsx with one part rewritten."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            text = source.read(part)
            copy.writestr(part, change(text) if part == name else text)
    return target.getvalue()


def with_rows(rows):
    """An xlsx whose sheet data is `rows` of raw XML."""

    def change(text):
        head, _, _ = text.partition(b"<sheetData")
        return head + b"<sheetData>" + rows + b"</sheetData></worksheet>"

    return with_part(xlsx((0, 0)), SHEET, change)


def refused(content, **limits):
    with pytest.raises(SheetError) as caught:
        read_book(content, filename="表.xlsx", limits=Limits(**limits))
    assert "“表.xlsx”" in str(caught.value)
    assert "请" in str(caught.value)
    return caught.value.code


def test_a_cell_far_to_the_right():
    assert refused(xlsx((0, 0), (0, 16_383))) == "too_many_columns"
    assert refused(xlsx((0, 0), (0, 500))) == "too_many_columns"
    assert refused(xlsx((0, 0), (5, 26)), max_columns=26) == "too_many_columns"


def test_a_cell_far_below():
    assert refused(xlsx((0, 0), (1_048_575, 0))) == "too_many_rows"


def test_few_cells_that_span_a_huge_rectangle():
    assert refused(xlsx((0, 499), (999_999, 0))) == "too_many_cells"


@pytest.mark.parametrize(
    "rows",
    [
        b"<row r='1'><c r='ZZZ1'><v>1</v></c></row>",
        b'<row r="1"><c s="1" r="ZZZ1"><v>1</v></c></row>',
        b'<row r="1"><c\nr="ZZZ1"><v>1</v></c></row>',
        b'<row r="1"><c r="zzz1"><v>1</v></c></row>',
        b'<row r="1">' + b"<c><v>1</v></c>" * 2000 + b"</row>",
        b'<row r="1"><c r="A1"><v>1</v></c>' + b"<c/>" * 600 + b"<c><v>1</v></c></row>",
        b'<row r="1"><c r="A1"/></row>' + b'<row r="2"><c r="ZZZ2"><v>1</v></c></row>' + b" " * 600_000,
        b" " * (262_144 - 900) + b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * 40 + b'<c r="ZZZ1"><v>1</v></c></row>',
    ],
    ids=[
        "quotes",
        "order",
        "newline",
        "small letters",
        "no reference",
        "empty cells",
        "then spaces",
        "at a chunk's end",
    ],
)
def test_far_cells_however_they_are_written(rows):
    assert refused(with_rows(rows)) == "too_many_columns"


def test_prefixed_cells_are_measured_too():
    def prefixed(_):
        return (
            b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
            b'<x:row r="1"><x:c><x:v>1</x:v></x:c><x:c r="ZZZ1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
        )

    assert refused(with_part(xlsx((0, 0)), SHEET, prefixed)) == "too_many_columns"


def test_utf16_parts_are_measured_too():
    rows = '<row r="1"><c r="ZZZ1"><v>1</v></c></row>'
    text = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="x"><sheetData>{rows}</sheetData></worksheet>'
    assert refused(with_part(xlsx((0, 0)), SHEET, lambda _: text.encode("utf-16"))) == "too_many_columns"


def test_unusual_but_small_sheets_are_read():
    book = read_book(with_rows(b"<row r='1'><c r='B1'><v>7</v></c></row>"))
    assert book.sheets[0].rows == [["", 7.0]]


def test_cells_that_are_only_coloured_and_a_declared_size_do_no_harm():
    coloured = (
        b'<row r="1"><c r="A1"><v>7</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'
    )
    assert read_book(with_rows(coloured)).sheets[0].rows == [[7.0]]

    def declared(text):
        return text.replace(b'<dimension ref="A1"/>', b'<dimension ref="A1:XFD1048576"/>')

    assert declared(b'<dimension ref="A1"/>') != b'<dimension ref="A1"/>'
    assert read_book(with_part(xlsx((0, 0)), SHEET, declared)).sheets[0].rows == [[1.0]]


def test_a_zip_bomb():
    bomb = with_part(xlsx((0, 0)), "xl/styles.xml", lambda text: text + b" " * 60_000_000)
    assert refused(bomb) == "too_large_inside"
    assert refused(xlsx(*[(row, 0) for row in range(5000)]), max_uncompressed=50_000) == "too_large_inside"


def test_a_part_that_lies_about_its_size():
    content = bytearray(with_part(xlsx((0, 0)), "xl/styles.xml", lambda text: text + b" " * 3_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as source:
        size = source.getinfo("xl/styles.xml").file_size
    content = bytes(content).replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert refused(content) == "broken"


def test_entities_and_doubled_parts():
    def entity(text):
        return text.replace(b"<workbook", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook', 1)

    assert refused(with_part(xlsx((0, 0)), "xl/workbook.xml", entity)) == "broken"
    target = io.BytesIO(xlsx((0, 0)))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as copy:
        copy.writestr(SHEET, "<worksheet/>")
    assert refused(target.getvalue()) == "broken"


def test_a_password():
    assert refused(ole.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y" * 9000})) == "password"


def test_far_cells_of_an_xls():
    assert refused(ole.xls("表", {(0, 0): 1.0, (65_535, 255): 1.0}), max_cells=1_000_000) == "too_many_cells"


def test_an_xls_is_measured_before_it_is_laid_out(monkeypatch):
    def never(*said):
        raise AssertionError("the reader was reached")

    monkeypatch.setattr(book.calamine.CalamineWorkbook, "from_object", never)
    far = {(0, 0): 1.0, (65_535, 255): 1.0}
    assert refused(ole.xls("表", far)) == "too_many_cells"
    assert refused(ole.xls("表", {(0, 0): 1.0, (60_000, 200): 1.0}, sheets=2)) == "too_many_cells"
    many = {(row, 0): [0] for row in range(2000)}
    long = ole.xls("表", many, texts=["x" * 20_000])
    assert refused(long, max_uncompressed=30_000_000) == "too_large_inside"


def test_texts_and_hidden_rows_of_an_xls():
    cells = {(0, 0): [1], (1, 0): [0], (2, 0): "长文字"}
    read = read_book(ole.xls("表", cells, hidden=[1], texts=["short", "y" * 20_000]), filename="表.xls")
    [sheet] = read.sheets
    assert [row[0] for row in sheet.rows] == ["y" * 20_000, "short", "长文字"]
    assert sheet.hidden_rows == {2}


@pytest.mark.parametrize("cut", [40, 600, 1100, 3000])
def test_a_broken_xls(cut):
    assert refused(ole.xls("表", {(0, 0): "一", (1, 0): 2.0})[:cut]) in ("broken", "no_sheets")


def test_sheets_that_are_too_large_together():
    content = xlsx((0, 0), (999, 99), sheets=3)
    assert refused(content, max_cells=250_000) == "too_many_cells"
    assert len(read_book(content, limits=Limits(max_cells=300_000)).sheets) == 3


def test_an_archive_of_very_many_parts():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(6000):
            archive.writestr(f"a/{number}", b"")
    assert refused(target.getvalue()) == "too_large_inside"


def test_other_archives_are_named():
    for part, words in (("word/document.xml", "Word 文档"), ("content.xml", "ODS"), ("a.txt", "别的文件")):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(part, "x")
        with pytest.raises(SheetError, match=words) as caught:
            read_book(target.getvalue())
        assert caught.value.code == "not_xlsx"


def test_too_many_sheets_and_too_many_bytes(tmp_path):
    assert refused(xlsx((0, 0), sheets=4), max_sheets=3) == "too_many_sheets"
    assert refused(xlsx((0, 0)), max_bytes=1000) == "too_large"
    path = tmp_path / "表.xlsx"
    path.write_bytes(xlsx((0, 0)))
    with pytest.raises(SheetError, match="超过"):
        read_book(path, limits=Limits(max_bytes=1000))


def test_bounds_of_csv():
    assert refused(("," * 600).encode()) == "too_many_columns"
    assert refused(b"a\n" * 200, max_rows=100) == "too_many_rows"
    assert refused(b'"' + b"a" * 200_000) == "bad_csv"


def test_a_sheet_cut_off_in_the_middle():
    content = xlsx(*[(row, 0) for row in range(100)])
    assert refused(content[: len(content) // 2]) == "broken"
    assert refused(with_part(content, SHEET, lambda text: text[:300])) == "broken"


def shared(length, cells, cell='<c r="A{0}" t="s"><v>0</v></c>'):
    """An xlsx of one long text that many cells name."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    book.add_worksheet().write(0, 0, "x" * length)
    book.close()
    rows = "".join(f'<row r="{at}">{cell.format(at)}</row>' for at in range(1, cells + 1))

    def change(text):
        head, _, _ = text.partition(b"<sheetData")
        return head + b"<sheetData>" + rows.encode() + b"</sheetData></worksheet>"

    return with_part(target.getvalue(), SHEET, change)


@pytest.mark.parametrize("cell", [
    '<c r="A{0}" t="s"><v>0</v></c>', "<c r='A{0}' t='s'><v>0</v></c>", '<c t="s" r="A{0}"><f>1</f><v> 0 </v></c>',
])  # fmt: skip
def test_one_long_text_in_very_many_cells(cell):
    content = shared(30_000, 2000, cell)
    assert len(content) < 100_000
    assert refused(content, max_uncompressed=50_000_000) == "too_large_inside"


def test_many_cells_that_name_short_texts_beside_a_long_one_are_read():
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "长" * 30_000)
    for row in range(1, 3000):
        sheet.write(row, 0, "短")
    book.close()
    read = read_book(target.getvalue(), filename="表.xlsx", limits=Limits(max_uncompressed=20_000_000))
    assert len(read.sheets[0].rows) == 3000
