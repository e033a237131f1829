"""Rows of a `[[case]]` as mart rows: defaults filled in, lists taken out, and what fits no column reported."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from zhenwu.lib.idno import read_idno
from zhenwu.mart.memory import typed
from zhenwu.mart.reference import div_now_rows
from zhenwu.mart.schema import SHARED, MartSchema
from zhenwu.packs.builder import types_of
from zhenwu.packs.spec import Case, PackSpec
from zhenwu.packs.types import Computed, FieldType, Rows, field_type

MartRows = dict[str, list[dict[str, Any]]]
Kinds = Mapping[str, FieldType]
_TOWN = {"id": "t0", "code": "519999100", "name": "青石镇", "level": "town", "parent": None}
_START = date(2000, 1, 1)
_SHARED_IN_CASES = ("division", "div_now")


def mart_rows(case: Case, packs: Mapping[str, PackSpec], schema: MartSchema, as_of: date) -> tuple[MartRows, list[str]]:
    """(rows by mart table, problems)."""
    found: MartRows = {}
    problems: list[str] = []
    for ledger, rows in case.rows.items():
        if ledger in _SHARED_IN_CASES:
            problems += _unknown(ledger, rows, {**SHARED[ledger]})
        elif ledger not in packs:
            problems.append(f"rows.{ledger}: there is no such ledger.")
        else:
            kinds = types_of(packs[ledger])  # once a ledger: making them costs more than reading a row
            for number, row in enumerate(rows, 1):
                _ledger_row(packs[ledger], kinds, dict(row), number, schema, found, problems)
    divisions = [_division(dict(row)) for row in case.rows.get("division", ())]
    if not any(one["id"] == "t0" for one in divisions):
        divisions.append(_division(dict(_TOWN)))
    found["division"] = divisions
    said = {row["division"]: row["now"] for row in case.rows.get("div_now", ())}
    found["div_now"] = div_now_rows(divisions, as_of, said)
    return found, problems


def _division(row: dict[str, Any]) -> dict[str, Any]:
    defaults = {"code": row["id"], "name": row["id"], "level": "village", "valid_from": _START, "community": False}
    return defaults | {"parent": "t0" if row.get("level") != "town" else None} | row


def _ledger_row(
    pack: PackSpec, kinds: Kinds, row: dict[str, Any], number: int, schema: MartSchema, found: MartRows,
    problems: list[str],
) -> None:  # fmt: skip
    code = pack.ledger.code
    row_id, tables = row.setdefault("id", f"{code}-{number}"), {}
    for field in pack.field:
        if field.code in row and (value := row[field.code]) is not None:
            if isinstance(rows := kinds[field.code], Rows):
                lines = _lines(f"{code}__{field.code}", rows, row_id, row.pop(field.code), schema, problems, found)
                tables[field.code] = lines
            elif kinds[field.code].mart_list:
                del row[field.code]
                links = found.setdefault(f"{code}__{field.code}", [])
                links += [
                    {"row": row_id, "value": one} for one in (value if isinstance(value, list | tuple) else [value])
                ]
            elif field.code not in schema.tables[code].columns:
                del row[field.code]
                row |= _parts(kinds[field.code], field.code, value)
    state = pack.lifecycle.initial if pack.lifecycle else ""
    defaults = {"no": row_id, "review": "approved", "state": state, "version": 1, "source": "form"}
    table = schema.tables[code]
    problems += _unknown(code, [row], table.columns)
    if not any(name not in table.columns for name in row):
        row |= _computed(kinds, row | tables, table.columns)
    found.setdefault(code, []).append(defaults | row)


def _computed(kinds: Kinds, row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """The fields that formulas work out of this row, or of this line; a case may not say them itself."""
    made = {}
    for code, kind in kinds.items():
        if isinstance(kind, Computed) and kind.formula:
            inputs = {name: typed(row.get(name), columns[name], name) for name in kind.inputs}
            made[code] = kind.value(inputs | {table: row.get(table) for table in kind.tables})
    return made


def _lines(
    name: str, rows: Rows, row_id: str, said: Any, schema: MartSchema, problems: list[str], found: MartRows
) -> list[dict[str, Any]]:  # fmt: skip
    """The lines of one row, in order; lists in them become tables of their own. Returned as formulas of the row take them."""
    columns, made = schema.tables[name].columns, []
    for position, line in enumerate(said, 1):
        values = {"row": row_id, "position": position} | line
        for column in rows.spec.column:
            value = values.get(column.code)
            if value is not None and field_type(column).mart_list:
                del values[column.code]
                links = found.setdefault(f"{name}__{column.code}", [])
                many = value if isinstance(value, list | tuple) else [value]
                links += [{"row": row_id, "position": position, "value": one} for one in many]
            elif value is not None and column.code not in columns:
                del values[column.code]
                values |= _parts(field_type(column), column.code, value)
        problems += _unknown(name, [values], columns)
        if not values.keys() - columns.keys():
            values |= _computed(rows.lines, values, columns)
            made.append({key: typed(value, columns[key], key) for key, value in values.items()})
        found.setdefault(name, []).append(values)
    return made


def _parts(kind: FieldType, code: str, value: Any) -> dict[str, Any]:
    """Columns of a field whose value the mart never holds whole. The hash of a case is the value itself."""
    names = list(kind.mart_columns())
    if names == [f"{code}_lon", f"{code}_lat"]:
        return dict(zip(names, str(value).split(","), strict=True))
    parts: dict[str, Any] = {f"{code}_hash": value}
    if f"{code}_birth" in names:
        read = read_idno(value, on=date(9999, 12, 31))
        derived = {"ok": read.ok, "birth": read.birth, "sex": read.sex, "region": read.region}
        parts |= {f"{code}_{name}": one for name, one in derived.items()}
    return parts


def _unknown(ledger: str, rows: Any, columns: Mapping[str, str]) -> list[str]:
    names = {name for row in rows for name in row} - set(columns)
    return [f"rows.{ledger}: there is no column {name}. Known: {', '.join(columns)}." for name in sorted(names)]
