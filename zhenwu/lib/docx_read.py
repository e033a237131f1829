"""Reading a docx as a person sees it: paragraphs with their automatic numbers, tables by rows, headers and footers apart."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from zhenwu.lib.docx_numbering import Numbering, W

_MAX_PARTS: Final = 5000
_MAX_UNPACKED: Final = 200 * 1024 * 1024
_MAX_XML: Final = 60 * 1024 * 1024
_MAX_TEXT: Final = 60 * 1024 * 1024  # characters
_MAX_RATIO: Final = 200
_MAX_DEPTH: Final = 60
_RATIO_FROM: Final = 5 * 1024 * 1024
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED: Final = frozenset({W + "del", W + "moveFrom", W + "txbxContent", _FALLBACK, W + "rubyPr", W + "rt"})
# Names of the styles that carry an outline level even where styles.xml does not say so.
_HEADING_STYLE: Final = re.compile(r"(?:heading|标题)\s*([1-9])", re.I)


class DocxError(ValueError):
    """The file is no readable docx. The message (Chinese) goes on after the file's name."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or one row of a table.

    `number` is the automatic number as Word prints it, which is not part of `text`; "" when there is none. `level`: 0 for
    the title style, 1-9 for heading styles and outline levels, None for body text. Rows of one table share `table`;
    a cell merged over several rows repeats its text, one merged over columns leaves the others "".
    `place` is body, header, footer, footnote or textbox. `bold`: every run with words in it is bold. A line break inside a
    paragraph is a newline in `text`.
    """

    text: str
    number: str = ""
    level: int | None = None
    cells: tuple[str, ...] | None = None
    table: int | None = None
    place: str = "body"
    bold: bool = False


def read_docx(path: Path | IO[bytes]) -> list[Block]:
    """All blocks in order: the body first, then headers, footers and footnotes, each once. Raises DocxError.

    A table of one column is layout, not data: its paragraphs come as paragraphs.
    """
    _check_package(path)
    try:
        document = docx.Document(str(path) if isinstance(path, Path) else path)
        return list(_within_bounds(_Reader(document).blocks()))
    except (
        OpcError,
        KeyError,
        ValueError,
        AttributeError,
        etree.LxmlError,
        zipfile.BadZipFile,
        RecursionError,
    ) as error:
        if isinstance(error, DocxError):
            raise
        raise DocxError("文件已损坏，读不出正文。请用 Word 或 WPS 打开，另存为 docx 后再试。") from error


def _check_package(path: Path | IO[bytes]) -> None:
    """Refuses what is no docx, and archives that unpack to something huge."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise DocxError(
            "不是 docx 文件，或已损坏、加了密码。请用 Word 或 WPS 打开，另存为不加密的 docx 后再试。"
        ) from error
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise DocxError("是压缩包，但不是 Word 文档。请用 Word 或 WPS 另存为 docx 后再试。")
    unpacked = sum(entry.file_size for entry in entries)
    bomb = any(e.file_size > _RATIO_FROM and e.file_size > _MAX_RATIO * max(e.compress_size, 1) for e in entries)
    huge = any(e.file_size > _MAX_XML for e in entries if e.filename.endswith((".xml", ".rels")))
    if len(entries) > _MAX_PARTS or unpacked > _MAX_UNPACKED or bomb or huge:
        raise DocxError("解压后异常大，可能是恶意文件，没有读取。请确认来源，或把正文另存为 txt 后再试。")


def _within_bounds(blocks: Iterator[Block]) -> Iterator[Block]:
    """A cell merged over a hundred thousand rows stands once in the file and is repeated in every row that is read."""
    read = 0
    for block in blocks:
        read += len(block.text) + 50
        if read > _MAX_TEXT:
            raise DocxError("正文长得不像一份文件，没有读取。请确认来源，或把需要的部分另存为 docx 后再试。")
        yield block


