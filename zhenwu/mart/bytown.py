"""A statement about one township made one about many: every table has a column `town`, and nothing of one meets another's.

Each SELECT begins from the list of townships and joins its tables by township; groups, windows and set operations are by
township; a subquery in an expression looks at the township of the row it is asked for. So the result is, township by
township, what the statement says of each alone (tests compare them).
"""

from collections.abc import Collection
from itertools import count

from sqlglot import exp

TOWNS = "town_list"  # one column: town
SAME_FOR_ALL = frozenset(
    {"calendar", "period", "number", "parameter", "workdays"}
)  # townships that differ are asked apart


def by_town(tree: exp.Query, shared: Collection[str]) -> exp.Query:
    """The same statement with a further last column `town`. `shared` are tables that are the same for every township."""
    return _ByTown(shared).query(tree.copy(), None)


class _ByTown:
    def __init__(self, shared: Collection[str]) -> None:
        self._shared = shared
        self._names = count()

    def query(self, tree: exp.Query, inside: str | None) -> exp.Query:
        """`inside`: None for rows with a town; else the SQL of the township that a subquery is asked for."""
        if isinstance(tree, exp.Subquery):
            inner = tree.this
            inner.replace(self.query(inner, inside))
            return tree
        self._with(tree)
        if isinstance(tree, exp.SetOperation):
            for side in (tree.left, tree.right):
                side.replace(self.query(side, inside))
            return tree
        assert isinstance(tree, exp.Select)
        return self._select(tree, inside)

    def _with(self, tree: exp.Query) -> None:
        for cte in tree.ctes:
            cte.this.replace(self.query(cte.this, None))
            _name_town(cte)

    def _select(self, tree: exp.Select, inside: str | None) -> exp.Select:
        alias = f"_t{next(self._names)}"
        town = self._join(tree, alias)
        own = _own_nodes(tree)
        named = tree.args.get("windows") or []
        for window in [node for node in own if isinstance(node, exp.Window)]:
            if window.args.get("alias") and window not in named:
                continue  # OVER w: its definition is divided by township
            window.set("partition_by", [_parsed(town), *(window.args.get("partition_by") or [])])
        for node in [node for node in own if isinstance(node, (exp.Select, exp.SetOperation))]:
            above = node.parent
            is_source = isinstance(above, exp.Subquery) and isinstance(above.parent, (exp.From, exp.Join))
            node.replace(self.query(node, None if is_source else town))
        self._stars(tree)
        if inside is not None:
            return tree.where(_parsed(f"{town} = {inside}"), copy=False)
        group = tree.args.get("group")
        plain_total = group is None and any(_is_total(one) for one in tree.selects)
        if group is not None and not group.args.get("all"):
            group.append("expressions", _parsed(town))
        tree.append("expressions", exp.alias_(_parsed(town), "town", quoted=True))  # last: GROUP BY 1 stays what it was
        if plain_total:
            return self._totals(tree, town, alias)
        return tree

    def _join(self, tree: exp.Select, alias: str) -> str:
        """FROM the list of townships, joined with what the statement reads; returns the SQL of the row's township."""
        town = f'"{alias}"."town"'
        start = tree.args.get("from_")
        joins = list(tree.args.get("joins") or [])
        if start is not None:
            joins.insert(0, exp.Join(this=start.this.pop(), kind="CROSS"))
        for join in joins:
            if not self._has_town(join.this):
                continue
            if join.args.get("using"):
                raise NotImplementedError("JOIN … USING")
            _name_town(join.this)
            same = _parsed(f'{_name(join.this)}."town" = {town}')
            on = join.args.get("on")
            join.set("on", exp.and_(on, same) if on is not None else same)
            if join.kind == "CROSS":
                join.set("kind", None)
            if join.side in ("FULL", "RIGHT"):
                town = f'coalesce({town}, {_name(join.this)}."town")'
        tree.set("from_", exp.From(this=exp.to_table(f"base.{TOWNS}").as_(alias, quoted=True)))
        tree.set("joins", joins)
        return town

    def _stars(self, tree: exp.Select) -> None:
        """`*` and `x.*` without the column `town`; it comes once, at the end."""
        for column in list(tree.selects):
            if isinstance(column, exp.Star):
                names = [_name(one) for one in _sources(tree)[1:]]
                stars = [
                    exp.Column(this=exp.Star(), table=exp.to_identifier(name[1:-1], quoted=True)) for name in names
                ]
                at = tree.selects.index(column)
                tree.set("expressions", [*tree.selects[:at], *stars, *tree.selects[at + 1 :]])
        with_town = {_name(one) for one in _sources(tree) if self._has_town(one)}
        for column in tree.selects:
            if (
                isinstance(column, exp.Column)
                and isinstance(column.this, exp.Star)
                and f'"{column.table}"' in with_town
            ):
                column.this.set("except_", [exp.to_identifier("town")])

    def _has_town(self, source: exp.Expr) -> bool:
        if isinstance(source, exp.Table) and source.db == "base":
            return source.name not in self._shared
        return not isinstance(source, exp.Values) and not isinstance(source.this, exp.Values)

    def _totals(self, tree: exp.Select, town: str, alias: str) -> exp.Select:
        """An aggregate without groups has one row for every township, also for one without rows."""
        names = [one.alias_or_name for one in tree.selects[:-1]]
        tree.group_by(_parsed(town), copy=False)
        counted = {
            one.alias_or_name for one in tree.selects[:-1] if isinstance(one.unalias(), (exp.Count, exp.CountIf))
        }
        every, found = f"_t{next(self._names)}", f"_t{next(self._names)}"
        columns = [
            exp.alias_(
                _parsed(f'coalesce("{found}"."{name}", 0)' if name in counted else f'"{found}"."{name}"'),
                name,
                quoted=True,
            )
            for name in names
        ]
        ctes = tree.args.pop("with_", None)
        outer = exp.select(*columns, exp.alias_(_parsed(f'"{every}"."town"'), "town", quoted=True))
        outer = outer.from_(exp.to_table(f"base.{TOWNS}").as_(every, quoted=True)).join(
            exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier(found, quoted=True))),
            on=_parsed(f'"{found}"."town" = "{every}"."town"'), join_type="left",
        )  # fmt: skip
        if ctes is not None:
            outer.set("with_", ctes)
        return outer


