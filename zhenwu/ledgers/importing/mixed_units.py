"""A column in which some cells say 万元 and others say nothing, under a header without a unit: what a bare number means there is
not for the reader to decide, unless its size leaves no doubt."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import log10
from typing import Any

from zhenwu.lib.amounts import worth_in
from zhenwu.lib.columns import distinct
from zhenwu.packs.types import FieldType
from zhenwu.packs.types.base import shown_raw

_CLEAR = 1.0  # in powers of ten: how much better the field's own unit must fit the other cells than theirs does


class MixedUnits:
    """Judges the bare cells of one column by those that name a unit. `cells` are as typed, `values` what they were read as,
    in the field's unit; whoever asks has seen that the header names none."""

    def __init__(self, kind: FieldType, cells: Sequence[Any], values: Sequence[Any]) -> None:
        self._kind, self._cells, self._values = kind, cells, values
        self._sizes: list[float] = []  # of the cells that name a unit, in the field's unit
        self._others: dict[Decimal, str] = {}  # {what a unit is worth in the field's: a cell that names it}
        self._named: set[Any] = set()
        for cell in distinct([one for one in cells if isinstance(one, str)]):
            if (worth := worth_in(cell, kind.unit)) is not None:
                self._named.add(cell)
                if worth != 1:
                    self._others.setdefault(worth, cell)
        if self._others:
            pairs = zip(cells, values, strict=True)
            self._sizes = [size for cell, value in pairs if cell in self._named and (size := _size(value)) is not None]

    def problems(self) -> Iterator[tuple[int, str]]:
        """(place, why the bare number there means nothing certain)."""
        yield from ((at, self._why(cell)) for at, cell, is_clear in self._bare() if not is_clear)

    def remarks(self) -> Iterator[tuple[int, str]]:
        """(place, what a person should look at) of bare numbers whose size leaves no doubt."""
        unit, named = self._kind.unit, shown_raw(next(iter(self._others.values()), ""))
        words = f"“{self._kind.label}”没有写单位，按{unit}计；同一列有的写了“{named}”，请核对。"
        yield from ((at, words) for at, _, is_clear in self._bare() if is_clear)

    def _bare(self) -> Iterator[tuple[int, Any, bool]]:
        if not self._sizes:
            return
        low, high = min(self._sizes), max(self._sizes)
        for at, (cell, value) in enumerate(zip(self._cells, self._values, strict=True)):
            if cell in self._named or (size := _size(value)) is None:
                continue
            own = _apart(size, low, high)
            best = min(_apart(size + log10(worth), low, high) for worth in self._others)
            yield at, cell, best - own >= _CLEAR

    def _why(self, cell: Any) -> str:
        unit, named = self._kind.unit, shown_raw(next(iter(self._others.values())))
        return (
            f"“{self._kind.label}”填的是“{shown_raw(cell)}”，没有写单位，而同一列有的写了“{named}”：分不清是不是{unit}。"
            "请在表头写明单位，或在这一格写上单位。"
        )


def _size(value: Any) -> float | None:
    """The power of ten of an amount; None of what is empty, was not read, or is nothing in any unit."""
    return log10(abs(Decimal(value))) if isinstance(value, int | Decimal) and value else None


def _apart(size: float, low: float, high: float) -> float:
    return max(low - size, size - high, 0.0)
