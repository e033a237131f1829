"""A mart in memory, filled from Python rows: for the cases of packs, and to check statements against empty tables."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any

import duckdb
import pyarrow as pa

from zhenwu.lib.workdays import Calendar, default_calendar
from zhenwu.mart.engine import create_empty, fill, open_engine, run, seal, window
from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.reference import calendar_rows, number_rows, parameter_rows, period_rows
from zhenwu.mart.schema import INTERNAL, SHARED, MartSchema
from zhenwu.mart.statements import Prepared
from zhenwu.mart.workdays import workday_lists, workday_macros
from zhenwu.packs.parameters import ParameterSpec

Rows = Iterable[Mapping[str, Any]]


class MemoryMart:
    """Tables from rows (values by column; a missing column is NULL). Values may be strings where TOML has no type."""

    def __init__(self, schema: MartSchema, rows: Mapping[str, Rows], parameters: Iterable[ParameterSpec] = ()) -> None:
        self.schema = schema
        self._connection = open_engine(threads=1)
        create_empty(self._connection, schema)
        fill_reference(self._connection)
        self.fill("parameter", parameter_rows(parameters))
        for name, some in rows.items():
            self.fill(name, some)
        seal(self._connection)

    def fill(self, name: str, rows: Rows) -> None:
        columns = self.schema.tables[name].columns
        fill(self._connection, name, columns, to_arrow(columns, rows))

    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> pa.Table:
        return run(self._connection, prepared, values, around=around)

    def close(self) -> None:
        self._connection.close()


class Binder:
    """Tells the columns and types of statements by running them on empty tables; the engine's own check."""

    def __init__(self, schema: MartSchema) -> None:
        self._mart = MemoryMart(schema, {})

    def columns(self, prepared: Prepared) -> dict[str, str]:
        """Output column → DuckDB type. Raises SqlBroken for unknown columns, wrong types and wrong arguments."""
        values = window(date(2020, 6, 30)) | {"scope": []}
        try:
            described = self._mart.query(prepared, values, around="DESCRIBE SELECT * FROM {} AS said")
        except duckdb.Error as error:
            cause = str(error).split("LINE ")[0].strip().replace("$p_", ":").replace("\n", " ")
            remedy = ""
            if "bit_count" in cause:
                cause, remedy = (
                    "divides decimals with “//”.",
                    "It is for whole numbers: CAST(… AS BIGINT) // CAST(… AS BIGINT).",
                )
            raise SqlBroken([SqlProblem(prepared.where, cause, remedy)]) from None
        names, kinds = described.column("column_name").to_pylist(), described.column("column_type").to_pylist()
        if twice := {name for name in names if names.count(name) > 1}:
            cause = f"returns the column {', '.join(sorted(twice))} more than once."
            raise SqlBroken([SqlProblem(prepared.where, cause, "Give each its own name.")])
        return dict(zip(names, kinds, strict=True))

    def close(self) -> None:
        self._mart.close()


def to_arrow(columns: Mapping[str, str], rows: Rows) -> pa.Table:
    """Rows as Arrow; raises ValueError naming the column and the value that does not fit its type."""
    rows = list(rows)
    data = {
        column: pa.array([_value(row.get(column), kind, column) for row in rows], type=arrow_type(kind))
        for column, kind in columns.items()
    }
    return pa.table(data)


def typed(value: Any, kind: str, column: str) -> Any:
    """One value of a case as the column holds it. Raises ValueError."""
    return _value(value, kind, column)


def fill_reference(connection: duckdb.DuckDBPyConnection) -> None:
    """Calendar (the shipped one), period and number, and what the host functions need."""
    for name, data in _reference_tables().items():
        fill(connection, name, SHARED[name], data)
    fill_calendar(connection, default_calendar())


def fill_calendar(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> None:
    """The table `calendar` and the working days that the host functions count by."""
    tables, macros = _of_calendar(calendar)
    for name, data in tables.items():
        fill(connection, name, (SHARED | INTERNAL)[name], data)
    for macro in macros:
        connection.execute(macro)


@cache
def _reference_tables() -> dict[str, pa.Table]:
    rows = {"period": period_rows(), "number": number_rows()}
    return {name: to_arrow(SHARED[name], some) for name, some in rows.items()}


@lru_cache(maxsize=2)
def _of_calendar(calendar: Calendar) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    rows = calendar_rows(calendar)
    tables = {"calendar": to_arrow(SHARED["calendar"], rows), "workdays": workday_lists(rows)}
    return tables, workday_macros(rows)


def arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("DECIMAL"):
        precision, scale = kind[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return {
        "VARCHAR": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BOOLEAN": pa.bool_(),
        "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(),
    }[kind]  # fmt: skip


def _value(value: Any, kind: str, column: str) -> Any:
    if value is None:
        return None
    try:
        return _read(value, kind)
    except (ValueError, TypeError, InvalidOperation):
        raise ValueError(f"{column} = {value!r} is no {kind}.") from None


def _read(value: Any, kind: str) -> Any:
    if kind == "VARCHAR":
        return value if isinstance(value, str) else str(value)
    if kind == "DATE":
        if isinstance(value, datetime):
            return value.date()
        return date.fromisoformat(value) if isinstance(value, str) else value
    if kind == "TIMESTAMP":
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    if kind.startswith("DECIMAL"):
        number = Decimal(str(value))
        return number.quantize(Decimal(1).scaleb(-int(kind[8:-1].split(",")[1])))
    if kind == "BOOLEAN":
        return bool(value)
    return float(value) if kind == "DOUBLE" else int(value)
