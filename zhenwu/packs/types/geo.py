"""A point on the map."""

from typing import Any

from django.db import models

from zhenwu.lib.geo import read_point
from zhenwu.packs.types.base import FieldType, ParseContext


class Geo(FieldType):
    """A point in WGS-84 degrees, written "lon,lat"."""

    name = "geo"
    called = "经纬度"
    widget = "geo"

    def column(self) -> models.Field:
        return models.CharField(self.label, max_length=40, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        return self.taken(read_point(raw), context)

    json_shape = "应写成“经度,纬度”，如 106.8472,29.5631"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,9})?,[0-9]{1,3}(\.[0-9]{1,9})?$", "maxLength": 40}

    def mart_columns(self) -> dict[str, str]:
        return {f"{self.code}_lon": "DOUBLE", f"{self.code}_lat": "DOUBLE"}
