"""Several sheets of one book with the same header, read as one table: a village a sheet, a month a sheet."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from zhenwu.lib.sheets.book import Cell
from zhenwu.lib.sheets.header import Column
from zhenwu.lib.sheets.problems import SheetError
from zhenwu.lib.sheets.table import DataRow, Table

_PART: Final = 10_000_000  # more than any sheet has rows: row 5 of the third sheet is number 20,000,005
_NUMBERED: Final = re.compile(r"第 (\d{8,}) 行")
SHEET_NAME: Final = "工作表名"


def join_tables(tables: Sequence[Table]) -> Table:
    """One table of all. Raises SheetError when their headers differ."""
    first = tables[0]
    if len(tables) == 1:
        return first
    for other in tables[1:]:
        if not same_header(first, other):
            raise SheetError(
                "other_header",
                f"工作表“{other.sheet}”的表头与“{first.sheet}”不一样，不能一起导入。请把它去掉，另外再导入一次。",
            )
    rows, dropped, filled = list[DataRow](), list[tuple[int, str]](), dict[int, set[int]]()
    for part, table in enumerate(tables):
        begin = part * _PART
        at = _aligned(first, table)
        rows += [DataRow(begin + row.number, at(row.cells) if at else row.cells) for row in table.rows]
        dropped += [(begin + number, why) for number, why in table.dropped]
        filled |= {begin + number: columns for number, columns in table.filled.items()}
    names = tuple(table.sheet for table in tables)
    units = {table.sheet_unit for table in tables}
    if len(units) > 1:
        raise SheetError(
            "other_unit",
            f"这些工作表上写的计量单位不一样（{'、'.join(sorted(one or '没有写' for one in units))}），请分开导入。",
        )
    days = {table.sheet_day for table in tables}
    return replace(
        first, sheet="、".join(names), parts=names, rows=rows, dropped=dropped, filled=filled,
        sheet_day=days.pop() if len(days) == 1 else None,
    )  # fmt: skip


def same_header(one: Table, other: Table) -> bool:
    return [(column.path, column.unit) for column in one.columns] == [
        (column.path, column.unit) for column in other.columns
    ]


def with_sheet_names(table: Table) -> Table:
    """The table with one more column: the name of the sheet that a row stands on."""
    index = max((len(row.cells) for row in table.rows), default=0)
    names = table.parts or (table.sheet,)
    rows = [
        DataRow(row.number, [*row.cells, *[""] * (index - len(row.cells)), names[row.number // _PART]])
        for row in table.rows
    ]
    return replace(table, columns=[*table.columns, Column(index, (SHEET_NAME,), SHEET_NAME, None)], rows=rows)


def beside(table: Table, others: Sequence[Table]) -> tuple[Table, list[Table]]:
    """The table, and other sheets that belong to it, their rows numbered behind its own so that each number says one row."""
    begin = max(len(table.parts), 1)
    moved = [
        replace(
            other,
            rows=[DataRow((begin + at) * _PART + row.number, row.cells) for row in other.rows],
            filled={(begin + at) * _PART + number: columns for number, columns in other.filled.items()},
        )
        for at, other in enumerate(others)
    ]
    return replace(table, others=tuple(other.sheet for other in others)), moved


def where(table: Table, number: int) -> str:
    """第 5 行, with the sheet's name where there are several."""
    if not table.parts and number < _PART:
        return f"第 {number} 行"
    names = (*(table.parts or (table.sheet,)), *table.others)
    return f"“{names[number // _PART]}”第 {number % _PART} 行"


def said_with_sheets(table: Table, message: str) -> str:
    """A message about rows, with the sheets' names where there are several."""
    several = table.parts or table.others
    return _NUMBERED.sub(lambda found: where(table, int(found[1])), message) if several else message


def _aligned(first: Table, other: Table) -> Callable[[list[Cell]], list[Cell]] | None:
    """What moves the cells of `other` to the columns of `first`; None when they stand there already."""
    pairs = [(column.index, there.index) for column, there in zip(other.columns, first.columns, strict=True)]
    if all(here == there for here, there in pairs):
        return None
    width = max(there for _, there in pairs) + 1

    def moved(cells: list[Cell]) -> list[Cell]:
        found: list[Cell] = [""] * width
        for here, there in pairs:
            found[there] = cells[here]
        return found

    return moved
