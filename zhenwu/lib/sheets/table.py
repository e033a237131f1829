"""The table on a sheet: its header of one to three rows, its data rows, and what was left out and why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from zhenwu.lib.dates import day_in_note
from zhenwu.lib.sheets.book import Cell, Sheet
from zhenwu.lib.sheets.header import Column, Header, find_header
from zhenwu.lib.sheets.problems import SheetError
from zhenwu.lib.text import clean_header, unit_in_note

_TOTAL: Final = re.compile(r"^.{0,14}(?:合计|小计|总计|共计|累计)(?:数|金额|人数|户数)?(?:[(:].*)?$")
_SIGNATURE: Final = re.compile(
    r"^[^:]{0,8}(?:填表|填报|制表|审核|审批|经办|复核|负责人|签字|签章|签名|盖章|联系人|联系电话|报送|单位领导|分管领导|主要领导|日期|时间)[^:]{0,8}:"
)
_SIGNER: Final = re.compile(
    r"^(?:(?:填表|填报|制表|审核|审批|经办|复核|负责|报送|联系)人|单位负责人|(?:分管|主要|单位)领导|签字|签章|盖章)(?:\((?:签字|签名|签章|盖章)\))?$"
)
_FOOTNOTE: Final = re.compile(r"^(?:注|备注|说明|填表说明|附注|注意|附)\d?:|^(?:注|说明)[0-9]?[、.]")
_PAGE: Final = re.compile(r"^第\d+页.*|^\d+/\d+页?$|^-\d+-$")
_SUSPICIOUS: Final = re.compile(r"[计:：]|^[\s注说备附第(\-]|^\d+/|^\s*$", re.MULTILINE)
_NUMBER: Final = re.compile(r"^\d+(?:\.0)?$")
_SERIAL_LABELS: Final = {"序号", "编号", "序", "No", "NO", "no", "行次"}
REPEATED_HEADER: Final = "重复的表头"
_BLOCK: Final = 50  # rows that are judged at once when nothing in them is suspicious
_LOOKED_AT: Final = 5  # a subtotal names itself within the first columns


@dataclass(slots=True)
class DataRow:
    """One data row. `number` is the row's number on the sheet, from 1; `cells` spans the sheet, so index it by `Column.index`."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as found.

    `header_rows` are 1-based. `dropped` lists (row number, why) of all rows below the header that are not data.
    `filled` tells, by row number, the columns whose value comes from a merged cell above: an amount of a household merged
    over its members is one amount. `sheet_unit` is the unit a note row states for the whole sheet, `sheet_day` the day
    that a title, a note row or a signature row states. `unnamed` are columns
    (letters) that hold data under no header. `parts` are the names of the sheets when several were joined (see `joined`),
    `others` of further sheets of the book whose rows are numbered behind those.
    """

    sheet: str
    header_rows: tuple[int, ...]
    columns: list[Column]
    rows: list[DataRow]
    dropped: list[tuple[int, str]]
    sheet_unit: str | None = None
    sheet_day: date | None = None
    filled: dict[int, set[int]] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)
    parts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def find_table(sheet: Sheet, known_headers: Iterable[str] | None = None) -> Table:
    """Find header and data. `known_headers` are the labels and aliases asked for; two-level ones are written 收入/工资性.

    Which columns must be there is the caller's to say. Raises SheetError when no header, or none of the known, is found.
    """
    header = find_header(sheet, known_headers)
    body_start = header.last + 1
    rows, filled = _filled_down(sheet, body_start)
    keep: list[DataRow] = []
    dropped: list[tuple[int, str]] = []
    judge = _Judge(sheet, header)
    for start in range(body_start, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        if judge.are_plainly_data(start, block):
            keep += map(DataRow, range(start + 1, start + 1 + len(block)), block)
            continue
        for index, cells in enumerate(block, start):
            if why := judge.why_dropped(index, cells):
                if (
                    why == REPEATED_HEADER
                    and keep
                    and keep[-1].number == index
                    and judge.says_one_thing(keep[-1].cells)
                ):
                    dropped.append((keep.pop().number, "重复的标题或页码"))  # the next page's title, over its header
                dropped.append((index + 1, why))
            else:
                keep.append(DataRow(index + 1, cells))
    if not keep:
        raise SheetError(
            "no_rows",
            f"工作表“{sheet.name}”：第 {header.last + 1} 行是表头，下面没有数据。请检查是否传错文件或工作表。",
        )
    return Table(
        sheet=sheet.name,
        header_rows=tuple(range(header.first + 1, header.last + 2)),
        columns=header.columns,
        rows=keep,
        dropped=dropped,
        sheet_unit=_unit_above(sheet, header.first),
        sheet_day=_day_beside(sheet, header.first, dropped),
        filled={number: columns for number, columns in filled.items() if columns},
        unnamed=_unnamed(sheet, header, keep),
    )


class _Judge:
    """Says why a row below the header is no data. Made for 100,000 rows: usual ones are looked at many at once."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self._hidden = sheet.hidden_rows
        first = header.columns[0]
        self._serial = first.index if first.path[-1] in _SERIAL_LABELS else None
        self._header_rows = [self._texts(sheet.rows[row]) for row in range(header.first, header.last + 1)]
        self._header_starts = {texts[0] for texts in self._header_rows if texts}
        self._titles = {text for row in sheet.rows[: header.first] for text in self._texts(row)}
        self._starts = self._header_starts | self._titles
        self._last_header = header.last
        self._columns = len(header.columns)
        self._known_starts: dict[str, bool] = {}  # first text of a row → whether a header or title begins so

    def are_plainly_data(self, index: int, block: list[list[Cell]]) -> bool:
        """Whether all rows of a block, the first of which is `index`, are data at first sight."""
        if index <= self._last_header + 1 or not self._hidden.isdisjoint(range(index + 1, index + 1 + len(block))):
            return False
        if self._serial is not None:
            return all(self._is_plainly_data(cells) for cells in block)
        heads = [[cell for cell in cells[:_LOOKED_AT] if cell.__class__ is str and cell] for cells in block]
        return (
            min(map(len, heads)) > 1
            and not _SUSPICIOUS.search("\n".join(map("\n".join, heads)))
            and not any(self._begins_a_header(head[0]) for head in heads)
        )

    def _begins_a_header(self, text: str) -> bool:
        known = self._known_starts.get(text)
        if known is None:
            known = self._known_starts[text] = clean_header(text) in self._starts
        return known

    def why_dropped(self, index: int, cells: list[Cell]) -> str | None:
        if self._hidden and index + 1 in self._hidden:
            return "隐藏行"
        if index > self._last_header + 1 and self._is_plainly_data(cells):
            return None
        texts = self._texts(cells)
        if not texts:
            return "空行"
        if self._serial is not None and len(texts) == 1 and _NUMBER.match(clean_header(cells[self._serial])):
            return "只有序号的空行"
        if index == self._last_header + 1 and self._is_column_numbers(texts):
            return "栏次行"
        if texts[0] in self._header_starts and any(self._repeats(texts, row) for row in self._header_rows):
            return REPEATED_HEADER
        return self._by_words(cells, texts)

    def says_one_thing(self, cells: list[Cell]) -> bool:
        return len(self._texts(cells)) == 1

    def _is_plainly_data(self, cells: list[Cell]) -> bool:
        serial = self._serial
        if serial is not None and type(cells[serial]) in (int, float):
            return any(cell != "" for cell in cells[serial + 1 :])
        head = [cell for cell in cells[:_LOOKED_AT] if cell.__class__ is str and cell]
        return len(head) > 1 and not _SUSPICIOUS.search("\n".join(head)) and not self._begins_a_header(head[0])

    def _by_words(self, cells: list[Cell], texts: list[str]) -> str | None:
        for cell in cells[:_LOOKED_AT]:
            if isinstance(cell, str) and "计" in cell and _TOTAL.match(clean_header(cell)):
                return "合计、小计行"
        first = texts[0]
        if (_SIGNATURE.match(first) or _SIGNER.match(first)) and len(texts) <= max(4, self._columns // 2):
            return "填表人、审核人等落款"
        if _FOOTNOTE.match(first) and len(texts) <= 2:
            return "表下说明"
        if len(texts) <= 2 and (first in self._titles or _PAGE.match(first)):
            return "重复的标题或页码"
        return None

    @staticmethod
    def _texts(cells: list[Cell]) -> list[str]:
        return [text for cell in cells if cell != "" and (text := clean_header(cell))]

    @staticmethod
    def _repeats(texts: list[str], header: list[str]) -> bool:
        same = len(set(texts) & set(header))
        return same >= 2 and same * 5 >= len(set(texts)) * 4

    @staticmethod
    def _is_column_numbers(texts: list[str]) -> bool:
        """甲 乙 1 2 3 or (1)(2)(3) under the header."""
        numbers = [int(m[1]) for text in texts if (m := re.fullmatch(r"[(]?(\d{1,3})(?:\.0)?[)]?", text))]
        letters = sum(text in "甲乙丙丁戊ABCDE" for text in texts)
        marked = letters or texts[0].startswith("(")  # without such a mark three numbers may be data
        enough = len(numbers) >= (1 if marked else 4) and len(texts) > 2
        return enough and len(numbers) + letters == len(texts) and numbers == list(range(1, len(numbers) + 1))


def _filled_down(sheet: Sheet, start: int) -> tuple[list[list[Cell]], dict[int, set[int]]]:
    """Rows with vertically merged cells repeated; the sheet's own rows stay as they were."""
    filled: dict[int, set[int]] = {}
    merged = [area for area in sheet.merged if area[2] > area[0] and area[2] >= start]
    if not merged:
        return sheet.rows, filled
    rows = list(sheet.rows)
    for top, column, bottom, _ in merged:
        if top < start or column >= len(rows[top] if top < len(rows) else ()):
            continue
        value = sheet.rows[top][column]
        if value == "":
            continue
        for row in range(top + 1, min(bottom, len(rows) - 1) + 1):
            columns = filled.setdefault(row + 1, set())
            if not columns:
                rows[row] = list(rows[row])
            rows[row][column] = value
            columns.add(column)
    return rows, filled


def _unit_above(sheet: Sheet, header_first: int) -> str | None:
    for row in sheet.rows[:header_first]:
        for cell in row:
            if isinstance(cell, str) and (unit := unit_in_note(cell)):
                return unit
    return None


def _day_beside(sheet: Sheet, header_first: int, dropped: list[tuple[int, str]]) -> date | None:
    """Above the header, else below the rows; the day may stand in the cell beside its label."""
    below = [sheet.rows[number - 1] for number, _ in reversed(dropped[-_LOOKED_AT:])]
    for row in [*sheet.rows[:header_first], *below]:
        if day := day_in_note(";".join(_words(cell) for cell in row if cell != "")):
            return day
    return None


def _words(cell: Cell) -> str:
    return f"{cell:%Y-%m-%d}" if isinstance(cell, date) else str(cell)


def _unnamed(sheet: Sheet, header: Header, rows: list[DataRow]) -> list[str]:
    width = len(sheet.rows[0]) if sheet.rows else 0
    free = set(range(width)) - {column.index for column in header.columns}
    return [column_letters(index) for index in sorted(free) if any(row.cells[index] != "" for row in rows)]


def column_letters(index: int) -> str:
    """0 -> A, 26 -> AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
