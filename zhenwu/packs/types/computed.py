"""Values that nobody types: worked out of the row's own fields (`formula`), or by SQL in the mart alone (`sql`)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from zhenwu.lib.sheets.writer import ColumnKind
from zhenwu.packs.formula import Formula, Kind, read_formula
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.base import FieldType

_MART: dict[Kind, str] = {"date": "DATE", "text": "VARCHAR", "bool": "BOOLEAN"}
_SHEET: dict[Kind, ColumnKind] = {"number": "decimal", "date": "date"}


class Computed(FieldType):
    """No column. With a formula it is bound to the fields of its ledger and then has a value in every row; a field that
    is computed itself is worked out first."""

    name = "computed"
    called = "计算值"
    stands_alone = False
    stored = False
    writable = False

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.formula: Formula | None = None
        self.places = 4 if spec.places is None else spec.places
        self._inputs: tuple[str, ...] = ()
        self._first: list[Computed] = []  # computed fields that the formula names, each bound before

    def bind(self, kinds: Mapping[str, FieldType]) -> None:
        """Read the formula with the kinds of the ledger's fields. Raises FormulaError; the order of binding is `in_order`."""
        if not self.spec.formula or self.formula is not None:
            return
        self.formula = read_formula(self.spec.formula, usable(kinds))
        self.formula_kind = self.formula.kind
        inputs: dict[str, None] = {}
        for name in sorted(self.formula.names):
            other = kinds[name]
            if isinstance(other, Computed):
                self._first.append(other)
                inputs |= dict.fromkeys(other._inputs)
            else:
                inputs[name] = None
        self._inputs = tuple(inputs)

    def value(self, values: Mapping[str, Any]) -> Any:
        """The value of a row whose stored values these are."""
        assert self.formula is not None
        if self._first:
            values = dict(values) | {one.code: one.value(values) for one in self._first}
        return self.formula.value(values, self.places)

    def columns(self) -> dict[str, models.Field]:
        return {}

    def from_row(self, row: Any) -> Any:
        return self.value({name: getattr(row, name) for name in self._inputs})

    def list_paths(self) -> tuple[str, ...]:
        return self._inputs

    def of_columns(self, *values: Any) -> Any:
        return self.value(dict(zip(self._inputs, values, strict=True)))

    def cell(self, *values: Any) -> str:
        return self.show(self.of_columns(*values))

    def show(self, value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Decimal):
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        return "" if value is None else str(value)

    @property
    def align_right(self) -> bool:  # type: ignore[override]  # by the formula, not by the class
        return self.formula_kind == "number"

    @property
    def sheet_kind(self) -> ColumnKind:  # type: ignore[override]
        return _SHEET.get(self.formula_kind, "text") if self.formula_kind else "text"

    def sheet_value(self, value: Any) -> Any:
        return value if self.formula_kind in _SHEET else self.show(value)

    def mart_columns(self) -> dict[str, str]:
        if self.formula is None:
            return {}
        return {self.code: _MART.get(self.formula.kind, f"DECIMAL(18,{self.places})")}


def usable(kinds: Mapping[str, FieldType]) -> dict[str, Kind]:
    """The fields that a formula may name, and what they are to it."""
    return {code: kind.formula_kind for code, kind in kinds.items() if kind.formula_kind}


def bind_formulas(kinds: Mapping[str, FieldType]) -> list[tuple[Computed, str]]:
    """Bind every formula, those that others name first; returns (field, why not) of those that cannot be bound."""
    waiting = [kind for kind in kinds.values() if isinstance(kind, Computed) and kind.spec.formula]
    problems: dict[str, str] = {}
    progress = True
    while waiting and progress:
        progress = False
        for kind in list(waiting):
            try:
                kind.bind(kinds)
            except ValueError as error:
                problems[kind.code] = str(error)
            else:
                waiting.remove(kind)
                progress = True
    return [(kind, _why(kind, waiting, problems[kind.code])) for kind in waiting]


def _why(kind: Computed, waiting: list[Computed], problem: str) -> str:
    codes = {one.code for one in waiting}
    if any(f"names {code}, which it cannot use" in problem for code in codes):
        return f"{problem} Computed fields that wait for each other in a circle, or name one that cannot be read, have no value."
    return problem
