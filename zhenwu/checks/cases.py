"""Runs the golden cases of packs in memory, without a database; `zhenwu packs check [LEDGER …]` is for authors."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb

from zhenwu.checks.case_rows import mart_rows
from zhenwu.checks.messages import key_text, say
from zhenwu.checks.packs import PackStatements, statements_of
from zhenwu.indicators.aggregate import Group, grouping_sql, groups_of, text_of, value_of
from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.mart.engine import window
from zhenwu.mart.errors import SqlProblem
from zhenwu.mart.memory import Binder, MemoryMart
from zhenwu.mart.schema import MartSchema, build_schema
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import Case, Indicator, PackSpec


class CaseRunner:
    """Prepares each pack once and runs its cases. Close it when done."""

    def __init__(self, pack_set: PackSet) -> None:
        self.pack_set = pack_set
        self.schema = build_schema(pack_set.packs, pack_set.parameters)
        self._binder = Binder(self.schema)
        self._statements: dict[str, PackStatements] = {}

    def statements(self, pack: PackSpec) -> PackStatements:
        code = pack.ledger.code
        if code not in self._statements:
            self._statements[code] = statements_of(self.schema, pack, self.pack_set.files.get(code, ""), self._binder)
        return self._statements[code]

    def sql_problems(self, pack: PackSpec) -> list[SqlProblem]:
        return self.statements(pack).problems

    def run(self, pack: PackSpec, case: Case) -> list[str]:
        """What differs from what the case says; empty when all is as said."""
        as_of = date.fromisoformat(case.as_of)
        rows, problems = mart_rows(case, self.pack_set.packs, self.schema, as_of)
        if problems:
            return problems
        statements = self.statements(pack)
        needed = statements.ledgers()
        tables = {
            name: table
            for name, table in self.schema.tables.items()
            if table.kind == "shared" or table.ledger in needed
        }
        small = MartSchema(tables, self.schema.counts, self.schema.parameter_codes)
        try:
            mart = MemoryMart(
                small, {name: some for name, some in rows.items() if name in tables}, self.pack_set.parameters
            )
        except (ValueError, duckdb.Error) as error:
            return [f"rows: {error}"]
        try:
            return [*_findings_differ(statements, case, mart, as_of), *_figures_differ(statements, case, mart, as_of)]
        finally:
            mart.close()

    def close(self) -> None:
        self._binder.close()


def _findings_differ(statements: PackStatements, case: Case, mart: MemoryMart, as_of: date) -> list[str]:
    differences: list[str] = []
    codes = case.checks or tuple(statements.checks)
    got: dict[tuple[str, ...], str] = {}
    for code in codes:
        check = statements.checks.get(code)
        if check is None:
            differences.append(f"checks: {code} does not exist or its SQL is broken.")
            continue
        try:
            bad = mart.query(check.bad, window(as_of)).to_pylist()
        except duckdb.Error as error:
            differences.append(f"check {code}: {error}")
            continue
        for row in bad:
            got[(code, *(key_text(row[name]) for name in check.subject))] = say(check.message, row)
    expected = {tuple(one) for one in case.findings}
    differences += [f"missing finding {_listed(one)}" for one in sorted(expected - got.keys())]
    differences += [f"unexpected finding {_listed(one)}: {got[one]}" for one in sorted(got.keys() - expected)]
    return differences


def _figures_differ(statements: PackStatements, case: Case, mart: MemoryMart, as_of: date) -> list[str]:
    differences: list[str] = []
    groups: dict[str, list[Group]] = {}
    for name, expected in case.figures.items():
        code, _, part = name.partition(".")
        indicator = statements.indicators.get(code)
        if indicator is None:
            differences.append(f"figure {code} does not exist or its SQL is broken.")
            continue
        if code not in groups:
            groups[code] = _groups(indicator, mart, as_of)
        value = value_of(indicator.spec, [one for one in groups[code] if not part or one.part == part])
        if not _same(indicator.spec, value, expected):
            shown = text_of(indicator.spec, value)
            differences.append(f"figure {name} is {value} (shown {shown}), expected {expected!r}.")
    return differences


def _groups(indicator: PreparedIndicator, mart: MemoryMart, as_of: date) -> list[Group]:
    return groups_of(mart.query(indicator.prepared, window(as_of), grouping_sql(indicator)).to_pylist())


def _same(spec: Indicator, value: int | Decimal | None, expected: Any) -> bool:
    """Equal as a number, or as what is printed (“12.3” for a figure shown in 万元)."""
    shown = text_of(spec, value)
    if value is None:
        return expected in ("—", "")
    if str(expected) in (shown, shown.removesuffix(spec.show_unit or spec.unit)):
        return True
    try:
        return Decimal(str(expected)) == value
    except InvalidOperation:
        return False


def _listed(finding: tuple[str, ...]) -> str:
    return "[" + ", ".join(finding) + "]"
