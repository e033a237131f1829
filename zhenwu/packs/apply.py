"""Carries out a plan in one transaction. A failed apply leaves everything as it was."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models, transaction

from zhenwu.changes.actions import Source, open_change
from zhenwu.changes.audit import record
from zhenwu.changes.followers import follow
from zhenwu.changes.models import Change, SourceKind, Watched
from zhenwu.packs import indexes, stored
from zhenwu.packs.altering import Moved, move_columns, move_tables, renamed, set_aside, widen
from zhenwu.packs.builder import build_models, private_registry, unique_constraint
from zhenwu.packs.children import child_code
from zhenwu.packs.conversion import Conversion
from zhenwu.packs.converting import Carrier, OldTables
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import Applied, Tombstone
from zhenwu.packs.past import Past
from zhenwu.packs.plan import Step, make_plan
from zhenwu.packs.reader import PackSet, load_dump
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.splitting import Split, move_rows, splits_in
from zhenwu.packs.stored import columns_of
from zhenwu.packs.types import field_type

_PACKS_LOCK = 0x7A68656E  # any number that nothing else in the database locks


def applied_packs() -> PackSet:
    """The packs that the tables follow now; empty before the first apply."""
    newest = Applied.objects.order_by("-pk").first()
    return load_dump(newest.dump) if newest else PackSet()


def applied_hash() -> str:
    return Applied.objects.order_by("-pk").values_list("hash", flat=True).first() or ""


def apply(wanted: PackSet, *, agreed: bool = False, over: str | None = None, by: Any = None) -> list[Step]:
    """Bring the tables to the wanted packs, and their indexes to what this version of the code declares; returns the
    steps done (none when nothing differs).

    Raises ApplyRefused when a step cannot be done, or takes values out of sight and `agreed` is not given; also when
    `over`, the hash of the packs that the wanted ones were made from, is no longer the one in force.
    """
    if connection.vendor == "sqlite":  # SQLite checks foreign keys at the end; table changes need them off outside
        with connection.constraint_checks_disabled(), transaction.atomic():
            steps = _apply(wanted, agreed, over, by)
            connection.check_constraints()
            return steps
    with transaction.atomic():
        return _apply(wanted, agreed, over, by)


def _label(packs: PackSet, code: str) -> str:
    return packs.packs[code].ledger.label if code in packs.packs else code


def hold_packs(*, alone: bool = False) -> None:
    """Until the transaction ends no packs are applied (or, `alone`, no rows are written either). SQLite needs nothing:
    there a transaction that writes is alone from its start."""
    if connection.vendor == "postgresql":
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(%s)", [_PACKS_LOCK])


def _apply(wanted: PackSet, agreed: bool, over: str | None, by: Any) -> list[Step]:
    hold_packs(alone=True)
    if over is not None and applied_hash() != over:
        raise ApplyRefused("未做任何改动：刚才有人启用了别的台账声明。请重新预览，再启用。")
    applied = applied_packs()
    steps = make_plan(applied, wanted)
    if refused := [step for step in steps if step.kind == "refuse"]:
        raise ApplyRefused("未做任何改动：\n" + "\n".join(f"· {step.message}" for step in refused))
    if (losing := [step for step in steps if step.loses]) and not agreed:
        raise ApplyRefused(
            "未做任何改动：以下各项会使内容不再显示，或让更多人看到，请看清后加 --yes 再执行：\n"
            + "\n".join(f"· {step.message}" for step in losing)
        )
    registry = private_registry()
    built: dict[str, type[models.Model]] = {}
    for pack in wanted.packs.values():
        if not pack.ledger.model:
            built |= build_models(pack, registry=registry)
    last = Change.objects.aggregate(last=models.Max("pk"))["last"] or 0
    _carry_out(applied, wanted, steps, built, by)
    with connection.schema_editor(atomic=False) as editor:
        for model in built.values():
            indexes.bring(editor, model)
    if not steps:
        return []
    plan = [step.as_dict() for step in steps]
    Applied.objects.create(hash=wanted.hash, dump=wanted.dump(), last_change=last, plan=plan)
    touched = "、".join(list(dict.fromkeys(_label(wanted, step.ledger) for step in steps))[:20])
    record(Watched.PACKS, f"台账声明生效：{len(steps)}项改动（{touched}），摘要{wanted.hash[:12]}")
    return steps


def _carry_out(
    applied: PackSet,
    wanted: PackSet,
    steps: Sequence[Step],
    built: Mapping[str, type[models.Model]],
    by: Any,
) -> None:
    """First the columns, then the values, then what only some values may keep: PostgreSQL alters no table while rows of it
    wait for a check at the end of the transaction."""
    pack_hash, old = wanted.hash, applied
    applied, wanted = applied.with_children(wanted), wanted.with_children()
    moved = _moved(applied, wanted, steps)
    move_columns(moved)
    move_tables(_moved_tables(applied, wanted, steps))
    with connection.schema_editor(atomic=False) as editor:
        for step in steps:
            _shape(editor, applied, wanted, moved, step, built.get(step.ledger))
    _carry_values(OldTables(old, moved), built, steps, splits_in(old, wanted), pack_hash, by)
    if connection.vendor == "postgresql":
        connection.check_constraints()
    with connection.schema_editor(atomic=False) as editor:
        for step in steps:
            _constrain(editor, wanted, step, built.get(step.ledger))


def _moved(applied: PackSet, wanted: PackSet, steps: Sequence[Step]) -> list[Moved]:
    """The columns of renamed fields, and those that another type takes the place of."""
    moved: list[Moved] = []
    taken: dict[str, set[str]] = {}
    for step in steps:
        if step.kind == "rename":
            was, now = _field(applied, step.ledger, step.old), _field(wanted, step.ledger, step.field)
            moved += renamed(step.ledger, was, now)
        elif step.kind == "convert":
            names = taken.setdefault(step.ledger, stored.columns(step.ledger))
            aside = set_aside(step.ledger, _field(applied, step.ledger, step.old), names)
            names |= {one.now for one in aside}
            moved += aside
    return moved


def _moved_tables(applied: PackSet, wanted: PackSet, steps: Sequence[Step]) -> list[tuple[str, str]]:
    """The child tables of renamed fields."""
    found = []
    for step in steps:
        if step.kind == "rename":
            was, now = _field(applied, step.ledger, step.old), _field(wanted, step.ledger, step.field)
            if was.column:
                found.append((child_code(step.ledger, was.code), child_code(step.ledger, now.code)))
    return found


def _shape(
    editor: Any, applied: PackSet, wanted: PackSet, moved: Sequence[Moved], step: Step, model: type[models.Model] | None
) -> None:
    """What a step does to tables and columns, beside renaming them."""
    if step.kind == "retire_ledger":
        Tombstone.objects.create(ledger=step.ledger, code=step.ledger)
    elif step.kind == "retire":
        spec = _field(applied, step.ledger, step.field)
        Tombstone.objects.create(ledger=step.ledger, field_id=spec.id, code=spec.code, column=spec.code)
    elif model is None:
        return
    elif step.kind == "create":
        editor.create_model(model)
    elif step.kind == "add":
        _add(editor, model, wanted, step)
    elif step.kind == "convert":
        spec = _field(applied, step.ledger, step.old)
        names = columns_of(spec)  # none of what was computed
        column = (
            next((one.now for one in moved if (one.ledger, one.was) == (step.ledger, names[0])), "") if names else ""
        )
        Tombstone.objects.create(ledger=step.ledger, field_id=spec.id, code=spec.code, column=column)
        if spec.unique:
            editor.remove_constraint(model, unique_constraint(step.ledger, spec))
        _add(editor, model, wanted, step)
    elif step.kind == "widen":
        widen(_columns(model, wanted, step)[0], model)


def _constrain(editor: Any, wanted: PackSet, step: Step, model: type[models.Model] | None) -> None:
    """What a step asks of the values, once they are there."""
    if model is None or step.kind not in ("unique", "convert"):
        return
    spec = _field(wanted, step.ledger, step.field)
    constraint = unique_constraint(step.ledger, spec)
    if spec.unique:
        editor.add_constraint(model, constraint)
    elif step.kind == "unique":
        editor.remove_constraint(model, constraint)


def _add(editor: Any, model: type[models.Model], packs: PackSet, step: Step) -> None:
    for column in _columns(model, packs, step):
        editor.add_field(model, column)


def _carry_values(
    tables: OldTables,
    built: Mapping[str, type[models.Model]],
    steps: Sequence[Step],
    splits: Sequence[Split],
    pack_hash: str,
    by: Any,
) -> None:
    """One change over all ledgers; one new version of each row that has a value to convert, one new row of a new ledger
    for each that has one to move."""
    conversions: dict[str, list[Conversion]] = {}
    for step in steps:
        if step.conversion and step.rows:
            conversions.setdefault(step.ledger, []).append(step.conversion)
    moving = {step.ledger for step in steps if step.kind == "move" and step.rows}
    splits = [split for split in splits if split.pack.ledger.code in moving]
    if not conversions and not splits:
        return
    reasons = [f"字段“{one.now.label}”改换类型或单位" for said in conversions.values() for one in said]
    reasons += [f"从“{split.origin.ledger.label}”分出“{split.pack.ledger.label}”" for split in splits]
    change = open_change(author=by, reason="；".join(reasons), source=Source(SourceKind.PACKS), pack_hash=pack_hash)
    for split in splits:
        move_rows(tables, split, built[split.pack.ledger.code], change)
    past = Past([step.as_dict() for step in steps])
    for ledger, said in conversions.items():
        Carrier(tables, ledger, built[ledger], said, past, change).run()
    for ledger in change.ledgers:
        follow(change, ledger)


def _field(packs: PackSet, ledger: str, code: str) -> FieldSpec:
    return next(one for one in packs.packs[ledger].field if one.code == code)


def _columns(model: type[models.Model], packs: PackSet, step: Step) -> list[models.Field]:
    names = field_type(_field(packs, step.ledger, step.field)).columns()
    return [model._meta.get_field(name) for name in names]  # type: ignore[misc]
