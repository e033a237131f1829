"""Compares packs with what is applied, and says in words what applying them would do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from zhenwu.packs import stored
from zhenwu.packs.children import is_child
from zhenwu.packs.conversion import Conversion, needs_conversion
from zhenwu.packs.converting import OldTables, Scanned, Unconverted, scan
from zhenwu.packs.converting import unconverted as unconverted_in
from zhenwu.packs.models import Tombstone
from zhenwu.packs.reader import PackSet, load_dump
from zhenwu.packs.spec import FieldSpec, PackSpec
from zhenwu.packs.splitting import Split, splits_in
from zhenwu.packs.types import field_type

Kind = Literal[
    "create", "move", "rename", "convert", "widen", "add", "unique", "open", "retire", "retire_ledger", "text", "refuse"
]
_ORDER: tuple[Kind, ...] = ("refuse", "rename", "convert", "widen", "add", "unique", "open", "retire", "text")
_CLOSED = ("S2", "S3")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that applying will do. `rows` is how many rows are concerned, `lost` in how many of them a value leaves
    sight; `examples` are some of those. A conversion also says what the field was and will be."""

    kind: Kind
    ledger: str
    message: str
    field: str = ""
    old: str = ""
    rows: int = 0
    lost: int = 0
    examples: tuple[Unconverted, ...] = ()
    was: FieldSpec | None = None
    now: FieldSpec | None = None

    @property
    def loses(self) -> bool:
        """True when values leave sight, or come into the sight of more people: needs a person's agreement."""
        return self.lost > 0 or self.kind == "open"

    @property
    def conversion(self) -> Conversion | None:
        return Conversion(self.was, self.now) if self.was and self.now else None

    def as_dict(self) -> dict[str, Any]:
        said = {name: getattr(self, name) for name in ("kind", "ledger", "message", "field", "old", "rows", "lost")}
        said |= {"loses": self.loses, "examples": [asdict(one) for one in self.examples]}
        if self.was and self.now:
            said |= {"was": self.was.model_dump(mode="json"), "now": self.now.model_dump(mode="json")}
        return said


def unconverted(applied: PackSet, steps: Iterable[Step]) -> Iterator[tuple[Step, Unconverted]]:
    """Every value that the steps cannot convert, as it stands: for a person who may read the whole database."""
    tables = OldTables(applied)
    for step in steps:
        if step.lost and step.conversion:
            yield from ((step, one) for one in unconverted_in(tables, step.ledger, step.conversion))


def make_plan(applied: PackSet, wanted: PackSet) -> list[Step]:
    """The steps from the applied packs to the wanted ones, in the order in which they must be done."""
    steps: list[Step] = []
    tables = OldTables(applied)
    wanted = load_dump(
        json.loads(json.dumps(wanted.dump()))
    )  # as it will be stored, so that like is compared with like
    splits = {split.pack.ledger.code: split for split in splits_in(applied, wanted)}
    moved = {
        (split.origin.ledger.code, was.code): split.pack.ledger.label
        for split in splits.values()
        for was, _ in split.pairs
    }
    applied, wanted = applied.with_children(wanted), wanted.with_children()
    for code, pack in wanted.packs.items():
        old = applied.packs.get(code)
        if old is not None and old.ledger.model != pack.ledger.model:
            steps.append(Step("refuse", code, f"{code} 不能在普通台账和登记台账之间改换。请换一个代码。"))
        elif pack.ledger.model:
            if old is None or old != pack:
                steps.append(Step("text", code, f"{pack.ledger.label}：登记台账的说明、指标或核对规则有更新。"))
        elif old is None:
            if Tombstone.objects.filter(ledger=code, field_id=None).exists():
                steps.append(Step("refuse", code, f"{code} 是停用过的台账，代码不能再用。请换一个代码。"))
            else:
                what = "子表" if is_child(code) else "台账"
                steps.append(Step("create", code, f"新建{what}“{pack.ledger.label}”，{len(pack.field)}个字段。"))
                if code in splits:
                    steps += _split(tables, splits[code])
        elif old.ledger.code != code:  # a child table that gets another name, and nothing else
            if old.field != pack.field:
                message = f"子表“{pack.ledger.label}”的代码和列同时有改动。请分两次：先改代码，生效后再改列。"
                steps.append(Step("refuse", code, message))
        elif old != pack:
            steps += sorted(_changed(tables, code, old, pack, moved), key=lambda step: _ORDER.index(step.kind))
    for code, old in applied.packs.items():
        if code not in wanted.packs and not old.ledger.model:
            count = stored.rows(code)
            what = "子表" if is_child(code) else "台账"
            message = f"停用{what}“{old.ledger.label}”（{count}行保留在库中，不再显示）。"
            steps.append(Step("retire_ledger", code, message, rows=count, lost=count))
    if applied.parameters != wanted.parameters:
        steps.append(Step("text", "parameters", f"参数表：{len(applied.parameters)}项 → {len(wanted.parameters)}项。"))
    return steps


