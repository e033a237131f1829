"""Compares packs with what is applied, and says in words what applying them would do."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.db import connection

from zhenwu.packs.builder import table_name
from zhenwu.packs.models import Tombstone
from zhenwu.packs.reader import PackSet, load_dump
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.types import field_type

Kind = Literal["create", "add", "rename", "widen", "retire", "retire_ledger", "text", "refuse"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that applying will do. `rows` is how many rows are concerned."""

    kind: Kind
    ledger: str
    message: str
    field: str = ""
    old: str = ""
    rows: int = 0

    @property
    def loses(self) -> bool:
        """True when values leave sight: needs a person's agreement."""
        return self.kind in ("retire", "retire_ledger") and self.rows > 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"loses": self.loses}


def make_plan(applied: PackSet, wanted: PackSet) -> list[Step]:
    """The steps from the applied packs to the wanted ones, in the order in which they must be done."""
    steps: list[Step] = []
    wanted = load_dump(json.loads(json.dumps(wanted.dump())))  # as it will be stored, so that like is compared with like
    for code, pack in wanted.packs.items():
        old = applied.packs.get(code)
        if pack.ledger.model:
            if old is None or old != pack:
                steps.append(Step("text", code, f"{pack.ledger.label}：登记台账的说明、指标或核对规则有更新。"))
        elif old is None:
            if Tombstone.objects.filter(ledger=code, field_id=None).exists():
                steps.append(Step("refuse", code, f"{code} 是停用过的台账，代码不能再用。请换一个代码。"))
            else:
                steps.append(Step("create", code, f"新建台账“{pack.ledger.label}”，{len(pack.field)}个字段。"))
        elif old != pack:
            steps += _changed(code, old, pack)
    for code, old in applied.packs.items():
        if code not in wanted.packs and not old.ledger.model:
            count = _rows(code)
            steps.append(
                Step(
                    "retire_ledger",
                    code,
                    f"停用台账“{old.ledger.label}”（{count}行保留在库中，不再显示）。",
                    rows=count,
                )
            )
    if applied.parameters != wanted.parameters:
        steps.append(Step("text", "parameters", f"参数表：{len(applied.parameters)}项 → {len(wanted.parameters)}项。"))
    return steps


def _changed(code: str, old: PackSpec, new: PackSpec) -> Iterator[Step]:
    before = {one.id: one for one in old.field}
    after = {one.id: one for one in new.field}
    dead = set(Tombstone.objects.filter(ledger=code).exclude(field_id=None).values_list("field_id", flat=True))
    for number, one in after.items():
        was = before.get(number)
        if was is None:
            if number in dead:
                yield Step(
                    "refuse",
                    code,
                    f"字段 {number}（{one.code}）的编号属于已停用的字段。请用一个没用过的编号。",
                    one.code,
                )
            else:
                yield Step("add", code, f"“{new.ledger.label}”增加字段“{one.label}”。", one.code)
        elif was != one:
            yield from _field_changed(code, was, one)
    for number, was in before.items():
        if number not in after:
            count = _filled(code, was)
            yield Step(
                "retire",
                code,
                f"停用字段“{was.label}”（{count}行有值，值保留在库中，不再显示）。",
                was.code,
                rows=count,
            )
    if (old.ledger, old.lifecycle, old.indicator, old.check, old.coverage, old.phrase, old.policy, old.rule) != (
        new.ledger, new.lifecycle, new.indicator, new.check, new.coverage, new.phrase, new.policy, new.rule
    ):  # fmt: skip
        yield Step("text", code, f"“{new.ledger.label}”的说明、流程、指标、核对或报告语句有更新。")


def _field_changed(code: str, was: FieldSpec, one: FieldSpec) -> Iterator[Step]:
    old_column, new_column = field_type(was).columns(), field_type(one).columns()
    kinds_before = [type(column) for column in old_column.values()]
    if kinds_before != [type(column) for column in new_column.values()] or was.many != one.many:
        yield Step(
            "refuse", code, f"字段“{one.label}”的类型由 {was.type} 改为 {one.type}：暂不支持直接改类型。"
            "请新增一个字段，导出旧值后再导入。", one.code,
        )  # fmt: skip
        return
    if was.code != one.code:
        yield Step(
            "rename", code, f"字段“{was.label}”的代码由 {was.code} 改为 {one.code}，值不变。", one.code, was.code
        )
    if one.max_length > was.max_length:
        yield Step("widen", code, f"字段“{one.label}”放宽到{one.max_length}字。", one.code)
    elif (
        one.max_length < was.max_length and one.type == "text" and (too_long := _longer_than(code, was, one.max_length))
    ):
        yield Step(
            "refuse", code, f"字段“{one.label}”缩短到{one.max_length}字：有{too_long}行更长。请先改这些行。", one.code
        )
    if one.unique and not was.unique:
        yield Step("refuse", code, f"字段“{one.label}”改为不可重复：请先用核对规则找出重复的行。", one.code)
    yield Step("text", code, f"字段“{one.label}”的说明或规则有更新。", one.code)


def _rows(code: str) -> int:
    return _count(f"SELECT count(*) FROM {connection.ops.quote_name(table_name(code))}")


def _filled(code: str, spec: FieldSpec) -> int:
    columns = [column.get_attname_column()[1] for column in _named(spec)]
    if not columns:
        return 0
    quoted = connection.ops.quote_name(columns[0])
    table = connection.ops.quote_name(table_name(code))
    return _count(f"SELECT count(*) FROM {table} WHERE {quoted} IS NOT NULL")


def _longer_than(code: str, spec: FieldSpec, length: int) -> int:
    quoted, table = connection.ops.quote_name(spec.code), connection.ops.quote_name(table_name(code))
    return _count(f"SELECT count(*) FROM {table} WHERE length({quoted}) > %s", [length])


def _count(sql: str, values: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or [])
        return int(cursor.fetchone()[0])


def _named(spec: FieldSpec) -> Iterator[Any]:
    for name, column in field_type(spec).columns().items():
        column.set_attributes_from_name(name)
        yield column
