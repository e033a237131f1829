"""Reads rows of a ledger's table into Arrow, typed as the mart wants them: all of them page by page, or a few by id."""

# ruff: noqa: S608  names come from the packs' schema, ids are UUIDs

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models

from zhenwu.mart.memory import arrow_type
from zhenwu.mart.raw import Column, column_of, ids_in, read
from zhenwu.mart.schema import Table
from zhenwu.packs.runtime import Ledger

_PAGE = 200_000  # rows in memory at once
_AT_ONCE = 900  # ids of one statement

Tables = dict[str, pa.Table]  # one ledger's rows: the table itself, its lists and its lines, by table name


@dataclass(frozen=True)
class _Part:
    """Which rows: a condition on the id column of the ledger's table (`{}`), and how many at most."""

    condition: str
    limit: int = 0


def pages(ledger: Ledger, tables: Sequence[Table]) -> Iterator[Tables]:
    """All rows that are not voided, in the order of their ids; at least one page. Inside `one_moment`. `tables` are the ledger's own."""
    after = ""
    while True:
        condition = f"{{}} > '{after}'" if after else ""
        found = _extracted(ledger, tables, _Part(condition, _PAGE))
        yield found
        main = found[tables[0].name]
        if main.num_rows < _PAGE:
            return
        after = main.column("id")[-1].as_py()


def rows_of(ledger: Ledger, tables: Sequence[Table], ids: Sequence[uuid.UUID]) -> Tables:
    """Those of the rows that are not voided."""
    found = []
    for start in range(0, len(ids), _AT_ONCE) or (0,):
        some = ids_in(ids[start : start + _AT_ONCE])
        found.append(_extracted(ledger, tables, _Part(f"{{}} IN ({some})")))
    return {table.name: pa.concat_tables([one[table.name] for one in found]) for table in tables}


def _extracted(ledger: Ledger, tables: Sequence[Table], part: _Part) -> Tables:
    quote = connection.ops.quote_name
    main, *others = tables
    live = f"{quote('voided_by_change_id')} IS NULL"
    own = f"{live} AND {part.condition.format(quote('id'))}" if part.condition else live
    limit = f" LIMIT {part.limit}" if part.limit else ""
    where = f"FROM {quote(ledger.model._meta.db_table)} WHERE {own} ORDER BY {quote('id')}{limit}"
    lists = {table.name: table.of_field for table in others if table.of_field not in ledger.children}
    found = _with_lists(ledger.model, main, lists, where)
    data = found[main.name]
    if "created_at" in main.columns and "source" in main.columns:
        at = data.schema.get_field_index("created_at")
        entered = _entered_at(data.column("created_at").combine_chunks(), data.column("source").combine_chunks())
        found[main.name] = data.set_column(at, "created_at", entered)
    parents = part.condition
    if part.limit and data.num_rows == part.limit:
        parents = f"{parents} AND " * bool(parents) + f"{{}} <= '{data.column('id')[-1].as_py()}'"
    for code, child in ledger.children.items():
        if not (own_tables := [table for table in others if table.of_field == code]):
            continue
        lines, *inside = own_tables
        kept = f"SELECT {quote('id')} FROM {quote(ledger.model._meta.db_table)} WHERE {live}"
        of_these = f"{parents.format(quote('parent_id'))} AND " if parents else ""
        where = (
            f"FROM {quote(child.model._meta.db_table)} WHERE {of_these}{quote('parent_id')} IN ({kept}) "
            f"ORDER BY {quote('parent_id')}, {quote('position')}"
        )
        names = {one.name: one.name.removeprefix(f"{lines.name}__") for one in inside}
        found |= _with_lists(child.model, lines, names, where)
        found[lines.name] = _with_formulas(found[lines.name], child, {})
    by_field = {table.of_field: found[table.name] for table in others if table.kind == "lines"}
    found[main.name] = _with_formulas(found[main.name], ledger, by_field)
    return found


def _with_lists(model: type[models.Model], main: Table, lists: Mapping[str, str], where: str) -> Tables:
    """The table, and a table a list: {name of the list's table: field that holds it}."""
    known: dict[str, Column] = {}
    for name, kind in main.columns.items():
        if source := _source(model, name):
            known[name] = column_of(model, name, kind, source)
    held = {name: column_of(model, f"{name} of", "VARCHAR", field) for name, field in lists.items()}
    data = read([*known.values(), *held.values()], where)
    columns = [
        data.column(name).combine_chunks() if name in known else pa.nulls(data.num_rows, arrow_type(kind))
        for name, kind in main.columns.items()
    ]
    found = {main.name: pa.table(columns, names=list(main.columns))}
    keys = found[main.name].select([name for name in ("id", "row", "position") if name in main.columns])
    for name, column in held.items():
        found[name] = _exploded(keys, data.column(column.name).to_pylist())
    return found


def _with_formulas(data: pa.Table, ledger: Ledger, lines: Mapping[str, pa.Table]) -> pa.Table:
    """The columns of computed fields, by the same formulas as on pages; `lines` are the child tables of these rows."""
    for code, kind in ledger.computed.items():
        columns = {name: data.column(name).to_pylist() for name in kind.inputs}
        for table, names in kind.columns_of_lines.items():
            columns[table] = _gathered(data.column("id").to_pylist(), lines[table], names)
        rows = zip(*columns.values(), strict=True) if columns else [()] * len(data)
        values = [kind.value(dict(zip(columns, row, strict=True))) for row in rows]
        place = data.schema.get_field_index(code)
        data = data.set_column(place, code, pa.array(values, data.schema.field(place).type))
    return data


def _gathered(ids: Sequence[str], lines: pa.Table, names: Sequence[str]) -> list[list[dict[str, Any]]]:
    """The lines of each row."""
    found: dict[str, list[dict[str, Any]]] = {}
    for parent, line in zip(lines.column("row").to_pylist(), _dicts(lines, names), strict=True):
        found.setdefault(parent, []).append(line)
    return [found.get(one, []) for one in ids]


def _dicts(data: pa.Table, names: Sequence[str]) -> list[dict[str, Any]]:
    return data.select(list(names)).to_pylist() if names else [{}] * len(data)


def _entered_at(created_at: pa.Array, source: pa.Array) -> pa.Array:
    """When a row was entered by hand. A row from a roster was entered long after the fact: that says nothing, so NULL."""
    by_hand = pc.equal(pc.fill_null(source, ""), "")
    return pc.if_else(by_hand, created_at, pa.scalar(None, created_at.type))


def _source(model: type[models.Model], column: str) -> str:
    """The model's field behind a mart column; "" when the model has none (unknown for every row)."""
    if column == "row":
        return "parent"
    for name in (column, column.removesuffix("_lon").removesuffix("_lat")):
        try:
            return str(model._meta.get_field(name).name)
        except FieldDoesNotExist:
            continue
    return ""


def _exploded(keys: pa.Table, lists: Sequence[str | None]) -> pa.Table:
    """A JSON list per row → one row per value, under the row's keys. A stored file counts by its hash."""
    at: list[int] = []
    values: list[str] = []
    for number, said in enumerate(lists):
        for one in (json.loads(said) if said else None) or ():
            at.append(number)
            values.append(one["sha256"] if isinstance(one, dict) else str(one))
    taken = keys.take(pa.array(at, pa.int64()))
    names = ["row" if name == "id" else name for name in taken.column_names]
    return taken.rename_columns(names).append_column("value", pa.array(values, pa.string()))
