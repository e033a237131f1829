"""The SQL of a pack's indicators, checked: what it must return, and how its rows become one value."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.memory import Binder
from zhenwu.mart.statements import Prepared, Preparer
from zhenwu.packs.spec import Indicator

_ALWAYS = ("row", "place", "day", "num")
_COUNTABLE = ("INTEGER", "BIGINT", "HUGEINT", "SMALLINT", "TINYINT", "DECIMAL")


@dataclass(frozen=True)
class PreparedIndicator:
    spec: Indicator
    ledger: str
    prepared: Prepared

    @property
    def has_den(self) -> bool:
        return self.spec.has_den


def prepare_indicator(preparer: Preparer, spec: Indicator) -> PreparedIndicator:
    """Raises SqlBroken when the statement may not run; columns are judged by `column_problems`."""
    prepared = preparer.prepare(spec.sql, f"indicator {spec.code}", rows="counted", counts=spec.counts)
    return PreparedIndicator(spec, preparer.pack.ledger.code, prepared)


def column_problems(indicator: PreparedIndicator, binder: Binder) -> Iterator[SqlProblem]:
    where, spec = indicator.prepared.where, indicator.spec
    try:
        columns = binder.columns(indicator.prepared)
    except SqlBroken as broken:
        yield from broken.problems
        return
    needed = [*_ALWAYS, *(["den"] if indicator.has_den else []), *(["part"] if spec.by else [])]
    if missing := [name for name in needed if name not in columns]:
        yield SqlProblem(
            where, f"does not return {', '.join(missing)}.", f"Return {', '.join(needed)} (NULL is allowed)."
        )
    if "part" in columns and not spec.by:
        yield SqlProblem(where, "returns part, but has no `by`.", 'Say what the parts are: by = "类别".')
    for name in ("num", "den"):
        kind = columns.get(name, "BIGINT")
        if not kind.startswith(_COUNTABLE) and not (name == "num" and spec.agg in ("distinct", "count")):
            remedy = "Figures are whole or decimal numbers: CASE WHEN … THEN 1 ELSE 0 END, CAST(… AS DECIMAL(18,2))."
            yield SqlProblem(where, f"{name} is {kind}.", remedy)
    if columns.get("day", "DATE") not in ("DATE", "TIMESTAMP", '"NULL"', "INTEGER"):
        yield SqlProblem(where, f"day is {columns['day']}.", "Return a DATE or NULL.")
    if spec.kind == "flow" and spec.period != "year" and _never_says_day(indicator):
        cause = "is a flow of any period, but day is NULL: no month would have a row of it."
        yield SqlProblem(where, cause, 'Return the day of the fact, or say period = "year".')


def _never_says_day(indicator: PreparedIndicator) -> bool:
    tree = sqlglot.parse_one(indicator.prepared.sql, dialect="duckdb")
    said = next((one.this for one in tree.find_all(exp.Subquery) if one.alias == "said"), tree)
    sides = [said]
    while any(isinstance(one, exp.SetOperation) for one in sides):
        sides = [
            side for one in sides for side in ((one.left, one.right) if isinstance(one, exp.SetOperation) else (one,))
        ]
    days = [one for side in sides if isinstance(side, exp.Query) for one in side.selects if one.alias_or_name == "day"]
    return bool(days) and all(isinstance(_bare(one), exp.Null) for one in days)


def _bare(said: exp.Expr) -> exp.Expr:
    """The expression without its name and casts."""
    while isinstance(said, (exp.Alias, exp.Cast, exp.TryCast, exp.Paren)):
        said = said.this
    return said
