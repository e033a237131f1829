"""What of a stored file is shown in a page: the first rows of its sheets, the first words of a text. Nothing of it is run or
linked to; templates escape it. Pictures are made by `lib.picturing`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zhenwu.lib.docx_read import DocxError, read_docx
from zhenwu.lib.picturing import KINDS
from zhenwu.lib.sheets import XLSX, Limits, SheetError, read_book

_ROWS, _COLUMNS, _SHEETS, _CELL = 50, 30, 5, 200
_PARAGRAPHS, _TEXT = 200, 20_000
_LIMITS = Limits(max_bytes=20 << 20, max_uncompressed=100 << 20, max_cells=2_000_000)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET_TYPES = (XLSX, "text/csv")


@dataclass(frozen=True)
class ShownSheet:
    name: str
    rows: list[list[str]]
    more: int  # rows that are not shown


@dataclass(frozen=True)
class FilePreview:
    """What a page shows of one file; `problem` says why nothing is. `picture`: the address of a picture is asked for."""

    picture: bool = False
    sheets: Sequence[ShownSheet] = ()
    paragraphs: Sequence[str] = ()
    is_cut: bool = False
    problem: str = field(default="")


def has_preview(mime: str) -> bool:
    return mime in KINDS or mime in _SHEET_TYPES or mime == _DOCX


def preview_of(content: bytes, mime: str, name: str) -> FilePreview:
    if mime in KINDS:
        return FilePreview(picture=True)
    try:
        if mime in _SHEET_TYPES:
            return _sheets(content, name)
        if mime == _DOCX:
            return _words(content)
    except (SheetError, DocxError) as problem:
        return FilePreview(problem=f"不能预览：{problem}")
    return FilePreview(problem="这种文件没有预览，请下载后查看。")


def _sheets(content: bytes, name: str) -> FilePreview:
    book = read_book(content, filename=name, limits=_LIMITS)
    visible = book.visible or book.sheets
    shown = []
    for sheet in visible[:_SHEETS]:
        open_rows = [row for number, row in enumerate(sheet.rows, 1) if number not in sheet.hidden_rows]
        filled = [row for row in open_rows if any(cell != "" for cell in row)]
        rows = [[_cell(cell) for cell in row[:_COLUMNS]] for row in filled[:_ROWS]]
        width = max((at for row in rows for at, cell in enumerate(row, 1) if cell), default=0)
        shown.append(ShownSheet(sheet.name, [row[:width] for row in rows], max(len(filled) - _ROWS, 0)))
    return FilePreview(sheets=shown, is_cut=len(visible) > _SHEETS)


def _words(content: bytes) -> FilePreview:
    found: list[str] = []
    length = 0
    for block in read_docx(io.BytesIO(content)):
        text = f"{block.number}{block.text}".strip()
        if not text:
            continue
        if len(found) == _PARAGRAPHS or length > _TEXT:
            return FilePreview(paragraphs=found, is_cut=True)
        found.append(text[:2000])
        length += len(text)
    return FilePreview(paragraphs=found, problem="" if found else "文档里没有文字。")


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        value = value.date()
    return (
        value.isoformat(" ")
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else str(value)
    )[:_CELL]
