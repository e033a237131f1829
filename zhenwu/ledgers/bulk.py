"""Inserting many rows at the speed of executemany, with Django's own conversion of each column."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import connection, models

_AS_IS = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def insert(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows given as {column attname: value}; columns that no row fills are left to NULL."""
    if not rows:
        return
    filled = {name for row in rows for name, value in row.items() if value is not None}
    fields = [field for field in model._meta.concrete_fields if field.attname in filled and field.column]
    convert = [_converter(field) for field in fields]
    names = [field.attname for field in fields]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    pairs = list(zip(names, convert, strict=True))
    with connection.cursor() as cursor:
        cursor.executemany(
            sql, [tuple([how(row.get(name)) if how else row.get(name) for name, how in pairs]) for row in rows]
        )


def _converter(field: models.Field) -> Callable[[Any], Any] | None:
    """None where the value goes in as it is."""
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kind, models.UUIDField) and not connection.features.has_native_uuid_field:
        return _hex
    if (
        isinstance(kind, models.DateField)
        and not isinstance(kind, models.DateTimeField)
        and connection.vendor == "sqlite"
    ):
        return _iso
    if isinstance(kind, _AS_IS) and not isinstance(kind, models.UUIDField):
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def _hex(value: uuid.UUID | None) -> str | None:
    return None if value is None else value.hex


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
