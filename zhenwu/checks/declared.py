"""Checks that packs declare without SQL: two accounts that must agree, totals against their details, a unit against its own
past. Each becomes a statement that is read and bound like any that an author wrote; nothing declared reaches the engine
unread: names are codes of declared fields, words are quoted."""

# ruff: noqa: S608  see above

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from zhenwu.checks.prepared import PreparedCheck, checked
from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.schema import IMPLICIT, Table
from zhenwu.mart.statements import Preparer
from zhenwu.packs.spec import AgreeSpec, ControlSpec, OutlierSpec, Side

_SCORE = "0.6745"  # a quarter of a normal distribution lies further out: makes the score of a normal one its z
_MEAN = (
    "1.2533"  # the same for the mean distance, which stands in where most months are alike and the median distance is 0
)


def prepare_agree(preparer: Preparer, spec: AgreeSpec) -> PreparedCheck:
    where = f"agree {spec.code}"
    left, right = (_grouped(preparer, side, where) for side in (spec.left, spec.right))
    keys = [f"k{n}" for n in range(1, len(spec.left.key) + 1)]
    same = " AND ".join(f"l.{key} = r.{key}" for key in keys)
    shown = ", ".join(f"coalesce(l.{key}, r.{key}) AS {key}" for key in keys)
    own = spec.right if spec.right.ledger == preparer.pack.ledger.code else spec.left
    names = _named(preparer, own, keys)
    sql = f"""WITH l AS ({left}), r AS ({right}), both_sides AS (
  SELECT {shown}, l.k1 IS NOT NULL AS in_left, r.k1 IS NOT NULL AS in_right, coalesce(l.place, r.place) AS place,
    coalesce(l.first_row, r.first_row) AS first_row, l.total AS left_total, r.total AS right_total
  FROM l FULL JOIN r ON {same})
SELECT {", ".join(f"b.{key}" for key in keys)}, {names.columns}, b.place, b.first_row AS row, b.left_total, b.right_total,
  abs(coalesce(b.left_total, 0) - coalesce(b.right_total, 0)) AS diff,
  CASE WHEN NOT b.in_left THEN '前一本没有' WHEN NOT b.in_right THEN '后一本没有' ELSE '数额不等' END AS kind
FROM both_sides b {names.joins}
WHERE NOT b.in_left OR NOT b.in_right OR abs(coalesce(b.left_total, 0) - coalesce(b.right_total, 0)) > {spec.tolerance}"""
    one, other = (_label(preparer, side, where) for side in (spec.left, spec.right))
    said = f"“{one}”与“{other}”按{'、'.join(_key_labels(preparer, own, spec.names))}逐项核对，两边都要有，{_what(spec.left)}要相等。"
    message = f"{names.message}：{one}{{left_total}}，{other}{{right_total}}，{{kind}}。"
    bad = preparer.prepare(sql, where)
    return checked(
        preparer, spec, "agree", bad, subject=tuple(keys), message=message, says=spec.says or said, author_sql=(("不相符的", sql),)
    )  # fmt: skip


def prepare_control(preparer: Preparer, spec: ControlSpec) -> PreparedCheck:
    where = f"control {spec.code}"
    own = preparer.pack.ledger.code
    details = _grouped(preparer, spec.details, where)
    table = _table(preparer, own, where)
    for code in (spec.total, *spec.key, *spec.when):
        _column(table, code, where)
    same = " AND ".join(f"d.k{n} = t.{code}" for n, code in enumerate(spec.key, 1))
    kept = "".join(f" AND {one}" for one in _conditions("t", spec.when))
    sql = f"""WITH d AS ({details})
SELECT t.id AS row, t.no, t.division AS place, t.{spec.total} AS written, coalesce(d.total, 0) AS added,
  abs(t.{spec.total} - coalesce(d.total, 0)) AS diff
FROM {own} t LEFT JOIN d ON {same}
WHERE t.{spec.total} IS NOT NULL AND abs(t.{spec.total} - coalesce(d.total, 0)) > {spec.tolerance}{kept}"""
    label = _field_label(preparer, spec.total)
    other = _label(preparer, spec.details, where)
    message = f"{{no}}的“{label}”填的是{{written}}，{other}合计{{added}}，相差{{diff}}。"
    says = spec.says or f"“{label}”应等于{other}里{_what(spec.details)}之和；没有明细的按0算，没有填总数的不核对。"
    bad = preparer.prepare(sql, where)
    return checked(
        preparer, spec, "control", bad, subject=("row",), message=message, says=says, author_sql=(("不相符的", sql),)
    )


