import math
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from django.db import models

from zhenwu.lib.amounts import read_decimal, read_int
from zhenwu.lib.sheets.writer import ColumnKind
from zhenwu.lib.units import UnknownUnit, factor, in_unit
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.base import FieldType, ParseContext, ShapeProblem, shown_raw, whole

_EXACT = 1e15
_ONE = Decimal(1)
_WHOLE = 10**15 - 1  # the largest whole number that a field holds
_FINE = 10  # more decimals than any column has


class DecimalNumber(FieldType):
    """A decimal with a fixed unit. SQLite keeps decimals as 8-byte numbers: 15 digits are exact, so no column has more."""

    name = "decimal"
    called = "小数"
    formula_kind: Any = "number"
    is_number = True
    widget = "number"
    align_right = True
    places: ClassVar[int] = 4
    own_unit: ClassVar[str] = ""
    mart_type = "DECIMAL(18,4)"
    sheet_kind: ClassVar[ColumnKind] = "decimal"

    def __init__(self, spec: FieldSpec):
        super().__init__(spec)
        self._too_big = Decimal(10) ** (15 - self.places)
        self._quantum = Decimal(1).scaleb(-self.places)
        self._factors: dict[str, Decimal] = {"": _ONE}  # by the unit in the header

    def sheet_value(self, value: Any) -> Any:
        return value

    def to_column(self, value: Any) -> Any:
        """Rounded as history says it, so that the row and its history agree to the last digit."""
        return self._rounded(value)

    def column(self) -> models.Field:
        return models.DecimalField(self.label, max_digits=15, decimal_places=self.places, null=True, blank=True)

    @property
    def unit(self) -> str:
        return self.own_unit or self.spec.unit

    def keeps(self, was: FieldType) -> bool:
        return super().keeps(was) and was.unit in ("", self.unit)

    def as_said(self, value: Any) -> str:
        return self.form_value(value)

    def refuses(self, was: FieldType) -> str:
        if was.unit and was.unit != self.unit:
            try:
                factor(was.unit, self.unit)
            except UnknownUnit:
                return f"{was.unit}不能换算成{self.unit or '没有单位的数'}"
        return super().refuses(was)

    def taken_over(self, was: FieldType, value: Any, context: ParseContext) -> Any:
        """Exact or not at all: a digit that has no place here is a problem, not rounded away."""
        exact: Decimal | None
        if was.is_number:
            exact = in_unit(Decimal(value), was.unit or self.unit, self.unit, self.places)
        else:
            read = super().taken_over(was, value, context)
            fine = self.taken(read_decimal(was.as_said(value), places=_FINE, unit=self.unit or None), context)
            exact = None if fine != read else read
            if fine is None:
                return None
        if exact is None:
            place = f"{self.places}位小数" if self.places else "整数"
            raise self.problem(
                f"填的是“{shown_raw(was.as_said(value))}{was.unit}”，换成{self.unit}后不是{place}以内的数。"
            )
        return self.exactly(exact)

    def exactly(self, number: Decimal) -> Any:
        return number

    def parse(self, raw: Any, context: ParseContext) -> Any:
        if raw is None or raw == "":
            return None
        times = self._factors.get(context.header_unit) or self._times(context.header_unit)
        if type(raw) is float and abs(raw) < _EXACT:  # most cells; a sheet shows 15 digits
            said = Decimal(f"{raw:.15g}")
            return (said if times is _ONE else said * times).quantize(self._quantum, ROUND_HALF_UP)
        return self.taken(read_decimal(raw, unit_factor=times, places=self.places, unit=self.unit or None), context)

    def _times(self, header_unit: str) -> Decimal:
        """What the header's unit is worth in the stored one; a header whose bracket is no such unit says nothing."""
        if header_unit not in self._factors:
            try:
                times = factor(header_unit, self.unit) if self.unit else _ONE
            except UnknownUnit:
                times = _ONE
            self._factors[header_unit] = _ONE if times == 1 else times
        return self._factors[header_unit]

    def problem_with(self, value: Any) -> str:
        if abs(value) >= self._too_big:
            return f"“{self.label}”填的是“{value}”，数字太大，请检查单位（应为{self.unit or '个'}）。"
        if self.spec.min is not None and value < self.spec.min:
            return f"“{self.label}”填的是“{self.show(value)}”，不能小于{self.spec.min}{self.unit}。"
        if self.spec.max is not None and value > self.spec.max:
            return f"“{self.label}”填的是“{self.show(value)}”，不能大于{self.spec.max}{self.unit}。"
        return ""

    def telling(self, values: Sequence[Any]) -> Iterable[Any]:
        return (min(values), max(values)) if values else ()

    says_digits = True

    def canonical(self, value: Any) -> Any:
        return None if value is None else str(self._rounded(value))  # never an exponent

    def _rounded(self, value: Any) -> Decimal:
        if value.__class__ is Decimal and value.same_quantum(self._quantum):  # read or stored before: it is round
            return value
        return Decimal(value).quantize(self._quantum, ROUND_HALF_UP)

    def from_canonical(self, said: Any) -> Any:
        return None if said is None else Decimal(said)

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        text = format(Decimal(value), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def form_value(self, value: Any) -> str:
        return self.show(value)

    filters = ("eq", "ge", "le", "in", "empty")

    @property
    def json_shape(self) -> str:  # type: ignore[override]
        return f'应是写成文字的数，最多{self.places}位小数，如 "12.5"'

    def json_schema(self) -> dict[str, Any]:
        """A text, so that no program makes a float of it."""
        return {"type": "string", "pattern": rf"^-?[0-9]{{1,{15 - self.places}}}(\.[0-9]{{1,{self.places}}})?$"}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        return Decimal(self.plain(said)).quantize(self._quantum, ROUND_HALF_UP)


class Money(DecimalNumber):
    name = "money"
    called = "金额"
    widget = "money"
    places = 2
    own_unit = "元"
    mart_type = "DECIMAL(18,2)"

    def show(self, value: Any) -> str:
        return "" if value is None else f"{Decimal(value):,.2f}"

    def form_value(self, value: Any) -> str:
        return "" if value is None else f"{Decimal(value):.2f}"


class Percent(DecimalNumber):
    """85 means 85 %."""

    name = "percent"
    called = "百分比"
    places = 2
    own_unit = "%"
    mart_type = "DECIMAL(7,2)"


class AreaMu(DecimalNumber):
    name = "area_mu"
    called = "面积"
    places = 4
    own_unit = "亩"
    mart_type = "DECIMAL(14,4)"


class LengthKm(DecimalNumber):
    name = "length_km"
    called = "长度"
    places = 3
    own_unit = "公里"
    mart_type = "DECIMAL(12,3)"


class Integer(DecimalNumber):
    name = "integer"
    called = "整数"
    places = 0
    mart_type = "BIGINT"
    sheet_kind = "integer"

    def column(self) -> models.Field:
        return models.BigIntegerField(self.label, null=True, blank=True)

    def to_column(self, value: Any) -> Any:
        return value

    def exactly(self, number: Decimal) -> int:
        return int(number)

    def parse(self, raw: Any, context: ParseContext) -> int | None:
        if raw is None or raw == "":
            return None
        times = self._times(context.header_unit)
        if type(raw) is float and raw.is_integer() and times == 1:
            return int(raw)
        return self.taken(read_int(raw, unit_factor=times, unit=self.unit or None), context)

    says_digits = False

    def canonical(self, value: Any) -> Any:
        return value

    def from_canonical(self, said: Any) -> Any:
        return said

    def show(self, value: Any) -> str:
        return "" if value is None else str(value)

    def json_schema(self) -> dict[str, Any]:
        least = -_WHOLE if self.spec.min is None else math.ceil(self.spec.min)
        most = _WHOLE if self.spec.max is None else math.floor(self.spec.max)
        return {"type": "integer", "minimum": least, "maximum": most}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        number = whole(said)
        if number is None or abs(number) > _WHOLE:
            raise ShapeProblem(f"“{self.label}”应是整数，如 12。")
        return number

    def from_query(self, text: str, context: ParseContext) -> Any:
        return self.from_json(int(text) if re.fullmatch("-?[0-9]{1,15}", text) else None, context)
