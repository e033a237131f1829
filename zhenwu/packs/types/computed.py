"""Values that nobody types: worked out of the fields of the row and its lines, or of those of one line (`formula`), or by SQL in
the mart alone (`sql`)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from zhenwu.lib.sheets.writer import ColumnKind
from zhenwu.packs.formula import Formula, Kind, read_formula
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.base import FieldType
from zhenwu.packs.types.rows import Rows

_MART: dict[Kind, str] = {"date": "DATE", "text": "VARCHAR", "bool": "BOOLEAN"}
_JSON: dict[Kind, dict[str, Any]] = {
    "number": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, "date": {"type": "string", "format": "date"},
    "text": {"type": "string"}, "bool": {"type": "boolean"},
}  # fmt: skip
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
        self.inputs: tuple[str, ...] = ()  # the stored fields that it is worked out of
        self.tables: dict[str, Rows] = {}  # … the child tables …
        self.columns_of_lines: dict[str, tuple[str, ...]] = {}  # … and by child table their stored columns
        self._first: list[Computed] = []  # computed fields that the formula names, each bound before
        self._first_in_lines: dict[str, list[Computed]] = {}  # computed columns of child tables that it names

    def bind(self, kinds: Mapping[str, FieldType]) -> None:
        """Read the formula with the kinds of the ledger's fields. Raises FormulaError; the order of binding is `in_order`."""
        if not self.spec.formula or self.formula is not None:
            return
        rows = {code: kind for code, kind in kinds.items() if isinstance(kind, Rows)}
        self.formula = read_formula(
            self.spec.formula, usable(kinds), {code: usable(one.lines) for code, one in rows.items()}
        )
        self.formula_kind = self.formula.kind
        inputs: dict[str, None] = {}
        for name in sorted(self.formula.names):
            other = kinds[name]
            if isinstance(other, Computed):
                self._first.append(other)
                inputs |= dict.fromkeys(other.inputs)
                self.tables |= other.tables
                for table, some in other.columns_of_lines.items():
                    self._needs(table, some)
            else:
                inputs[name] = None
        self.inputs = tuple(inputs)
        for table, column in sorted(self.formula.lines):
            self.tables[table] = rows[table]
            one = rows[table].lines.get(column)
            if isinstance(one, Computed):
                self._first_in_lines.setdefault(table, []).append(one)
            self._needs(table, one.inputs if isinstance(one, Computed) else (column,) if column else ())

    def _needs(self, table: str, columns: Iterable[str]) -> None:
        self.columns_of_lines[table] = tuple(dict.fromkeys((*self.columns_of_lines.get(table, ()), *columns)))

    def value(self, values: Mapping[str, Any]) -> Any:
        """The value of a row whose stored values these are; lines of a child table are a list of such mappings."""
        assert self.formula is not None
        if self._first:
            values = dict(values) | {one.code: one.value(values) for one in self._first}
        for table, some in self._first_in_lines.items():
            lines = values.get(table) or ()
            values = dict(values) | {
                table: [dict(line) | {one.code: one.value(line) for one in some} for line in lines]
            }
        return self.formula.value(values, self.places)

    def columns(self) -> dict[str, models.Field]:
        return {}

    def from_row(self, row: Any) -> Any:
        values = {name: getattr(row, name) for name in self.inputs}
        for table, columns in self.columns_of_lines.items():
            lines = self.tables[table].stored_lines(row)
            values[table] = [{name: getattr(line, name) for name in columns} for line in lines]
        return self.value(values)

    def list_paths(self) -> tuple[Any, ...]:
        return (*self.inputs, *(self.tables[table].packed(some) for table, some in self.columns_of_lines.items()))

    def of_columns(self, *values: Any) -> Any:
        """The value of a row with these values at `list_paths`."""
        own, packed = values[: len(self.inputs)], values[len(self.inputs) :]
        said = dict(zip(self.inputs, own, strict=True))
        for (table, columns), text in zip(self.columns_of_lines.items(), packed, strict=True):
            said[table] = self.tables[table].unpacked(columns, text)
        return self.value(said)

    def cell(self, *values: Any) -> str:
        return self.show(self.of_columns(*values))

    def show(self, value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Decimal):
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        return "" if value is None else str(value)

    def json_schema(self) -> dict[str, Any]:
        return _JSON.get(self.formula_kind, _JSON["text"])

    def json_of(self, value: Any) -> Any:
        """A value as a program gets it, numbers as texts of digits."""
        if isinstance(value, Decimal):
            return format(value, "f")
        return value.isoformat() if isinstance(value, date) else value

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
    """Bind every formula, those that others name first and those of lines before those of rows; returns (field, why not) of
    those that cannot be bound."""
    found = [one for kind in kinds.values() if isinstance(kind, Rows) for one in bind_formulas(kind.lines)]
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
    return found + [(kind, _why(kind, waiting, problems[kind.code])) for kind in waiting]


def _why(kind: Computed, waiting: list[Computed], problem: str) -> str:
    codes = {one.code for one in waiting}
    if any(f"names {code}, which it cannot use" in problem for code in codes):
        return f"{problem} Computed fields that wait for each other in a circle, or name one that cannot be read, have no value."
    return problem
