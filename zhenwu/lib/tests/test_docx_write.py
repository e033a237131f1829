import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from zhenwu.lib.docx_write import Block, DocMeta, DocumentError, Run, official_bytes, write_official

META = DocMeta("2020年工作报告", "青石镇人民政府", "年度报告", datetime(2021, 1, 5, 9, 30))


def line(kind: str, text: str = "文字") -> Block:
    return Block(kind, [Run(text)])


def saved(*blocks: Block) -> bytes:
    return official_bytes(blocks, meta=META)


def reopened(*blocks: Block):
    return Document(io.BytesIO(saved(*blocks)))


def part(name: str, *blocks: Block) -> str:
    with zipfile.ZipFile(io.BytesIO(saved(*blocks))) as package:
        return package.read(name).decode()


def problems(*blocks: Block) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        saved(*blocks)
    return refused.value.problems


def test_page_has_the_standard_margins_and_grid():
    section = reopened(line("body")).sections[0]
    sizes = (section.page_width, section.page_height)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    for found, wanted in zip(sizes + margins, (210, 297, 37, 35, 28, 26), strict=True):
        assert abs(found - Mm(wanted)) < Mm(0.05)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")


@pytest.mark.parametrize(
    ("kind", "font", "points", "bold", "indented"),
    [
        ("title", "方正小标宋简体", 22, False, False),
        ("subtitle", "楷体_GB2312", 16, False, False),
        ("salutation", "仿宋_GB2312", 16, False, False),
        ("h1", "黑体", 16, False, True),
        ("h2", "楷体_GB2312", 16, False, True),
        ("h3", "仿宋_GB2312", 16, True, True),
        ("h4", "仿宋_GB2312", 16, False, True),
        ("body", "仿宋_GB2312", 16, False, True),
        ("note", "仿宋_GB2312", 16, False, True),
        ("appendix", "黑体", 16, False, False),
    ],
)
def test_each_kind_has_its_font_size_and_indent(kind, font, points, bold, indented):
    paragraph = reopened(line(kind), line("body")).paragraphs[0]
    style = paragraph.style
    fonts = style.element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == font
    assert paragraph.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert style.font.size == Pt(points)
    assert style.font.bold is bold
    assert style.paragraph_format.widow_control is False
    indent = style.element.pPr.find(qn("w:ind"))
    assert (indent is not None and indent.get(qn("w:firstLineChars")) == "200") is indented


def test_body_is_justified_on_the_grid_and_set_closer():
    style = reopened(line("body")).paragraphs[0].style
    assert style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert style.element.pPr.find(qn("w:snapToGrid")).get(qn("w:val")) == "1"
    assert style.element.rPr.find(qn("w:spacing")).get(qn("w:val")) == "-5"


def test_headings_are_found_by_the_outline_of_the_word_processor():
    names = [p.style.name for p in reopened(*map(line, ("h1", "h2", "h3", "h4"))).paragraphs]
    assert names == ["Heading 1", "Heading 2", "Heading 3", "Heading 4"]


