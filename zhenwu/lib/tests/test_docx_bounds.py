"""A document that is small as a file and huge when read is refused, not read."""

from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from zhenwu.lib import docx_read
from zhenwu.lib.docx_read import DocxError, read_docx


def test_a_long_cell_merged_over_many_rows(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(docx_read, "_MAX_TEXT", 3_000_000)
    document = docx.Document()
    table = document.add_table(rows=1, cols=2)
    long, _ = table.rows[0].cells
    long.text = "长" * 50_000
    long._tc.get_or_add_tcPr().append(parse_xml(f'<w:vMerge {nsdecls("w")} w:val="restart"/>'))
    below = f"<w:tr {nsdecls('w')}><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr>"
    for _ in range(200):
        table._tbl.append(parse_xml(below))
    path = tmp_path / "计划.docx"
    document.save(str(path))
    assert path.stat().st_size < 100_000
    with pytest.raises(DocxError, match="长得不像一份文件"):
        read_docx(path)


def test_entities_are_not_blown_up(tmp_path: Path):
    import zipfile

    source, bomb = tmp_path / "a.docx", tmp_path / "b.docx"
    document = docx.Document()
    document.add_paragraph("正文")
    document.save(str(source))
    laughs = (
        '<!DOCTYPE w [<!ENTITY a "哈哈哈哈">'
        + "".join(
            f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "]>"
    )
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(bomb, "w") as written:
        for name in read.namelist():
            data = read.read(name)
            if name == "word/document.xml":
                head, mark, body = data.decode().partition("<w:document")
                data = f"{head}{laughs}{mark}{body.replace('正文', '正文&i;')}".encode()
            written.writestr(name, data)
    try:
        said = "".join(block.text for block in read_docx(bomb))
    except DocxError:
        return
    assert len(said) < 100
