"""Builds the Django models of packs. Done once at start, and in a private registry while a plan is applied."""

from typing import Any

from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.db import models

from zhenwu.changes.models import Row
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.types import FieldType, field_type

LABEL = "rows"
TABLE_PREFIX = "lg_"


def table_name(code: str) -> str:
    return f"{TABLE_PREFIX}{code}"


def types_of(pack: PackSpec) -> dict[str, FieldType]:
    return {spec.code: field_type(spec) for spec in pack.field}


def columns_of(pack: PackSpec) -> dict[str, models.Field]:
    """Every column the pack itself declares, beside the implicit ones; a key field gets an index."""
    columns: dict[str, models.Field] = {}
    for kind in types_of(pack).values():
        columns |= kind.columns()
    if pack.ledger.main_date and pack.ledger.main_date in columns:
        columns[pack.ledger.main_date].db_index = True  # type: ignore[attr-defined] # the stubs do not know it
    return columns


def unique_constraint(ledger: str, spec: FieldSpec) -> models.UniqueConstraint:
    """Unique among the rows that are not voided; personal numbers by their keyed hash."""
    column = next((name for name in field_type(spec).columns() if name.endswith("_hash")), spec.code)
    return models.UniqueConstraint(
        fields=[column], condition=models.Q(voided_by_change__isnull=True), name=f"{ledger[:30]}_{spec.id}_once"
    )


def private_registry() -> Apps:
    """A model registry that knows every hand-written model and no pack: models built in it touch nothing else."""
    registry = Apps()
    for label, known in global_apps.all_models.items():
        if label != LABEL:
            registry.all_models[label] = dict(known)
    registry.app_configs = dict(global_apps.app_configs)
    registry.apps_ready = registry.models_ready = registry.ready = True
    return registry


def build_model(
    pack: PackSpec, *, registry: Apps = global_apps, bases: tuple[type, ...] = (Row,)
) -> type[models.Model]:
    """The model of one pack. Unmanaged: only the packs room creates and alters its table."""
    code = pack.ledger.code
    meta = type(
        "Meta",
        (),
        {
            "app_label": LABEL,
            "db_table": table_name(code),
            "managed": False,
            "apps": registry,
            "verbose_name": pack.ledger.label,
            "ordering": ["-no"],
            "indexes": [
                models.Index(fields=["review", "state"], name=f"{code[:20]}_rs_ix"),
                models.Index(fields=["division", "no"], name=f"{code[:20]}_dn_ix"),
            ],
            "constraints": [unique_constraint(code, spec) for spec in pack.field if spec.unique],
        },
    )
    body: dict[str, Any] = {"__module__": "zhenwu.packs.tables", "Meta": meta, "__qualname__": code, **columns_of(pack)}
    return type(code, bases, body)
