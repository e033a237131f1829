"""Reads rows of a ledger's table into Arrow, typed as the mart wants them. The same for SQLite and PostgreSQL."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.utils import timezone

from zhenwu.mart.memory import arrow_type
from zhenwu.mart.schema import Table

_BATCH = 900  # ids per statement; SQLite's limit of variables is higher, its planner's patience is not


@dataclass(frozen=True)
class Extract:
    """One ledger's rows: the table itself and its lists, by table name."""

    tables: dict[str, pa.Table]

    @property
    def rows(self) -> int:
        return next(iter(self.tables.values())).num_rows


def extract(model: type[models.Model], tables: Sequence[Table], row_ids: Iterable[uuid.UUID] | None = None) -> Extract:
    """Rows that are not voided; all of them, or those of the ids. `tables` are the ledger's table and its lists."""
    main, *lists = tables
    sources = {column: _source(model, column) for column in main.columns}
    list_sources = {table.name: _source(model, table.name.split("__", 1)[1]) for table in lists}
    wanted = sorted({source for source in (*sources.values(), *list_sources.values()) if source})
    values = _read(model, wanted, row_ids)
    data = {column: _array(values.get(source, None), kind, column) if source else pa.nulls(_length(values), arrow_type(kind))
            for (column, kind), source in zip(main.columns.items(), sources.values(), strict=True)}  # fmt: skip
    if "created_at" in data and "source" in data:
        data["created_at"] = _entered_at(data["created_at"], data["source"])
    found = {main.name: pa.table(data)}
    ids = found[main.name].column("id").to_pylist() if lists else []
    for name, source in list_sources.items():
        found[name] = _exploded(ids, values[source] if source else [])
    return Extract(found)


def _entered_at(created_at: pa.Array, source: pa.Array) -> pa.Array:
    """When a row was entered by hand. A row from a roster was entered long after the fact: that says nothing, so NULL."""
    by_hand = pc.equal(pc.fill_null(source, ""), "")
    return pc.if_else(by_hand, created_at, pa.scalar(None, created_at.type))


def _source(model: type[models.Model], column: str) -> str:
    """The database column behind a mart column; "" when the model has none (unknown for every row)."""
    for name in (column, column.removesuffix("_lon").removesuffix("_lat")):
        try:
            return str(model._meta.get_field(name).column)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            continue
    return ""


def _read(
    model: type[models.Model], columns: Sequence[str], row_ids: Iterable[uuid.UUID] | None
) -> dict[str, list[Any]]:
    quote = connection.ops.quote_name
    select = f"SELECT {', '.join(quote(column) for column in columns)} FROM {quote(model._meta.db_table)} "
    live = f"WHERE {quote('voided_by_change_id')} IS NULL"
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        if row_ids is None:
            cursor.execute(f"{select}{live} ORDER BY {quote('id')}")
            rows = cursor.fetchall()
        else:
            keys = [_key(one) for one in row_ids]
            for start in range(0, len(keys), _BATCH):
                some = keys[start : start + _BATCH]
                cursor.execute(f"{select}{live} AND {quote('id')} IN ({', '.join(['%s'] * len(some))})", some)
                rows += cursor.fetchall()
    turned: Iterable[Any] = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return {column: list(some) for column, some in zip(columns, turned, strict=True)}


def _key(row_id: uuid.UUID) -> Any:
    return row_id if connection.features.has_native_uuid_field else row_id.hex


def _length(values: dict[str, list[Any]]) -> int:
    return len(next(iter(values.values()), []))


def _array(values: list[Any] | None, kind: str, column: str) -> pa.Array:
    """A column of raw database values: SQLite gives text and floats where PostgreSQL gives dates, decimals and UUIDs."""
    values = values or []
    target = arrow_type(kind)
    first = next((value for value in values if value is not None), None)
    if first is None:
        return pa.nulls(len(values), target)
    if kind == "VARCHAR":
        if isinstance(first, uuid.UUID):
            return pa.array([None if value is None else value.hex for value in values], target)
        return pa.array([value if value is None or isinstance(value, str) else str(value) for value in values], target)
    if kind == "DOUBLE" and isinstance(first, str):
        return pa.array([_coordinate(value, column) for value in values], target)
    if kind == "TIMESTAMP":
        return _local(values, first)
    if kind.startswith("DECIMAL") and not isinstance(first, Decimal):
        return pc.cast(pa.array(values, pa.float64()), target)
    if kind == "BOOLEAN" and not isinstance(first, bool):
        return pa.array([None if value is None else bool(value) for value in values], target)
    return pa.array(values).cast(target) if isinstance(first, str) else pa.array(values, target)


def _local(values: list[Any], first: Any) -> pa.Array:
    """Times are stored in UTC; SQL of packs compares them with days of the township."""
    zone = timezone.get_default_timezone()
    if isinstance(first, str):
        parsed = pa.array([value and value[:26].replace(" ", "T") for value in values]).cast(pa.timestamp("us"))
        shift = zone.utcoffset(datetime(2020, 1, 1)) or timedelta()  # China has one zone without summer time since 1992
        return pc.add(parsed, pa.scalar(shift, pa.duration("us")))
    local = [value and (value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value) for value in values]
    return pa.array(local, pa.timestamp("us"))


def _coordinate(value: str | None, column: str) -> float | None:
    return float(value.split(",")[0 if column.endswith("_lon") else 1]) if value else None


def _exploded(ids: Sequence[str], lists: Sequence[Any]) -> pa.Table:
    """A JSON list per row → one row per value. A stored file counts by its hash."""
    rows: list[str] = []
    values: list[str] = []
    for row_id, said in zip(ids, lists or [None] * len(ids), strict=True):
        for one in (json.loads(said) if isinstance(said, str) else said) or ():
            rows.append(row_id)
            values.append(one["sha256"] if isinstance(one, dict) else str(one))
    return pa.table({"row": pa.array(rows, pa.string()), "value": pa.array(values, pa.string())})
