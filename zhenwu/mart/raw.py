"""Columns of database tables as Arrow, all of one moment. The same for SQLite and PostgreSQL.

The database writes each row as one line of CSV and Arrow reads it: one Python object a row at most, where a cursor makes one a
value. (ADBC would read SQLite as fast, but brings a second SQLite into the process; when that closes the file it drops the
locks of the first, and readers get "disk I/O error". See docs/decisions/0012-mart-reads-lines.md.)
"""

import io
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
from django.db import connection, models
from django.utils import timezone

from zhenwu.mart.memory import arrow_type

_BLOCK = 1 << 24  # bytes that Arrow takes at once; no line is longer
_SHIFT = 8 * 3600 * 1_000_000  # China has one zone without summer time since 1992; SQLite keeps times in UTC


@dataclass(frozen=True)
class Column:
    """A column of the mart and the database column behind it."""

    name: str
    kind: str  # DuckDB type
    source: str
    is_id: bool = False

    @property
    def is_point(self) -> bool:
        """Half of a place on the map: the database keeps “lon,lat” in one column."""
        return self.kind == "DOUBLE" and self.name != self.source

    @property
    def read_as(self) -> pa.DataType:
        return pa.string() if self.is_point else arrow_type(self.kind)


@contextmanager
def one_moment() -> Iterator[None]:
    """What Django's connection reads inside is of one moment (in a transaction that is open already: as that one says)."""
    if connection.in_atomic_block:
        yield
        return
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" if postgres else "BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def read(columns: Sequence[Column], where: str) -> pa.Table:
    """`where` is what follows the columns: FROM … WHERE … ORDER BY …"""
    names = [one.name for one in columns]
    lines = _postgres_lines(columns, where) if connection.vendor == "postgresql" else _sqlite_lines(columns, where)
    if not lines.getbuffer().nbytes:
        return pa.table([pa.nulls(0, arrow_type(one.kind)) for one in columns], names=names)
    said = csv.read_csv(
        lines,
        csv.ReadOptions(column_names=names, block_size=_BLOCK),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types={one.name: one.read_as for one in columns}, null_values=[""], strings_can_be_null=True,
            quoted_strings_can_be_null=False, true_values=["t", "1"], false_values=["f", "0"],
        ),
    )  # fmt: skip
    return pa.table([_finished(said.column(one.name), one) for one in columns], names=names)


def column_of(model: type[models.Model], name: str, kind: str, source: str) -> Column:
    """`source` is the name of the model's field."""
    field: Any = model._meta.get_field(source)
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return Column(name, kind, field.column, isinstance(target, models.UUIDField))


def ids_in(ids: Sequence[uuid.UUID]) -> str:
    """A list for IN (…)."""
    return ", ".join(f"'{one.hex}'" for one in ids) or "NULL"


def _postgres_lines(columns: Sequence[Column], where: str) -> io.BytesIO:
    select = ", ".join(_postgres_column(one) for one in columns)
    lines = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(f"COPY (SELECT {select} {where}) TO STDOUT (FORMAT csv)") as copy:
        for block in copy:
            lines.write(block)
    lines.seek(0)
    return lines


def _postgres_column(column: Column) -> str:
    name = str(connection.ops.quote_name(column.source))
    if column.is_id:
        return f"replace({name}::text, '-', '')"
    if column.kind == "TIMESTAMP":
        return f"{name} AT TIME ZONE '{timezone.get_default_timezone_name()}'"
    return name


def _sqlite_lines(columns: Sequence[Column], where: str) -> io.BytesIO:
    line = " || ',' || ".join(_sqlite_column(one) for one in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {line} {where}")
        lines = "\n".join(row for (row,) in cursor.fetchall())
    return io.BytesIO(f"{lines}\n".encode() if lines else b"")


def _sqlite_column(column: Column) -> str:
    """The value as CSV writes it: nothing for NULL, text in quotes, numbers with as many places as the mart has."""
    name = connection.ops.quote_name(column.source)
    if column.is_point or column.kind == "VARCHAR":
        return f"""coalesce('"' || replace({name}, '"', '""') || '"', '')"""
    if column.kind.startswith("DECIMAL"):
        places = column.kind[8:-1].split(",")[1]
        return f"CASE WHEN {name} IS NULL THEN '' ELSE printf('%.{places}f', {name}) END"
    if column.kind == "TIMESTAMP":
        return f"coalesce(substr({name}, 1, 26), '')"
    return f"coalesce({name}, '')"


def _finished(array: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    if column.is_point:
        halves = pc.split_pattern(array, ",")
        return pc.list_element(halves, 0 if column.name.endswith("_lon") else 1).cast(pa.float64())
    if column.kind == "TIMESTAMP" and connection.vendor == "sqlite":
        return pc.add(array, pa.scalar(_SHIFT, pa.duration("us")))
    return array
