"""The rows of a sheet that cannot be imported, given back with every bad cell coloured and explained."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.staged import Staged
from zhenwu.lib.sheets import BookWriter, CellMark, Column, SheetColumn, Table, where

_ROW, _WHY = "原行号", "问题说明"
_Problems = dict[int, list[RowProblem]]  # by the number of the row on which they are said


def give_back(staged: Staged, target: str | Path | IO[bytes]) -> None:
    """The rows that have problems as they were read, with their lines; and what was left out and why. Mended, the file can be
    imported as it is."""
    problems: _Problems = {}
    for one in staged.problems:
        problems.setdefault(one.at, []).append(one)
    own, on_sheets = _numbers(staged)
    with BookWriter(target) as book:
        if own:
            cells = {row.number: row.cells for row in staged.table.rows}
            for source in staged.lines:
                cells |= {} if source.own_sheet else {row.number: row.cells for row in source.table.rows}
            _sheet(book, "需要修改", staged.table.columns, staged.mapping, staged.table, [
                (number, cells[number], problems.get(number, ())) for number in own
            ])  # fmt: skip
        for source, wanted in zip(staged.lines, on_sheets, strict=True):
            rows = [
                (row.number, row.cells, problems.get(row.number, ()))
                for row in source.table.rows
                if row.number in wanted
            ]
            if rows:
                mapping = [*source.mapping, *source.parent]
                _sheet(book, source.table.sheet, source.table.columns, mapping, staged.table, rows)
        if not staged.problems:
            book.add_sheet("没有问题", [SheetColumn("说明", width=40)], [["所有行都可以导入。"]])
        if staged.table.dropped:
            book.add_sheet(
                "未作为数据的行",
                [_row_column(staged.table), SheetColumn("原因", width=60)],
                [[_number(staged.table, number), why] for number, why in staged.table.dropped],
            )


def _numbers(staged: Staged) -> tuple[list[int], list[set[int]]]:
    """The rows of the main sheet to give back, and of each sheet of lines: bad rows, and all lines of theirs."""
    elsewhere = {row.number for one in staged.lines if one.own_sheet for row in one.table.rows}
    numbers = {staged.rows.numbers[at] for at in staged.rows.problems}
    numbers |= {
        line.number for at in staged.rows.problems for said in staged.rows.lines.get(at, {}).values() for line in said
    }
    return sorted(numbers - elsewhere), [
        numbers & {row.number for row in one.table.rows} if one.own_sheet else set() for one in staged.lines
    ]


def _sheet(
    book: BookWriter, title: str, columns: Sequence[Column], mapping: Iterable[Mapped], table: Table,
    rows: Sequence[tuple[int, Sequence[Any], Sequence[RowProblem]]],
) -> None:  # fmt: skip
    head = [_row_column(table), *(SheetColumn(one.label or f"第{one.index + 1}列") for one in columns)]
    head.append(SheetColumn(_WHY, width=60))
    at_column = {one.target: 1 + columns.index(one.column) for one in mapping if one.target}
    marks = [
        CellMark(place, _column_of(problem.field, at_column, len(head) - 1), "red", problem.message)
        for place, (_, _, wrong) in enumerate(rows)
        for problem in wrong
    ]
    body = [
        [
            _number(table, number),
            *(_as_text(cells[one.index]) for one in columns),
            "\n".join(one.message for one in wrong),
        ]
        for number, cells, wrong in rows
    ]
    book.add_sheet(title, head, body, marks=marks)


def _column_of(field: str, at_column: dict[str, int], otherwise: int) -> int:
    """Of a line's cell (field.line.column) the column is told as field.column on the main sheet, else by its own code."""
    parts = field.split(".")
    for target in (field, f"{parts[0]}.{parts[-1]}", parts[-1]):
        if target in at_column:
            return at_column[target]
    return otherwise


def _row_column(table: Table) -> SheetColumn:
    return SheetColumn(_ROW, "text" if table.parts or table.others else "integer")


def _number(table: Table, number: int) -> int | str:
    return where(table, number) if table.parts or table.others else number


def _as_text(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 13800001234.0 would come back as another text
    return value.isoformat() if hasattr(value, "isoformat") else value
