"""Queries that every page asks: their SQL is made once in a process, of the same ORM expression that would else be compiled
anew for each request (which costs several times what the database then does)."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

_TWICE: dict[type, tuple[Any, Any]] = {  # two values of each type, to see which parameters of the SQL are which
    int: (1_000_001, 1_000_002),
    str: ("prepared one", "prepared two"),
    date: (date(1901, 2, 3), date(1902, 3, 4)),
    datetime: (datetime(1901, 2, 3, 4, 5, 6), datetime(1902, 3, 4, 5, 6, 7)),
    uuid.UUID: (uuid.UUID(int=1), uuid.UUID(int=2)),
}


@dataclass(frozen=True)
class Statement:
    """The SQL of a `values_list` query, to be run as often as wanted. It reads the database each time."""

    sql: str  # "" when no row can meet the conditions
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...]

    @classmethod
    def of(cls, rows: models.QuerySet[Any]) -> "Statement":
        compiler = rows.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return cls("", (), ())
        steps = compiler.get_converters([expression for expression, *_ in compiler.select])
        return cls(sql, tuple(parameters), tuple((at, tuple(each), of) for at, (each, of) in steps.items()))

    def rows(self, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.parameters if parameters is None else parameters)
            found = cursor.fetchall()
        if not self.converters or not found:
            return found
        columns: list[Any] = list(zip(*found, strict=True))
        for at, steps, expression in self.converters:
            column = columns[at]
            for step in steps:
                column = [step(value, expression, connection) for value in column]
            columns[at] = column
        return list(zip(*columns, strict=True))


class Prepared:
    """`build` makes a `values_list` query of values of the named types; its shape must not depend on them (no None, no
    lists, no condition left out). Nothing that was read is kept: each call asks the database."""

    def __init__(self, build: Callable[..., models.QuerySet[Any]], **types: type) -> None:
        self._build, self._types = build, types
        self._made: dict[str, tuple[Statement, tuple[tuple[int, str], ...]]] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        statement, places = self._made.get(connection.vendor) or self._make()
        parameters = list(statement.parameters)
        for place, name in places:
            parameters[place] = _adapted(values[name])
        return statement.rows(parameters)

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """The first of the rows; the query should ask for one only."""
        found = self.rows(**values)
        return found[0] if found else None

    def _make(self) -> tuple[Statement, tuple[tuple[int, str], ...]]:
        """Which parameters hold which value is seen by building the query twice."""
        usual = {name: _aware(_TWICE[kind][0]) for name, kind in self._types.items()}
        statement = Statement.of(self._build(**usual))
        places: list[tuple[int, str]] = []
        for name, kind in self._types.items():
            other = Statement.of(self._build(**usual | {name: _aware(_TWICE[kind][1])}))
            pairs = zip(statement.parameters, other.parameters, strict=True)
            differing = [at for at, (one, two) in enumerate(pairs) if one != two]
            if other.sql != statement.sql or not differing:
                raise TypeError(f"The SQL of this query depends on {name} in more than a parameter.")
            places += [(at, name) for at in differing]
        self._made[connection.vendor] = made = (statement, tuple(places))
        return made


def _adapted(value: Any) -> Any:
    """The value as Django hands it to the driver."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _aware(value: Any) -> Any:
    return value.astimezone() if isinstance(value, datetime) else value
