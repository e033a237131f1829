"""From a pack's SQL to what the engine runs: every table the statement names becomes a view of exactly the rows it may see."""

# ruff: noqa: S608  SQL is composed from checked trees and declared names only

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from zhenwu.mart.dialect import Statement, read, read_expression
from zhenwu.mart.schema import MartSchema, Table
from zhenwu.packs.spec import Counts, CoverageSpec, PackSpec

Rows = Literal["all", "counted"]


@dataclass(frozen=True)
class Prepared:
    """A statement ready to run. `ledgers` are those whose data it reads; `params` the names it needs."""

    where: str
    sql: str
    ledgers: frozenset[str]
    params: frozenset[str]

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass
class _Used:
    ledgers: set[str] = field(default_factory=set)
    params: set[str] = field(default_factory=set)


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
        statement = read(
            sql, {*self.schema.tables, *self._coverages}, where, parameter_codes=self.schema.parameter_codes
        )
        used = _Used(params=set(statement.params))
        text = self._with_views(statement, rows, counts, scoped, used)
        return Prepared(where, text, frozenset(used.ledgers), frozenset(used.params))

    def prepare_coverage(self, spec: CoverageSpec, *, scoped: bool = False) -> Prepared:
        """Columns of `expected`, then met (0/1) and row."""
        return self.prepare(f"SELECT * FROM {coverage_table(spec)}", f"coverage {spec.code}", scoped=scoped)

    def _with_views(
        self, statement: Statement, rows: Rows, counts: Counts | Literal["all"] | None, scoped: bool, used: _Used
    ) -> str:
        views = []
        for name in sorted(statement.tables):
            if spec := self._coverages.get(name):
                views.append(f'"{name}" AS ({self._coverage(spec, scoped, used)})')
            else:
                table = self.schema.tables[name]
                views.append(f'"{name}" AS NOT MATERIALIZED ({self._view(table, rows, counts, scoped, used)})')
        return f"WITH {', '.join(views)} SELECT * FROM ({statement.sql()}) AS said" if views else statement.sql()

    def _coverage(self, spec: CoverageSpec, scoped: bool, used: _Used) -> str:
        """A coverage looks at all rows, whatever the statement around it counts."""
        parts: dict[str, str] = {}
        columns: list[str] = []
        for part, sql in (("expected", spec.expected), ("actual", spec.actual)):
            where = f"{self.file}, coverage {spec.code}, {part}"
            statement = read(sql, self.schema.tables, where, parameter_codes=self.schema.parameter_codes)
            used.params |= statement.params
            columns = statement.tree.named_selects  # at the end: those of `actual`
            parts[part] = self._with_views(statement, "all", None, scoped, used)
        keys = ", ".join(f'"{column}"' for column in spec.subject)
        same = " AND ".join(f'e."{column}" = a."{column}"' for column in spec.subject)
        row = 'any_value("row")' if "row" in columns else "CAST(NULL AS VARCHAR)"
        return (
            f'SELECT e.*, CASE WHEN a.hit IS NULL THEN 0 ELSE 1 END AS met, a."row" FROM ({parts["expected"]}) AS e '
            f'LEFT JOIN (SELECT {keys}, {row} AS "row", 1 AS hit FROM ({parts["actual"]}) AS found GROUP BY {keys}) AS a ON {same}'
        )

    def _view(self, table: Table, rows: Rows, counts: Counts | Literal["all"] | None, scoped: bool, used: _Used) -> str:
        if table.kind == "shared":
            return _shared_view(table, used)
        used.ledgers.add(table.ledger)
        keep = _kept(self._counts_of(table.ledger, rows, counts), scoped)
        if scoped:
            used.params.add("scope")
        columns = ", ".join(f'r."{column}"' for column in table.columns)
        if table.kind == "ledger":
            columns += "".join(f', {self._computed(table, code, used)} AS "{code}"' for code in table.computed)
            return f'SELECT {columns} FROM base."{table.name}" AS r' + (f" WHERE {keep}" if keep else "")
        inside = f' WHERE r."row" IN (SELECT r.id FROM base."{table.ledger}" AS r WHERE {keep})' if keep else ""
        return f'SELECT {columns} FROM base."{table.name}" AS r{inside}'

    def _counts_of(self, ledger: str, rows: Rows, counts: Counts | Literal["all"] | None) -> Counts | None:
        if rows == "all":
            return None
        said = counts if ledger == self.pack.ledger.code and counts is not None else self.schema.counts[ledger]
        return None if said == "all" else said

    def _computed(self, table: Table, code: str, used: _Used) -> str:
        statement = read_expression(table.computed[code], (), f"{table.name}, computed field {code}")
        used.params |= statement.params
        return statement.tree.selects[0].this.sql("duckdb", identify=True)


def _kept(counts: Counts | None, scoped: bool) -> str:
    """The condition on a ledger's row `r`; empty when all rows are kept."""
    parts = ["r.division IN (SELECT unnest($p_scope))"] if scoped else []
    if counts is not None:
        if counts.review:
            parts.append(f"r.review IN ({_words(counts.review)})")
        if counts.state:
            parts.append(f"r.state IN ({_words(counts.state)})")
        if counts.state_not:
            parts.append(f"(r.state IS NULL OR r.state NOT IN ({_words(counts.state_not)}))")
    return " AND ".join(parts)


def _words(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)  # codes: letters, digits, _


def _shared_view(table: Table, used: _Used) -> str:
    as_of = "CAST($p_as_of AS DATE)"
    if table.name == "division":
        used.params.add("as_of")
        columns = ", ".join(f'r."{column}"' for column in table.columns)
        in_force = (
            f"((r.valid_from IS NULL OR r.valid_from <= {as_of}) AND (r.valid_to IS NULL OR r.valid_to > {as_of}))"
        )
        return f"SELECT {columns}, {in_force} AS in_force FROM base.division AS r"
    if table.name == "div_now":
        used.params.add("as_of")
        return f"SELECT r.division, r.now FROM base.div_now AS r WHERE r.as_of = {as_of}"
    if table.name == "period":
        used.params.add("year")
        year = "CAST($p_year AS INTEGER)"
        return f"SELECT * FROM base.period AS r WHERE r.yr BETWEEN {year} - 1 AND {year}"
    if table.name == "parameter":
        return "SELECT r.code, r.place, r.valid_from, r.valid_to, r.num, r.txt FROM base.parameter AS r"
    return f'SELECT * FROM base."{table.name}" AS r'
