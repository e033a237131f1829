"""A docx is read as Word shows it: its numbers, its tables, without what was deleted."""

import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from zhenwu.lib.docx_numbering import formatted
from zhenwu.lib.docx_read import DocxError, read_docx


def numbered_document(levels: list[str], nums: list[str]) -> docx.document.Document:
    """A document with one abstract list (id 50) of these levels, and w:num elements given as their inside."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    inside = "".join(f'<w:lvl w:ilvl="{at}">{level}</w:lvl>' for at, level in enumerate(levels))
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="50">{inside}</w:abstractNum>'))
    for number, num in enumerate(nums, start=60):
        numbering.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="50"/>{num}</w:num>')
        )
    return document


def level(form: str, text: str, more: str = "") -> str:
    return f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'


def add(document, text: str, at: int, num: int = 60) -> None:
    numbered = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{at}"/><w:numId w:val="{num}"/></w:numPr>'
    document.add_paragraph(text)._p.get_or_add_pPr().append(parse_xml(numbered))


def printed(document, tmp_path) -> list[str]:
    document.save(tmp_path / "a.docx")
    return [block.number for block in read_docx(tmp_path / "a.docx") if block.text]


def test_lower_levels_begin_anew_under_a_higher_one(tmp_path):
    document = numbered_document([level("chineseCounting", "%1、"), level("decimal", "%1.%2", "<w:isLgl/>")], [""])
    for at in (0, 1, 1, 0, 1):
        add(document, "甲", at)
    assert printed(document, tmp_path) == ["一、", "1.1", "1.2", "二、", "2.1"]


def test_level_that_never_restarts_counts_through(tmp_path):
    document = numbered_document(
        [level("chineseCounting", "（%1）"), level("decimal", "%2.", '<w:lvlRestart w:val="0"/>')], [""]
    )
    for at in (0, 1, 1, 0, 1):
        add(document, "甲", at)
    assert printed(document, tmp_path) == ["（一）", "1.", "2.", "（二）", "3."]


def test_second_list_goes_on_unless_it_states_its_start(tmp_path):
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    document = numbered_document([level("decimal", "%1.")], ["", "", override])
    for num in (60, 60, 61, 62, 62):
        add(document, "甲", 0, num)
    assert printed(document, tmp_path) == ["1.", "2.", "3.", "5.", "6."]


def test_list_can_replace_a_level(tmp_path):
    override = f'<w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0">{level("upperRoman", "%1)")}</w:lvl></w:lvlOverride>'
    document = numbered_document([level("decimal", "%1.")], [override])
    for _ in range(4):
        add(document, "甲", 0)
    assert printed(document, tmp_path) == ["I)", "II)", "III)", "IV)"]


def test_paragraph_can_switch_the_number_of_its_style_off(tmp_path):
    document = numbered_document([level("chineseCounting", "%1、", '<w:pStyle w:val="Heading1"/>')], [""])
    style = document.styles["Heading 1"].element.get_or_add_pPr()
    style.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="60"/></w:numPr>'))
    document.add_heading("甲", 1)
    off = document.add_heading("乙", 1)._p.get_or_add_pPr()
    off.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'))
    document.add_heading("丙", 1)
    assert printed(document, tmp_path) == ["一、", "", "二、"]


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("chineseCounting", 12, "十二"),
        ("chineseCountingThousand", 110, "一百一十"),
        ("japaneseCounting", 20, "二十"),
        ("ideographDigital", 10, "一〇"),
        ("ideographTraditional", 3, "丙"),
        ("chineseLegalSimplified", 21, "贰拾壹"),
        ("decimalEnclosedCircle", 11, "⑪"),
        ("decimalEnclosedCircleChinese", 21, "㉑"),
        ("decimalEnclosedParen", 2, "⑵"),
        ("decimalFullWidth", 12, "１２"),
        ("upperRoman", 14, "XIV"),
        ("lowerLetter", 28, "bb"),
        ("decimalZero", 7, "07"),
        ("none", 3, ""),
        ("hindiVowels", 3, "3"),
    ],
)
def test_number_formats(form, value, text):
    assert formatted(value, form) == text


def test_deleted_text_is_gone_and_inserted_text_is_there(tmp_path):
    document = docx.Document()
    paragraph = document.add_paragraph("新建冷库")._p
    paragraph.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>2座</w:delText></w:r></w:del>"))
    paragraph.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>3座</w:t></w:r></w:ins>"))
    paragraph.append(parse_xml(f"<w:r {nsdecls('w')}><w:instrText>PAGE</w:instrText></w:r>"))
    document.save(tmp_path / "a.docx")
    assert [block.text for block in read_docx(tmp_path / "a.docx")] == ["新建冷库3座"]


def test_text_in_content_controls_and_one_column_tables_is_text(tmp_path):
    document = docx.Document()
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(0, parse_xml(control))
    document.add_table(1, 1).cell(0, 0).text = "乙"
    document.save(tmp_path / "a.docx")
    assert [block.text for block in read_docx(tmp_path / "a.docx") if block.text] == ["甲", "乙"]


def test_merged_cells_repeat_downwards_only(tmp_path):
    document = docx.Document()
    table = document.add_table(3, 3)
    for row, texts in zip(table.rows, ["类别 指标 目标", "产业 茶叶 5", "产业 蔬菜 6"], strict=True):
        for cell, text in zip(row.cells, texts.split(), strict=True):
            cell.text = text
    table.cell(2, 0).text = ""
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    document.save(tmp_path / "a.docx")
    rows = [block.cells for block in read_docx(tmp_path / "a.docx") if block.cells]
    assert rows == [("类别", "指标 目标", ""), ("产业", "茶叶", "5"), ("产业", "蔬菜", "6")]


def test_headers_and_footers_come_last_and_once(tmp_path):
    document = docx.Document()
    document.add_paragraph("正文")
    document.sections[0].header.paragraphs[0].text = "页眉文字"
    document.sections[0].footer.paragraphs[0].text = "第1页"
    document.save(tmp_path / "a.docx")
    assert [(block.place, block.text) for block in read_docx(tmp_path / "a.docx")] == [
        ("body", "正文"), ("header", "页眉文字"), ("footer", "第1页"),
    ]  # fmt: skip


def test_outline_levels_come_from_styles_and_paragraphs(tmp_path):
    document = docx.Document()
    document.add_heading("总结", 0)
    document.add_heading("产业", 2)
    own = document.add_paragraph("民生")._p.get_or_add_pPr()
    own.append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'))
    document.add_paragraph("正文")
    document.save(tmp_path / "a.docx")
    assert [block.level for block in read_docx(tmp_path / "a.docx")] == [0, 2, 1, None]


def test_what_is_no_docx_is_refused(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"hello")
    with pytest.raises(DocxError, match="不是 docx 文件"):
        read_docx(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("readme.txt", "x")
    with pytest.raises(DocxError, match="不是 Word 文档"):
        read_docx(path)


def test_damaged_docx_says_so(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types")
        package.writestr("word/document.xml", "<x>")
    with pytest.raises(DocxError, match="已损坏"):
        read_docx(path)


def test_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "a.docx"
    docx.Document().save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/media/a.xml", b"\0" * 70_000_000)
    with pytest.raises(DocxError, match="异常大"):
        read_docx(path)


def test_entities_are_not_expanded(tmp_path):
    source, path = tmp_path / "a.docx", tmp_path / "b.docx"
    document = docx.Document()
    document.add_paragraph("正文")
    document.save(source)
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密", "utf-8")
    head = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'.encode()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/document.xml":
                begin = data.index(b"<w:document")
                data = data[:begin] + head + data[begin:].replace("正文".encode(), "正文&a;".encode())
            new.writestr(entry, data)
    try:
        texts = [block.text for block in read_docx(path)]
    except DocxError:
        texts = []
    assert "秘密" not in "".join(texts)
