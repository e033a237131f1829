"""Fields that point to another row: a person, a place, an office, a row of a ledger. The value is the id."""

import uuid
from typing import Any, ClassVar

from django.db import models

from zhenwu.packs.types.base import FieldType, Lookup, ParseContext, shown_raw


class _Link(FieldType):
    is_link = True
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

    def show_row(self, row: Any) -> str:
        value = row
        for step in (self.code, *self.label_path.split("__")):
            value = getattr(value, step, None)
        return "" if value is None else str(value)


class PersonLink(_Link):
    name = "person"
    points_to_rows = True
    reads_row = True
    target = "people.Person"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.person(text)


class HouseholdLink(_Link):
    name = "household"
    points_to_rows = True
    reads_row = True
    target = "people.Household"
    label_path = "head__name"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.household(text)


class DivisionLink(_Link):
    """One place, or with `many` a list of places, kept as a JSON list of ids and exploded in the mart."""

    name = "division"
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
    target = "accounts.Unit"
    key_is_uuid = False
    label_path = "label"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.unit(text)


class UserLink(_Link):
    name = "user"
    target = "accounts.User"
    key_is_uuid = False
    label_path = "display_name"

    def look_up(self, text: str, context: ParseContext) -> Lookup:
        return context.user(text)


class RowLink(_Link):
    """A row of another ledger: `ref:<ledger>`."""

    name = "ref"
    points_to_rows = True
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
