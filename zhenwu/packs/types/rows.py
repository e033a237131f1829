"""A child table: lines that belong to one row, are written with it and have no life of their own."""

from typing import Any

from django.db import models

from zhenwu.packs.types.base import FieldType, ParseContext


class Rows(FieldType):
    """The value is a list of lines, each {"id": UUID or None, column code: value}; None when there is no line.

    A line without an id is new. Its columns are field types of their own (`runtime.Ledger.children` has them); nothing of
    it stands in the row's own table, so that code which walks over stored columns never meets it.
    """

    name = "rows"
    called = "子表"
    stands_alone = False
    stored = False
    writable = False  # not from one cell of a sheet: lines have a sheet of their own
    widget = "rows"

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
