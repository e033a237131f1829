"""The indexes of the packs' tables. Django's schema editor leaves those of unmanaged models alone, so they are kept here."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def differing(model: type[models.Model]) -> tuple[list[models.Index], list[str]]:
    """(declared and not in the table, in the table and not declared). Unique ones are constraints, not counted here. One
    of the right name over other columns (the main date is another field now) is both."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    plain = {
        (name, tuple(one["columns"]))
        for name, one in found.items()
        if one["index"] and not one["unique"] and not one["primary_key"]
    }
    declared = {(index.name, _columns(model, index)): index for index in model._meta.indexes}
    missing = [index for key, index in declared.items() if key not in plain]
    return missing, sorted(name for name, _ in plain - set(declared))


def _columns(model: type[models.Model], index: models.Index) -> tuple[str, ...]:
    return tuple(str(model._meta.get_field(name).column) for name in index.fields)  # type: ignore[union-attr]


def bring(editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """Give the model's table exactly the declared indexes."""
    missing, surplus = differing(model)
    for name in surplus:
        editor.remove_index(model, models.Index(fields=["no"], name=name))  # by its name; the fields say nothing here
    for index in missing:
        editor.add_index(model, index)


_MANY = 20_000  # rows from which it pays to build indexes anew


@contextmanager
def built_after(model: type[models.Model], *, new: int) -> Iterator[None]:
    """Rows come in while the plain indexes are away, and the indexes are built of all of them at the end: a third of the time
    of keeping them up row by row. Only where the new rows are many, and more than those that are there.

    It is part of the caller's transaction: whoever reads meanwhile has the indexes still, and what is broken off leaves
    them as they were. PostgreSQL would keep readers out until the end, so there they stay.
    """
    if connection.vendor != "sqlite" or new < _MANY or _points_to_itself(model) or _has_more_than(model, new):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql LIKE 'CREATE INDEX %%'",
            [model._meta.db_table],
        )
        plain = cursor.fetchall()
        for name, _ in plain:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    with connection.cursor() as cursor:
        for _, sql in plain:
            cursor.execute(sql)


def _points_to_itself(model: type[models.Model]) -> bool:
    """For each row that comes in SQLite may then look for others that already point to it."""
    return any(field.related_model is model for field in model._meta.concrete_fields)


def _has_more_than(model: type[models.Model], count: int) -> bool:
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1 OFFSET %s", [count])  # noqa: S608  a quoted name only
        return cursor.fetchone() is not None