class _Reader:
    def __init__(self, document: Any) -> None:
        self._document = document
        styles = document.part._styles_part.element
        self._levels = dict(_style_levels(styles))
        numbering = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        self._numbering = Numbering(getattr(numbering, "element", None), styles)
        defaults = (s for s in styles.iter(W + "style") if s.get(W + "default") in ("1", "true"))
        self._default_style = next((s.get(W + "styleId") for s in defaults if s.get(W + "type") == "paragraph"), None)
        self._tables = 0

    def blocks(self) -> Iterator[Block]:
        yield from self._inside(self._document.element.body, depth=0)
        seen: set[tuple[str, str]] = set()
        for place, root in self._margins():
            for paragraph in root.iter(W + "p"):
                text = _text(paragraph).replace("\n", " ").strip()
                if text and (place, text) not in seen:
                    seen.add((place, text))
                    yield Block(text, place=place)

    def _margins(self) -> Iterator[tuple[str, Any]]:
        for relation in self._document.part.rels.values():
            place = relation.reltype.rpartition("/")[2]
            if place in {"header", "footer", "footnotes", "endnotes"} and not relation.is_external:
                part = relation.target_part
                root = getattr(part, "element", None)
                if root is None:
                    root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
                yield place.rstrip("s"), root

    def _inside(self, parent: Any, depth: int) -> Iterator[Block]:
        if depth > _MAX_DEPTH:
            raise DocxError("表格套表格的层数太多，没有读取。请把正文另存为 txt 后再试。")
        for element in parent:
            if element.tag == W + "p":
                yield from self._paragraph(element, depth)
            elif element.tag == W + "tbl":
                yield from self._table(element, depth)
            elif element.tag in (W + "sdt", W + "sdtContent", W + "customXml", W + "ins", W + "smartTag"):
                yield from self._inside(element, depth + 1)

    def _paragraph(self, element: Any, depth: int) -> Iterator[Block]:
        properties = element.find(W + "pPr")
        style = _style_of(properties) or self._default_style
        number = self._numbering.number(properties, style)
        yield Block(_text(element), number, self._level(properties, style), bold=_is_bold(element))
        for box in element.iter(W + "txbxContent"):
            if not any(ancestor.tag == _FALLBACK for ancestor in box.iterancestors()):
                for block in self._inside(box, depth + 1):
                    if block.text.strip():
                        yield Block(block.text, block.number, None, block.cells, block.table)

    def _level(self, properties: Any | None, style: str | None) -> int | None:
        own = properties.find(W + "outlineLvl") if properties is not None else None
        if own is not None:
            value = own.get(W + "val") or "9"
            return int(value) + 1 if value in "012345678" else None
        return self._levels.get(style or "")

    def _table(self, element: Any, depth: int) -> Iterator[Block]:
        rows = [row for row in element.iter(W + "tr") if next(row.iterancestors(W + "tbl")) is element]
        if all(len(_cells_of(row)) == 1 for row in rows):
            for row in rows:
                yield from self._inside(_cells_of(row)[0], depth + 1)
            return
        self._tables += 1
        table = self._tables
        above: list[str] = []
        for row in rows:
            above = self._row(row, above)
            yield Block("  ".join(cell for cell in above if cell), cells=tuple(above), table=table)

    def _row(self, row: Any, above: list[str]) -> list[str]:
        before = row.find(f"{W}trPr/{W}gridBefore")
        cells = [""] * (_span(before) if before is not None else 0)
        for cell in _cells_of(row):
            properties = cell.find(W + "tcPr")
            merged = properties.find(W + "vMerge") if properties is not None else None
            if merged is not None and merged.get(W + "val") != "restart":
                text = above[len(cells)] if len(cells) < len(above) else ""
            else:
                text = " ".join(self._cell_texts(cell))
            span = properties.find(W + "gridSpan") if properties is not None else None
            cells += [text, *[""] * (_span(span) - 1)]
        return cells

    def _cell_texts(self, cell: Any) -> Iterator[str]:
        for paragraph in cell.iter(W + "p"):
            properties = paragraph.find(W + "pPr")
            number = self._numbering.number(properties, _style_of(properties) or self._default_style)
            if text := (number + _text(paragraph)).replace("\n", " ").strip():
                yield text


def _span(element: Any | None) -> int:
    value = element.get(W + "val") if element is not None else None
    return min(max(int(value), 1), 200) if value and value.isdigit() else 1


def _cells_of(row: Any) -> list[Any]:
    return [cell for cell in row.iter(W + "tc") if next(cell.iterancestors(W + "tr")) is row]


def _style_of(properties: Any | None) -> str | None:
    style = properties.find(W + "pStyle") if properties is not None else None
    return None if style is None else style.get(W + "val")


def _style_levels(styles: Any) -> Iterator[tuple[str, int | None]]:
    """{style id: level} with levels inherited from the style it is based on."""
    own: dict[str, int] = {}
    based: dict[str, str | None] = {}
    for style in styles.iter(W + "style"):
        name = style.get(W + "styleId") or ""
        parent = style.find(W + "basedOn")
        based[name] = None if parent is None else parent.get(W + "val")
        title = style.find(W + "name")
        label = (title.get(W + "val") or "") if title is not None else ""
        level = style.find(f"{W}pPr/{W}outlineLvl")
        if label.lower() in ("title", "标题"):
            own[name] = 0
        elif level is not None and (level.get(W + "val") or "9") in "012345678":
            own[name] = int(level.get(W + "val")) + 1
        elif match := _HEADING_STYLE.fullmatch(label):
            own[name] = int(match[1])
    for name in based:
        at: str | None = name
        for _ in range(20):
            if at is None or at in own:
                break
            at = based.get(at)
        yield name, own.get(at or "")


def _text(paragraph: Any) -> str:
    """The words of a paragraph: inserted text counts, deleted text, field codes and text boxes do not."""
    parts: list[str] = []
    for element in _walk(paragraph):
        if element.tag == W + "t":
            parts.append(element.text or "")
        elif element.tag in (W + "tab", W + "ptab"):
            parts.append("\t")
        elif element.tag in (W + "br", W + "cr"):
            parts.append("\n")
        elif element.tag == W + "noBreakHyphen":
            parts.append("-")
    return "".join(parts)


def _is_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.iter(W + "r") if "".join(t.text or "" for t in run.iter(W + "t")).strip()]
    marks = [run.find(f"{W}rPr/{W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(W + "val") not in ("0", "false") for mark in marks)


def _walk(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in _SKIPPED or child.tag == W + "pPr":
            continue
        yield child
        yield from _walk(child)
