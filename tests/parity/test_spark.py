"""Spark says what DuckDB says: every indicator and check over the golden cases as townships (a few packs here; all of them, and
a whole instance: `make parity`)."""

import os
import shutil
from datetime import date
from itertools import islice

import pyarrow as pa
import pytest

from tests.parity.marts import SAME_EVERYWHERE, named, packs, said, schema, tables_of, together, townships
from zhenwu.mart.bytown import TOWNS, by_town
from zhenwu.mart.engine import fill, open_engine, run, window
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.memory import fill_reference
from zhenwu.mart.reference import parameter_rows
from zhenwu.mart.schema import SHARED
from zhenwu.mart.statements import Preparer
from zhenwu.mart.transpile import parsed

pytest.importorskip("pyspark", reason="the extra zhenwu[spark] is not installed")
if not shutil.which("java") and "JAVA_HOME" not in os.environ:
    pytest.skip("there is no Java", allow_module_level=True)

_ALL = os.environ.get("ZHENWU_PARITY") == "all"
_FEW = 3  # statements a pack in CI
_LEDGERS = sorted(code for code, pack in packs().packs.items() if pack.case)
_IN_CI = ["dibao", "hazard", "party_branch"]


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    from zhenwu.mart.spark import SMALL, SparkTowns, session

    target = Target.of(str(tmp_path_factory.mktemp("gathered")))
    made = session("local[2]", "1g", SMALL)
    yield SparkTowns(made, target, parameter_rows(packs().parameters))
    made.stop()


@pytest.mark.parametrize("ledger", _LEDGERS if _ALL else _IN_CI)
def test_townships_say_the_same_on_both_engines(ours, ledger):
    towns, as_of = townships(ledger)
    values = window(as_of)
    for name, table in tables_of(ledger).items():
        same = name in SAME_EVERYWHERE
        columns = table.columns if same else {**table.columns, "town": "VARCHAR"}
        ours.show_rows(name, columns, towns[0].table(name) if same else together(towns, name))
    ours.show_rows("workdays", {}, towns[0].table("workdays"))
    ours.show_rows(TOWNS, {"town": "VARCHAR"}, pa.table({"town": [one.name for one in towns]}))
    for code, prepared in named(ledger) if _ALL else islice(named(ledger), _FEW):
        every = ours.ask(by_town(parsed(prepared.sql), SAME_EVERYWHERE), values, code).to_pylist()
        for one in towns:
            expected = one.mart.query(prepared, values).to_pylist()
            found = [row for row in every if row["town"] == one.name]
            assert said(found) == said(expected), f"{code}, {one.name}"
    for one in towns:
        one.mart.close()


def test_host_functions_say_the_same_on_both_engines(ours):
    """Over days around feasts, month ends and leap days; the edges of the calendar and unknown days too."""
    [township, *_], _ = townships("hazard")
    for name in ("calendar", "workdays", "number", "parameter"):
        ours.show_rows(name, {}, township.table(name))
    ours.show_rows(TOWNS, {"town": "VARCHAR"}, pa.table({"town": [township.name]}))
    sql = """SELECT c.day, n.n, wd_add(c.day, n.n - 3) AS later, wd_diff(c.day, DATE '2020-03-01') AS apart,
      add_months(c.day, n.n) AS months, age(c.day, :as_of) AS years, (n.n - 7) // 3 AS third, n.n // (n.n - 2) AS parts,
      param('dibao.std_rural', c.day) AS standard, param('privacy.small_cell', c.day) AS cell,
      date_part('isodow', c.day) AS weekday, quarter(c.day) AS q, last_day(c.day) AS last,
      strftime(c.day, '%Y-%m-%d') AS said, date_diff('day', c.day, :as_of) AS days, c.day + to_days(n.n) > :as_of AS after,
      regexp_matches(strftime(c.day, '%m%d'), '^02\\d+$') AS february, coalesce(nullif(n.n, 3), -1) AS other
    FROM calendar AS c CROSS JOIN number AS n
    WHERE n.n IN (0, 1, 3, 4, 30) AND c.ym IN ('2000-01', '2020-01', '2020-02', '2020-10', '2040-12')"""
    prepared = Preparer(schema(), packs().packs["hazard"]).prepare(sql, "test")
    values = window(date(2020, 2, 29))
    engine = open_engine()
    fill_reference(engine)
    fill(engine, "parameter", SHARED["parameter"], township.table("parameter"))
    expected = run(engine, prepared, values).to_pylist()
    assert len(expected) > 700
    found = ours.ask(by_town(parsed(prepared.sql), SAME_EVERYWHERE), values, "test")
    assert said(found.to_pylist()) == said(expected)