def _own_nodes(tree: exp.Select) -> list[exp.Expr]:
    """The nodes of this SELECT; of a query in it only its top node, and nothing of its WITH."""
    found: list[exp.Expr] = []

    def visit(node: exp.Expr) -> None:
        for child in node.iter_expressions():
            if isinstance(child, exp.With):
                continue
            found.append(child)
            if not isinstance(child, (exp.Select, exp.SetOperation)):
                visit(child)

    visit(tree)
    return found


def _sources(tree: exp.Select) -> list[exp.Expr]:
    start = tree.args.get("from_")
    return ([start.this] if start is not None else []) + [join.this for join in tree.args.get("joins") or []]


def _is_total(column: exp.Expr) -> bool:
    """Whether the column is an aggregate over all rows (one in a subquery or a window is not)."""

    def visit(node: exp.Expr) -> bool:
        if isinstance(node, exp.AggFunc):
            return True
        if isinstance(node, (exp.Query, exp.Window)):
            return False
        return any(visit(child) for child in node.iter_expressions())

    return visit(column)


def _name_town(source: exp.Expr) -> None:
    """Where the columns of a query are named (`AS x(a, b)`), its last one too: Spark wants them all."""
    alias = source.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.args.get("columns"):
        alias.append("columns", exp.to_identifier("town", quoted=True))


def _name(source: exp.Expr) -> str:
    return f'"{source.alias_or_name}"'


def _parsed(sql: str) -> exp.Expr:
    return exp.maybe_parse(sql, dialect="duckdb")
