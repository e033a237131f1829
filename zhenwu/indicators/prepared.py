"""The SQL of a pack's indicators, checked: what it must return, and how its rows become one value."""

from collections.abc import Iterator
from dataclasses import dataclass

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
