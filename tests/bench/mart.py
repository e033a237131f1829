"""Figures of the roster: after one row changed, by village and month beside DuckDB alone, and on both boundaries of a merger."""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from tests.bench.measure import Clock, report
from tests.bench.township import LEDGER, bench_user, start

AS_OF, FIGURE = date(2020, 12, 31), "bench_subsidy"
_TIMES = 9


def fresh() -> dict[str, Any]:
    """Median milliseconds, and of the processor, of a figure that one changed row has made stale; without and with the digest of
    its rows. The worker is warm: the figure was asked before on this copy."""
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.indicators.queries import value
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Draft, Edit
    from zhenwu.packs import runtime

    by, source, model = bench_user(), Source(SourceKind.FORM), runtime.model_for(LEDGER)
    pk = model.objects.unscoped("test").order_by("pk").values_list("pk", flat=True)[0]
    begun = time.perf_counter()
    before = value(FIGURE, as_of=AS_OF)
    found: dict[str, Any] = {"copy_s": time.perf_counter() - begun, "counted": before.row_count}
    assert before.row_count, "the roster is not counted"
    for name, signed in (("fresh", False), ("signed", True)):
        took, cpu = [], []
        value(FIGURE, as_of=AS_OF, signed=signed)
        for _ in range(_TIMES):
            row = model.objects.unscoped("test").get(pk=pk)
            more = Edit(pk, row.version, {"subsidy": (row.subsidy or Decimal(0)) + 1})
            commit(Draft(LEDGER, by, [more], source, today=AS_OF))
            clock = Clock()
            after = value(FIGURE, as_of=AS_OF, signed=signed)
            for measured, passed in zip((took, cpu), clock.read(), strict=True):
                measured.append(passed)
            assert after.value == before.value + 1
            before = after
        found |= {f"{name}_ms": 1000 * statistics.median(took), f"{name}_cpu_ms": 1000 * statistics.median(cpu)}
    return found


def grouped() -> dict[str, Any]:
    """Processor milliseconds of the sums by village and month, and of DuckDB alone over the same file; both of new copies."""
    from zhenwu.indicators.aggregate import grouping_sql, groups_of
    from zhenwu.indicators.registry import registry
    from zhenwu.mart.engine import window
    from zhenwu.mart.store import mart

    mart().renew(LEDGER)
    indicator = registry().prepared(FIGURE)
    with mart().reading([LEDGER]) as now:
        copy, is_changed = now.copy_of(LEDGER)
    assert not is_changed
    bare = duckdb.connect(config={"threads": 2})
    sql = (
        f"SELECT division, date_trunc('month', signed_on) AS month, count(*) AS rows, sum(subsidy) AS num "
        f"FROM read_parquet('{copy.paths[LEDGER]}') WHERE signed_on BETWEEN DATE '2020-01-01' AND DATE '2020-12-31' "
        "AND review = 'approved' GROUP BY ALL"
    )
    around = grouping_sql(indicator)
    ours = groups_of(mart().query(indicator.prepared, window(AS_OF), around).to_pylist())
    limit = bare.sql(sql).to_arrow_table().to_pylist()
    said = {(row["division"], row["month"].isoformat()[:7]): (row["rows"], row["num"]) for row in limit}
    assert {(one.place, one.month): (one.rows, one.num) for one in ours} == said
    return {
        "grouped_ms": _least(lambda: groups_of(mart().query(indicator.prepared, window(AS_OF), around).to_pylist())),
        "limit_ms": _least(lambda: bare.sql(sql).to_arrow_table().to_pylist()),
    }


def both_boundaries() -> dict[str, Any]:
    """Processor milliseconds of the figures of all villages after two were merged, computed anew each time."""
    from zhenwu.divisions.effect import enter_event, undo
    from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan
    from zhenwu.divisions.queries import villages
    from zhenwu.divisions.steps import drop
    from zhenwu.indicators import queries

    by, day = bench_user(), date(2020, 7, 1)
    flows = [FlowPlan(one, 0) for one in villages(day)[:2]]
    event = enter_event(EventPlan("merge_new", "测速", day, [UnitPlan(name="测速村")], flows), by=by)
    try:
        sums = {}

        def ask(boundary: str) -> None:
            queries._cache.clear()
            found = queries.by_place(FIGURE, as_of=AS_OF, boundary="was" if boundary == "was" else "now")
            sums[boundary] = sum(one.value or 0 for one in found.values())

        took = {f"{boundary}_ms": _least(lambda side=boundary: ask(side)) for boundary in ("now", "was")}
        assert sums["now"] == sums["was"] > 0
    finally:
        undo(event, by=by, reason="测速")
        drop(event, by=by, reason="测速")
    return took


def _least(work: Callable[[], Any]) -> float:
    took = []
    for _ in range(_TIMES):
        begun = time.process_time()
        work()
        took.append(time.process_time() - begun)
    return 1000 * min(took)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=Path)
    start(asked.parse_args().folder)
    report(fresh() | grouped() | both_boundaries())
