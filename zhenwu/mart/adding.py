"""Which ledgers a statement adds up over: its rows of some rows of the ledger and of the others are its rows of them all.

Of such a statement only what was written since the last copy has to be asked anew (store.Mart.query_parts).
"""

from collections.abc import Collection

from sqlglot import exp

_JOINS = frozenset({"", "INNER", "CROSS", "OUTER", "SEMI", "ANTI"})
_PLAIN = frozenset({"expressions", "from", "from_", "joins", "where", "with", "with_", "order"})  # parts of a SELECT


def adds_up_over(tree: exp.Query, tables: Collection[str]) -> frozenset[str]:
    """Those of the tables that stand once in the statement, where each of their rows counts for itself. In doubt none."""
    if tree.find(exp.Lateral):
        return frozenset()
    return frozenset(name for name in tables if _counts_by_row(tree, name))


def _counts_by_row(tree: exp.Query, name: str) -> bool:
    """Follows a table, a WITH or a subquery outwards to the whole statement."""
    found = [table for table in tree.find_all(exp.Table) if table.name.lower() == name]
    if len(found) != 1 or sum(cte.alias.lower() == name for cte in tree.find_all(exp.CTE)) > 1:
        return False
    source: exp.Expr = found[0]
    while True:
        select = _select_of(source)
        if select is None:
            return False
        whole: exp.Expr = select
        while isinstance(whole.parent, exp.Union) and not whole.parent.args.get("distinct"):
            whole = whole.parent
            if not _is_bare(whole):
                return False
        if whole is tree:
            return True
        if isinstance(whole.parent, exp.Subquery):
            source = whole.parent
        elif isinstance(whole.parent, exp.CTE):
            return _counts_by_row(tree, whole.parent.alias.lower())
        else:
            return False


def _is_bare(union: exp.Expr) -> bool:
    return not any(union.args.get(part) for part in ("limit", "offset", "order", "by_name", "with", "with_"))


def _select_of(source: exp.Expr) -> exp.Select | None:
    """The SELECT that takes its rows from the source one by one; None for one that looks at several, or at those without one."""
    join = source.parent if isinstance(source.parent, exp.Join) else None
    if join is None and not isinstance(source.parent, exp.From):
        return None
    if join is not None and (join.side or join.kind not in ("", "INNER", "CROSS")):
        return None
    select = source.parent.parent if source.parent else None
    if not isinstance(select, exp.Select) or {part for part, said in select.args.items() if said} - _PLAIN:
        return None
    for one in select.args.get("joins") or ():
        if one.side not in ("", "LEFT") or one.kind not in _JOINS or one.args.get("method"):
            return None
    several = (exp.AggFunc, exp.Window)
    return None if any(one.parent_select is select for one in select.find_all(*several)) else select
