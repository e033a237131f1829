"""Reads rows of a ledger's table into Arrow, typed as the mart wants them. The same for SQLite and PostgreSQL."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.utils import timezone

from zhenwu.mart.memory import arrow_type
from zhenwu.mart.schema import Table
from zhenwu.packs.runtime import Ledger

_BATCH = 900  # ids per statement; SQLite's limit of variables is higher, its planner's patience is not


@dataclass(frozen=True)
class Extract:
    """One ledger's rows: the table itself, its lists and its lines, by table name."""

    tables: dict[str, pa.Table]

    @property
    def rows(self) -> int:
        return next(iter(self.tables.values())).num_rows


@dataclass(frozen=True)
class _Rows:
    """Which rows of which database table: the live ones, all of them or those whose column `by` is one of the ids."""

    model: type[models.Model]
    live: str
    by: str
    order: str
    ids: Sequence[Any] | None


def extract(ledger: Ledger, tables: Sequence[Table], row_ids: Iterable[uuid.UUID] | None = None) -> Extract:
    """Rows that are not voided; all of them, or those of the ids. `tables` are the ledger's table, its lists and lines."""
    quote = connection.ops.quote_name
    ids = None if row_ids is None else [_key(one) for one in row_ids]
    main, *others = tables
    live = f"{quote('voided_by_change_id')} IS NULL"
    lists = {table.name: table.of_field for table in others if table.of_field not in ledger.children}
    found = _extracted(_Rows(ledger.model, live, "id", quote("id"), ids), main, lists)
    data = found[main.name]
    if "created_at" in main.columns and "source" in main.columns:
        at = data.schema.get_field_index("created_at")
        entered = _entered_at(data.column("created_at").combine_chunks(), data.column("source").combine_chunks())
        found[main.name] = data.set_column(at, "created_at", entered)
    if main.formulas:
        found[main.name] = _with_formulas(found[main.name], ledger, main)
    for code, child in ledger.children.items():
        own = [table for table in others if table.of_field == code]
        if not own:
            continue
        lines, *inside = own
        kept = f"SELECT {quote('id')} FROM {quote(ledger.model._meta.db_table)} WHERE {live}"
        order = f"{quote('parent_id')}, {quote('position')}"
        rows = _Rows(child.model, f"{quote('parent_id')} IN ({kept})", "parent_id", order, ids)
        found |= _extracted(rows, lines, {one.name: one.name.removeprefix(f"{lines.name}__") for one in inside})
    return Extract(found)


def _extracted(rows: _Rows, main: Table, lists: dict[str, str]) -> dict[str, pa.Table]:
    """The table, and a table a list: {name of the list's table: column that holds it}."""
    sources = {column: _source(rows.model, column) for column in main.columns}
    list_sources = {name: _source(rows.model, column) for name, column in lists.items()}
    wanted = sorted({source for source in (*sources.values(), *list_sources.values()) if source})
    values = _read(rows, wanted)
    found = {
        main.name: pa.table(
            {
                column: _array(values.get(source, None), kind, column)
                if source
                else pa.nulls(_length(values), arrow_type(kind))
                for (column, kind), source in zip(main.columns.items(), sources.values(), strict=True)
            }
        )
    }
    keys = found[main.name].select([name for name in ("id", "row", "position") if name in main.columns])
    for name, source in list_sources.items():
        found[name] = _exploded(keys, values[source] if source else [])
    return found


def _with_formulas(data: pa.Table, ledger: Ledger, main: Table) -> pa.Table:
    """The columns of computed fields, by the same formulas as on pages."""
    for code, kind in ledger.computed.items():
        inputs = [data.column(name).to_pylist() for name in kind.list_paths()]
        values = (
            [kind.of_columns(*row) for row in zip(*inputs, strict=True)] if inputs else [kind.value({})] * len(data)
        )
        made = pa.array(values, arrow_type(main.columns[code]))
        data = data.set_column(data.schema.get_field_index(code), code, made)
    return data


def _entered_at(created_at: pa.Array, source: pa.Array) -> pa.Array:
    """When a row was entered by hand. A row from a roster was entered long after the fact: that says nothing, so NULL."""
    by_hand = pc.equal(pc.fill_null(source, ""), "")
    return pc.if_else(by_hand, created_at, pa.scalar(None, created_at.type))


def _source(model: type[models.Model], column: str) -> str:
    """The database column behind a mart column; "" when the model has none (unknown for every row)."""
    if column == "row":
        return "parent_id"
    for name in (column, column.removesuffix("_lon").removesuffix("_lat")):
        try:
            return str(model._meta.get_field(name).column)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            continue
    return ""


def _read(rows: _Rows, columns: Sequence[str]) -> dict[str, list[Any]]:
    quote = connection.ops.quote_name
    select = f"SELECT {', '.join(quote(column) for column in columns)} FROM {quote(rows.model._meta.db_table)} "
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        if rows.ids is None:
            cursor.execute(f"{select}WHERE {rows.live} ORDER BY {rows.order}")
            found = cursor.fetchall()
        else:
            for start in range(0, len(rows.ids), _BATCH):
                some = rows.ids[start : start + _BATCH]
                marks = ", ".join(["%s"] * len(some))
                cursor.execute(
                    f"{select}WHERE {rows.live} AND {quote(rows.by)} IN ({marks}) ORDER BY {rows.order}", some
                )
                found += cursor.fetchall()
    turned: Iterable[Any] = zip(*found, strict=True) if found else ([] for _ in columns)
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
    aware = [value if value is None or value.tzinfo else value.replace(tzinfo=UTC) for value in values]
    local = [value and value.astimezone(zone).replace(tzinfo=None) for value in aware]
    return pa.array(local, pa.timestamp("us"))


def _coordinate(value: str | None, column: str) -> float | None:
    return float(value.split(",")[0 if column.endswith("_lon") else 1]) if value else None


def _exploded(keys: pa.Table, lists: Sequence[Any]) -> pa.Table:
    """A JSON list per row → one row per value, under the row's keys. A stored file counts by its hash."""
    at: list[int] = []
    values: list[str] = []
    for number, said in enumerate(lists):
        for one in (json.loads(said) if isinstance(said, str) else said) or ():
            at.append(number)
            values.append(one["sha256"] if isinstance(one, dict) else str(one))
    taken = keys.take(pa.array(at, pa.int64()))
    names = ["row" if name == "id" else name for name in taken.column_names]
    return taken.rename_columns(names).append_column("value", pa.array(values, pa.string()))
