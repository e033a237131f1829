"""The statements of packs for Spark: what sqlglot does not translate, and the host functions written out.

The tables `base."x"` become views `base_x`; parameters become their values, for Spark has none inside of views.
"""

# ruff: noqa: S608  statements from checked trees, values of parameters

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.generators.spark import SparkGenerator

from zhenwu.mart.reference import FIRST_YEAR

VIEW = "base_"


class _Nested(SparkGenerator):
    EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[exp.Expr]]] = set()  # Spark has them; moved up, names would meet


Rows = Iterable[Mapping[str, Any]]


def parsed(sql: str) -> exp.Query:
    """A statement that was generated from a checked tree."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    return tree


def to_spark(tree: exp.Query, values: Mapping[str, Any], parameters: Rows) -> str:
    """Spark's SQL. `parameters` are rows of the mart table `parameter`."""
    known = [one for one in parameters if one["rank"] is not None]
    for node in reversed(list(tree.walk())):  # children before parents
        if (made := _for_spark(node, values, known)) is not node:
            node.replace(made)
    return _Nested(dialect="spark", identify=True, comments=False).generate(tree)


def _for_spark(node: exp.Expr, values: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> exp.Expr:
    match node:
        case exp.Placeholder():
            return _literal(values[node.name.removeprefix("p_")])
        case exp.Table() if node.db == "base":
            return exp.to_table(VIEW + node.name).as_(node.alias or node.name, quoted=True)
        case exp.CTE():
            node.set("materialized", None)
        case exp.ToDays():
            return _call("make_dt_interval", node.this)
        case exp.DayOfWeekIso():
            return _sql("weekday({0}) + 1", node.this)
        case exp.StrPosition():
            return _call("instr", node.this, node.args["substr"])
        case exp.GroupConcat() if node.find(exp.Distinct):
            return _listed_once(node)
        case exp.Anonymous():
            return _function(node, parameters)
    return node


def _listed_once(node: exp.GroupConcat) -> exp.Expr:
    """string_agg(DISTINCT x, '、' ORDER BY x): beside another DISTINCT Spark's own listagg breaks off."""
    distinct = node.find(exp.Distinct)
    assert distinct is not None
    separator = node.args.get("separator") or exp.Literal.string(",")
    return _sql("array_join(array_sort(collect_set({0})), {1})", distinct.expressions[0], separator)


def _function(node: exp.Anonymous, parameters: list[Mapping[str, Any]]) -> exp.Expr:
    said = node.expressions
    match node.name.lower():
        case "zw_param":
            return _parameter(said[0].name, said[1], parameters)
        case "zw_div":
            return _sql("({0} DIV nullif({1}, 0))", *said)
        case "zw_add_months":
            return _sql("add_months(CAST({0} AS DATE), {1})", *said)
        case "zw_age":
            return _sql(
                "CAST(year({1}) - year({0}) AS BIGINT) - "
                "CASE WHEN date_format({1}, 'MMdd') < date_format({0}, 'MMdd') THEN 1 ELSE 0 END",
                *said,
            )
        case "zw_wd_diff":
            return _sql(f"{_nth('{1}')} - {_nth('{0}')}", *said)
        case "zw_wd_add":
            rest = f"CASE WHEN {{1}} < 0 AND {_nth('{0}')} = {_nth('date_sub({0}, 1)')} THEN 1 ELSE 0 END"
            at = f"nullif(greatest(0, {_nth('{0}')} + {{1}} + {rest}), 0)"
            days = f"(SELECT days FROM {VIEW}workdays)"
            return _sql(
                f"CASE WHEN {{1}} = 0 THEN CAST({{0}} AS DATE) ELSE try_element_at({days}, CAST({at} AS INT)) END",
                *said,
            )
        case "to_months":
            return _call("make_ym_interval", exp.Literal.number(0), said[0])
        case "to_years":
            return _call("make_ym_interval", said[0])
        case "to_weeks":
            return _sql("make_dt_interval(7 * {0})", said[0])
        case "dayofweek":
            return _sql("(dayofweek({0}) - 1)", said[0])
        case "date_part":
            return _part(said[0].name.lower(), said[1])
        case "md5_number_lower":
            halves = ", ".join(f"substr(md5({{0}}), {at}, 2)" for at in range(31, 15, -2))
            return _sql(f"CAST(conv(concat({halves}), 16, 10) AS DECIMAL(20,0))", *said)
    return node


def _parameter(code: str, day: exp.Expr, parameters: list[Mapping[str, Any]]) -> exp.Expr:
    """The values in force on a day, the most local first. A number out of a scalar subquery would have to be correlated by
    inequality, which Spark refuses."""
    known = sorted((one for one in parameters if one["code"] == code), key=lambda one: -one["rank"])
    cases = []
    for one in known:
        if one["num"] is None:
            continue
        until = f" AND CAST({{0}} AS DATE) < DATE '{one['valid_to']}'" if one["valid_to"] else ""
        cases.append(
            f"WHEN CAST({{0}} AS DATE) >= DATE '{one['valid_from']}'{until} THEN CAST({one['num']} AS DECIMAL(18,4))"
        )
    if not cases:
        return exp.cast(exp.null(), "DECIMAL(18,4)")
    return _sql(f"CASE {' '.join(cases)} END", day)


def _nth(day: str) -> str:
    """The running number of the working day; NULL outside of the calendar."""
    at = f"datediff(CAST({day} AS DATE), DATE '{FIRST_YEAR}-01-01') + 1"
    inside = f"CASE WHEN CAST({day} AS DATE) >= DATE '{FIRST_YEAR}-01-01' THEN {at} END"
    return f"try_element_at((SELECT nths FROM {VIEW}workdays), {inside})"


_PARTS = {"isodow": "weekday({0}) + 1", "dow": "dayofweek({0}) - 1", "dayofweek": "dayofweek({0}) - 1"}


def _part(name: str, of: exp.Expr) -> exp.Expr:
    return _sql(_PARTS[name], of) if name in _PARTS else _sql(f"CAST(date_part('{name}', {{0}}) AS BIGINT)", of)


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    return exp.null() if value is None else exp.convert(value)


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[one.copy() for one in arguments])


def _sql(shape: str, *arguments: exp.Expr) -> exp.Expr:
    """Spark's SQL with the arguments in the places {0}, {1}."""
    shown = shape
    for at in range(len(arguments)):
        shown = shown.replace(f"{{{at}}}", f"arg_{at}")
    tree = sqlglot.parse_one(shown, dialect="spark")
    for column in list(tree.find_all(exp.Column)):
        if column.name.startswith("arg_"):
            column.replace(exp.paren(arguments[int(column.name[4:])].copy()))
    return exp.paren(tree) if not isinstance(tree, exp.Paren) else tree
