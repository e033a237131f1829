"""Finding the header rows of a sheet, under titles and note rows, with merged groups."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from zhenwu.lib.sheets.book import Sheet
from zhenwu.lib.sheets.problems import SheetError
from zhenwu.lib.text import clean_header, split_unit

_SEARCHED_ROWS: Final = 60
_MAX_LEVELS: Final = 3
_NOTE: Final = re.compile(
    r"(?:填报|编制|制表|报送|计量)?(?:单位|时间|日期|人)(?:\([^)]*\))?:|^\d{4}年\d+月|^附件\d*|^附表"
)
_NUMERIC: Final = re.compile(r"^[-+]?[\d.,/%年月日-]+$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path` are its labels from the top, `label` is them joined (收入/工资性), `unit` what brackets said."""

    index: int
    path: tuple[str, ...]
    label: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """Rows `first` to `last` (0-based, both included) and the columns they name."""

    first: int
    last: int
    columns: list[Column]


def find_header(sheet: Sheet, known_headers: Iterable[str] | None) -> Header:
    """Raises SheetError, naming what was found, when there is no header or none of `known_headers` is in it."""
    known_headers = None if known_headers is None else list(known_headers)
    grid = _Grid(sheet)
    if not any(grid.filled(row) for row in range(grid.height)):
        raise SheetError("empty_sheet", f"工作表“{sheet.name}”：是空表。请检查是否传错文件或工作表。")
    known = None if known_headers is None else _parts(known_headers)
    anchor = _by_shape(grid) if known is None else _by_known(grid, known)
    if anchor is None:
        raise SheetError("no_header", _not_found(sheet, grid, known_headers))
    first = _climb(grid, anchor)
    last = _descend(grid, first, anchor, known)
    if last - first + 1 > _MAX_LEVELS:
        raise SheetError(
            "deep_header",
            f"工作表“{sheet.name}”：第 {first + 1} 至 {last + 1} 行是 {last - first + 1} 层表头，最多读 {_MAX_LEVELS} 层。"
            "请把表头合成三层以内。",
        )
    return Header(first, last, _columns(grid, first, last))


class _Grid:
    """The top of a sheet as cleaned text, with its merged areas."""

    def __init__(self, sheet: Sheet) -> None:
        self.raw = sheet.rows[:_SEARCHED_ROWS]
        self.height = len(self.raw)
        self.width = max(map(len, self.raw), default=0)
        self.text = [[clean_header(cell) for cell in row] for row in self.raw]
        self.merged = [area for area in sheet.merged if area[0] < self.height]
        self.used = max((len(self.filled(row)) for row in range(self.height)), default=0)

    def filled(self, row: int) -> list[int]:
        return [column for column, text in enumerate(self.text[row]) if text]

    def across(self, row: int) -> list[tuple[int, int]]:
        """Horizontal merged areas of one row that are groups, not titles over the whole table."""
        return [
            (left, right)
            for top, left, bottom, right in self.merged
            if top <= row <= bottom and right > left and right - left + 1 < self.used
        ]

    def is_words(self, row: int) -> bool:
        """Whether a row could be part of a header: only words, no numbers, dates, notes or titles."""
        filled = self.filled(row)
        return (
            len(filled) >= 2
            and all(isinstance(self.raw[row][column], str) for column in filled)
            and not any(_NUMERIC.match(self.text[row][column]) for column in filled)
            and not any(_NOTE.search(self.text[row][column]) for column in filled)
        )


def _parts(known_headers: Iterable[str]) -> set[str]:
    known = set()
    for name in known_headers:
        whole = clean_header(name)
        known |= {whole, *whole.split("/"), split_unit(name)[0]}
    return known - {""}


def _by_known(grid: _Grid, known: set[str]) -> int | None:
    """The row with the most known labels, the first of them; they may be spread over the levels of one header."""
    hits = [{text for text in row if text and (text in known or split_unit(text)[0] in known)} for row in grid.text]
    needed = min(2, len(known))
    best = max(range(grid.height), key=lambda row: len(hits[row]))
    if len(hits[best]) >= needed:
        return best
    for row in range(grid.height):
        levels = range(row, min(row + _MAX_LEVELS, grid.height))
        if hits[row] and len(set().union(*(hits[level] for level in levels))) >= needed:
            return row
    return None


