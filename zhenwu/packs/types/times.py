from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from zhenwu.lib.dates import read_date, read_month
from zhenwu.lib.numerals import int_to_chinese
from zhenwu.packs.types.base import FieldType, ParseContext, shown_raw

_SPAN = ("eq", "ge", "le", "in", "empty")


class Date(FieldType):
    name = "date"
    called = "日期"
    formula_kind: Any = "date"
    widget = "date"
    sheet_kind = "date"

    def sheet_value(self, value: Any) -> Any:
        return value

    mart_type = "DATE"

    def column(self) -> models.Field:
        return models.DateField(self.label, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> date | None:
        if raw is None or raw == "":
            return None
        if type(raw) is date:
            return raw
        return self.taken(read_date(raw, today=context.today), context)

    def canonical(self, value: Any) -> Any:
        return value.isoformat() if value else None

    def from_canonical(self, said: Any) -> Any:
        return date.fromisoformat(said) if said else None

    def show(self, value: Any) -> str:
        return value.isoformat() if value else ""

    filters = _SPAN
    json_shape = "应是日期，如 2020-03-15"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class Month(FieldType):
    name = "month"
    called = "月份"
    reads_row = True
    widget = "month"

    def column(self) -> models.Field:
        return models.CharField(self.label, max_length=7, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        if raw is None or raw == "":
            return None
        reading = read_month(raw, year=context.on.year, today=context.today)
        if len(reading.months) > 1:
            named, count = "、".join(reading.months), int_to_chinese(len(reading.months))
            raise self.problem(
                f"填的是“{shown_raw(raw)}”，是{named}{count}个月：请一个月一行；金额也要按月分开，系统不替你分。"
            )
        return self.taken(reading, context)

    filters = _SPAN
    json_shape = "应是月份，如 2020-03"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}


class DateTime(FieldType):
    name = "datetime"
    called = "日期时间"
    widget = "datetime-local"
    mart_type = "TIMESTAMP"

    def column(self) -> models.Field:
        return models.DateTimeField(self.label, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> datetime | None:
        if raw is None or raw == "":
            return None
        value = raw if isinstance(raw, datetime) else _or_none(str(raw))
        if value is None:
            raise self.problem(f"填的是“{shown_raw(raw)}”：请写成“2020-03-15 09:30”。")
        return timezone.make_aware(value) if timezone.is_naive(value) else value

    def canonical(self, value: Any) -> Any:
        return value.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds") if value else None

    def from_canonical(self, said: Any) -> Any:
        return datetime.fromisoformat(said) if said else None

    def show(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""

    def as_said(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")

    filters = ("ge", "le", "empty")
    json_shape = "应是时刻，如 2020-03-15T09:30:00+08:00"

    def json_schema(self) -> dict[str, Any]:
        day, hour = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
        return {
            "type": "string",
            "format": "date-time",
            "pattern": rf"^{day}T{hour}(\.[0-9]{{1,6}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})$",
        }

    def from_json(self, said: Any, context: ParseContext) -> datetime | None:
        found = super().from_json(said, context)
        if found is not None and not 1900 <= found.year <= 2199:
            raise self.problem(f"填的是“{said}”：年份应在1900到2199之间。")
        return found

    def form_value(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if value else ""


def _or_none(text: str) -> datetime | None:
    try:
        return parse_datetime(text.strip())
    except ValueError:  # well formed but no such moment
        return None
