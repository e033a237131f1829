"""Builds the Django models of packs. Done once at start, and in a private registry while a plan is applied."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.db import models

from zhenwu.changes.models import Line, Row
from zhenwu.packs.children import child_code, child_fields
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.types import FieldType, bind_formulas, field_type, field_types

LABEL = "rows"
TABLE_PREFIX = "lg_"


def table_name(code: str) -> str:
    return f"{TABLE_PREFIX}{code}"


def types_of(pack: PackSpec) -> dict[str, FieldType]:
    kinds = field_types(pack.field)
    bind_formulas(kinds)
    return kinds


def columns_of(pack: PackSpec) -> dict[str, models.Field]:
    """Every column the pack itself declares, beside the implicit ones."""
    columns: dict[str, models.Field] = {}
    for kind in types_of(pack).values():
        columns |= kind.columns()
    return columns


def indexes_of(pack: PackSpec) -> list[models.Index]:
    """What lists and row pages look rows up by: place, review, state and main date, each with the number that sorts the
    list, and the rows of other ledgers that a row points to; the states that have a deadline with the date that it runs
    from. Every other index would be paid for by each import."""
    code, columns = pack.ledger.code, columns_of(pack)
    found = [
        models.Index(fields=["division", "no"], name=index_name(code, "dn")),
        models.Index(fields=["review", "no"], name=index_name(code, "rn")),
    ]
    if pack.ledger.main_date in columns:
        found.append(models.Index(fields=[pack.ledger.main_date, "no"], name=index_name(code, "mn")))
    if pack.lifecycle:
        found.append(models.Index(fields=["state", "no"], name=index_name(code, "sn")))
    for field, what in _deadline_columns(pack, columns).items():
        found.append(models.Index(fields=["state", field], name=index_name(code, what)))
    for spec in pack.field:
        if isinstance(columns.get(spec.code), models.ForeignKey) and field_type(spec).points_to_rows:
            found.append(models.Index(fields=[spec.code], name=index_name(code, f"f{spec.id}")))
    return found


def _deadline_columns(pack: PackSpec, columns: Mapping[str, models.Field]) -> dict[str, str]:
    """{column that a deadline of a state runs from: what its index is called}: its own dates, and the day a row was made
    and last changed, which bound since when it is in its state."""
    ids = {spec.code: f"d{spec.id}" for spec in pack.field if spec.code in columns}
    known = ids | {"created_at": "dc"}
    states = pack.lifecycle.states if pack.lifecycle else []
    used = [one.deadline.field for one in states if one.deadline and not one.final]
    return {
        field: known["created_at" if field == "state_since" else field]
        for field in dict.fromkeys("created_at" if one == "state_since" else one for one in used)
        if field in known
    }


def index_name(code: str, what: str) -> str:
    """At most 30 characters, and different for ledgers that only differ further on: indexes of all tables share names."""
    short = code if len(code) <= 20 else f"{code[:11]}_{crc32(code.encode()):08x}"
    return f"{short}_{what}_ix"


def unique_constraint(ledger: str, spec: FieldSpec) -> models.UniqueConstraint:
    """Unique among the rows that are not voided; personal numbers by their keyed hash."""
    names = field_type(spec).columns()
    column = next((name for name in names if name.endswith("_hash")), spec.code)
    short = ledger if len(ledger) <= 40 else f"{ledger[:31]}_{crc32(ledger.encode()):08x}"
    return models.UniqueConstraint(
        fields=[column], condition=models.Q(voided_by_change__isnull=True), name=f"{short}_{spec.id}_once"
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
            "indexes": indexes_of(pack),
            "constraints": [unique_constraint(code, spec) for spec in pack.field if spec.unique],
        },
    )
    body: dict[str, Any] = {"__module__": "zhenwu.packs.tables", "Meta": meta, "__qualname__": code, **columns_of(pack)}
    return type(code, bases, body)


def build_child(pack: PackSpec, spec: FieldSpec, *, registry: Apps = global_apps) -> type[models.Model]:
    """The model of a child table; the ledger's own is built in the same registry. Names of indexes and of the model
    hold the field's id, which a rename keeps."""
    code, ledger = child_code(pack.ledger.code, spec.code), pack.ledger.code
    meta = type(
        "Meta",
        (),
        {
            "app_label": LABEL,
            "db_table": table_name(code),
            "managed": False,
            "apps": registry,
            "verbose_name": spec.label,
            "ordering": ["parent_id", "position"],
            "indexes": [models.Index(fields=["parent", "position"], name=index_name(ledger, f"l{spec.id}"))],
        },
    )
    parent = models.ForeignKey(f"{LABEL}.{ledger}", on_delete=models.PROTECT, related_name="+", db_index=False)
    columns: dict[str, models.Field] = {}
    for one in spec.column:
        columns |= field_type(one).columns()
    name = f"{ledger}_line_{spec.id}"
    body: dict[str, Any] = {"__module__": "zhenwu.packs.tables", "Meta": meta, "__qualname__": name, "parent": parent}
    return type(name, (Line,), body | columns)


def build_models(pack: PackSpec, *, registry: Apps = global_apps) -> dict[str, type[models.Model]]:
    """{code: model} of the ledger and of its child tables."""
    found = {pack.ledger.code: build_model(pack, registry=registry)}
    for spec in child_fields(pack):
        found[child_code(pack.ledger.code, spec.code)] = build_child(pack, spec, registry=registry)
    return found
