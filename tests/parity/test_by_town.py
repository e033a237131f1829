"""A statement over many townships says of each what it says of that one alone: every indicator and check of every pack."""

import pyarrow as pa
import pytest

from tests.parity.marts import SAME_EVERYWHERE, named, packs, said, tables_of, together, townships
from zhenwu.mart.bytown import TOWNS, by_town
from zhenwu.mart.engine import fill, open_engine, window
from zhenwu.mart.memory import fill_reference
from zhenwu.mart.transpile import parsed


@pytest.mark.parametrize("ledger", sorted(code for code, pack in packs().packs.items() if pack.case))
def test_many_at_once_say_the_same_as_one_by_one(ledger):
    towns, as_of = townships(ledger)
    engine = open_engine(threads=1)
    fill_reference(engine)
    fill(engine, TOWNS, {"town": "VARCHAR"}, pa.table({"town": [one.name for one in towns]}))
    for name, table in tables_of(ledger).items():
        if name == "parameter":
            fill(engine, name, table.columns, towns[0].table(name))
        elif name not in SAME_EVERYWHERE:
            fill(engine, name, {**table.columns, "town": "VARCHAR"}, together(towns, name))
    values = window(as_of)
    count = 0
    for code, prepared in named(ledger):
        sql = by_town(parsed(prepared.sql), SAME_EVERYWHERE).sql("duckdb", identify=True)
        params = {f"p_{name}": values[name] for name in prepared.params}
        found = engine.sql(sql, params=params).to_arrow_table().to_pylist()
        for one in towns:
            alone = one.mart.query(prepared, values).to_pylist()
            assert said([row for row in found if row["town"] == one.name]) == said(alone), f"{code}, {one.name}"
            count += len(alone)
    assert count, f"no statement of {ledger} found anything in its own cases"
    engine.close()
    for one in towns:
        one.mart.close()
