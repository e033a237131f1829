"""Reads one SQL statement of a pack: DuckDB dialect, SELECT only, known tables, listed functions.

What is executed later is generated from the tree that was checked here, never from the author's text, so that a
difference between two parsers cannot open a door. Columns and types are checked by binding (see binder.py).
"""

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.functions import ADD_MONTHS, ALLOWED, ALLOWED_NAMES, ALLOWED_TYPES, HOST, REFUSED, WHOLE_DIVISION

PARAMETERS = {"as_of": "DATE", "year": "INTEGER", "from": "DATE", "to": "DATE", "place": "VARCHAR"}

# A colon parameter outside of strings, quoted names, comments and casts (`from` is a keyword, so each gets a prefix).
_COLON = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|:([a-z_]+)", re.S)


@dataclass(frozen=True)
class Statement:
    """A statement that passed: its tree (parameters typed, host functions renamed), and what it reads."""

    tree: exp.Query
    tables: frozenset[str]
    params: frozenset[str]
    names: frozenset[str]  # every column name met; "*" when all columns of something are selected

    def sql(self) -> str:
        return self.tree.sql("duckdb", identify=True, comments=False)


def read(sql: str, tables: Collection[str], where: str, *, parameter_codes: Collection[str] | None = None) -> Statement:
    """Parse and check. Raises SqlBroken with every problem found. Without `parameter_codes` any code passes in param()."""
    tree = _parse(sql, where)
    problems = list(_problems(tree, tables, where, parameter_codes))
    if problems:
        raise SqlBroken(problems)
    used = _tables_read(tree)
    params = {node.name.removeprefix("p_") for node in tree.find_all(exp.Placeholder)}
    names = {node.name.lower() for node in tree.find_all(exp.Column)}
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        names.add("*")
    for node in reversed(list(tree.walk())):  # children before parents
        if (engine := _for_engine(node)) is not node:
            node.replace(engine)
    return Statement(tree, frozenset(used), frozenset(params), frozenset(names))


@dataclass(frozen=True)
class Written:
    """A statement as its author wrote it, laid out for people; `names` are its parameters without the colon, `parameters` the codes
    that it asks for (and, where it reads the table of parameters, every other word in quotes)."""

    sql: str
    tree: exp.Query
    tables: frozenset[str]
    names: frozenset[str]
    parameters: frozenset[str]


def written(sql: str, where: str) -> Written:
    """Of a statement that was read before; nothing of it is ever run. Raises SqlBroken."""
    tree = _parse(sql, where)
    names = {node.name.removeprefix("p_") for node in tree.find_all(exp.Placeholder)}
    tables = _tables_read(tree)
    asked = {
        node.expressions[0].name
        for node in tree.find_all(exp.Anonymous)
        if node.name.lower() == "param" and node.expressions
    }
    if "parameter" in tables:  # read as a table, by codes in quotes
        asked |= {node.name for node in tree.find_all(exp.Literal) if node.is_string}
    text = tree.sql("duckdb", pretty=True, normalize_functions="lower").replace("$p_", ":")
    return Written(text, tree, frozenset(tables), frozenset(names), frozenset(asked))


def read_expression(sql: str, tables: Collection[str], where: str) -> Statement:
    """An expression over the row `r` (a computed field), checked like a statement that selects it."""
    return read(f"SELECT ({sql}) AS value", tables, where)


def _parse(sql: str, where: str) -> exp.Query:
    text = _COLON.sub(lambda hit: f":p_{hit[1]}" if hit[1] else hit[0], sql)
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect="duckdb") if tree is not None]
    except SqlglotError as error:
        cause = re.sub(r"\x1b\[\d+m", "", str(error)).strip().replace(":p_", ":")
        raise SqlBroken([SqlProblem(where, f"the SQL cannot be read: {cause}", "Mend the SQL.")]) from None
    if len(trees) != 1 or not isinstance(trees[0], (exp.Select, exp.SetOperation, exp.Subquery)):
        raise SqlBroken(
            [SqlProblem(where, "is not one SELECT statement.", "Write one SELECT (WITH and UNION are fine).")]
        )
    return trees[0]


def _problems(
    tree: exp.Query, tables: Collection[str], where: str, parameter_codes: Collection[str] | None
) -> Iterator[SqlProblem]:
    named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for name in sorted(named & set(tables)):
        yield SqlProblem(where, f"WITH {name} hides the table {name}.", "Give it another name.")
    for node in tree.walk():
        if isinstance(node, (exp.DML, exp.DDL, exp.Command, exp.Copy)) and not isinstance(node, exp.Query):
            yield SqlProblem(where, f"{node.key.upper()} is not allowed.", "Only SELECT is allowed.")
        elif refused := REFUSED.get(type(node)):
            yield SqlProblem(where, f"{_shown(node)} {refused[0]}", refused[1])
        elif isinstance(node, exp.Table):
            yield from _table(node, named, tables, where)
        elif isinstance(node, exp.With) and node.recursive:
            yield SqlProblem(where, "WITH RECURSIVE is not allowed.", "Use `number`, `calendar` or `div_now`.")
        elif isinstance(node, exp.Placeholder):
            yield from _placeholder(node, where)
        elif isinstance(node, (exp.Cast, exp.TryCast)):
            yield from _cast(node, where)
        elif isinstance(node, exp.Func):
            yield from _function(node, where, parameter_codes)