def prepare_outlier(preparer: Preparer, spec: OutlierSpec) -> PreparedCheck:
    where = f"outlier {spec.code}"
    own = preparer.pack.ledger.code
    table = _table(preparer, own, where)
    for code in (spec.by, spec.month, *([spec.value] if spec.value else []), *spec.where):
        _column(table, code, where)
    month = f"s.{spec.month}" if table.columns[spec.month] == "VARCHAR" else f"strftime(s.{spec.month}, '%Y-%m')"
    value = f"CAST(sum(s.{spec.value}) AS DECIMAL(18,4))" if spec.value else "CAST(count(*) AS DECIMAL(18,4))"
    kept = "".join(f" AND {one}" for one in _conditions("s", spec.where))
    target = _target(preparer, own, spec.by)
    column = "name" if target and "name" in preparer.schema.tables[target].columns else "no"
    name = f"coalesce(n.{column}, w.unit)" if target else "w.unit"
    join = f"LEFT JOIN {target} n ON n.id = w.unit" if target else ""
    sql = f"""WITH said AS (
  SELECT s.{spec.by} AS unit, {month} AS month, {value} AS x, any_value(s.division) AS place
  FROM {own} s WHERE s.{spec.by} IS NOT NULL AND s.{spec.month} IS NOT NULL{kept} GROUP BY s.{spec.by}, {month}),
months AS (
  SELECT a.unit, a.month, a.x, a.place, p.yr FROM said a JOIN period p ON p.kind = 'month' AND p.name = a.month
  WHERE a.x IS NOT NULL AND p.last <= :as_of),
middle AS (
  SELECT m.unit, m.month, m.x, m.place, CAST(median(h.x) AS DECIMAL(18,4)) AS usual, count(*) AS known
  FROM months m JOIN months h ON h.unit = m.unit AND h.month < m.month
  WHERE m.yr = :year GROUP BY m.unit, m.month, m.x, m.place HAVING count(*) >= {spec.least}),
spread AS (
  SELECT c.unit, c.month, c.x, c.place, c.usual, c.known, CAST(median(abs(h.x - c.usual)) AS DECIMAL(18,4)) AS mad,
    CAST(avg(abs(h.x - c.usual)) AS DECIMAL(18,4)) AS mean_distance
  FROM middle c JOIN months h ON h.unit = c.unit AND h.month < c.month
  GROUP BY c.unit, c.month, c.x, c.place, c.usual, c.known)
SELECT w.unit, w.month, w.x, w.usual, w.known, w.place, {name} AS unit_name
FROM spread w {join}
WHERE (w.mad > 0 AND abs(w.x - w.usual) * {_SCORE} > w.mad * {spec.limit})
  OR (w.mad = 0 AND w.mean_distance > 0 AND abs(w.x - w.usual) > w.mean_distance * {_MEAN} * {spec.limit})
  OR (w.mad = 0 AND w.mean_distance = 0 AND w.x <> w.usual)"""
    what = _field_label(preparer, spec.value) if spec.value else "记录数"
    message = f"{{unit_name}}{{month}}的{what}是{{x}}，以往{{known}}个月的中位数是{{usual}}，差得较多，请核实。"
    says = spec.says or (
        f"每月的{what}与本单位以往各月（至少{spec.least}个月）比较：离中位数的距离按绝对中位差折算，超过{spec.limit}倍的提示核实。"
        "没有记录的月份不算0。提示不等于差错。"
    )
    bad = preparer.prepare(sql, where)
    return checked(
        preparer, spec, "outlier", bad, subject=("unit", "month"), message=message, says=says,
        author_sql=(("离得较远的月份", sql),),
    )  # fmt: skip


