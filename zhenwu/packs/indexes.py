"""The indexes of the packs' tables. Django's schema editor leaves those of unmanaged models alone, so they are kept here."""

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
