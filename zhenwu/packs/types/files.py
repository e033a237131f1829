"""Stored files."""

import re
from typing import Any

from django.db import models

from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types.base import FieldType, ParseContext, ShapeProblem, whole


class Files(FieldType):
    """A list of stored files: [{"sha256", "name", "size", "mime"}]. The bytes lie under their hash in the instance."""

    name = "files"
    called = "附件"
    stands_alone = False
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

    def json_schema(self) -> dict[str, Any]:
        one = {
            "type": "object",
            "required": ["sha256"],
            "additionalProperties": False,
            "properties": {
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "name": {"type": "string", "maxLength": 200},
                "size": {"type": "integer", "minimum": 0},
                "mime": {"type": "string", "maxLength": 100},
            },
        }
        return {"type": "array", "items": one, "minItems": 1, "maxItems": 50}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        """Only the hashes count: name, size and type are those of the stored file."""
        problems = ShapeProblem(
            f'“{self.label}”应是文件的列表，如 [{{"sha256": "…"}}]；先上传文件，再写上它的 sha256。'
        )
        if not isinstance(said, list) or not 1 <= len(said) <= 50:
            raise problems
        for one in said:
            if not isinstance(one, dict) or not _is_file(one):
                raise problems
        return [{"sha256": one["sha256"]} for one in said]

    @property
    def mart_list(self) -> bool:
        return True


def attachments(privacy: str) -> Files:
    """The type of the implicit column that every row has: files beside those of its fields."""
    spec = FieldSpec(id=1, code="attached", label="附件", type="files", privacy=privacy)  # type: ignore[arg-type]
    return Files(spec.model_copy(update={"code": "files"}))  # no pack may declare the code of an implicit column


_LONGEST = {"name": 200, "mime": 100}


def _is_file(said: dict[str, Any]) -> bool:
    size = whole(said.get("size", 0))
    return (
        said.keys() <= {"sha256", "name", "size", "mime"}
        and isinstance(said.get("sha256"), str)
        and re.fullmatch("[0-9a-f]{64}", said["sha256"]) is not None
        and all(isinstance(said.get(key, ""), str) and len(said.get(key, "")) <= most for key, most in _LONGEST.items())
        and size is not None
        and size >= 0
    )
