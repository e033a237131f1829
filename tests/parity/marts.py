"""The golden cases of packs as small marts, and what a statement says of them on each engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa

from zhenwu.checks.case_rows import mart_rows
from zhenwu.checks.packs import PackStatements, statements_of
from zhenwu.mart.bytown import SAME_FOR_ALL
from zhenwu.mart.memory import MemoryMart
from zhenwu.mart.schema import MartSchema, Table, build_schema
from zhenwu.mart.statements import Prepared
from zhenwu.packs.reader import PackSet, read_packs, shipped_folder

SAME_EVERYWHERE = SAME_FOR_ALL
_MOST = 6  # cases of a pack that become townships


@dataclass
class Township:
    """One mart a case; `name` stands in the column `town`."""

    name: str
    mart: MemoryMart

    def table(self, name: str) -> pa.Table:
        return self.mart._connection.sql(f'SELECT * FROM base."{name}"').to_arrow_table()


@cache
def packs() -> PackSet:
    return read_packs([shipped_folder()])


@cache
def schema() -> MartSchema:
    return build_schema(packs().packs, packs().parameters)


@cache
def statements(ledger: str) -> PackStatements:
    return statements_of(schema(), packs().packs[ledger])


def named(ledger: str) -> Iterator[tuple[str, Prepared]]:
    """Every indicator and check of a pack."""
    found = statements(ledger)
    yield from ((code, check.bad) for code, check in found.checks.items())
    yield from ((code, indicator.prepared) for code, indicator in found.indicators.items())


def tables_of(ledger: str) -> dict[str, Table]:
    """What the statements of a pack may read."""
    ledgers = statements(ledger).ledgers()
    return {name: one for name, one in schema().tables.items() if one.kind == "shared" or one.ledger in ledgers}


def townships(ledger: str) -> tuple[list[Township], date]:
    """The first cases of the pack as townships, all as of the day of the first."""
    cases = packs().packs[ledger].case[:_MOST]
    as_of = date.fromisoformat(cases[0].as_of)
    found = []
    for number, case in enumerate(cases):
        rows, problems = mart_rows(case, packs().packs, schema(), as_of)
        assert problems == []
        known = {name: some for name, some in rows.items() if name in tables_of(ledger)}
        found.append(Township(f"t{number}", MemoryMart(schema(), known, packs().parameters)))
    return found, as_of


def together(towns: list[Township], table: str) -> pa.Table:
    """The table of all of them, with a column `town`."""
    rows = [(one.name, one.table(table)) for one in towns]
    return pa.concat_tables(
        [data.append_column("town", pa.array([name] * len(data), pa.string())) for name, data in rows]
    )


def said(rows: list[dict[str, Any]]) -> list[str]:
    """Rows in an order of their own, numbers by value, without their town."""
    return sorted(
        repr(sorted((name, _plain(value)) for name, value in row.items() if name.lower() != "town")) for row in rows
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