def _table(node: exp.Table, named: Collection[str], tables: Collection[str], where: str) -> Iterator[SqlProblem]:
    if not isinstance(node.this, exp.Identifier):
        yield SqlProblem(
            where, f"{_shown(node)} is a table function.", "Only declared tables may be read; `number` counts."
        )
    elif node.args.get("db") or node.args.get("catalog"):
        yield SqlProblem(where, f"{_shown(node)} names a schema.", "Write the table's name alone.")
    elif (name := node.name.lower()) not in named and name not in tables:
        near = difflib.get_close_matches(name, tables, 3)
        hint = f"Perhaps: {', '.join(near)}." if near else "Check the spelling, or declare the ledger first."
        yield SqlProblem(where, f"there is no table {node.name}.", hint)


def _placeholder(node: exp.Placeholder, where: str) -> Iterator[SqlProblem]:
    name = node.name
    if not name.startswith("p_") or name[2:] not in PARAMETERS:
        shown = name.removeprefix("p_") or "?"
        yield SqlProblem(
            where, f"parameter {shown} is not known.", "Known: " + ", ".join(f":{p}" for p in PARAMETERS) + "."
        )


def _cast(node: exp.Expr, where: str) -> Iterator[SqlProblem]:
    kind = node.args["to"]
    if not isinstance(kind, exp.DataType) or kind.this.name not in ALLOWED_TYPES:
        yield SqlProblem(where, f"casts to {_shown(kind)}.", f"Allowed types: {', '.join(sorted(ALLOWED_TYPES))}.")


def _function(node: exp.Func, where: str, parameter_codes: Collection[str] | None) -> Iterator[SqlProblem]:
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if name == "param":
            yield from _param(node, where, parameter_codes)
        elif name not in HOST and name not in ALLOWED_NAMES:
            yield SqlProblem(where, f"function {name} is not allowed.", "The list is in zhenwu/mart/functions.py.")
    elif not isinstance(node, (*ALLOWED, exp.Anonymous)):
        yield SqlProblem(where, f"function {_shown(node)} is not allowed.", "The list is in zhenwu/mart/functions.py.")


def _param(node: exp.Anonymous, where: str, parameter_codes: Collection[str] | None) -> Iterator[SqlProblem]:
    arguments = node.expressions
    if len(arguments) != 2 or not (isinstance(arguments[0], exp.Literal) and arguments[0].is_string):
        yield SqlProblem(where, f"{_shown(node)}: param takes a code in quotes and a day.", "param('code', :as_of).")
    elif parameter_codes is not None and arguments[0].name not in parameter_codes:
        near = difflib.get_close_matches(arguments[0].name, parameter_codes, 3)
        hint = f"Perhaps: {', '.join(near)}." if near else "Declare it in packs/parameters.toml."
        yield SqlProblem(where, f"there is no parameter {arguments[0].name}.", hint)


def _tables_read(tree: exp.Query) -> set[str]:
    named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    return {node.name.lower() for node in tree.find_all(exp.Table)} - named


def _for_engine(node: exp.Expr) -> exp.Expr:
    """Host functions become the engine's macros, parameters get their types. Any value is the least one: the same each time, on
    every engine, so that the digest of a figure holds."""
    if isinstance(node, exp.Placeholder):
        return exp.cast(node.copy(), PARAMETERS[node.name.removeprefix("p_")])
    if isinstance(node, exp.Anonymous) and (host := HOST.get(node.name.lower())):
        return exp.Anonymous(this=host, expressions=node.expressions)
    if isinstance(node, exp.IgnoreNulls) and isinstance(
        node.this, exp.Min
    ):  # the parser says so of any value; min() does it anyway
        return node.this
    if isinstance(node, exp.AnyValue) and not isinstance(node.this, (exp.Order, exp.HavingMax)):
        return exp.Min(this=node.this)
    if isinstance(node, exp.IntDiv):
        return exp.Anonymous(this=WHOLE_DIVISION, expressions=[node.this, node.expression])
    if isinstance(node, exp.AddMonths):
        return exp.Anonymous(this=ADD_MONTHS, expressions=[node.this, node.expression])
    return node


def _shown(node: exp.Expr) -> str:
    text = node.sql("duckdb").replace("$p_", ":")
    return text if len(text) <= 60 else text[:57] + "…"
