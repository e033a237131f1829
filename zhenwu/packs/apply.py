"""Carries out a plan in one transaction. A failed apply leaves everything as it was."""

from collections.abc import Mapping, Sequence

from django.db import connection, models, transaction

from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.packs import indexes
from zhenwu.packs.builder import build_models, private_registry, table_name, unique_constraint
from zhenwu.packs.children import child_code
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import Applied, Tombstone
from zhenwu.packs.plan import Step, make_plan
from zhenwu.packs.reader import PackSet, load_dump
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.stored import columns_of
from zhenwu.packs.types import field_type

_PACKS_LOCK = 0x7A68656E  # any number that nothing else in the database locks


def applied_packs() -> PackSet:
    """The packs that the tables follow now; empty before the first apply."""
    newest = Applied.objects.order_by("-pk").first()
    return load_dump(newest.dump) if newest else PackSet()


def applied_hash() -> str:
    return Applied.objects.order_by("-pk").values_list("hash", flat=True).first() or ""


def apply(wanted: PackSet, *, agreed: bool = False, over: str | None = None) -> list[Step]:
    """Bring the tables to the wanted packs, and their indexes to what this version of the code declares; returns the
    steps done (none when nothing differs).

    Raises ApplyRefused when a step cannot be done, or takes values out of sight and `agreed` is not given; also when
    `over`, the hash of the packs that the wanted ones were made from, is no longer the one in force.
    """
    if connection.vendor == "sqlite":  # SQLite checks foreign keys at the end; table changes need them off outside
        with connection.constraint_checks_disabled(), transaction.atomic():
            steps = _apply(wanted, agreed, over)
            connection.check_constraints()
            return steps
    with transaction.atomic():
        return _apply(wanted, agreed, over)


def _label(packs: PackSet, code: str) -> str:
    return packs.packs[code].ledger.label if code in packs.packs else code


def hold_packs(*, alone: bool = False) -> None:
    """Until the transaction ends no packs are applied (or, `alone`, no rows are written either). SQLite needs nothing:
    there a transaction that writes is alone from its start."""
    if connection.vendor == "postgresql":
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(%s)", [_PACKS_LOCK])


def _apply(wanted: PackSet, agreed: bool, over: str | None) -> list[Step]:
    hold_packs(alone=True)
    if over is not None and applied_hash() != over:
        raise ApplyRefused("未做任何改动：刚才有人启用了别的台账声明。请重新预览，再启用。")
    applied = applied_packs()
    steps = make_plan(applied, wanted)
    if refused := [step for step in steps if step.kind == "refuse"]:
        raise ApplyRefused("未做任何改动：\n" + "\n".join(f"· {step.message}" for step in refused))
    if (losing := [step for step in steps if step.loses]) and not agreed:
        raise ApplyRefused(
            "未做任何改动：以下内容将不再显示，请确认后加 --yes 再执行：\n"
            + "\n".join(f"· {step.message}" for step in losing)
        )
    registry = private_registry()
    built: dict[str, type[models.Model]] = {}
    for pack in wanted.packs.values():
        if not pack.ledger.model:
            built |= build_models(pack, registry=registry)
    _carry_out(applied, wanted, steps, built)
    with connection.schema_editor(atomic=False) as editor:
        for model in built.values():
            indexes.bring(editor, model)
    if not steps:
        return []
    Applied.objects.create(hash=wanted.hash, dump=wanted.dump(), plan=[step.as_dict() for step in steps])
    touched = "、".join(list(dict.fromkeys(_label(wanted, step.ledger) for step in steps))[:20])
    record(Watched.PACKS, f"台账声明生效：{len(steps)}项改动（{touched}），摘要{wanted.hash[:12]}")
    return steps


def _carry_out(
    applied: PackSet, wanted: PackSet, steps: Sequence[Step], built: Mapping[str, type[models.Model]]
) -> None:
    applied, wanted = applied.with_children(wanted), wanted.with_children()
    _rename(applied, wanted, [step for step in steps if step.kind == "rename"])
    with connection.schema_editor(atomic=False) as editor:
        for step in steps:
            model = built.get(step.ledger)
            if step.kind == "retire_ledger":
                Tombstone.objects.create(ledger=step.ledger, code=step.ledger)
            elif step.kind == "retire":
                spec = _field(applied, step.ledger, step.field)
                Tombstone.objects.create(ledger=step.ledger, field_id=spec.id, code=spec.code, column=spec.code)
            elif model is None:
                continue
            elif step.kind == "create":
                editor.create_model(model)
            elif step.kind == "add":
                for column in _columns(model, wanted, step):
                    editor.add_field(model, column)
            elif step.kind == "widen":
                _widen(_columns(model, wanted, step)[0], model)
            elif step.kind == "unique":
                spec = _field(wanted, step.ledger, step.field)
                constraint = unique_constraint(step.ledger, spec)
                (editor.add_constraint if spec.unique else editor.remove_constraint)(model, constraint)


def _field(packs: PackSet, ledger: str, code: str) -> FieldSpec:
    return next(one for one in packs.packs[ledger].field if one.code == code)


def _columns(model: type[models.Model], packs: PackSet, step: Step) -> list[models.Field]:
    names = field_type(_field(packs, step.ledger, step.field)).columns()
    return [model._meta.get_field(name) for name in names]  # type: ignore[misc]


def _rename(applied: PackSet, wanted: PackSet, steps: Sequence[Step]) -> None:
    """Rename columns and child tables by way of names that nothing has, so that two fields can exchange theirs.

    Not by the schema editor: on SQLite it may build the table anew from the model, without the columns of retired fields.
    """
    columns: list[tuple[str, str, str, str]] = []
    tables: list[tuple[str, str, str]] = []
    for at, step in enumerate(steps):
        was, now = _field(applied, step.ledger, step.old), _field(wanted, step.ledger, step.field)
        names = zip(columns_of(was), columns_of(now), strict=True)
        columns += [(table_name(step.ledger), old, f"z_{at}_{place}", new) for place, (old, new) in enumerate(names)]
        if was.column:
            old, new = (table_name(child_code(step.ledger, one.code)) for one in (was, now))
            tables.append((old, f"z_{at}", new))
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, was_named, between, _ in columns:
            cursor.execute(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(was_named)} TO {quote(between)}")
        for table, _, between, named in columns:
            cursor.execute(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(between)} TO {quote(named)}")
        for table, between, _ in tables:
            cursor.execute(f"ALTER TABLE {quote(table)} RENAME TO {quote(between)}")
        for _, between, named in tables:
            cursor.execute(f"ALTER TABLE {quote(between)} RENAME TO {quote(named)}")


def _widen(column: models.Field, model: type[models.Model]) -> None:
    """SQLite holds texts of any length in any text column; only the pack bounds them there."""
    if connection.vendor != "sqlite":
        quote, table = connection.ops.quote_name, model._meta.db_table
        kind = column.db_type(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(str(column.column))} TYPE {kind}")
