"""Columns renamed, set aside and widened by hand: on SQLite the schema editor may build a table anew from its model,
without the columns of retired fields."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from zhenwu.packs.builder import table_name
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.stored import columns_of


@dataclass(frozen=True, slots=True)
class Moved:
    """A column of a ledger's table under another name."""

    ledger: str
    was: str
    now: str


def renamed(ledger: str, was: FieldSpec, now: FieldSpec) -> list[Moved]:
    return [Moved(ledger, a, b) for a, b in zip(columns_of(was), columns_of(now), strict=True) if a != b]


def set_aside(ledger: str, was: FieldSpec, taken: set[str]) -> list[Moved]:
    """The columns of a field that another type takes the place of: `area` becomes `area__1`, as no code may be called."""
    names = columns_of(was)
    number = next(n for n in range(1, 10_000) if not taken & {f"{name}__{n}" for name in names})
    return [Moved(ledger, name, f"{name}__{number}") for name in names]


def move_columns(moves: Sequence[Moved]) -> None:
    """By way of names that nothing has, so that two fields can exchange theirs."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for at, one in enumerate(moves):
            _free_names(cursor, one)
            table = quote(table_name(one.ledger))
            cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {quote(one.was)} TO {quote(f'z__{at}')}")
        for at, one in enumerate(moves):
            table = quote(table_name(one.ledger))
            cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {quote(f'z__{at}')} TO {quote(one.now)}")


def move_tables(pairs: Sequence[tuple[str, str]]) -> None:
    """Rename child tables, given by (old code, new code), in the same way."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for at, (was, _) in enumerate(pairs):
            cursor.execute(f"ALTER TABLE {quote(table_name(was))} RENAME TO {quote(f'z__{at}')}")
        for at, (_, now) in enumerate(pairs):
            cursor.execute(f"ALTER TABLE {quote(f'z__{at}')} RENAME TO {quote(table_name(now))}")


def _free_names(cursor: Any, moved: Moved) -> None:
    """A foreign key's constraint is named after its column: another field may get that name, and needs the constraint's.
    (SQLite names none; indexes are named by role, and kept by indexes.py.)"""
    if connection.vendor == "sqlite":
        return
    table, quote = table_name(moved.ledger), connection.ops.quote_name
    for name, one in connection.introspection.get_constraints(cursor, table).items():
        if one["foreign_key"] and one["columns"] == [moved.was]:
            other = f"{name[:50]}_{secrets.token_hex(4)}"
            cursor.execute(f"ALTER TABLE {quote(table)} RENAME CONSTRAINT {quote(name)} TO {quote(other)}")


def widen(column: models.Field, model: type[models.Model]) -> None:
    """SQLite holds texts of any length in any text column; only the pack bounds them there."""
    if connection.vendor != "sqlite":
        quote, table = connection.ops.quote_name, model._meta.db_table
        kind = column.db_type(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(str(column.column))} TYPE {kind}")
