"""What one file may hold, and how far a sheet reaches."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhenwu.lib.sheets.problems import SheetError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold. `max_cells` is rows × columns of one sheet, empty cells included."""

    max_bytes: int = 50 * 1024 * 1024
    max_uncompressed: int = 400 * 1024 * 1024
    max_ratio: int = 200
    max_columns: int = 500
    max_rows: int = 1_000_000
    max_cells: int = 16_000_000
    max_sheets: int = 50


@dataclass(slots=True)
class Extent:
    """How far the cells of one sheet reach, and its hidden rows (both 1-based)."""

    rows: int = 0
    columns: int = 0
    hidden_rows: set[int] = field(default_factory=set)


def check_extent(where: str, rows: int, columns: int, limits: Limits) -> None:
    if columns > limits.max_columns:
        raise SheetError(
            "too_many_columns",
            f"{where}：用到了第 {columns} 列，最多读 {limits.max_columns} 列。"
            "请选中表格右侧的空白列，整列删除后保存再上传。",
        )
    if rows > limits.max_rows:
        raise SheetError(
            "too_many_rows",
            f"{where}：用到了第 {rows} 行，最多读 {limits.max_rows} 行。请删除表格下方的空白行，或分成几个文件上传。",
        )
    if rows * columns > limits.max_cells:
        raise SheetError(
            "too_many_cells",
            f"{where}：共 {rows} 行 × {columns} 列，超出一次能读的范围。请删除多余的空白行列，或分成几个文件上传。",
        )


def check_total(where: str, extents: Sequence[Extent], limits: Limits) -> None:
    """All sheets are laid out at once: together they may take no more than one."""
    if sum(one.rows * one.columns for one in extents) > limits.max_cells:
        raise SheetError(
            "too_many_cells",
            f"{where}：几张工作表加起来超出一次能读的范围。请删除多余的空白行列和无关工作表，或分成几个文件上传。",
        )
