"""Carries out a plan in one transaction. A failed apply leaves everything as it was."""

from collections.abc import Sequence

from django.db import connection, models, transaction

from zhenwu.packs.builder import build_model, private_registry
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import Applied, Tombstone
from zhenwu.packs.plan import Step, make_plan
from zhenwu.packs.reader import PackSet, load_dump
from zhenwu.packs.types import field_type


def applied_packs() -> PackSet:
    """The packs that the tables follow now; empty before the first apply."""
    newest = Applied.objects.order_by("-pk").first()
    return load_dump(newest.dump) if newest else PackSet()


def applied_hash() -> str:
    return Applied.objects.order_by("-pk").values_list("hash", flat=True).first() or ""


def apply(wanted: PackSet, *, agreed: bool = False) -> list[Step]:
    """Bring the tables to the wanted packs; returns the steps done (none when nothing differs).

    Raises ApplyRefused when a step cannot be done, or takes values out of sight and `agreed` is not given.
    """
    if connection.vendor == "sqlite":  # SQLite checks foreign keys at the end; table changes need them off outside
        with connection.constraint_checks_disabled(), transaction.atomic():
            steps = _apply(wanted, agreed)
            connection.check_constraints()
            return steps
    with transaction.atomic():
        return _apply(wanted, agreed)


def _apply(wanted: PackSet, agreed: bool) -> list[Step]:
    applied = applied_packs()
    steps = make_plan(applied, wanted)
    if refused := [step for step in steps if step.kind == "refuse"]:
        raise ApplyRefused("未做任何改动：\n" + "\n".join(f"· {step.message}" for step in refused))
    if (losing := [step for step in steps if step.loses]) and not agreed:
        raise ApplyRefused(
            "未做任何改动：以下内容将不再显示，请确认后加 --yes 再执行：\n"
            + "\n".join(f"· {step.message}" for step in losing)
        )
    if not steps:
        return []
    _carry_out(applied, wanted, steps)
    Applied.objects.create(hash=wanted.hash, dump=wanted.dump(), plan=[step.as_dict() for step in steps])
    return steps


def _carry_out(applied: PackSet, wanted: PackSet, steps: Sequence[Step]) -> None:
    registry = private_registry()
    built = {code: build_model(pack, registry=registry) for code, pack in wanted.packs.items() if not pack.ledger.model}
    with connection.schema_editor(atomic=False) as editor:
        for step in steps:
            model = built.get(step.ledger)
            if step.kind == "create" and model:
                editor.create_model(model)
            elif step.kind == "add" and model:
                for column in _columns(model, wanted, step.ledger, step.field):
                    editor.add_field(model, column)
            elif step.kind == "rename" and model:
                _rename(editor, model, applied, wanted, step)
            elif step.kind == "widen" and model:
                [column] = _columns(model, wanted, step.ledger, step.field)
                old = models.CharField(max_length=1, null=True, blank=True)
                old.set_attributes_from_name(column.name)
                old.model = model
                editor.alter_field(model, old, column)
            elif step.kind == "retire":
                spec = next(one for one in applied.packs[step.ledger].field if one.code == step.field)
                Tombstone.objects.create(ledger=step.ledger, field_id=spec.id, code=spec.code, column=spec.code)
            elif step.kind == "retire_ledger":
                Tombstone.objects.create(ledger=step.ledger, code=step.ledger)


def _columns(model: type[models.Model], packs: PackSet, ledger: str, code: str) -> list[models.Field]:
    spec = next(one for one in packs.packs[ledger].field if one.code == code)
    return [model._meta.get_field(name) for name in field_type(spec).columns()]  # type: ignore[misc]


def _rename(editor: object, model: type[models.Model], applied: PackSet, wanted: PackSet, step: Step) -> None:
    """Rename every column of a field; the old field objects come from a model of the old pack."""
    old_model = build_model(applied.packs[step.ledger], registry=private_registry())
    was = _columns(old_model, applied, step.ledger, step.old)
    now = _columns(model, wanted, step.ledger, step.field)
    for old, new in zip(was, now, strict=True):
        editor.alter_field(model, old, new)  # type: ignore[attr-defined]
