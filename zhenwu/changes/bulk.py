"""Writing many rows at the speed of the database, with each column converted as Django does, worked out once a column."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.db import connection, models

from zhenwu.lib.columns import mapped

Convert = Callable[[Any], Any]
_MOST_PARAMETERS = 900  # of one statement; old builds of SQLite refuse 1,000
_AS_IS = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


class Inserter:
    """Inserts rows into one table, given by column; for as many batches as there are. Columns are named by attname.

    `constant` are columns that hold the same value in every row; columns that are not named stay NULL. An id may be
    given as 32 hex digits.
    """

    def __init__(self, model: type[models.Model], columns: Sequence[str], constant: dict[str, Any]) -> None:
        fields = {name: model._meta.get_field(name) for name in (*constant, *columns)}
        self._constant = tuple(converted(fields[name], value) for name, value in constant.items())  # type: ignore[arg-type]
        self._columns = [(name, converter(fields[name])) for name in columns]  # type: ignore[arg-type]
        quote = connection.ops.quote_name
        names = ", ".join(quote(_column(field)) for field in fields.values())
        self._into = f"{quote(model._meta.db_table)} ({names})"
        self._at_once = max(1, (_MOST_PARAMETERS - len(self._constant)) // max(1, len(columns)))

    def insert(self, count: int, columns: Mapping[str, Sequence[Any]]) -> None:
        """`count` rows; each column holds as many values."""
        if not count:
            return
        made = [columns[name] if convert is None else mapped(columns[name], convert) for name, convert in self._columns]
        rows = zip(*made, strict=True)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                self._copy(cursor, rows)
            else:
                self._insert(cursor, count, rows)

    def _copy(self, cursor: Any, rows: Iterable[tuple[Any, ...]]) -> None:
        with cursor.copy(f"COPY {self._into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(self._constant + row)

    def _insert(self, cursor: Any, count: int, rows: Iterator[tuple[Any, ...]]) -> None:
        """Several rows to a statement, and what all of them share told once: SQLite then takes half the time of one by one."""
        whole, rest = divmod(count, self._at_once)
        for times, size in ((whole, self._at_once), (1, rest)):
            if times and size:
                said = [self._constant + tuple(chain.from_iterable(islice(rows, size))) for _ in range(times)]
                cursor.executemany(self._sql(size), said)

    def _sql(self, size: int) -> str:
        """Parameters are named by their place (?3): those of the constant columns come first and stand in every row."""
        places = iter(range(1, _MOST_PARAMETERS + 1))
        same = [f"?{place}" for place in islice(places, len(self._constant))]
        rows = (", ".join([*same, *(f"?{place}" for place in islice(places, len(self._columns)))]) for _ in range(size))
        return f"INSERT INTO {self._into} VALUES ({'), ('.join(rows)})"  # noqa: S608  quoted names only


class Updater:
    """Updates rows of one table by id, all in the same columns; a row whose version moved on is not touched."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        fields = [model._meta.get_field(name) for name in columns]
        self._columns = [(name, converter(field)) for name, field in zip(columns, fields, strict=True)]  # type: ignore[arg-type]
        self._id = converter(model._meta.pk)
        quote = connection.ops.quote_name
        settings = ", ".join(f"{quote(_column(field))} = %s" for field in fields)
        table, key, version = quote(model._meta.db_table), quote("id"), quote("version")
        self._sql = f"UPDATE {table} SET {settings} WHERE {key} = %s AND {version} = %s"  # noqa: S608  quoted names only

    def update(self, rows: Sequence[tuple[uuid.UUID, int, dict[str, Any]]]) -> int:
        """Rows are (id, version as read, values by column); returns how many were updated."""
        said = [
            (
                *(
                    values[name] if convert is None or values[name] is None else convert(values[name])
                    for name, convert in self._columns
                ),
                self._id(key) if self._id else key,
                version,
            )
            for key, version, values in rows
        ]
        with connection.cursor() as cursor:
            cursor.executemany(self._sql, said)
            return int(cursor.rowcount)


class _Raw(models.Func):
    """A column as the database holds it, an id as 32 hex digits: what the driver and Django make of each value (a UUID, a
    date, a Decimal) costs more than reading it."""

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)  # so the driver knows no type

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        is_id = _is_id(self.source_expressions[0].output_field)
        shape = "replace((%(expressions)s)::text, '-', '')" if is_id else self.template
        return self.as_sql(compiler, connection, template=shape, **context)


def raw_batches(rows: models.QuerySet[Any], columns: Sequence[str], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """These columns (ORM paths) in lists of at most `size` rows, as the database holds them; `reader` makes values of them."""
    sql, parameters = rows.values_list(*map(_Raw, columns)).query.sql_with_params()
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while batch := cursor.fetchmany(size):
            yield batch


_LEAN = {"mmap_size": 0, "cache_size": -16_384}  # what was mapped counts as the process's own; the cache in KiB


@contextmanager
def lean() -> Iterator[None]:
    """A whole table is read or written once. SQLite needs no more memory for it then than for a page, and gives back what it
    took: kept pages would never be asked for again."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = {name: int(cursor.execute(f"PRAGMA {name}").fetchone()[0]) for name in _LEAN}
        for name, value in _LEAN.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        try:
            yield
        finally:
            for name, value in before.items():
                cursor.execute(f"PRAGMA {name} = {value}")


def field_at(model: type[models.Model], path: str) -> Any:
    """The field at the end of an ORM path (division__name)."""
    first, _, rest = path.partition("__")
    field: Any = model._meta.get_field(first)
    return field_at(field.related_model, rest) if rest else field


def reader(field: models.Field) -> Convert | None:
    """What makes a value of a raw one that is not None; None where it comes as it is. An id stays hex digits."""
    if _is_id(field):
        return None
    if isinstance(field, models.DecimalField) and connection.vendor == "sqlite":
        digits = digits_reader(field)
        return lambda value: Decimal(digits(value))
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert


def digits_reader(field: models.DecimalField) -> Convert:
    """What makes the digits of a raw value of a decimal column. SQLite has a number there, exact to 15 digits."""
    return f"%.{field.decimal_places}f".__mod__ if connection.vendor == "sqlite" else str


def converter(field: models.Field) -> Convert | None:
    """What makes a database value of a value that is not None; None where it goes in as it is."""
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kind, models.UUIDField):
        return None if connection.features.has_native_uuid_field else _hex
    if isinstance(kind, models.DateTimeField):
        return lambda value: field.get_db_prep_save(value, connection)
    if isinstance(kind, models.DateField):
        return date.isoformat if connection.vendor == "sqlite" else None
    if isinstance(kind, models.DecimalField):
        return _digits
    if isinstance(kind, _AS_IS):
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def converted(field: models.Field, value: Any) -> Any:
    convert = converter(field)
    return value if convert is None or value is None else convert(value)


def _is_id(field: Any) -> bool:
    return isinstance(field.target_field if isinstance(field, models.ForeignKey) else field, models.UUIDField)


def _column(field: Any) -> str:
    return str(field.column)


def _hex(value: uuid.UUID | str) -> str:
    return value.hex if isinstance(value, uuid.UUID) else value.replace("-", "")


def _digits(value: Decimal) -> str:
    return format(value, "f")
