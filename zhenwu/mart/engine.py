"""A DuckDB that can read the mart and nothing else, and runs one statement no longer than allowed."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from zhenwu.mart.errors import QueryTooSlow
from zhenwu.mart.reference import MACROS
from zhenwu.mart.schema import INTERNAL, SHARED, MartSchema
from zhenwu.mart.statements import Prepared


def open_engine(
    *, folder: Path | None = None, memory_limit: str = "1GB", threads: int = 2, spill: str = ""
) -> duckdb.DuckDBPyConnection:
    """A new in-memory DuckDB with the schema `base`, not yet sealed. `folder` is the only place it will ever read. Without a
    folder to `spill` into, a statement that needs more than its memory is stopped."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "python_enable_replacements": "false",
            "error_on_division_by_zero": "false",  # x // 0 is unknown
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": spill,
        },
    )
    if folder is not None:
        connection.execute(f"SET allowed_directories = ['{str(folder).replace(chr(39), chr(39) * 2)}']")
        connection.execute("SET parquet_metadata_cache = true")
    connection.execute("CREATE SCHEMA base")
    for name, columns in (SHARED | INTERNAL).items():
        connection.execute(_create(name, columns))
    for macro in MACROS:
        connection.execute(macro)
    return connection


def seal(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on no file outside the folder, no extension, no attached database, no changed setting."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def create_empty(connection: duckdb.DuckDBPyConnection, schema: MartSchema) -> None:
    for table in schema.tables.values():
        if table.kind != "shared":
            connection.execute(_create(table.name, table.columns))


def fill(connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], data: pa.Table) -> None:
    """Create or replace a table with exactly the declared columns, cast to their types."""
    casts = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in columns.items())
    connection.register("incoming", data)
    try:
        connection.execute(f'CREATE OR REPLACE TABLE base."{name}" AS SELECT {casts} FROM incoming')
    finally:
        connection.unregister("incoming")


def window(as_of: date, year: int | None = None, place: str | None = None) -> dict[str, Any]:
    """Values of the named parameters: the year up to `as_of`, at most to its 31 December."""
    year = year or as_of.year
    return {
        "as_of": as_of,
        "year": year,
        "from": date(year, 1, 1),
        "to": min(as_of, date(year, 12, 31)),
        "place": place,
    }


def run(
    connection: duckdb.DuckDBPyConnection,
    prepared: Prepared,
    values: Mapping[str, Any],
    *,
    around: str = "",
    seconds: float = 60,
) -> pa.Table:
    """The rows of a statement. `around` selects from `{}` instead of returning the rows as they are."""
    sql = around.replace("{}", f"({prepared.sql})") if around else prepared.sql
    needed = {f"p_{name}": values[name] for name in prepared.params}
    extra = {name: value for name, value in values.items() if f"${name}" in around}
    return run_sql(connection, sql, needed | extra, prepared.where, seconds)


def run_sql(
    connection: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, Any], where: str, seconds: float
) -> pa.Table:
    """Raises QueryTooSlow after `seconds`."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        return connection.sql(sql, params=dict(params)).to_arrow_table()
    except duckdb.InterruptException:
        raise QueryTooSlow(f"{where}: ran longer than {seconds:g} seconds and was stopped.") from None
    finally:
        timer.cancel()


def declared(columns: Mapping[str, str]) -> str:
    """Columns as CREATE TABLE names them."""
    return ", ".join(f'"{column}" {kind}' for column, kind in columns.items())


def _create(name: str, columns: Mapping[str, str]) -> str:
    return f'CREATE TABLE base."{name}" ({declared(columns)})'
