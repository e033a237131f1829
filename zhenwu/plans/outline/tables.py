"""Tables: rows aligned with blanks in text files, and what a table of targets (指标分解表) says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, Protocol

from zhenwu.lib.numerals import exact, split_scale
from zhenwu.plans.outline.folding import fold, squeeze
from zhenwu.plans.outline.model import Number, TableTarget
from zhenwu.plans.outline.source import Paragraph

_CELL: Final = re.compile(r"\S+(?: \S+)*")
_HEADER_WORDS: Final = re.compile(r"指标|项目|任务|目标|单位|序号|名称|时限|内容|完成|责任")
_COLUMNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("office", re.compile(r"责任|牵头|主办|配合|承办")),
    ("due", re.compile(r"时限|期限|时间|进度")),
    ("unit", re.compile(r"^(?:计量)?单位$")),
    ("target", re.compile(r"目标|计划|任务数|预期|指标值|力争")),
    ("base", re.compile(r"完成|实际|实绩|实现|基数|上年|去年|现状|基期|预计|^20\d\d年$")),
    ("indicator", re.compile(r"指标|项目|名称|内容|任务")),
)
_VALUE: Final = re.compile(
    r"(?P<op>≥|>=|>|≤|<=|<|不少于|不低于|不小于|不超过|不高于|不大于|控制在|达到|突破|超过|约)?\s*"
    r"(?P<number>-?\d[\d,]{0,20}(?:\.\d{1,8})?)\s*(?P<unit>[^\d\s]*?)(?P<tail>以上|及以上|以下|以内|左右|之内)?"
)
_AT_LEAST: Final = frozenset({"≥", ">=", ">", "不少于", "不低于", "不小于", "达到", "突破", "超过", "以上", "及以上"})
_AT_MOST: Final = frozenset({"≤", "<=", "<", "不超过", "不高于", "不大于", "控制在", "以下", "以内", "之内"})


class Row(Protocol):
    """A row of a table: its paragraph and its cells."""

    @property
    def paragraph(self) -> int: ...
    @property
    def cells(self) -> tuple[str, ...] | None: ...


def screen_width(text: str) -> int:
    """How many columns a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cells(text: str) -> list[tuple[int, str]]:
    """The cells of a line and the screen column each begins in. Cells stand two blanks, a tab or a bar apart."""
    line = text.replace("\u3000", "  ").replace("\t", "  ").replace("|", "  ").replace("｜", "   ").replace("│", "  ")
    return [(screen_width(line[: match.start()]), match[0]) for match in _CELL.finditer(line)]


def mark_tables(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Gives rows of blank-aligned text their cells. Rows a docx gave already stay as they are."""
    marked = list(paragraphs)
    table = max((paragraph.table or 0 for paragraph in paragraphs), default=0)
    place = 0
    while place < len(marked):
        header = _cells(marked[place].text) if marked[place].cells is None else []
        if not (len(header) >= 3 and sum(bool(_HEADER_WORDS.search(cell)) for _, cell in header) >= 2):
            place += 1
            continue
        last = place + 1
        while last < len(marked) and marked[last].cells is None and len(_cells(marked[last].text)) >= 3:
            last += 1
        if last - place > 1:
            table += 1
            for row in range(place, last):
                cells = _aligned(_cells(marked[row].text), header)
                marked[row] = replace(marked[row], cells=cells, table=table)
        place = last
    return marked


def _aligned(cells: list[tuple[int, str]], header: list[tuple[int, str]]) -> tuple[str, ...]:
    if len(cells) == len(header):
        return tuple(cell for _, cell in cells)
    row = [""] * len(header)
    for column, cell in cells:  # an empty cell leaves no trace but its place
        middle = column + screen_width(cell) / 2
        nearest = min(range(len(header)), key=lambda at: abs(header[at][0] + screen_width(header[at][1]) / 2 - middle))
        row[nearest] = f"{row[nearest]} {cell}".strip()
    return tuple(row)


def targets_in(rows: Sequence[Row]) -> list[TableTarget]:
    """The targets of one table, [] when its header names no indicator or no target column."""
    header, body = _header(rows)
    columns = _columns(header)
    if not {"indicator", "target"} <= columns.keys():
        return []
    found = []
    for row in body:
        cells = {name: _cell(row, at) for name, at in columns.items()}
        label, unit = _label_and_unit(cells["indicator"], cells.get("unit", ""))
        if label and (cells["target"] or cells.get("base")):
            found.append(_target(label, unit, cells, row))
    return found if any(target.target is not None for target in found) else []


def _header(rows: Sequence[Row]) -> tuple[list[str], Sequence[Row]]:
    """Header cells (up to three header rows joined) and the rows below."""
    for place, row in enumerate(rows[:4]):
        cells = [fold(squeeze(cell)) for cell in row.cells or ()]
        if sum(bool(_HEADER_WORDS.search(cell)) for cell in cells) >= 2:
            below = place + 1
            while below < min(place + 3, len(rows)) and not any(
                re.match(r"[-≥≤]?\d", c) for c in rows[below].cells or ()
            ):
                extra = [fold(squeeze(cell)) for cell in rows[below].cells or ()]
                if sum(bool(re.search(r"目标|完成|计划|实际|年", cell)) for cell in extra) < 2:
                    break
                cells = [a if a == b else a + b for a, b in zip(cells, extra, strict=False)]
                below += 1
            return cells, rows[below:]
    return [], []


def _columns(header: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for at, cell in enumerate(header):
        name = next((name for name, pattern in _COLUMNS if pattern.search(cell)), None)
        if name == "target" and "target" in columns and "全年" not in cell and "年度" not in cell:
            continue
        if name == "indicator" and name in columns and "指标" in header[columns[name]]:
            continue
        if name and (name not in columns or name in {"target", "indicator"}):
            columns[name] = at
    return columns


def _cell(row: Row, at: int) -> str:
    cells = row.cells or ()
    return fold(cells[at]).strip() if at < len(cells) else ""


def _label_and_unit(label: str, unit: str) -> tuple[str, str]:
    """粮食产量(吨) -> (粮食产量, 吨), when the table has no column of units."""
    match = re.fullmatch(r"(.+?)[(\[]([^()\[\]]{1,8})[)\]]", label)
    return (match[1].strip(), match[2]) if match and not unit else (label, unit)


def _target(label: str, unit: str, cells: dict[str, str], row: Row) -> TableTarget:
    target, own_unit, op = _value(cells["target"], unit)
    base, _, _ = _value(cells.get("base", ""), unit)
    due = cells.get("due") or None
    return TableTarget(label, own_unit, base, target, due, op, cells.get("office") or None, row.paragraph)


def _value(cell: str, unit: str) -> tuple[Number | None, str, str | None]:
    match = _VALUE.fullmatch(cell.strip())
    if match is None:
        return None, split_scale(unit)[1], None
    factor, plain = split_scale(match["unit"] or unit)
    value = exact(Decimal(match["number"].replace(",", "")) * factor)
    signs = {match["op"], match["tail"]}
    op = ">=" if signs & _AT_LEAST else "<=" if signs & _AT_MOST else None
    return value, plain or split_scale(unit)[1], op