def _split(tables: OldTables, split: Split) -> Iterator[Step]:
    code, label = split.pack.ledger.code, split.origin.ledger.label
    origin = split.origin.ledger.code
    for one in split.missing:
        message = f"“{label}”里没有 {one.moved_from}，字段“{one.label}”没有旧值可分。"
        yield Step("text", code, message, one.code)
    for was, now in split.pairs:
        closed = max(was.privacy, split.origin.ledger.privacy), max(now.privacy, split.pack.ledger.privacy)
        if needs_conversion(was, now):
            message = f"字段“{now.label}”从“{label}”分出时由{called(was)}改为{called(now)}。请先分出，生效后再改类型。"
            yield Step("refuse", code, message, now.code)
            continue
        if closed[0] in _CLOSED and closed[1] < closed[0] and (count := stored.filled(origin, was)):
            message = (
                f"字段“{now.label}”分出后的隐私级别由 {closed[0]} 降为 {closed[1]}：{count}行的值今后会有更多人看到。"
            )
            yield Step("open", code, message, now.code, rows=count)
        if now.type == "text" and (long := tables.longer_than(origin, was, now.max_length)):
            message = f"字段“{now.label}”最多{now.max_length}字：“{label}”里有{long}行更长。请先改这些行。"
            yield Step("refuse", code, message, now.code, rows=long)
        if now.unique and (twice := stored.repeated(origin, was)):
            message = f"字段“{now.label}”不可重复：“{label}”里有{twice}个值重复。请先改正。"
            yield Step("refuse", code, message, now.code, rows=twice)
        yield from _options_gone(origin, was, now)
    if split.pairs:
        rows = tables.count(origin, split.kinds)
        names = "、".join(f"“{now.label}”" for _, now in split.pairs)
        message = f"从“{label}”分出字段{names}：新增{rows}行，审核状态照旧。"
        yield Step("move", code, message, old=origin, rows=rows)


def _changed(
    tables: OldTables, code: str, old: PackSpec, new: PackSpec, moved: Mapping[tuple[str, str], str]
) -> Iterator[Step]:
    """`moved`: by ledger and field, the label of the ledger that its values move to."""
    before = {one.id: one for one in old.field}
    after = {one.id: one for one in new.field}
    yield from _added(code, new, before, after)
    for number, one in after.items():
        if number in before and before[number] != one:
            yield from _field_changed(tables, code, before[number], one)
    for number, was in before.items():
        if number not in after:
            count = stored.filled(code, was)
            message = f"停用字段“{was.label}”（{count}行有值，值保留在库中，不再显示）。"
            if to := moved.get((code, was.code)):
                message = f"停用字段“{was.label}”（{count}行有值，已分到“{to}”，旧值仍留在库中）。"
            yield Step("retire", code, message, was.code, rows=count, lost=0 if to else count)
    yield from _states_gone(code, old, new)
    if old.model_copy(update={"field": ()}) != new.model_copy(update={"field": ()}) or list(before) != list(after):
        yield Step("text", code, f"“{new.ledger.label}”的说明、流程、指标、核对、样例或字段次序有更新。")


def _added(code: str, new: PackSpec, before: dict[int, FieldSpec], after: dict[int, FieldSpec]) -> Iterator[Step]:
    dead = set(Tombstone.objects.filter(ledger=code).exclude(field_id=None).values_list("field_id", flat=True))
    leaving = {name for number, was in before.items() if number in after for name in stored.columns_of(was)}
    taken = stored.columns(code) - leaving  # by implicit columns and by those of retired fields
    for number, one in after.items():
        if number not in before and number in dead:
            message = f"字段 {number}（{one.code}）的编号属于已停用的字段。请用一个没用过的编号。"
            yield Step("refuse", code, message, one.code)
        elif taken & set(stored.columns_of(one)):
            message = (
                f"字段 {number}（{one.code}）的代码属于已停用的字段，旧值还在库中。请换一个代码，或沿用原来的编号。"
            )
            yield Step("refuse", code, message, one.code)
        elif number not in before:
            if one.moved_from:
                message = (
                    f"字段 {number}（{one.code}）写了 moved_from，但这本台账已经有了：只有新建的台账能从别处分出字段。"
                )
                yield Step("refuse", code, message, one.code)
            yield Step("add", code, f"“{new.ledger.label}”增加字段“{one.label}”。", one.code)
            if one.unique:
                yield Step("unique", code, f"“{one.label}”不可重复。", one.code)