def test_no_font_is_left_to_a_theme_and_the_language_is_chinese():
    with zipfile.ZipFile(io.BytesIO(saved(line("body"), Block("table", table=[["甲"], ["1"]])))) as package:
        xml = {name: package.read(name).decode() for name in package.namelist()}
    assert not [name for name in xml if "theme" in name]
    fonts = re.findall("<w:rFonts[^>]*>", "".join(xml.values()))
    assert fonts
    assert all('w:hint="eastAsia"' in font and "w:eastAsia=" in font and "Theme" not in font for font in fonts)
    defaults = ElementTree.fromstring(xml["word/styles.xml"]).find(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    assert defaults.get(qn("w:eastAsia")) == "zh-CN"
    assert 'w:altName w:val="方正小标宋_GBK,小标宋体,华文中宋,STZhongsong,宋体"' in xml["word/fontTable.xml"]


def test_page_number_is_outside():
    document = reopened(line("body"))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        assert paragraph.alignment == side
        assert "".join(text.text for text in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert paragraph.style.font.size == Pt(14)


def test_figure_leads_to_its_source_and_looks_like_the_text():
    source = Block("table", table=[["编号", "来源"], [Run("1", bookmark="fig_1"), "项目台账"]])
    document = reopened(
        Block("body", [Run("完成"), Run("12.5", link="#fig_1"), Run("亩", link="https://example.org/f?a=1&b=2")]),
        source,
    )
    inside, outside = document.paragraphs[0].hyperlinks
    assert (inside.text, inside.fragment) == ("12.5", "fig_1")
    assert (outside.text, outside.url) == ("亩", "https://example.org/f?a=1&b=2")
    mark = document.tables[0].cell(1, 0)._tc.find(f".//{qn('w:bookmarkStart')}")
    assert mark.get(qn("w:name")) == "fig_1"
    style = document.styles[inside.runs[0].style.name].element.rPr
    assert style.find(qn("w:color")).get(qn("w:val")) == "auto"
    assert style.find(qn("w:u")).get(qn("w:val")) == "none"
    assert document.paragraphs[0].text == "完成12.5亩"


def test_comment_is_kept_with_its_author():
    document = reopened(Block("body", [Run("12.5", comment="口径：当年新增\n来源：3行"), Run("亩", bold=True)]))
    (comment,) = document.comments
    assert (comment.text, comment.author) == ("口径：当年新增\n来源：3行", "青石镇人民政府")
    assert document.paragraphs[0].runs[-1].bold is True


def test_table_repeats_its_head_and_fills_the_text_width():
    rows = [["序号", "村", "说明"], ["1", "甲村", "长" * 200], ["2", "乙村", ""]]
    document = reopened(Block("table", [Run("表1")], rows), line("note", "注：见附件。"))
    table = document.tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == rows
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True, False, False]
    widths = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
    assert sum(widths) == 8845
    assert widths[2] > 3 * widths[1] > 0
    assert table.style.name == "Table Grid"
    assert table.cell(1, 0).paragraphs[0].runs[0].font.size == Pt(12)
    assert table.cell(1, 0).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert [p.style.name for p in document.paragraphs] == ["Caption", "表注"]


def test_wide_table_shrinks_its_text_and_keeps_its_width():
    table = reopened(Block("table", table=[["金额"] * 12, ["123,456.78"] * 12])).tables[0]
    widths = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid]
    assert sum(widths) == 8845
    assert max(widths) - min(widths) <= 12
    assert table.cell(1, 0).paragraphs[0].runs[0].font.size == Pt(9)


def test_two_tables_stay_apart_and_none_ends_the_document():
    body = reopened(Block("table", table=[["甲"]]), Block("table", table=[["乙"]])).element.body
    assert [child.tag for child in body] == [qn("w:tbl"), qn("w:p"), qn("w:tbl"), qn("w:p"), qn("w:sectPr")]


def test_signature_is_centred_over_the_date():
    signature, date = reopened(line("signature", "青石镇人民政府办公室"), line("date", "2021年1月5日")).paragraphs
    character = 315 * 635  # in EMU
    assert date.paragraph_format.right_indent == 4 * character
    middle_of_date = date.paragraph_format.right_indent + 3 * character  # six digits and three characters wide
    middle_of_signature = signature.paragraph_format.right_indent + 5 * character
    assert abs(middle_of_signature - middle_of_date) <= 635


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("甲\x00乙\x1f丙\ufffe\ud800", "甲\ufffd乙\ufffd丙\ufffd\ufffd"),
        ("甲\r\n乙\x0b丙\t丁", "甲\n乙\n丙\t丁"),
        ("<甲> & \"乙\" '丙' 𠮷  两空格 ", "<甲> & \"乙\" '丙' 𠮷  两空格 "),
    ],
)
def test_any_text_can_be_written(given, read):
    comment = Run(given, comment=given)
    document = reopened(Block("body", [comment]), Block("table", table=[[given]]))
    assert document.paragraphs[0].text == read
    assert document.tables[0].cell(0, 0).text == read
    assert next(iter(document.comments)).text == read


def test_properties_are_kept_and_the_time_is_china_time():
    meta = DocMeta("一<二>&\x07", "某镇", "报告", datetime(2021, 1, 5, 9, 30))
    core = Document(io.BytesIO(official_bytes([line("body")], meta=meta))).core_properties
    assert (core.title, core.author, core.subject) == ("一<二>&\ufffd", "某镇", "报告")
    assert core.created == datetime(2021, 1, 5, 1, 30, tzinfo=UTC)


