"""What a pack's statement reads, for people: laid out, with its tables, columns and dated parameters under their labels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from zhenwu.mart.dialect import Written, written
from zhenwu.mart.schema import MartSchema, Table
from zhenwu.mart.statements import coverage_table
from zhenwu.packs import runtime
from zhenwu.packs.parameters import ParameterSpec
from zhenwu.packs.spec import CoverageSpec, PackSpec

_SHARED = {
    "division": "区划", "div_now": "区划现在属于哪里", "calendar": "日历", "period": "统计期", "number": "序数", "parameter": "参数",
}  # fmt: skip
_COLUMNS = {
    "id": "编号（内部）", "no": "编号", "division": "所在区划", "review": "审核状态", "state": "办理状态", "version": "版本",
    "created_by": "录入人", "created_at": "录入时间", "changed_at": "修改时间", "source": "来源", "note": "备注", "row": "所属的行",
    "value": "值", "position": "行次", "void": "已作废", "change": "变更", "next_change": "下一次变更", "valid_from": "自",
    "valid_to": "至", "code": "代码", "name": "名称", "level": "级别", "parent": "上级", "community": "是社区",
    "in_force": "当时有效", "now": "现在的区划",
    "day": "日期", "ym": "月份", "quarter": "季度", "yr": "年度", "iso_week": "周", "iso_month": "周所在的月", "workday": "是工作日",
    "nth": "第几个工作日", "kind": "类别",
    "first": "第一天", "last": "最后一天", "label": "名称", "n": "数", "place": "区划", "num": "数值",
    "txt": "文字", "met": "已有（1）或缺（0）",
}  # fmt: skip
_DERIVED = {"_hash": "（只作比对的摘要）", "_ok": "（是否正确）", "_birth": "（出生日期）", "_sex": "（性别）", "_region": "（地区码）",
            "_lon": "（经度）", "_lat": "（纬度）"}  # fmt: skip
_NAMES = {"as_of": "截至日", "year": "年度", "from": "年度第一天", "to": "截至日，最迟到年底", "place": "区划"}
STATUS_LABELS = {"verified": "已核对", "recalled": "凭经验", "unverified": "待核对", "local": "本地规定"}


@dataclass(frozen=True)
class Read:
    """A table that is read. `columns` are (code, label)."""

    code: str
    label: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Dated:
    """One value of a parameter; `is_in_force` on the day asked for."""

    said: ParameterSpec
    is_in_force: bool
    status: str


@dataclass(frozen=True)
class Explained:
    """`statements` are (what it returns, laid-out SQL); `names` are (:name, what it stands for)."""

    statements: tuple[tuple[str, str], ...]
    reads: tuple[Read, ...]
    parameters: tuple[Dated, ...]
    names: tuple[tuple[str, str], ...]


def explain(schema: MartSchema, pack: PackSpec, said: Sequence[tuple[str, str]], on: date) -> Explained:
    """`said` are (what it returns, SQL as its author wrote it); the coverages that they read are explained with them."""
    coverages = {coverage_table(one): one for one in pack.coverage}
    every = [(what, written(sql, what)) for what, sql in said]
    known = {sql for _, sql in said}
    for spec in [
        coverages[name] for name in sorted({name for _, one in every for name in one.tables} & set(coverages))
    ]:
        every += [(what, written(sql, what)) for what, sql in _of_coverage(spec) if sql not in known]
    columns: dict[str, set[str]] = {}
    for _, one in every:
        for table, column in _columns(one, schema):
            columns.setdefault(table, set())
            if column:
                columns[table].add(column)
    codes = {code for _, one in every for code in one.parameters}
    names = sorted({name for _, one in every for name in one.names})
    return Explained(
        tuple((what, one.sql) for what, one in every),
        tuple(_read(schema.tables.get(name), name, coverages.get(name), columns[name]) for name in sorted(columns)),
        tuple(_dated(codes, on)),
        tuple((f":{name}", _NAMES[name]) for name in names),
    )


def _of_coverage(spec: CoverageSpec) -> list[tuple[str, str]]:
    return [(f"{spec.label}：应有的", spec.expected), (f"{spec.label}：实有的", spec.actual)]


def _columns(said: Written, schema: MartSchema) -> Iterator[tuple[str, str]]:
    """(table, column) as far as the names tell; (table, "") for each table."""
    alias: dict[str, set[str]] = {}
    for node in said.tree.find_all(exp.Table):
        if (name := node.name.lower()) in said.tables:
            alias.setdefault(node.alias_or_name.lower(), set()).add(name)
            yield name, ""
    for column in said.tree.find_all(exp.Column):
        name, of = column.name.lower(), column.table.lower()
        among = alias.get(of, set()) if of else said.tables
        for table in among:
            if (known := schema.tables.get(table)) and (name in known.columns or name in known.computed):
                yield table, name


def _read(table: Table | None, name: str, coverage: CoverageSpec | None, columns: Iterable[str]) -> Read:
    if table is None:
        return Read(name, f"核对“{coverage.label}”的每一格" if coverage else name, ())
    labels = _labels_of(table)
    return Read(
        name, _table_label(table), tuple((one, labels.get(one) or _label(one, labels)) for one in sorted(columns))
    )


def _table_label(table: Table) -> str:
    if table.kind == "shared":
        return _SHARED.get(table.name, table.name)
    label = runtime.ledger(table.ledger).label
    if table.kind == "states":
        return f"{label}：各行何时在什么状态"
    if table.of_field and (field := runtime.ledger(table.ledger).types.get(table.of_field)):
        return f"{label}：{field.label}"
    return label


def _labels_of(table: Table) -> dict[str, str]:
    ledger = runtime.ledgers().get(table.ledger)
    if ledger is None:
        return {}
    within = (
        ledger.children.get(table.of_field) if table.kind == "lines" else ledger if table.kind == "ledger" else None
    )
    return {code: kind.label for code, kind in within.types.items()} if within else {}


def _label(column: str, labels: dict[str, str]) -> str:
    for end, words in _DERIVED.items():
        if column.endswith(end) and (label := labels.get(column.removesuffix(end))):
            return f"{label}{words}"
    return _COLUMNS.get(column, column)


def _dated(codes: set[str], on: date) -> Iterator[Dated]:
    said = [one for one in runtime.packs().parameters if one.code in codes]
    for one in sorted(said, key=lambda one: (one.code, one.place, one.from_)):
        in_force = one.from_ <= on and (one.to is None or on < one.to)
        yield Dated(one, in_force, STATUS_LABELS[one.status])