@dataclass(frozen=True)
class _Names:
    """The key's parts as people read them: places and links by name, the rest as they are."""

    columns: str
    joins: str
    message: str


def _named(preparer: Preparer, side: Side, keys: list[str]) -> _Names:
    columns, joins, words = [], [], []
    for key, code in zip(keys, side.key, strict=True):
        target = _target(preparer, side.ledger, code)
        if target:
            column = "name" if "name" in preparer.schema.tables[target].columns else "no"
            columns.append(f"coalesce(n_{key}.{column}, b.{key}) AS {key}_name")
            joins.append(f"LEFT JOIN {target} n_{key} ON n_{key}.id = b.{key}")
        else:
            columns.append(f"b.{key} AS {key}_name")
        words.append(f"{{{key}_name}}")
    return _Names(", ".join(columns), " ".join(joins), "，".join(words))


def _target(preparer: Preparer, ledger: str, code: str) -> str:
    """The table that a key's part points into, as this pack's own fields tell; "" for plain values."""
    if code == "division":
        return "division"
    own = {one.code: one.type for one in preparer.pack.field} if ledger == preparer.pack.ledger.code else {}
    kind = own.get(code, "").removeprefix("ref:")
    return kind if kind in preparer.schema.tables else ""


def _grouped(preparer: Preparer, side: Side, where: str) -> str:
    table = _table(preparer, side.ledger, where)
    for code in (
        *side.key,
        *([side.value] if side.value else []),
        *side.where,
        *([side.in_year] if side.in_year else []),
    ):
        _column(table, code, where)
    keys = ", ".join(f"s.{code} AS k{n}" for n, code in enumerate(side.key, 1))
    known = [f"s.{code} IS NOT NULL" for code in side.key]
    total = f"sum(s.{side.value})" if side.value else "count(*)"
    conditions = [*known, *_conditions("s", side.where), *_in_year(table, side.in_year)]
    return (
        f"SELECT {keys}, {total} AS total, any_value(s.division) AS place, min(s.id) AS first_row FROM {side.ledger} s "
        f"WHERE {' AND '.join(conditions)} GROUP BY {', '.join(f's.{code}' for code in side.key)}"
    )


def _in_year(table: Table, code: str | None) -> list[str]:
    if not code:
        return []
    if table.columns[code] == "VARCHAR":
        return [f"s.{code} BETWEEN strftime(:from, '%Y-%m') AND strftime(:to, '%Y-%m')"]
    return [f"s.{code} BETWEEN :from AND :to"]


def _conditions(alias: str, said: Mapping[str, tuple[str | bool, ...]]) -> Iterable[str]:
    for code, values in said.items():
        yield f"{alias}.{code} IN ({', '.join(_literal(value) for value in values)})"


def _literal(value: str | bool | Decimal) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "'" + str(value).replace("'", "''") + "'"


def _table(preparer: Preparer, ledger: str, where: str) -> Table:
    table = preparer.schema.tables.get(ledger)
    if table is None or table.kind != "ledger":
        raise SqlBroken(
            [SqlProblem(f"{preparer.file}, {where}", f"there is no ledger {ledger}.", "Check the spelling.")]
        )
    return table


def _column(table: Table, code: str, where: str) -> None:
    if code not in table.columns:
        fields = [one for one in table.columns if one not in IMPLICIT]
        known = f"Known: {', '.join(['id', 'division', *fields])}."
        raise SqlBroken([SqlProblem(where, f"{table.name} has no column {code}.", known)])


def _label(preparer: Preparer, side: Side, where: str) -> str:
    if not side.label and side.ledger != preparer.pack.ledger.code:
        cause = f"{side.ledger} is another ledger."
        raise SqlBroken([SqlProblem(f"{preparer.file}, {where}", cause, "Say what people call it, in `label`.")])
    return side.label or preparer.pack.ledger.label


def _key_labels(preparer: Preparer, side: Side, names: tuple[str, ...]) -> list[str]:
    return list(names) or [_field_label(preparer, code) for code in side.key]


def _field_label(preparer: Preparer, code: str) -> str:
    return next((one.label for one in preparer.pack.field if one.code == code), code)


def _what(side: Side) -> str:
    return "数额" if side.value else "条数"