def test_same_input_gives_same_bytes(tmp_path):
    blocks = [Block("body", [Run("12", link="https://example.org", comment="口径", bookmark="a")])]
    write_official(blocks, tmp_path / "a.docx", meta=META)
    assert (tmp_path / "a.docx").read_bytes() == saved(*blocks)
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_all_problems_are_told_at_once_with_their_place():
    found = problems(
        Block("body", [Run("1", link="#fig_9"), Run("2", link="javascript:alert(1)")]),
        Block("body", [Run("3", bookmark="1a"), Run("4", bookmark="ok"), Run("5", bookmark="OK")]),
        Block("table", table=[["甲", "乙"], ["1"]], header_rows=3),
        Block("heading"),
    )
    assert found == [
        "block 3 (table): row 2 has 1 cells, row 1 has 2. Fill missing cells with empty text.",
        "block 3 (table): header_rows is 3, the table has 2 rows.",
        "block 4 (heading): no such kind. Use one of title, subtitle, salutation, h1, h2, h3, h4, body, attachment, "
        "signature, date, note, appendix, table.",
        "block 2 (body): bookmark '1a' is not a name Word takes. Use letters, digits and _, a letter or _ first, "
        "40 at most.",
        "block 2 (body): bookmark 'OK' is already in block 2 (body). Names differ in more than case.",
        "block 1 (body): link '#fig_9' leads nowhere. Give one run the bookmark 'fig_9'.",
        "block 1 (body): link 'javascript:alert(1)' is neither a whole URL (http, https, mailto) nor #bookmark.",
    ]


def test_nothing_is_written_when_the_blocks_are_wrong(tmp_path):
    with pytest.raises(DocumentError, match="no blocks"):
        write_official([], tmp_path / "a.docx", meta=META)
    assert not (tmp_path / "a.docx").exists()


@pytest.fixture
def pages_of(tmp_path) -> Callable[..., list[str]]:
    """Text of each page as LibreOffice sets it."""

    def pages(*blocks: Block) -> list[str]:
        write_official(blocks, tmp_path / "a.docx", meta=META)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
        subprocess.run([*command, str(tmp_path / "a.docx")], check=True, capture_output=True, timeout=180)
        text = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
        return subprocess.run(text, check=True, capture_output=True).stdout.decode().removesuffix("\f").split("\f")

    return pages


def lines_of(page: str) -> list[str]:
    return [line.strip() for line in page.splitlines() if line.strip()]


libreoffice = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(
        not (shutil.which("soffice") and shutil.which("pdftotext")),
        reason="needs soffice (libreoffice-writer-nogui) and pdftotext (poppler-utils) on PATH",
    ),
]


class TestInLibreOffice:
    pytestmark = libreoffice

    def test_a_page_of_text_has_22_lines_of_28_characters(self, pages_of):
        pages = pages_of(line("body", "工" * 26 + "作" * 28 * 65))
        assert len(pages) == 3
        for number, page in enumerate(pages, 1):
            *text, foot = lines_of(page)
            assert [len(row) for row in text] == ([26] if number == 1 else [28]) + [28] * 21
            assert re.fullmatch(rf"\W ?{number} ?\W", foot)

    def test_headings_and_titles_keep_to_the_lines(self, pages_of):
        blocks = [line("title", "工作报告"), line("h1", "一、总体情况"), line("h2", "（一）生产"), line("h3", "1.粮食")]
        first, _second = pages_of(*blocks, line("h4", "（1）水稻"), line("body", "工" * 26 + "作" * 28 * 20))
        assert len(lines_of(first)) == 22 - 1 + 1  # an empty line under the title; the page number

    def test_header_is_repeated_on_the_next_page(self, pages_of):
        rows = [["序号", "村名"], *([str(n), f"第{n}村"] for n in range(1, 61))]
        pages = pages_of(Block("table", [Run("表1　各村")], rows))
        assert len(pages) > 1
        for page in pages:
            assert re.search(r"序号\s+村名", page)
        assert "第60村" in pages[-1].replace(" ", "")

    def test_appendix_starts_a_page_and_links_leave_no_trace_in_print(self, pages_of):
        linked = Block("body", [Run("面积"), Run("12.5", link="#fig_1", comment="口径：当年新增"), Run("亩。")])
        source = Block("table", table=[["编号"], [Run("1", bookmark="fig_1")]])
        first, second = pages_of(linked, line("appendix", "附件"), line("title", "数据来源表"), source)
        assert "口径" not in first
        assert lines_of(second)[:2] == ["附件", "数据来源表"]
