"""What the engine shows of a unit: its copy, with the rows written since laid over it.

For each table there are `<t>:base` (the copy), `<t>:old` (rows of the copy that are no longer so, with their positions in the
file) and `<t>:new` (what they are now, and what came in); `<t>` is base without old, with new. Old rows are known by position:
to compare a number a row costs a fifth of comparing ids.
"""

# ruff: noqa: S608  names come from the packs' schema

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from zhenwu.mart.copying import Unit
from zhenwu.mart.engine import declared, fill
from zhenwu.mart.extract import Tables
from zhenwu.mart.files import Copy, State
from zhenwu.mart.schema import Table


@dataclass(frozen=True)
class Shown:
    """A unit as the engine shows it: `state` is how far, `changed` whether anything is laid over the copy."""

    copy: Copy
    state: State
    changed: bool


def show_copy(engine: duckdb.DuckDBPyConnection, unit: Unit, copy: Copy) -> Shown:
    """The copy alone. To be done inside a transaction of the engine, like all here."""
    for table in unit.tables:
        columns = _columns(table)
        source = f"SELECT {columns} FROM read_parquet('{_quoted(copy.paths[table.name])}')"
        engine.execute(f'CREATE OR REPLACE VIEW base."{table.name}:base" AS {source}')
        engine.execute(f'CREATE OR REPLACE VIEW base."{table.name}" AS SELECT * FROM base."{table.name}:base"')
        for kind, more in (("old", "pos BIGINT, "), ("new", "")):
            engine.execute(f'CREATE OR REPLACE TABLE base."{table.name}:{kind}" ({more}{declared(table.columns)})')
    return Shown(copy, copy.state, False)


def lay_over(
    engine: duckdb.DuckDBPyConnection, unit: Unit, shown: Shown, state: State, ids: Sequence[uuid.UUID], rows: Tables
) -> Shown:
    """`ids` are the rows written since `shown.state`; `rows` are those of them that are not voided, as of `state`."""
    if not ids:
        return Shown(shown.copy, state, shown.changed)
    fill(
        engine, f"{unit.code}:ids", {"id": "VARCHAR"}, pa.table({"id": pa.array([one.hex for one in ids], pa.string())})
    )
    these = f'(SELECT id FROM base."{unit.code}:ids")'
    for table in unit.tables:
        name, columns = table.name, _columns(table)
        key = "id" if table.kind == "ledger" else "row"
        engine.execute(
            f'INSERT INTO base."{name}:old" SELECT file_row_number, {columns} '
            f"FROM read_parquet('{_quoted(shown.copy.paths[name])}', file_row_number = true) "
            f'WHERE "{key}" IN {these} AND file_row_number NOT IN (SELECT pos FROM base."{name}:old")'
        )
        engine.execute(f'DELETE FROM base."{name}:new" WHERE "{key}" IN {these}')
        engine.register("incoming", rows[name])
        try:
            casts = ", ".join(f'CAST("{column}" AS {kind})' for column, kind in table.columns.items())
            engine.execute(f'INSERT INTO base."{name}:new" SELECT {casts} FROM incoming')
        finally:
            engine.unregister("incoming")
        if not shown.changed:
            engine.execute(
                f'CREATE OR REPLACE VIEW base."{name}" AS SELECT {columns} '
                f"FROM read_parquet('{_quoted(shown.copy.paths[name])}', file_row_number = true) AS c "
                f'ANTI JOIN base."{name}:old" AS o ON c.file_row_number = o.pos '
                f'UNION ALL SELECT {columns} FROM base."{name}:new"'
            )
    return Shown(shown.copy, state, True)


def _columns(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
