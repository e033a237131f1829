"""Formulas of computed fields: a few operations over the row's own fields, read with Python's grammar and never run as Python.

`fund_arrived - coalesce(spent, 0)`, `days(due_on, found_on)`, `area * 500 if kind == "水田" else None`. Numbers are Decimal,
an unknown value makes the result unknown (except in coalesce and in the branch not taken), dividing by 0 is unknown. Of the
lines of a child table there are `sum(measures.cost)`, `count(measures)`, `min` and `max`: over what the lines say. One
evaluator serves pages, exports and the mart, so that a figure never depends on where it was worked out.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from typing import Any, Final, Literal

Kind = Literal["number", "date", "text", "bool"]
Values = Mapping[str, Any]
_Run = Callable[[Values], Any]
_LONGEST, _NODES = 500, 200
_CONTEXT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_FUNCTIONS: Final = (
    "coalesce(a, b, …), days(later, earlier), min(a, b, …), max(a, b, …), abs(a), round(a, places); of a child table "
    "sum(table.column), count(table), count(table.column), min(table.column), max(table.column)"
)
_OF_LINES: Final = ("sum", "count", "min", "max")


class FormulaError(ValueError):
    """The formula cannot be read. Says what and what is possible; the reader of packs says where."""


@dataclass(frozen=True)
class Formula:
    kind: Kind
    names: frozenset[str]
    lines: frozenset[tuple[str, str]]  # (child table, column) of what it takes of lines; column "" of `count(table)`
    _run: _Run

    def value(self, values: Values, places: int = 4) -> Any:
        """The result; numbers rounded half up to `places`, None when unknown or too great to be kept."""
        with localcontext(_CONTEXT):
            found = self._run(values)
            if self.kind != "number" or found is None:
                return found
            try:
                rounded = found.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
            except InvalidOperation:
                return None
        return rounded if abs(rounded) < Decimal(10) ** (18 - places) else None


def read_formula(
    text: str, kinds: Mapping[str, Kind], tables: Mapping[str, Mapping[str, Kind]] | None = None
) -> Formula:
    """`kinds`: what each field of the row is; `tables`: the same of the columns of its child tables. Raises FormulaError."""
    if len(text) > _LONGEST:
        raise FormulaError(f"is longer than {_LONGEST} characters. Split it into two computed fields.")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise FormulaError("cannot be read. Write for example: fund_arrived - coalesce(spent, 0).") from None
    if sum(1 for _ in ast.walk(tree)) > _NODES:
        raise FormulaError("has too many parts. Split it into two computed fields.")
    names = frozenset(one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id in kinds)
    reader = _Reader(kinds, tables or {})
    kind, run = reader.read(tree.body)
    if kind is None:
        raise FormulaError("is always unknown.")
    return Formula(kind, names, frozenset(reader.lines), run)


class _Reader:
    """Turns a tree into a kind and a function of the row's values. A kind of None is that of a bare None."""

    def __init__(self, kinds: Mapping[str, Kind], tables: Mapping[str, Mapping[str, Kind]]) -> None:
        self._kinds, self._tables = kinds, tables
        self.lines: set[tuple[str, str]] = set()

    def read(self, node: ast.expr) -> tuple[Kind | None, _Run]:
        how = getattr(self, f"_{type(node).__name__.lower()}", None)
        if how is None:
            raise FormulaError(f"uses {ast.unparse(node)!r}, which is not possible. There are + - * /, comparisons, "
                               f"and or not, “a if b else c”, and {_FUNCTIONS}.")  # fmt: skip
        found: tuple[Kind | None, _Run] = how(node)
        return found

    def _need(self, node: ast.expr, kind: Kind) -> _Run:
        found, run = self.read(node)
        if found not in (kind, None):
            raise FormulaError(f"takes {ast.unparse(node)!r} for a {kind}, but it is a {found}.")
        return run

    def _constant(self, node: ast.Constant) -> tuple[Kind | None, _Run]:
        value = node.value
        if value is None:
            return None, lambda _: None
        if isinstance(value, bool):
            return "bool", lambda _: value
        if isinstance(value, (int, float)):
            number = Decimal(repr(value))
            if not number.is_finite():
                raise FormulaError(f"holds the number {value!r}.")
            return "number", lambda _: number
        if isinstance(value, str):
            return "text", lambda _: value
        raise FormulaError(f"holds {value!r}. Values are numbers, texts, True, False and None.")

    def _name(self, node: ast.Name) -> tuple[Kind | None, _Run]:
        if node.id not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            raise FormulaError(f"names {node.id}, which it cannot use. It can use: {known}.")
        kind, name = self._kinds[node.id], node.id
        if kind == "number":
            return kind, lambda values: None if (value := values.get(name)) is None else Decimal(value)
        return kind, lambda values: values.get(name)

    def _binop(self, node: ast.BinOp) -> tuple[Kind | None, _Run]:
        how = _ARITHMETIC.get(type(node.op))
        if how is None:
            raise FormulaError(f"uses an operation in {ast.unparse(node)!r} that is not possible. There are + - * /.")
        left, right = self.read(node.left), self.read(node.right)
        if isinstance(node.op, ast.Sub) and left[0] == right[0] == "date":
            return "number", _both(left[1], right[1], _days)
        a, b = self._need(node.left, "number"), self._need(node.right, "number")
        if isinstance(node.op, ast.Div):
            return "number", _both(a, b, lambda one, other: None if not other else one / other)
        return "number", _both(a, b, how)

    def _unaryop(self, node: ast.UnaryOp) -> tuple[Kind | None, _Run]:
        if isinstance(node.op, ast.USub):
            run = self._need(node.operand, "number")
            return "number", _one(run, operator.neg)
        if isinstance(node.op, ast.Not):
            run = self._need(node.operand, "bool")
            return "bool", _one(run, operator.not_)
        raise FormulaError(f"uses {ast.unparse(node)!r}, which is not possible.")

    def _compare(self, node: ast.Compare) -> tuple[Kind | None, _Run]:
        if len(node.ops) != 1 or (how := _COMPARE.get(type(node.ops[0]))) is None:
            raise FormulaError(f"compares in {ast.unparse(node)!r} in a way that is not possible. Join two with “and”.")
        left, right = self.read(node.left), self.read(node.comparators[0])
        if left[0] != right[0]:
            raise FormulaError(f"compares a {left[0]} with a {right[0]} in {ast.unparse(node)!r}.")
        if left[0] in ("text", "bool", None) and not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            raise FormulaError(f"can only ask whether {left[0]}s are equal, in {ast.unparse(node)!r}.")
        return "bool", _both(left[1], right[1], how)

    def _boolop(self, node: ast.BoolOp) -> tuple[Kind | None, _Run]:
        runs = [self._need(one, "bool") for one in node.values]
        decides = isinstance(node.op, ast.Or)  # one True decides an “or”, one False an “and”

        def run(values: Values) -> Any:
            found = [one(values) for one in runs]
            return decides if decides in found else None if None in found else not decides

        return "bool", run

    def _ifexp(self, node: ast.IfExp) -> tuple[Kind | None, _Run]:
        test, (kind, then), (other, otherwise) = (
            self._need(node.test, "bool"),
            self.read(node.body),
            self.read(node.orelse),
        )
        return self._same(node, [kind, other]), lambda values: then(values) if test(values) else otherwise(values)

    def _call(self, node: ast.Call) -> tuple[Kind | None, _Run]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        arguments = node.args
        if node.keywords or any(isinstance(one, ast.Starred) for one in arguments) or not arguments:
            raise FormulaError(f"cannot read {ast.unparse(node)!r}. There are {_FUNCTIONS}.")
        if name == "days" and len(arguments) == 2:
            return "number", _both(self._need(arguments[0], "date"), self._need(arguments[1], "date"), _days)
        if name == "abs" and len(arguments) == 1:
            return "number", _one(self._need(arguments[0], "number"), abs)
        if name == "round" and len(arguments) == 2:
            quantum = Decimal(1).scaleb(-_places(arguments[1]))
            return "number", _one(self._need(arguments[0], "number"), lambda one: one.quantize(quantum, ROUND_HALF_UP))
        if name in _OF_LINES and len(arguments) == 1 and (path := self._path(arguments[0])):
            return self._of_lines(name, *path)
        read = [self.read(one) for one in arguments]
        runs = [run for _, run in read]
        if name == "coalesce":
            kind = self._same(node, [one for one, _ in read])
            return kind, lambda values: next((found for run in runs if (found := run(values)) is not None), None)
        if name in ("min", "max") and len(arguments) > 1:
            kind = self._same(node, [one for one, _ in read])
            if kind not in ("number", "date"):
                raise FormulaError(f"takes {name} of a {kind}. It is for numbers and dates.")
            best = min if name == "min" else max

            def run(values: Values) -> Any:
                found = [one(values) for one in runs]
                return None if None in found else best(found)

            return kind, run
        raise FormulaError(f"cannot read {ast.unparse(node)!r}. There are {_FUNCTIONS}.")

    def _path(self, node: ast.expr) -> tuple[str, str] | None:
        """(child table, column or "") that this names."""
        if isinstance(node, ast.Name) and node.id in self._tables:
            return node.id, ""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self._tables:
            return node.value.id, node.attr
        return None

    def _of_lines(self, name: str, table: str, column: str) -> tuple[Kind | None, _Run]:
        """Of the lines that say something, as SQL has it: of none of them sum, min and max are unknown, and count is 0."""
        self.lines.add((table, column))
        if name == "count" and not column:
            return "number", lambda values: Decimal(len(values.get(table) or ()))
        kind = self._tables[table].get(column)
        if kind is None:
            known = ", ".join(f"{table}.{one}" for one in sorted(self._tables[table]))
            raise FormulaError(f"takes {name} of {f'{table}.{column}' if column else table}, which it cannot use. "
                               f"It can use: {known}.")  # fmt: skip
        if name == "sum" and kind != "number":
            raise FormulaError(f"takes sum of {table}.{column}, a {kind}. It is for numbers.")
        if name in ("min", "max") and kind not in ("number", "date"):
            raise FormulaError(f"takes {name} of {table}.{column}, a {kind}. It is for numbers and dates.")

        def said(values: Values) -> list[Any]:
            found = [one for line in values.get(table) or () if (one := line.get(column)) is not None]
            return [Decimal(one) for one in found] if kind == "number" else found

        if name == "count":
            return "number", lambda values: Decimal(len(said(values)))
        how: Callable[[list[Any]], Any] = sum if name == "sum" else min if name == "min" else max
        return kind, lambda values: how(found) if (found := said(values)) else None

    def _attribute(self, node: ast.Attribute) -> tuple[Kind | None, _Run]:
        said = ast.unparse(node)
        if self._path(node):
            raise FormulaError(f"names {said} alone, but a row has many lines. Write for example sum({said}).")
        raise FormulaError(f"names {said}, which is no column of a child table of this ledger.")

    def _same(self, node: ast.expr, kinds: list[Kind | None]) -> Kind | None:
        known = {kind for kind in kinds if kind is not None}
        if len(known) > 1:
            raise FormulaError(f"mixes {' and '.join(sorted(known))} in {ast.unparse(node)!r}.")
        return next(iter(known), None)


def _both(left: _Run, right: _Run, how: Callable[[Any, Any], Any]) -> _Run:
    def run(values: Values) -> Any:
        a, b = left(values), right(values)
        return None if a is None or b is None else how(a, b)

    return run


def _one(inner: _Run, how: Callable[[Any], Any]) -> _Run:
    def run(values: Values) -> Any:
        value = inner(values)
        return None if value is None else how(value)

    return run


def _days(later: date, earlier: date) -> Decimal:
    return Decimal((later - earlier).days)


def _places(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and 0 <= node.value <= 6:
        return node.value
    raise FormulaError("rounds to something else than 0 to 6 places.")
