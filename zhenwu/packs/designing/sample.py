"""The columns of a sample table, as the guesses see them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Protocol

from zhenwu.lib.sheets import Column, Table
from zhenwu.lib.text import DITTO_MARKS, EMPTY_MARKS, clean_header, fold_width

MOST_ROWS = 5000  # enough to judge a column by; the import reads them all
_SHOWN = 40


class Known(Protocol):
    """What the township knows: how many of the words name a place, a person of the registry, an office."""

    def places(self, words: Sequence[str]) -> set[str]: ...
    def persons(self, words: Sequence[str]) -> set[str]: ...
    def units(self, words: Sequence[str]) -> set[str]: ...


class NothingKnown:
    """For a sample that is read outside an instance."""

    def places(self, words: Sequence[str]) -> set[str]:
        return set()

    def persons(self, words: Sequence[str]) -> set[str]:
        return set()

    def units(self, words: Sequence[str]) -> set[str]:
        return set()


@dataclass
class SampleColumn:
    """One column. `values` are its cells that say something, `cells` all of them (None where nothing stands)."""

    index: int
    path: tuple[str, ...]
    unit: str
    cells: list[Any]
    sheet_unit: str = ""
    values: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [cell for cell in self.cells if cell is not None]

    @property
    def header(self) -> str:
        """As the sheet says it: 收入/工资性."""
        return "/".join(self.path)

    @property
    def leaf(self) -> str:
        return self.path[-1] if self.path else ""

    @cached_property
    def label(self) -> str:
        """What the field is called: 收入/工资性 → 收入工资性, 姓　名 → 姓名; no longer than a column head bears."""
        parts = [clean_header(part) for part in self.path if part]
        if len(parts) > 1 and parts[-1].startswith(parts[0]):
            parts = parts[-1:]
        return re.sub(r"[:：]+$", "", "".join(parts))[:40] or f"第{self.index + 1}列"

    @cached_property
    def texts(self) -> list[str]:
        """The values as a person reads them, half-width and trimmed."""
        return [as_text(value) for value in self.values]

    @cached_property
    def distinct(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for text in self.texts:
            found[text] = found.get(text, 0) + 1
        return found

    @property
    def is_full(self) -> bool:
        return bool(self.cells) and len(self.values) == len(self.cells)

    @property
    def is_unique(self) -> bool:
        return self.is_full and len(self.distinct) == len(self.cells)

    @property
    def is_filled_with_numbers(self) -> bool:
        return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in self.values)

    def samples(self, count: int = 3) -> list[str]:
        return [text if len(text) <= _SHOWN else text[:_SHOWN] + "…" for text in list(self.distinct)[:count]]


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(fold_width(str(value)).split())


def columns_of(table: Table) -> list[SampleColumn]:
    """The columns of a table; 同上 is what stands above it, / and — say nothing (无 may be a word of its own)."""
    rows = table.rows[:MOST_ROWS]
    return [
        SampleColumn(
            column.index, column.path, column.unit or "", _cells([row.cells[column.index] for row in rows]), table.sheet_unit or ""
        )
        for column in table.columns
        if _is_named(column)
    ]  # fmt: skip


def _is_named(column: Column) -> bool:
    return bool(column.path)


_SAYS_NOTHING = EMPTY_MARKS - {"无", "空"}


def _cells(raw: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    above = None
    for cell in raw:
        if isinstance(cell, str):
            text = cell.strip()
            if text in DITTO_MARKS:
                cell = above
            elif fold_width(text) in _SAYS_NOTHING:
                cell = None
        if cell is not None:
            above = cell
        found.append(cell)
    return found
