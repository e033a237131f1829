"""A child table: lines that belong to one row, are written with it and have no life of their own."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Func, OuterRef, Subquery, TextField

from zhenwu.packs.types.base import FieldType, ParseContext

KEPT = "_lines"  # where the lines stand on a row that was read with them: {field code: lines in order}


class Rows(FieldType):
    """The value is a list of lines, each {"id": UUID or None, column code: value}; None when there is no line.

    A line without an id is new. Its columns are field types of their own (`lines`; `runtime.Ledger.children` has them with
    their model); nothing of it stands in the row's own table, so that code which walks over stored columns never meets it.
    """

    name = "rows"
    called = "子表"
    stands_alone = False
    stored = False
    writable = False  # not from one cell of a sheet: lines have a sheet of their own
    widget = "rows"
    lines: dict[str, FieldType]  # its columns, by code
    model: type[models.Model]  # of the running ledger alone

    def columns(self) -> dict[str, models.Field]:
        return {}

    def to_columns(self, value: Any) -> dict[str, Any]:
        return {}

    def parse(self, raw: Any, context: ParseContext) -> Any:
        raise self.problem("是一张子表，不能填在一格里：请在页面上逐行填写，或填在导出表的同名工作表里。")

    def show(self, value: Any) -> str:
        return f"{len(value)}行" if value else ""

    def mart_columns(self) -> dict[str, str]:
        return {}

    # what formulas of the row take of its lines
    def stored_lines(self, row: Any) -> Sequence[Any]:
        """The lines of a row in order; read here where the row was read without them."""
        if self.code in (kept := getattr(row, KEPT, {})):
            found: Sequence[Any] = kept[self.code]
            return found
        return list(self.model._default_manager.filter(parent_id=row.pk).order_by("position"))

    def packed(self, columns: Sequence[str]) -> Subquery:
        """An expression that reads these columns of all lines of each row of a query, as a text for `unpacked`."""
        lines = self.model._default_manager.filter(parent_id=OuterRef("pk")).order_by()
        return _Packed(lines.annotate(packed=_Array(*columns)).values("packed"), output_field=TextField())

    def unpacked(self, columns: Sequence[str], text: str | None) -> list[dict[str, Any]]:
        readers = [_READERS[self.lines[name].formula_kind] for name in columns]
        said = json.loads(text, parse_float=Decimal) if text else []
        return [
            {name: None if one is None else read(one) for name, read, one in zip(columns, readers, line, strict=True)}
            for line in said
        ]


_READERS: dict[str, Callable[[Any], Any]] = {"number": Decimal, "date": date.fromisoformat, "text": str, "bool": bool}


class _Array(Func):
    """A JSON array of columns."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_build_array", **context)


class _Packed(Subquery):
    template = "(SELECT json_group_array(json(packed)) FROM (%(subquery)s) AS lines)"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT json_agg(packed)::text FROM (%(subquery)s) AS lines)"
        return self.as_sql(compiler, connection, template=template, **context)
