"""From a pack's SQL to what the engine runs."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from zhenwu.mart.adding import adds_up_over
from zhenwu.mart.dialect import Statement, read
from zhenwu.mart.schema import MartSchema
from zhenwu.mart.views import Views
from zhenwu.packs.spec import Counts, CoverageSpec, PackSpec

Rows = Literal["all", "counted"]
Part = Literal["base", "old", "new"]  # of a ledger: see overlay.py


@dataclass(frozen=True)
class Prepared:
    """A statement ready to run. `ledgers` are those whose data it reads; `params` the names it needs; `names` the columns
    that its author wrote; `adds_up` the ledgers of whose rows each counts for itself."""

    where: str
    sql: str
    ledgers: frozenset[str]
    params: frozenset[str]
    names: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()  # tables of states that it reads
    adds_up: frozenset[str] = frozenset()

    @property
    def units(self) -> frozenset[str]:
        """What must be fresh before it runs."""
        return self.ledgers | self.states

    def over(self, ledger: str, part: Part) -> "Prepared":
        """The same over a part of one of the ledgers that it adds up over."""
        said = replace(self, sql=self.sql.replace(_base(ledger), _base(f"{ledger}:{part}")), adds_up=frozenset())
        return replace(said, where=f"{self.where} ({part})")

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def _base(table: str) -> str:
    return f'base."{table}" AS r'


def coverage_table(spec: CoverageSpec) -> str:
    return f"cov_{spec.code.lower().replace('-', '_')}"


class Preparer:
    """Prepares the statements of one pack: they see all ledgers, and this pack's coverages as tables."""

    def __init__(self, schema: MartSchema, pack: PackSpec, file: str = "") -> None:
        self.schema = schema
        self.pack = pack
        self.file = file or f"packs/{pack.ledger.line}/{pack.ledger.code}.toml"
        self._coverages = {coverage_table(one): one for one in pack.coverage}

    def prepare(
        self,
        sql: str,
        what: str,
        *,
        rows: Rows = "all",
        counts: Counts | Literal["all"] | None = None,
        scoped: bool = False,
    ) -> Prepared:
        """`counts` overrides the pack's own for its own ledger. `scoped` adds the list parameter `scope`: division ids
        whose rows may be seen. Raises SqlBroken."""
        where = f"{self.file}, {what}"
        statement = self._read(sql, where, coverages=True)
        views = Views(self.schema, self.pack.ledger.code, rows == "counted", counts, scoped)
        text = self._over_views(statement, views)
        params = frozenset(views.params | statement.params)
        return Prepared(
            where, text, frozenset(views.ledgers), params, frozenset(views.names), frozenset(views.states),
            self._adds_up(statement, text),
        )  # fmt: skip

    def _adds_up(self, statement: Statement, text: str) -> frozenset[str]:
        """Not over a ledger of which a coverage, a computed field or a table beside it is read as well."""
        known = [self.schema.tables[name] for name in statement.tables if name in self.schema.tables]
        beside = {table.ledger for table in known if table.kind not in ("ledger", "shared")}
        own = {table.name for table in known if table.kind == "ledger" and table.ledger not in beside}
        return adds_up_over(statement.tree, {one for one in own if text.count(f'base."{one}"') == 1})

    def prepare_coverage(self, spec: CoverageSpec, *, scoped: bool = False) -> Prepared:
        """Columns of `expected`, then met (0/1) and row."""
        return self.prepare(f"SELECT * FROM {coverage_table(spec)}", f"coverage {spec.code}", scoped=scoped)

    def _read(self, sql: str, where: str, *, coverages: bool) -> Statement:
        tables = {*self.schema.tables, *(self._coverages if coverages else ())}
        return read(sql, tables, where, parameter_codes=self.schema.parameter_codes)

    def _over_views(self, statement: Statement, views: Views) -> str:
        """NOT MATERIALIZED: a view is one big ledger of which the statement needs two columns."""
        parts = []
        views.names |= statement.names
        for name in sorted(statement.tables):
            if spec := self._coverages.get(name):
                parts.append(f'"{name}" AS ({self._coverage(spec, views.all_rows())})')
            else:
                view = views.of(self.schema.tables[name], statement.names)
                parts.append(f'"{name}" AS NOT MATERIALIZED ({view})')
        return f"WITH {', '.join(parts)} SELECT * FROM ({statement.sql()}) AS said" if parts else statement.sql()

    def _coverage(self, spec: CoverageSpec, views: Views) -> str:
        """`expected` with met and row. It looks at all rows, whatever the statement around it counts."""
        parts: dict[str, str] = {}
        returns_row = False
        for part, sql in (("expected", spec.expected), ("actual", spec.actual)):
            statement = self._read(sql, f"{self.file}, coverage {spec.code}, {part}", coverages=False)
            views.params |= statement.params
            parts[part] = self._over_views(statement, views)
            returns_row = part == "actual" and "row" in statement.tree.named_selects
        # qualified, or the engine would take a column that `actual` lacks from `expected` (a lateral join)
        keys = ", ".join(f'found."{column}"' for column in spec.subject)
        same = " AND ".join(f'e."{column}" = a."{column}"' for column in spec.subject)
        row = 'min(found."row")' if returns_row else "CAST(NULL AS VARCHAR)"
        found = f'SELECT {keys}, {row} AS "row", 1 AS hit FROM ({parts["actual"]}) AS found GROUP BY {keys}'
        return (
            f'SELECT e.*, CASE WHEN a.hit IS NULL THEN 0 ELSE 1 END AS met, a."row" '
            f"FROM ({parts['expected']}) AS e LEFT JOIN ({found}) AS a ON {same}"
        )
