"""Writing sheets. A cell's text is never a formula or a link: names typed by strangers end up in these files."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

ColumnKind = Literal["text", "integer", "decimal", "date", "percent"]
Colour = Literal["red", "yellow", "blue"]

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FILLS: Final = {"red": "#FFC7CE", "yellow": "#FFEB9C", "blue": "#DDEBF7"}
_LONGEST: Final = 32_767
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS: Final = {code: None for code in range(32) if chr(code) not in "\n\t"}
_FORBIDDEN_IN_TITLE: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column to write. `kind` text keeps long numbers (身份证号) whole; `width` is in characters of half width."""

    label: str
    kind: ColumnKind = "text"
    places: int = 2
    width: float | None = None


@dataclass(frozen=True, slots=True)
class CellMark:
    """Colour and explanation of one cell of an error sheet; `row` counts data rows from 0."""

    row: int
    column: int
    colour: Colour
    comment: str


class BookWriter:
    """An xlsx file being written; use as a context manager.

    `constant_memory` keeps one row in memory at a time, for large exports.
    """

    def __init__(self, target: str | Path | IO[bytes], *, constant_memory: bool = False) -> None:
        options = {
            "constant_memory": constant_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
        self._formats: dict[tuple[str, int, str | None], Format] = {}
        self._titles: set[str] = set()

    def __enter__(self) -> "BookWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._book.close()

    def add_sheet(
        self,
        title: str,
        columns: Sequence[SheetColumn],
        rows: Iterable[Sequence[object]],
        *,
        marks: Iterable[CellMark] = (),
        heading: str | None = None,
    ) -> int:
        """Write one sheet with a frozen header; returns the number of data rows. None and "" become empty cells.

        `heading` is a title row above the header. Marked cells are coloured and carry their explanation as a comment.
        """
        sheet = self._book.add_worksheet(self._free_title(title))
        header = 1 if heading else 0
        self._layout(sheet, columns, heading)
        by_place: dict[tuple[int, int], list[CellMark]] = {}
        for mark in marks:
            by_place.setdefault((mark.row, mark.column), []).append(mark)
        writers = [self._writer(sheet, index, column) for index, column in enumerate(columns)]
        count = 0
        for count, row in enumerate(rows, start=1):
            at = header + count
            for write, value in zip(writers, row, strict=True):
                if value is not None and value != "":
                    write(at, value)
            for index, column in enumerate(columns) if by_place else ():
                if found := by_place.get((count - 1, index)):
                    self._mark(sheet, at, index, column, row[index], found)
        if count and columns:
            sheet.autofilter(header, 0, header + count, len(columns) - 1)
        return count

    def _layout(self, sheet: Worksheet, columns: Sequence[SheetColumn], heading: str | None) -> None:
        header = 1 if heading else 0
        for index, column in enumerate(columns):
            # The column's own format keeps what is typed below the last row as text, so a new 身份证号 is not cut.
            sheet.set_column(index, index, column.width or _width(column.label), self._format(column, None))
        if heading:
            style = self._style("heading", {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
            if len(columns) > 1:
                sheet.merge_range(0, 0, 0, len(columns) - 1, "", style)
            sheet.write_string(0, 0, heading, style)
        style = self._style(
            "header",
            {
                "bold": True,
                "text_wrap": True,
                "align": "center",
                "valign": "vcenter",
                "border": 1,
                "bg_color": "#F2F2F2",
            },
        )
        for index, column in enumerate(columns):
            sheet.write_string(header, index, column.label, style)
        sheet.freeze_panes(header + 1, 0)

    def _writer(
        self, sheet: Worksheet, index: int, column: SheetColumn, colour: str | None = None
    ) -> Callable[[int, Any], None]:
        """What writes a value (not empty) into one row of a column."""
        style = self._format(column, colour)
        is_number, is_date = column.kind in ("integer", "decimal", "percent"), column.kind == "date"
        text, number, day = sheet.write_string, sheet.write_number, sheet.write_datetime

        def write(row: int, value: Any) -> None:
            if value.__class__ is str:
                text(row, index, value if value.isprintable() and len(value) <= _LONGEST else _text(value), style)
            elif is_number and isinstance(value, (int, Decimal)) and not isinstance(value, bool):
                number(row, index, float(value) if isinstance(value, Decimal) else value, style)
            elif is_date and isinstance(value, date):
                day(row, index, value, style)
            else:
                text(row, index, _text(value), style)

        return write

    def _mark(
        self, sheet: Worksheet, row: int, index: int, column: SheetColumn, value: object, marks: Sequence[CellMark]
    ) -> None:
        colour = marks[0].colour
        if value is None or value == "":
            sheet.write_blank(row, index, None, self._format(column, colour))
        else:
            self._writer(sheet, index, column, colour)(row, value)
        text = "\n".join(mark.comment for mark in marks)
        sheet.write_comment(row, index, text, {"x_scale": 2, "y_scale": 1.2, "font_size": 10})

    def _format(self, column: SheetColumn, colour: str | None) -> Format:
        key = (column.kind, column.places if column.kind in ("decimal", "percent") else 0, colour)
        if key not in self._formats:
            decimals = "." + "0" * column.places if column.places else ""
            number = {
                "text": "@", "integer": "0", "date": "yyyy-mm-dd",
                "decimal": f"#,##0{decimals}", "percent": f'0{decimals}"%"',
            }[column.kind]  # fmt: skip
            style: dict[str, Any] = {"num_format": number}
            if colour:
                style |= {"bg_color": _FILLS[colour], "border": 1}
            self._formats[key] = self._book.add_format(style)
        return self._formats[key]

    def _style(self, name: str, properties: dict[str, Any]) -> Format:
        key = (name, 0, None)
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def _free_title(self, title: str) -> str:
        base = title.translate(_FORBIDDEN_IN_TITLE).strip()[:31] or "Sheet"
        free, number = base, 1
        while free.casefold() in self._titles:
            number += 1
            tail = f"({number})"
            free = base[: 31 - len(tail)] + tail
        self._titles.add(free.casefold())
        return free


def write_csv(target: IO[str], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write CSV with a byte-order mark, so that Excel shows Chinese; returns the number of data rows.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers.
    """
    target.write("\ufeff")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([_defused(label) for label in columns])
    count = 0
    for row in rows:
        writer.writerow([_defused(value) for value in row])
        count += 1
    return count


def _defused(value: object) -> str:
    text = _text(value)
    if isinstance(value, (int, float, Decimal)):
        return text
    return f"'{text}" if text.lstrip(" \u3000").startswith(_RISKY) or text.startswith(_RISKY) else text


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case Mapping():
            return "；".join(f"{key}：{_text(item)}" for key, item in value.items())
        case list() | tuple():
            return "、".join(_text(item) for item in value)
    # A cell holds at most 32,767 characters; XML allows no control characters.
    return str(value).translate(_CONTROLS)[:_LONGEST]


def _width(label: str) -> float:
    return min(max(sum(2 if char > "\u2e80" else 1 for char in label) + 4, 10), 40)