def _by_shape(grid: _Grid) -> int | None:
    """The first row of words that spans most of the table, groups counted at their full width."""
    for row in range(grid.height):
        if not grid.is_words(row):
            continue
        spanned = len(grid.filled(row)) + sum(right - left for left, right in grid.across(row))
        if spanned * 10 >= grid.used * 6:
            return row
    return None


def _climb(grid: _Grid, anchor: int) -> int:
    """Up from the anchor over the group rows above it."""
    first = anchor
    while first > 0 and grid.is_words(first - 1) and _belongs_under(grid, first - 1, first):
        first -= 1
    tops = [top for top, left, bottom, right in grid.merged if top < first <= bottom and right - left + 1 < grid.used]
    return min([first, *tops])


def _descend(grid: _Grid, first: int, anchor: int, known: set[str] | None) -> int:
    last = anchor
    while last - first <= _MAX_LEVELS and last + 1 < grid.height:
        reach = max([bottom for top, _, bottom, _ in grid.merged if first <= top <= last], default=last)
        if reach > last:
            last = min(reach, grid.height - 1)
        elif (grid.is_words(last + 1) and _belongs_under(grid, last, last + 1)) or (
            known and _names_more(grid, last + 1, known)
        ):
            last += 1
        else:
            break
    return last


def _belongs_under(grid: _Grid, upper: int, lower: int) -> bool:
    """Whether `lower` holds the sub-labels of groups in `upper`: merged groups, or labels under blanks and blanks under labels."""
    below = set(grid.filled(lower))
    groups = grid.across(upper)
    if any(sum(column in below for column in range(left, right + 1)) >= 2 for left, right in groups):
        return True
    above = set(grid.filled(upper))
    if groups or not above:
        return False
    gaps = {column for column in range(min(above), grid.width) if column not in above}
    group_heads = {column for column in above if column + 1 in gaps}
    return bool(below & gaps) and below <= gaps | group_heads


def _names_more(grid: _Grid, row: int, known: set[str]) -> bool:
    """Whether a row right under the header consists of known labels too, most of its cells."""
    filled = grid.filled(row)
    hits = sum(grid.text[row][column] in known or split_unit(grid.text[row][column])[0] in known for column in filled)
    repeats = any(grid.text[row][column] == grid.text[row - 1][column] for column in filled)
    return hits >= 2 and hits * 2 >= len(filled) and not repeats


def _columns(grid: _Grid, first: int, last: int) -> list[Column]:
    levels = [list(row) + [""] * (grid.width - len(row)) for row in grid.text[first : last + 1]]
    for top, left, bottom, right in grid.merged:
        if bottom < first or top > last:
            continue
        value = levels[max(top, first) - first][left] if left < grid.width else ""
        for row in range(max(top, first), min(bottom, last) + 1):
            for column in range(left, min(right, grid.width - 1) + 1):
                levels[row - first][column] = value
    _spread_groups(levels)
    columns = []
    for index in range(grid.width):
        path, unit = _path([level[index] for level in levels])
        if path:
            columns.append(Column(index, path, "/".join(path), unit))
    return columns


def _spread_groups(levels: list[list[str]]) -> None:
    """Groups typed without merging: the label stands over its first column, the next ones are blank."""
    for upper, lower in pairwise(levels):
        for index in range(1, len(upper)):
            if (
                not upper[index]
                and lower[index]
                and upper[index - 1]
                and lower[index - 1] not in ("", upper[index - 1])
            ):
                upper[index] = upper[index - 1]


def _path(labels: list[str]) -> tuple[tuple[str, ...], str | None]:
    path: list[str] = []
    unit = None
    for label in labels:
        name, found = split_unit(label)
        unit = found or unit
        if name and (not path or path[-1] != name):
            path.append(name)
    return tuple(path), unit


def _not_found(sheet: Sheet, grid: _Grid, known_headers: Iterable[str] | None) -> str:
    shown = []
    for row in range(min(grid.height, 8)):
        words = "、".join(grid.text[row][column][:12] for column in grid.filled(row)[:8])
        if words:
            shown.append(f"第 {row + 1} 行是“{words}”")
    found = "；".join(shown[:4])
    if known_headers is None:
        return f"工作表“{sheet.name}”：没有找到表头。{found}。请保留一行写明各列名称的表头。"
    wanted = "、".join(list(dict.fromkeys(known_headers))[:8])
    return f"工作表“{sheet.name}”：表头对不上。{found}；应有“{wanted}”等列。请检查是否传错表，或按模板改列名。"
