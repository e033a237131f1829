"""Fields that point to another row: a person, a place, an office, a row of a ledger. The value is the id."""

import re
import uuid
from typing import Any, ClassVar

from django.db import models

from zhenwu.packs.types.base import FieldType, Lookup, ParseContext, ShapeProblem, shown_raw, whole

_MOST = 2**31 - 1


class _Link(FieldType):
    is_link = True
    stands_alone = False
    widget = "lookup"
    target: ClassVar[str] = ""
    label_path: str = "name"  # from the target; a ref's is set when the packs are bound
    key_is_uuid: ClassVar[bool] = True

    def column(self) -> models.Field:
        return models.ForeignKey(
            self.target, verbose_name=self.label, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
        )

    def to_columns(self, value: Any) -> dict[str, Any]:
        return {f"{self.code}_id": value}

    def from_row(self, row: Any) -> Any:
        return getattr(row, f"{self.code}_id")

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        raise NotImplementedError

    def parse(self, raw: Any, context: ParseContext) -> Any:
        if raw is None or raw == "":
            return None
        if isinstance(raw, (uuid.UUID, int)) and not isinstance(raw, bool):
            return raw
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        text = str(raw).strip()
        if not text:
            return None
        if self.key_is_uuid and len(text) in (32, 36) and (found := _uuid(text)):
            return found
        lookup = self.look_up(text, context)
        if len(lookup.ids) != 1:
            raise self.problem(f"填的是“{shown_raw(raw)}”：{lookup.problem}")
        return lookup.ids[0]

    def canonical(self, value: Any) -> Any:
        return None if value is None else (value.hex if isinstance(value, uuid.UUID) else value)

    def from_canonical(self, said: Any) -> Any:
        return uuid.UUID(said) if said and self.key_is_uuid else said

    def list_paths(self) -> tuple[str, ...]:
        return (f"{self.code}__{self.label_path}",)

    filters = ("eq", "in", "empty")

    def json_schema(self) -> dict[str, Any]:
        return (
            {"type": "string", "format": "uuid"}
            if self.key_is_uuid
            else {"type": "integer", "minimum": 1, "maximum": _MOST}
        )

    def from_json(self, said: Any, context: ParseContext) -> Any:
        """The id; whether it leads anywhere is for who commits it to find out."""
        if self.key_is_uuid:
            found: Any = _uuid(said) if isinstance(said, str) and len(said) == 36 else None
        else:
            number = whole(said)
            found = number if number is not None and 1 <= number <= _MOST else None
        if found is None:
            raise ShapeProblem(f"“{self.label}”应是所指记录的 id，不是名称。")
        return found

    def from_query(self, text: str, context: ParseContext) -> Any:
        is_number = not self.key_is_uuid and re.fullmatch("[0-9]{1,10}", text)
        return self.from_json(int(text) if is_number else text, context)

    def to_json(self, stored: Any) -> Any:
        return str(stored) if isinstance(stored, uuid.UUID) else stored

    @property
    def json_column(self) -> str:
        return f"{self.code}_id"

    def show_row(self, row: Any) -> str:
        value = row
        for step in (self.code, *self.label_path.split("__")):
            value = getattr(value, step, None)
        return "" if value is None else str(value)


class PersonLink(_Link):
    name = "person"
    called = "人员"
    points_to_rows = True
    is_searched = True
    reads_row = True
    target = "people.Person"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.person(text)


class HouseholdLink(_Link):
    name = "household"
    called = "家庭户"
    points_to_rows = True
    is_searched = True
    reads_row = True
    target = "people.Household"
    label_path = "head__name"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.household(text)