def _field_changed(tables: OldTables, code: str, was: FieldSpec, one: FieldSpec) -> Iterator[Step]:
    yield from _opened(code, was, one)
    if needs_conversion(was, one):
        yield from _converted(tables, code, was, one)
        return
    if was.code != one.code:
        message = f"字段“{was.label}”的代码由 {was.code} 改为 {one.code}，值不变。"
        yield Step("rename", code, message, one.code, was.code)
    if (
        one.type == "text" and one.max_length > was.max_length
    ):  # a ciphertext has room anyway, and its step does nothing
        yield Step("widen", code, f"字段“{one.label}”放宽到{one.max_length}字。", one.code)
    elif one.type == "text" and (too_long := tables.longer_than(code, was, one.max_length)):
        message = f"字段“{one.label}”缩短到{one.max_length}字：有{too_long}行更长。请先改这些行。"
        yield Step("refuse", code, message, one.code, rows=too_long)
    yield from _options_gone(code, was, one)
    if was.unique != one.unique:
        if one.unique and (twice := stored.repeated(code, was)):
            message = f"字段“{one.label}”改为不可重复：有{twice}个值重复。请先用核对规则找出并改正。"
            yield Step("refuse", code, message, one.code, rows=twice)
        else:
            yield Step("unique", code, f"“{one.label}”改为{'不可' if one.unique else '可以'}重复。", one.code)
    yield Step("text", code, f"字段“{one.label}”的说明或规则有更新。", one.code)


def _opened(code: str, was: FieldSpec, one: FieldSpec) -> Iterator[Step]:
    if was.privacy in _CLOSED and one.privacy < was.privacy and (count := stored.filled(code, was)):
        message = f"字段“{one.label}”的隐私级别由 {was.privacy} 降为 {one.privacy}：{count}行的值今后会有更多人看到。"
        yield Step("open", code, message, one.code, rows=count)


def _converted(tables: OldTables, code: str, was: FieldSpec, one: FieldSpec) -> Iterator[Step]:
    conversion = Conversion(was, one)
    if is_child(code):
        message = f"子表的列“{one.label}”由{called(was)}改为{called(one)}：子表的列不能改类型或单位。请新增一列。"
        if field_type(one).is_sealed and was.type == one.type:
            message += "暂时要保留旧列的，在声明里给这一列写 sealed = false。"
        yield Step("refuse", code, message, one.code)
        return
    once = "" if was.unique == one.unique else "，不可重复" if one.unique else "，可以重复"
    what = f"字段“{one.label}”由{called(was)}改为{called(one)}{once}"
    if conversion.refusal:
        if count := stored.filled(code, was):
            message = f"{what}：{conversion.refusal}。已有{count}行有值，请新增一个字段，导出旧值后再导入。"
            yield Step("refuse", code, message, one.code, rows=count)
            return
        found = Scanned(0, 0, (), 0, 0)
    else:
        found = scan(tables, code, conversion)
    if found.twice:
        message = f"{what}：转换后有{found.twice}个值重复，而这个字段不可重复。请先改正这些行。"
        yield Step("refuse", code, message, one.code, rows=found.twice)
        return
    said = f"{found.rows - found.lost}行转换"
    if found.remarked:
        said += f"（其中{found.remarked}行是约数、带括注或换算了单位，请核对）"
    if found.lost:
        said += f"，{found.lost}行转换不了（转换后为空）"
    sealing, was_sealed = field_type(one).is_sealed, field_type(was).is_sealed
    if found.rows and sealing and not was_sealed:
        said += "；转换后的值加密保存，原来的明文清空" + ("（转换不了的除外）" if found.lost else "")
        said += "。历史里此前的版本和以前的备份仍是明文：链条覆盖它们，要到保存期满清除时才一并抹去。"
    else:
        said += "；旧值留在库中，不再显示。" if found.rows else "。"
    yield Step("convert", code, f"{what}：{said}", one.code, was.code, found.rows, found.lost, found.examples, was, one)


def called(spec: FieldSpec) -> str:
    """A type in words: 小数（亩）."""
    unit = field_type(spec).unit
    many = "（可多选）" if spec.many else ""
    return f"{field_type(spec).called}{f'（{unit}）' if unit else many}"


def _options_gone(code: str, was: FieldSpec, one: FieldSpec) -> Iterator[Step]:
    gone = {option.value for option in was.options} - {option.value for option in one.options}
    used = stored.used_values(code, was) if gone else {}
    for value in sorted(gone & set(used)):
        message = f"字段“{one.label}”去掉选项“{value}”：有{used[value]}行在用。请保留这个选项，或先改这些行。"
        yield Step("refuse", code, message, one.code, rows=used[value])


def _states_gone(code: str, old: PackSpec, new: PackSpec) -> Iterator[Step]:
    had = {state.code: state.label for state in old.lifecycle.states} if old.lifecycle else {}
    has = {state.code for state in new.lifecycle.states} if new.lifecycle else set()
    used = stored.used_states(code) if set(had) - has else {}
    for state in sorted((set(had) - has) & set(used)):
        message = f"流程去掉状态“{had[state]}”：有{used[state]}行处在这个状态。请保留它，或先办理这些行。"
        yield Step("refuse", code, message, rows=used[state])
