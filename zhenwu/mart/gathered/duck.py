"""Many townships on DuckDB: views over their Parquet files, read and nothing else."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from sqlglot import exp

from zhenwu.mart.engine import declared, fill, open_engine, run_sql, seal
from zhenwu.mart.errors import QueryFailed
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.gathered.together import Files, Rows
from zhenwu.mart.memory import arrow_type
from zhenwu.mart.workdays import workday_macros

_SECONDS = 3600


class DuckTowns:
    """What does not fit into `memory` is spilled into a folder of its own, removed at the end."""

    def __init__(self, target: Target, calendar: Rows, parameter: Rows, *, memory: str = "2GB") -> None:
        self._target = target
        self._spill = tempfile.TemporaryDirectory(prefix="zhenwu-spill-")
        self._engine = open_engine(
            folder=target.folder, memory_limit=memory, threads=os.cpu_count() or 2, spill=self._spill.name
        )
        for macro in workday_macros(calendar):
            self._engine.execute(macro)
        seal(self._engine)
        self._datasets = 0

    def show_files(self, table: str, columns: Mapping[str, str], files: Sequence[Files]) -> None:
        parts = [f"SELECT {_said(columns, one.columns)}, town FROM {self._source(one)}" for one in files]
        if not parts:
            self._engine.execute(f'CREATE OR REPLACE TABLE base."{table}" ({declared({**columns, "town": "VARCHAR"})})')
            return
        self._engine.execute(f'CREATE OR REPLACE VIEW base."{table}" AS {" UNION ALL ".join(parts)}')

    def show_rows(self, table: str, columns: Mapping[str, str], data: pa.Table) -> None:
        fill(self._engine, table, columns, data)

    def ask(self, tree: exp.Query, values: Mapping[str, Any], where: str) -> pa.Table:
        names = {node.name for node in tree.find_all(exp.Placeholder)}
        given = {name: values[name.removeprefix("p_")] for name in names}
        try:
            return run_sql(self._engine, tree.sql("duckdb", identify=True), given, where, _SECONDS)
        except duckdb.Error as problem:
            raise QueryFailed(f"{where}: {problem}") from problem

    def close(self) -> None:
        self._engine.close()
        self._spill.cleanup()

    def _source(self, files: Files) -> str:
        """The files as DuckDB reads them itself, or elsewhere than on this machine through Arrow: needs no extension."""
        if self._target.folder is not None:
            names = ", ".join(f"'{self._target.path(name).replace(chr(39), chr(39) * 2)}'" for name in files.names)
            return f"read_parquet([{names}], hive_partitioning = true, hive_types = {{'town': VARCHAR}})"
        fields = {**files.columns, "town": "VARCHAR"}
        schema = pa.schema([(column, arrow_type(kind)) for column, kind in fields.items()])
        self._datasets += 1
        name = f"dataset_{self._datasets}"
        data = ds.dataset(
            [self._target.path(one) for one in files.names], schema=schema, format="parquet", filesystem=self._target.files,
            partitioning=ds.partitioning(pa.schema([("town", pa.string())]), flavor="hive"),
        )  # fmt: skip
        self._engine.register(name, data)
        return name


def _said(columns: Mapping[str, str], given: Mapping[str, str]) -> str:
    parts = []
    for name, kind in columns.items():
        value = "NULL" if name not in given else f'"{name}"'
        parts.append(value if given.get(name) == kind else f'CAST({value} AS {kind}) AS "{name}"')
    return ", ".join(parts)
