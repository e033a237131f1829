"""After a change only what was written is asked anew. That gives what asking for everything gives."""

from collections import Counter
from datetime import date
from decimal import Decimal

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.indicators.aggregate import OF_LISTS, grouping_sql, groups_of, rows_of
from zhenwu.indicators.registry import registry
from zhenwu.indicators.tests.test_figures import AS_OF, hazard, record
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit, Void
from zhenwu.mart.engine import window
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import mart, running_schema
from zhenwu.packs import runtime


def _compare() -> int:
    """Every indicator that reads the ledger, in parts and whole; how many had parts."""
    found = 0
    for code in registry().codes():
        indicator = registry().prepared(code)
        if "hazard" not in indicator.prepared.ledgers or indicator.spec.agg in OF_LISTS:
            continue
        sql, values = grouping_sql(indicator, signed=True), window(AS_OF)
        parts = mart().query_parts(indicator.prepared, values, sql)
        whole = mart().query(indicator.prepared, values, sql).to_pylist()
        assert {*map(repr, groups_of(rows_of(parts)))} == {*map(repr, groups_of(whole))}, code
        found += parts.new is not None
    return found


def test_parts_add_up_to_the_whole_after_every_kind_of_change(lin, places):
    record(lin, *(hazard(places["青山村"], f"2020-0{month}-05", fund=Decimal("12.50")) for month in range(1, 7)))
    assert _compare() == 0  # nothing is laid over the copy yet
    rows = {row.found_on.month: row for row in runtime.model_for("hazard").objects.unscoped("test")}
    record(lin, hazard(places["河口村"], "2020-03-06"), hazard(places["河口村"], "2020-12-30", fund=Decimal(0)))
    assert _compare() > 5
    record(lin, Edit(rows[1].pk, 1, {"fund": None}), Edit(rows[2].pk, 1, {"found_on": date(2020, 8, 1)}))
    assert _compare() > 5
    record(lin, Void(rows[3].pk, 1), Edit(rows[4].pk, 1, {"sector": "燃气"}, places["河口村"].pk))
    record(lin, Edit(rows[4].pk, 2, {"fund": Decimal("0.01")}), *(Void(rows[n].pk, 1) for n in (5, 6)))
    assert _compare() > 5
    mart().renew("hazard")
    assert _compare() == 0


def test_an_answer_over_a_copy_is_of_the_other_ledgers_as_they_stand(lin, places):
    """Sites come and go beside hazards that nobody touches, and the other way round."""
    sql = "SELECT h.detail, s.name FROM hazard AS h LEFT JOIN hazard_site AS s ON s.name = h.finder"
    prepared = Preparer(running_schema(), runtime.packs().packs["hazard"]).prepare(sql, "test")
    around = "SELECT detail, name, count(*) AS n FROM {} GROUP BY ALL"
    assert prepared.adds_up == {"hazard"}

    def in_parts() -> Counter:
        parts, said = mart().query_parts(prepared, window(AS_OF), around), Counter()
        for times, part in ((1, parts.base), (-1, parts.old), (1, parts.new)):
            for row in part.to_pylist() if part is not None else ():
                said[row["detail"], row["name"]] += times * row["n"]
        return +said

    record(
        lin, hazard(places["青山村"], "2020-01-05", detail="甲"), hazard(places["青山村"], "2020-01-05", detail="乙")
    )
    assert in_parts() == {("甲", None): 1, ("乙", None): 1}
    site(lin, places, "张青")
    assert in_parts() == {("甲", "张青"): 1, ("乙", "张青"): 1}
    record(lin, hazard(places["青山村"], "2020-01-05", detail="丙", finder="李青"))
    assert in_parts() == {("甲", "张青"): 1, ("乙", "张青"): 1, ("丙", None): 1}
    site(lin, places, "李青")
    site(lin, places, "张青")
    assert in_parts() == {("甲", "张青"): 2, ("乙", "张青"): 2, ("丙", "李青"): 1}


def site(by, places, name: str) -> None:
    values = {"name": name, "sector": "消防", "kind": "商铺", "duty_name": "陈", "risk": "黄", "freq": "月"}
    values["active_from"] = date(2020, 1, 5)
    add = Add(values, division=places["青山村"].pk, review=Review.APPROVED)
    commit(Draft("hazard_site", by, [add], Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 6, 1)))
