"""Dated parameters: standards, thresholds and deadlines that law or the county sets, from packs/parameters.toml."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer


class ParameterSpec(BaseModel):
    """One value in force from `from_` (included) to `to` (excluded), everywhere or in one place."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_.]{0,60}$")
    label: str
    value: bool | int | Decimal | str
    unit: str = ""
    from_: date = Field(default=date(1900, 1, 1), alias="from")
    to: date | None = None
    place: str = ""
    source: str
    status: Literal["verified", "recalled", "unverified", "local"] = "local"

    @field_serializer("value", when_used="json")
    def _as_json(self, value: bool | int | Decimal | str) -> bool | int | float | str:
        """A decimal as a JSON number, so that it comes back as a number and not as words."""
        return float(value) if isinstance(value, Decimal) else value

    @property
    def number(self) -> Decimal | None:
        """The value as a number; None for words."""
        if isinstance(self.value, str):
            return None
        return Decimal(int(self.value)) if isinstance(self.value, bool) else Decimal(self.value)


def parameter(parameters: Iterable[ParameterSpec], code: str, *, on: date, place: str = "") -> Any:
    """The value in force on a day: the place's own, else the general one; None when there is none."""
    found = [
        one
        for one in parameters
        if one.code == code and one.place in ("", place) and one.from_ <= on and (one.to is None or on < one.to)
    ]
    return max(found, key=lambda one: (one.place != "", one.from_)).value if found else None