class DivisionLink(_Link):
    """One place, or with `many` a list of places, kept as a JSON list of ids and exploded in the mart."""

    name = "division"
    called = "地点"
    reads_row = True
    target = "divisions.Division"
    can_be_many = True

    def column(self) -> models.Field:
        return models.JSONField(self.label, null=True, blank=True) if self.spec.many else super().column()

    def to_columns(self, value: Any) -> dict[str, Any]:
        return {self.code: self.canonical(value)} if self.spec.many else super().to_columns(value)

    def from_row(self, row: Any) -> Any:
        if not self.spec.many:
            return super().from_row(row)
        return self.from_canonical(getattr(row, self.code))

    def keeps(self, was: FieldType) -> bool:
        return super().keeps(was) and was.spec.many == self.spec.many

    def refuses(self, was: FieldType) -> str:
        return "" if was.spec.type == self.spec.type else super().refuses(was)

    def taken_over(self, was: FieldType, value: Any, context: ParseContext) -> Any:
        """One place becomes a list of one, and a list of one that place."""
        if self.spec.many:
            return value if isinstance(value, list) else [value]
        if isinstance(value, list) and len(value) > 1:
            raise self.problem(f"有{len(value)}个地方，改为单选后放不下。")
        return value[0] if isinstance(value, list) else value

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.division(text)

    def parse(self, raw: Any, context: ParseContext) -> Any:
        if not self.spec.many:
            return super().parse(raw, context)
        if isinstance(raw, str):
            raw = [
                part
                for part in raw.replace("，", "、").replace(",", "、").replace("；", "、").split("、")
                if part.strip()
            ]
        return [super(DivisionLink, self).parse(one, context) for one in raw or []] or None

    def canonical(self, value: Any) -> Any:
        if self.spec.many:
            return sorted(one.hex if isinstance(one, uuid.UUID) else one for one in value) if value else None
        return super().canonical(value)

    def from_canonical(self, said: Any) -> Any:
        if self.spec.many:
            return [uuid.UUID(one) for one in said] if said else None
        return super().from_canonical(said)

    def json_schema(self) -> dict[str, Any]:
        if not self.spec.many:
            return super().json_schema()
        return {"type": "array", "items": super().json_schema(), "minItems": 1, "maxItems": 500}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        if not self.spec.many:
            return super().from_json(said, context)
        if not isinstance(said, list) or not 1 <= len(said) <= 500:
            raise ShapeProblem(f"“{self.label}”应是地点 id 的列表；没有请写 null。")
        return list(dict.fromkeys(super(DivisionLink, self).from_json(one, context) for one in said))

    def from_query(self, text: str, context: ParseContext) -> Any:
        return _Link.from_json(self, text, context)

    def to_json(self, stored: Any) -> Any:
        if not self.spec.many:
            return super().to_json(stored)
        return [str(uuid.UUID(one)) for one in stored] if stored else None

    @property
    def json_column(self) -> str:
        return self.code if self.spec.many else super().json_column

    def list_paths(self) -> tuple[str, ...]:
        return (self.code,) if self.spec.many else super().list_paths()

    def cell(self, *values: Any) -> str:
        return f"{len(values[0] or [])}个村" if self.spec.many else super().cell(*values)

    def show_row(self, row: Any) -> str:
        if not self.spec.many:
            return super().show_row(row)
        ids = self.from_row(row) or []
        from django.apps import apps

        named = apps.get_model(self.target)._default_manager.filter(pk__in=ids).order_by("code")
        return "、".join(named.values_list("name", flat=True))

    @property
    def mart_list(self) -> bool:
        return self.spec.many


class UnitLink(_Link):
    name = "unit"
    called = "站所"
    target = "accounts.Unit"
    key_is_uuid = False
    label_path = "label"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.unit(text)


class UserLink(_Link):
    name = "user"
    called = "工作人员"
    target = "accounts.User"
    key_is_uuid = False
    label_path = "display_name"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.user(text)


class RowLink(_Link):
    """A row of another ledger: `ref:<ledger>`."""

    name = "ref"
    called = "关联记录"
    points_to_rows = True
    is_searched = True
    label_path = "no"

    @property
    def ledger(self) -> str:
        return self.spec.type.removeprefix("ref:")

    def column(self) -> models.Field:
        return models.ForeignKey(
            f"rows.{self.ledger}",
            verbose_name=self.label,
            null=True,
            blank=True,
            on_delete=models.PROTECT,
            related_name="+",
        )

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.row(self.ledger, text)

    def list_paths(self) -> tuple[str, ...]:
        return (f"{self.code}__{self.label_path}",)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
