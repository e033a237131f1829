"""Fields without a plain column value: stored files, computed values."""

from typing import Any

from django.db import models

from zhenwu.packs.types.base import FieldType, ParseContext


class Files(FieldType):
    """A list of stored files: [{"sha256", "name", "size", "mime"}]. The bytes lie under their hash in the instance."""

    name = "files"
    can_be_many = True
    widget = "file"

    def column(self) -> models.Field:
        return models.JSONField(self.label, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> Any:
        if not raw:
            return None
        if isinstance(raw, list) and all(isinstance(one, dict) and "sha256" in one for one in raw):
            return raw
        raise self.problem("不能从表格导入：请在页面上上传文件。")

    def show(self, value: Any) -> str:
        return "、".join(one["name"] for one in value or [])

    def cell(self, *values: Any) -> str:
        return f"{len(values[0])}个文件" if values[0] else ""

    @property
    def mart_list(self) -> bool:
        return True


class Computed(FieldType):
    """No column: the pack's `sql` says how the mart computes it."""

    name = "computed"
    stored = False
    writable = False
    mart_type = "DECIMAL(18,4)"

    def columns(self) -> dict[str, models.Field]:
        return {}
