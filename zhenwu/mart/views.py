"""What stands under each table name of a statement: a view of exactly the columns and rows it may see."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import sqlglot
from sqlglot import exp

from zhenwu.mart.dialect import read_expression
from zhenwu.mart.schema import MartSchema, Table
from zhenwu.packs.spec import Counts

_AS_OF = "CAST($p_as_of AS DATE)"
_IN_FORCE = f"((r.valid_from IS NULL OR r.valid_from <= {_AS_OF}) AND (r.valid_to IS NULL OR r.valid_to > {_AS_OF}))"
_YEAR = "CAST($p_year AS INTEGER)"


@dataclass
class Views:
    """Makes the views of one statement and keeps what they need. `counted`: only the rows that figures count."""

    schema: MartSchema
    own: str = ""  # the ledger whose pack speaks; `counts` is about its rows
    counted: bool = False
    counts: Counts | Literal["all"] | None = None
    scoped: bool = False
    ledgers: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)  # tables of states that are read
    params: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # of the columns that the authors wrote

    def all_rows(self) -> "Views":
        """The same, but of every row: what coverages look at. Shares what is kept."""
        return replace(self, counted=False, counts=None)

    def of(self, table: Table, mentioned: Iterable[str]) -> str:
        """`mentioned`: the column names of the statement; computed fields nobody mentions are left out."""
        if table.kind == "shared":
            return self._shared(table)
        self.ledgers.add(table.ledger)
        keep = self._condition(table.ledger) if table.kind != "states" else self._in_scope()
        columns = ", ".join(f'r."{column}"' for column in table.columns)
        if table.kind == "ledger":
            names = set(mentioned)
            wanted = [code for code in table.computed if code in names or "*" in names]
            columns += "".join(f', {self._computed(table, code)} AS "{code}"' for code in wanted)
            return f'SELECT {columns} FROM base."{table.name}" AS r' + (f" WHERE {keep}" if keep else "")
        if table.kind == "states":
            self.states.add(table.name)
        inside = f' WHERE r."row" IN (SELECT r.id FROM base."{table.ledger}" AS r WHERE {keep})' if keep else ""
        return f'SELECT {columns} FROM base."{table.name}" AS r{inside}'

    def _computed(self, table: Table, code: str) -> str:
        """The expression, its tables replaced by views without computed fields, so that no field waits for itself."""
        where = f"{table.name}, computed field {code}"
        statement = read_expression(table.computed[code], self.schema.tables, where)
        self.params |= statement.params
        self.names |= statement.names
        for node in list(statement.tree.find_all(exp.Table)):
            if node.name.lower() in statement.tables:
                view = sqlglot.parse_one(self.of(self.schema.tables[node.name.lower()], ()), dialect="duckdb")
                alias = exp.TableAlias(this=exp.to_identifier(node.alias_or_name))
                node.replace(exp.Subquery(this=view, alias=alias))
        return statement.tree.selects[0].this.sql("duckdb", identify=True)

    def _condition(self, ledger: str) -> str:
        """Which rows `r` are kept; empty for all."""
        parts = [self._in_scope()] if self.scoped else []
        own = self.counts if ledger == self.own and self.counts is not None else self.schema.counts.get(ledger)
        if self.counted and isinstance(own, Counts):
            if own.review:
                parts.append(f"r.review IN ({_words(own.review)})")
            if own.state:
                parts.append(f"r.state IN ({_words(own.state)})")
            if own.state_not:
                parts.append(f"(r.state IS NULL OR r.state NOT IN ({_words(own.state_not)}))")
        return " AND ".join(parts)

    def _in_scope(self) -> str:
        if not self.scoped:
            return ""
        self.params.add("scope")
        return "r.division IN (SELECT unnest($p_scope))"

    def _shared(self, table: Table) -> str:
        match table.name:
            case "division":
                self.params.add("as_of")
                return f"SELECT r.*, {_IN_FORCE} AS in_force FROM base.division AS r"
            case "div_now":
                self.params.add("as_of")
                return f"SELECT r.division, r.now FROM base.div_now AS r WHERE r.as_of = {_AS_OF}"
            case "period":
                self.params.add("year")
                return f"SELECT r.* FROM base.period AS r WHERE r.yr BETWEEN {_YEAR} - 1 AND {_YEAR}"
            case "parameter":
                return "SELECT r.code, r.place, r.valid_from, r.valid_to, r.num, r.txt FROM base.parameter AS r"
        return f'SELECT r.* FROM base."{table.name}" AS r'


def _words(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)  # codes: letters, digits, _
