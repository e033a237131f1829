"""The tables that SQL of packs may read, as built from the packs: names, columns, DuckDB types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from zhenwu.packs.builder import types_of
from zhenwu.packs.children import child_code
from zhenwu.packs.parameters import ParameterSpec
from zhenwu.packs.spec import Counts, PackSpec
from zhenwu.packs.types import Computed, Rows

IMPLICIT: dict[str, str] = {
    "id": "VARCHAR", "no": "VARCHAR", "division": "VARCHAR", "review": "VARCHAR", "state": "VARCHAR",
    "version": "BIGINT", "created_by": "VARCHAR", "created_at": "TIMESTAMP", "changed_at": "TIMESTAMP",
    "source": "VARCHAR", "note": "VARCHAR",
}  # fmt: skip

SHARED: dict[str, dict[str, str]] = {
    "division": {
        "id": "VARCHAR", "code": "VARCHAR", "name": "VARCHAR", "level": "VARCHAR", "parent": "VARCHAR",
        "valid_from": "DATE", "valid_to": "DATE", "community": "BOOLEAN",
    },
    "div_now": {"as_of": "DATE", "division": "VARCHAR", "now": "VARCHAR"},
    "calendar": {
        "day": "DATE", "ym": "VARCHAR", "quarter": "VARCHAR", "yr": "INTEGER", "iso_week": "VARCHAR",
        "iso_month": "VARCHAR", "workday": "BOOLEAN", "nth": "INTEGER",
    },
    "period": {
        "kind": "VARCHAR", "name": "VARCHAR", "first": "DATE", "last": "DATE", "yr": "INTEGER", "label": "VARCHAR",
    },
    "number": {"n": "INTEGER"},
    "parameter": {
        "code": "VARCHAR", "place": "VARCHAR", "valid_from": "DATE", "valid_to": "DATE", "num": "DECIMAL(18,4)",
        "txt": "VARCHAR", "rank": "INTEGER",
    },
}  # fmt: skip

# One row that only Spark's host functions read: nth working day by day since the first, and the working days in order.
INTERNAL: dict[str, dict[str, str]] = {"workdays": {"nths": "INTEGER[]", "days": "DATE[]"}}


# Beside each ledger: when each of its rows was in which state, as recorded (see history.py). `valid_to` is exclusive.
STATES: dict[str, str] = {
    "row": "VARCHAR", "review": "VARCHAR", "state": "VARCHAR", "void": "BOOLEAN", "change": "BIGINT",
    "next_change": "BIGINT", "valid_from": "TIMESTAMP", "valid_to": "TIMESTAMP",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One physical table: a ledger, a list of values, the lines of a child table or the states of rows (all keyed by `row`), or
    a shared one.
    `computed` are expressions over the row `r` that the view under a statement adds."""

    name: str
    kind: Literal["ledger", "list", "lines", "states", "shared"]
    columns: Mapping[str, str]
    ledger: str = ""
    of_field: str = ""  # of a list: the field whose values it holds; of lines and the lists in them: the child table's
    computed: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)  # of columns that are worked out when a copy is made


@dataclass(frozen=True)
class MartSchema:
    tables: Mapping[str, Table]
    counts: Mapping[str, Counts]  # by ledger
    parameter_codes: frozenset[str]

    def of_ledger(self, ledger: str) -> list[Table]:
        """The ledger's table and those of its lists and lines."""
        return [one for one in self.tables.values() if one.ledger == ledger and one.kind != "states"]

    def of_unit(self, code: str) -> list[Table]:
        """The tables that are copied together: a ledger's, or the one that holds the states of its rows."""
        return [self.tables[code]] if self.tables[code].kind == "states" else self.of_ledger(code)

    @property
    def units(self) -> list[str]:
        return [name for name, one in self.tables.items() if one.kind in ("ledger", "states")]


def build_schema(packs: Mapping[str, PackSpec], parameters: Iterable[ParameterSpec] = ()) -> MartSchema:
    """From packs that the reader accepted (types are known, codes unique)."""
    tables = {name: Table(name, "shared", columns) for name, columns in SHARED.items()}
    for pack in packs.values():
        for table in _tables_of(pack):
            tables[table.name] = table
    counts = {code: pack.ledger.counts for code, pack in packs.items()}
    return MartSchema(tables, counts, frozenset(one.code for one in parameters))


def _tables_of(pack: PackSpec) -> Iterable[Table]:
    code = pack.ledger.code
    kinds = list(types_of(pack).values())
    columns = dict(IMPLICIT)
    for kind in kinds:
        if (kind.stored and not kind.mart_list) or (isinstance(kind, Computed) and kind.formula):
            columns |= kind.mart_columns()
    computed = {one.code: one.sql for one in pack.field if one.sql}
    formulas = {one.code: one.formula for one in pack.field if one.formula}
    yield Table(code, "ledger", columns, code, computed=computed, formulas=formulas)
    for kind in kinds:
        if kind.mart_list:
            yield Table(f"{code}__{kind.code}", "list", {"row": "VARCHAR", "value": "VARCHAR"}, code, kind.code)
    for kind in kinds:
        if isinstance(kind, Rows):
            yield from _tables_of_lines(code, kind)
    if not pack.ledger.model:  # a registry has versions, but neither review nor states
        yield Table(f"{code}__state", "states", STATES, code)


def _tables_of_lines(ledger: str, rows: Rows) -> Iterable[Table]:
    """The lines, and a list a column that holds many values, keyed by the line's position too."""
    name = child_code(ledger, rows.code)
    columns = {"row": "VARCHAR", "position": "INTEGER"}
    lists = []
    for kind in rows.lines.values():
        if kind.mart_list:
            lists.append(kind.code)
        else:
            columns |= kind.mart_columns()
    formulas = {one.code: one.formula for one in rows.spec.column if one.formula}
    yield Table(name, "lines", columns, ledger, rows.code, formulas=formulas)
    for code in lists:
        said = {"row": "VARCHAR", "position": "INTEGER", "value": "VARCHAR"}
        yield Table(f"{name}__{code}", "list", said, ledger, rows.code)
