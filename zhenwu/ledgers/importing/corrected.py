"""What reading made of the cells of a sheet otherwise than it stands there, and the five numbers that an import reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from zhenwu.ledgers.importing.staged import Staged
from zhenwu.lib.columns import by_value, mapped
from zhenwu.packs.types import FieldType

Corrections = Mapping[int, list[tuple[str, str, str]]]  # by row: (label, as the sheet has it, as it was read)
_CLOSED = "（号码，不显示）"


@dataclass(frozen=True, slots=True)
class Five:
    """The rows of a sheet: `read` = `plain` + `corrected` + `to_confirm` + `rejected`, of which all but the last are `stored`.

    A row is rejected for a problem; else it is one to confirm when reading had something to remark; else corrected when a cell
    was read as something else than stands there.
    """

    read: int
    plain: int
    corrected: int
    to_confirm: int
    rejected: int

    @property
    def stored(self) -> int:
        return self.plain + self.corrected + self.to_confirm

    def in_words(self) -> str:
        return (
            f"读到{self.read}行 = 可入账{self.stored}行 + 退回{self.rejected}行；"
            f"可入账的{self.stored}行 = 照原样{self.plain}行 + 自动更正{self.corrected}行 + 待核对{self.to_confirm}行。"
        )


def corrections(staged: Staged) -> Corrections:
    """Made when somebody wants to see it: it costs a look at every cell."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    for one in staged.mapping:
        kind = staged.ledger.types.get(one.target)
        values = staged.rows.values.get(one.target)
        if kind is None or values is None or kind.is_link or kind.widget in ("file", "rows"):
            continue
        cells = [row.cells[one.column.index] for row in staged.table.rows]
        for at, (before, after) in _differing(kind, cells, values):
            found.setdefault(at, []).append((kind.label, before, after))
    return found


def five(staged: Staged, corrected: Corrections) -> Five:
    rows = staged.rows
    rejected = {at for at, status in enumerate(rows.statuses) if status == "problem"}
    to_confirm = rows.remarks.keys() - rejected
    changed = corrected.keys() - rejected - to_confirm
    return Five(
        len(rows), len(rows) - len(rejected) - len(to_confirm) - len(changed), len(changed), len(to_confirm), len(rejected)
    )  # fmt: skip


def _differing(kind: FieldType, cells: Sequence[Any], values: Sequence[Any]) -> list[tuple[int, tuple[str, str]]]:
    texts, hidden = by_value(cells, _text), kind.is_sealed
    read = mapped(values, kind.as_said if hidden else kind.show)
    unlike = by_value(list(zip(texts, read, strict=True)), lambda pair: not _same(*pair))
    return [
        (at, (_CLOSED, kind.show(values[at])) if hidden else (texts[at], read[at]))
        for at, differs in enumerate(unlike)
        if differs and read[at] is not None and texts[at]
    ]


def _same(text: str | None, read: str | None) -> bool:
    if not text or read is None or text == read:
        return True
    try:
        return Decimal(text.replace(",", "")) == Decimal(read.replace(",", ""))
    except InvalidOperation:
        return False


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    said = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    return said.removesuffix("T00:00:00")[:200]
