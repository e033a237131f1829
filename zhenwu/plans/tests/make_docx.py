"""Word versions of text samples, as Word itself would keep them: numbers made by numbering.xml, headings by styles,
tables as tables, running heads in headers and footers. The numbers do not stand in the text.

    python -m zhenwu.plans.tests.make_docx sample.txt sample.docx
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

# marker in the text -> (level, number format, level text)
LEVELS = (
    (re.compile(r"[一二三四五六七八九十]+、"), "chineseCounting", "%1、"),
    (re.compile(r"（[一二三四五六七八九十]+）"), "chineseCountingThousand", "（%2）"),
    (re.compile(r"(\d{1,2})\.(?!\d)"), "decimal", "%3."),
    (re.compile(r"\(\d{1,2}\)"), "decimal", "(%4)"),
    (re.compile(r"[①-⑳]"), "decimalEnclosedCircle", "%5"),
)
UNNUMBERED_HEADING = re.compile(r"^(过去五年工作回顾|今后五年的奋斗目标|\d{4}年工作安排)$")
NUM_ID = 77


@dataclass
class Look:
    """How a document is put together. `by_style`: the top level is numbered by its heading style, not by the paragraph."""

    by_style: bool = False
    header: str = "内部资料  注意保存"
    footer: str = "第 1 页 共 5 页"


def make_docx(source: str, target: Path, look: Look | None = None) -> Path:
    """Writes `source`, a text sample, as docx."""
    look = look or Look()
    lines = source.removeprefix("\ufeff").splitlines()
    document = docx.Document()
    add_numbering(document, running=_runs_on(lines), style="Heading1" if look.by_style else None)
    titled = False
    table: list[list[str]] = []
    for line in [*lines, ""]:
        cells = re.split(r"\s{2,}", line.strip())
        if len(cells) >= 5 and "\u3000" not in line:
            table.append(cells)
            continue
        if table:
            add_table(document, table)
            table = []
        titled = add_line(document, line, look, titled=titled)
    section = document.sections[0]
    section.header.paragraphs[0].text = look.header
    section.footer.paragraphs[0].text = look.footer
    document.save(str(target))
    return target


def annotated_docx(text: str, target: Path) -> Path:
    """Writes a document whose lines say how they look: #c centred, #b bold, #1 heading style, #n1 numbered, #t table row."""
    document = docx.Document()
    add_numbering(document, running=False, style=None)
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        look, _, rest = line.partition(" ") if line.startswith("#") else ("", "", line)
        if look == "#t":
            rows.append([cell.strip() for cell in rest.split("|")])
            continue
        if rows:
            add_table(document, rows)
            rows = []
        _add_looking(document, look, rest)
    document.save(str(target))
    return target


def _add_looking(document, look: str, text: str) -> None:
    style = f"Heading {look[1]}" if look in {"#1", "#2", "#3"} else "Normal"
    paragraph = document.add_paragraph("", style=style)
    run = paragraph.add_run(text)
    run.bold = True if look in {"#b", "#cb"} else None
    if look.startswith("#c"):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if look.startswith("#n"):
        number(paragraph, int(look[2]))


def _runs_on(lines: list[str]) -> bool:
    """Whether 1. 2. 3. count through the sections instead of beginning anew in each."""
    after_section = False
    for line in lines:
        match = LEVELS[2][0].match(line)
        if match and after_section and match[1] != "1":
            return True
        after_section = bool(LEVELS[1][0].match(line))
    return False


def add_numbering(document, *, running: bool, style: str | None) -> None:
    """One multilevel list with the five usual levels. `style` is the paragraph style linked to its first level."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        + (f'<w:pStyle w:val="{style}"/>' if style and at == 0 else "")
        + ('<w:lvlRestart w:val="0"/>' if running and at == 2 else "")
        + f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl>'
        for at, (_, form, text) in enumerate(LEVELS)
    )
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{NUM_ID}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{NUM_ID}"><w:abstractNumId w:val="{NUM_ID}"/></w:num>'))
    if style:
        properties = next(s for s in document.styles if s.style_id == style).element.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="{NUM_ID}"/></w:numPr>'))


def number(paragraph, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{NUM_ID}"/></w:numPr>')
    )


def add_line(document, line: str, look: Look, *, titled: bool) -> bool:
    """Adds one line; says whether the title has been written by now."""
    text = line.strip()
    for level, (marker, _, _) in enumerate(LEVELS):
        if match := marker.match(text):
            paragraph = document.add_paragraph(text[match.end() :], style="Heading 1" if level == 0 else "Normal")
            if not (look.by_style and level == 0):
                number(paragraph, level)
            return True
    if UNNUMBERED_HEADING.match(text):
        document.add_paragraph(text, style="Heading 1")
        return True
    document.add_paragraph(text, style="Normal" if titled or not text else "Title")
    return titled or bool(text)


def add_table(document, rows: list[list[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))
    for cells in rows:
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text


if __name__ == "__main__":
    make_docx(Path(sys.argv[1]).read_text("utf-8"), Path(sys.argv[2]))
