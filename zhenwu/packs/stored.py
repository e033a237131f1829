"""What stands in the tables of packs, asked by name: at planning time no model of the old packs may be running."""

import json
from collections import Counter
from typing import Any

from django.db import connection

from zhenwu.packs.builder import table_name
from zhenwu.packs.children import child_code
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import field_type


def columns_of(spec: FieldSpec) -> list[str]:
    """The table columns of a field (`<code>_id` of a link, several of an ID number)."""
    named = []
    for name, column in field_type(spec).columns().items():
        column.set_attributes_from_name(name)
        named.append(str(column.get_attname_column()[1]))
    return named


def columns(ledger: str) -> set[str]:
    """The columns that the ledger's table really has, those of retired fields too."""
    with connection.cursor() as cursor:
        return {one.name for one in connection.introspection.get_table_description(cursor, table_name(ledger))}


def rows(ledger: str) -> int:
    return _number(f"SELECT count(*) FROM {_table(ledger)}")  # noqa: S608  quoted names only, here and below


def filled(ledger: str, spec: FieldSpec) -> int:
    """Rows in which the field says something."""
    if spec.column:
        return _number(f"SELECT count(DISTINCT parent_id) FROM {_table(child_code(ledger, spec.code))}")  # noqa: S608
    names = columns_of(spec)
    return _number(f"SELECT count(*) FROM {_table(ledger)} WHERE {_quote(names[0])} IS NOT NULL") if names else 0  # noqa: S608


def longer_than(ledger: str, spec: FieldSpec, length: int) -> int:
    """Rows whose text, as it is stored, has more characters."""
    return _number(f"SELECT count(*) FROM {_table(ledger)} WHERE length({_quote(spec.code)}) > %s", [length])  # noqa: S608


def repeated(ledger: str, spec: FieldSpec) -> int:
    """Values that several rows, not voided, have."""
    column = _quote(unique_column(spec))
    twice = (
        f"SELECT {column} FROM {_table(ledger)} WHERE {column} IS NOT NULL AND voided_by_change_id IS NULL "  # noqa: S608
        f"GROUP BY {column} HAVING count(*) > 1"
    )
    return _number(f"SELECT count(*) FROM ({twice}) AS twice")  # noqa: S608


def unique_column(spec: FieldSpec) -> str:
    """Where equal values are equal: the keyed hash of a personal number, else the column itself."""
    names = columns_of(spec)
    return next((name for name in names if name.endswith("_hash")), names[0])


def used_values(ledger: str, spec: FieldSpec) -> dict[str, int]:
    """{option value: how many rows use it} of a choice or of a list of choices."""
    column = _quote(spec.code)
    asked = _all(f"SELECT {column}, count(*) FROM {_table(ledger)} WHERE {column} IS NOT NULL GROUP BY {column}")  # noqa: S608
    found: Counter[str] = Counter()
    for said, count in asked:
        for value in _list(said) if spec.type == "multichoice" else [said]:
            found[value] += count
    return dict(found)


def used_states(ledger: str) -> dict[str, int]:
    return dict(_all(f"SELECT state, count(*) FROM {_table(ledger)} GROUP BY state"))  # noqa: S608


def _list(said: Any) -> list[str]:
    return json.loads(said) if isinstance(said, str) else said


def _table(ledger: str) -> str:
    return _quote(table_name(ledger))


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _all(sql: str, values: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or [])
        return cursor.fetchall()


def _number(sql: str, values: list[Any] | None = None) -> int:
    return int(_all(sql, values)[0][0])
