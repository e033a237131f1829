"""Opening a file: what it is is decided by its content, never by its name."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import python_calamine as calamine

from zhenwu.lib.sheets.biff import measure
from zhenwu.lib.sheets.extent import Extent, Limits, check_extent, check_total
from zhenwu.lib.sheets.guard import unpack_xlsx
from zhenwu.lib.sheets.problems import SheetError

Cell = str | int | float | bool | date | datetime | time | timedelta

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Sheet:
    """All cells from A1 on; row 1 is `rows[0]`. An empty cell is "". `merged` is (first row, first column, last row, last
    column), counted from 0; `hidden_rows` holds 1-based row numbers.
    """

    name: str
    hidden: bool
    rows: list[list[Cell]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """A file as read. `kind` is xlsx, xls or csv."""

    filename: str
    kind: str
    sheets: list[Sheet]

    @property
    def visible(self) -> list[Sheet]:
        return [sheet for sheet in self.sheets if not sheet.hidden]


def read_book(source: str | Path | bytes, *, filename: str | None = None, limits: Limits | None = None) -> Book:
    """Read a whole file. `filename` is what the person called it, for messages. Raises SheetError with the remedy."""
    limits = limits or Limits()
    name = filename or (Path(source).name if not isinstance(source, bytes) else "文件")
    where = f"“{name}”"
    data = _content(source, where, limits)
    if not data.strip():
        raise SheetError("empty", f"{where}：是空文件，里面没有内容。请检查后重新上传。")
    if data.startswith(_ZIP):
        with NamedTemporaryFile(suffix=".xlsx") as stored:  # in memory it would take more than all of its rows
            extents = unpack_xlsx(data, stored, where, limits)
            return Book(name, "xlsx", _read_workbook(stored.name, extents, where, limits))
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _locked(where)
        return Book(name, "xls", _read_workbook(io.BytesIO(data), measure(data, where, limits), where, limits))
    return Book(name, "csv", [_read_text(data, Path(name).stem, where, limits)])


def _content(source: str | Path | bytes, where: str, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        with Path(source).open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        size = limits.max_bytes // (1024 * 1024)
        raise SheetError("too_large", f"{where}：超过 {size} MB。请删除图片和无关工作表，或分成几个文件上传。")
    return data


def _locked(where: str) -> SheetError:
    return SheetError("password", f"{where}：设有打开密码，读不出内容。请在 WPS 或 Excel 中取消密码后再上传。")


def _broken(where: str) -> SheetError:
    return SheetError(
        "broken", f"{where}：不是能读的表格或文件已损坏。请用 WPS 或 Excel 打开原文件，另存为 xlsx 后再上传。"
    )


def _read_workbook(file: str | io.BytesIO, extents: list[Extent], where: str, limits: Limits) -> list[Sheet]:
    check_total(where, extents, limits)
    try:
        with calamine.CalamineWorkbook.from_object(file) as book:
            wanted = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
            if len(book.sheets_metadata) > limits.max_sheets:
                raise SheetError("too_many_sheets", f"{where}：工作表超过 {limits.max_sheets} 张。请拆成几个文件上传。")
            if not wanted:
                raise SheetError("no_sheets", f"{where}：里面没有工作表。请检查后重新上传。")
            order = {meta.name: index for index, meta in enumerate(book.sheets_metadata)}
            found = [(meta, book.get_sheet_by_name(meta.name)) for meta in wanted]
        # The archive is closed before rows are made: both together would be the most memory that an import takes.
        hidden = {name: extents[at].hidden_rows for name, at in order.items() if at < len(extents)}
        return [_read_sheet(meta, sheet, hidden.get(meta.name, ()), where, limits) for meta, sheet in found]
    except calamine.PasswordError as error:
        raise _locked(where) from error
    except (calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise _broken(where) from error
    except BaseException as error:  # what a broken file makes the reader's Rust code stumble over is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _broken(where) from error


def _read_sheet(
    meta: calamine.SheetMetadata, sheet: calamine.CalamineSheet, hidden_rows: Iterable[int], where: str, limits: Limits
) -> Sheet:
    if sheet.end is not None:
        check_extent(f"{where}工作表“{meta.name}”", sheet.end[0] + 1, sheet.end[1] + 1, limits)
    return Sheet(
        name=meta.name,
        hidden=meta.visible != calamine.SheetVisibleEnum.Visible,
        rows=_rows(sheet),
        merged=[(a, b, c, d) for (a, b), (c, d) in sheet.merged_cell_ranges or []],
        hidden_rows=frozenset(hidden_rows),
    )


def _rows(sheet: calamine.CalamineSheet) -> list[list[Cell]]:
    """All rows from A1 on; texts that are equal are one object, so that a large sheet takes half the memory."""
    if sheet.start is None:
        return []
    known: dict[str, str] = {}
    shared = known.setdefault
    rows: list[list[Cell]] = [
        [shared(cell, cell) if cell.__class__ is str else cell for cell in row] for row in sheet.iter_rows()
    ]
    if sheet.start[1]:
        before: list[Cell] = [""] * sheet.start[1]
        return [before + row for row in rows]
    return rows


def _read_text(data: bytes, name: str, where: str, limits: Limits) -> Sheet:
    text = _decoded(data, where)
    if text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<table", "<?xml", "<meta", "mime-version")):
        raise SheetError(
            "web_page", f"{where}：是网页格式，只是后缀写成了表格。请用 WPS 或 Excel 打开，另存为 xlsx 后再上传。"
        )
    if text.startswith("%PDF") or text.startswith("{\\rtf"):
        raise _broken(where)
    rows: list[list[Cell]] = []
    columns = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False):
            rows.append(list(row))
            columns = max(columns, len(row))
            if columns > limits.max_columns or len(rows) > limits.max_rows:
                check_extent(where, len(rows), columns, limits)
    except csv.Error as error:
        raise SheetError(
            "bad_csv",
            f"{where}第 {len(rows) + 1} 行：引号没有配对或一格过长。请用 WPS 或 Excel 打开，另存为 xlsx 后再上传。",
        ) from error
    check_extent(where, len(rows), columns, limits)
    for cells in rows:
        if len(cells) < columns:
            cells += [""] * (columns - len(cells))
    return Sheet(name=name, hidden=False, rows=rows)


def _decoded(data: bytes, where: str) -> str:
    """UTF-8 with or without mark, UTF-16 with mark, else GB18030, which every older Chinese system writes."""
    encoding = "utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\x00" in data:
        raise _broken(where)
    for attempt in (encoding, "gb18030"):
        try:
            return data.decode(attempt)
        except UnicodeDecodeError:
            continue
    raise SheetError("encoding", f"{where}：文字编码认不出来。请用 WPS 或 Excel 打开，另存为 xlsx 后再上传。")


def _delimiter(text: str) -> str:
    head = text[:20_000].splitlines()[:20]
    return max(",\t;|，", key=lambda mark: (sum(line.count(mark) for line in head), mark == ","))
