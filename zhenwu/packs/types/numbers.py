from decimal import Decimal
from math import isfinite
from typing import Any, ClassVar

from django.db import models

from zhenwu.lib.amounts import half_up, read_decimal, read_int
from zhenwu.lib.sheets.writer import ColumnKind
from zhenwu.lib.units import UnknownUnit, factor
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.base import FieldType, ParseContext


class DecimalNumber(FieldType):
    """A decimal with a fixed unit. SQLite keeps decimals as 8-byte numbers: 15 digits are exact, so no column has more."""

    name = "decimal"
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

    def sheet_value(self, value: Any) -> Any:
        return value

    def to_columns(self, value: Any) -> dict[str, Any]:
        """Rounded as history says it, so that the row and its history agree to the last digit."""
        return {self.code: None if value is None else half_up(Decimal(value), self.places)}

    def column(self) -> models.Field:
        return models.DecimalField(self.label, max_digits=15, decimal_places=self.places, null=True, blank=True)

    @property
    def unit(self) -> str:
        return self.own_unit or self.spec.unit

    def parse(self, raw: Any, context: ParseContext) -> Any:
        if raw is None or raw == "":
            return None
        times = self._times(context.header_unit) if context.header_unit else None
        if type(raw) is float and times is None and isfinite(raw):  # most cells; 15 digits are what a sheet shows
            return half_up(Decimal(format(raw, ".15g")), self.places)
        return self.taken(
            read_decimal(raw, unit_factor=times or Decimal(1), places=self.places, unit=self.unit or None)
        )

    def _times(self, header_unit: str) -> Decimal | None:
        """What the header's unit is worth in the stored one; a header whose bracket is no such unit says nothing."""
        try:
            return factor(header_unit, self.unit) if header_unit and self.unit else None
        except UnknownUnit:
            return None

    def problem_with(self, value: Any) -> str:
        if abs(value) >= self._too_big:
            return f"“{self.label}”填的是“{value}”，数字太大，请检查单位（应为{self.unit or '个'}）。"
        if self.spec.min is not None and value < self.spec.min:
            return f"“{self.label}”填的是“{self.show(value)}”，不能小于{self.spec.min}{self.unit}。"
        if self.spec.max is not None and value > self.spec.max:
            return f"“{self.label}”填的是“{self.show(value)}”，不能大于{self.spec.max}{self.unit}。"
        return ""

    def canonical(self, value: Any) -> Any:
        return None if value is None else format(half_up(Decimal(value), self.places), "f")

    def from_canonical(self, said: Any) -> Any:
        return None if said is None else Decimal(said)

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        text = format(Decimal(value), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def form_value(self, value: Any) -> str:
        return self.show(value)


class Money(DecimalNumber):
    name = "money"
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
    places = 2
    own_unit = "%"
    mart_type = "DECIMAL(7,2)"


class AreaMu(DecimalNumber):
    name = "area_mu"
    places = 4
    own_unit = "亩"
    mart_type = "DECIMAL(14,4)"


class LengthKm(DecimalNumber):
    name = "length_km"
    places = 3
    own_unit = "公里"
    mart_type = "DECIMAL(12,3)"


class Integer(DecimalNumber):
    name = "integer"
    places = 0
    mart_type = "BIGINT"
    sheet_kind = "integer"

    def column(self) -> models.Field:
        return models.BigIntegerField(self.label, null=True, blank=True)

    def to_columns(self, value: Any) -> dict[str, Any]:
        return {self.code: value}

    def parse(self, raw: Any, context: ParseContext) -> int | None:
        if raw is None or raw == "":
            return None
        if type(raw) is float and raw.is_integer():
            return int(raw)
        return self.taken(read_int(raw, unit=self.unit or None))

    def canonical(self, value: Any) -> Any:
        return value

    def from_canonical(self, said: Any) -> Any:
        return said

    def show(self, value: Any) -> str:
        return "" if value is None else str(value)
