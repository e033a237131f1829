"""Five cross-checks over persons × payments beside raw DuckDB on the same Parquet, and the reconciling of what they find."""

import argparse
import random
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench.measure import report
from tests.bench.township import SERVER, bench_user, prepare

AS_OF = date(2020, 12, 31)
_TIMES = 7
_now = time.perf_counter if SERVER else time.process_time  # seconds of the processor hold on a busy machine
_FINDINGS = 10_000
# what someone would write by hand over the two files; {r} residents, {p} payments
BARE = (
    "SELECT p.id, p.division, p.card FROM {p} p WHERE NOT EXISTS (SELECT 1 FROM {r} r WHERE r.card = p.card)",
    "SELECT p.id, p.division, p.card, r.died_on, p.paid_on FROM {p} p JOIN {r} r ON r.card = p.card WHERE r.died_on < p.paid_on",
    "SELECT card, pay_ym, any_value(division), count(*) AS n FROM {p} GROUP BY card, pay_ym HAVING count(*) > 1",
    "SELECT p.id, p.division, p.card FROM {p} p JOIN {r} r ON r.card = p.card WHERE r.birth > p.paid_on - to_days(21915)",
    """SELECT coalesce(l.card, r.card) AS card, l.total, r.total AS paid, coalesce(l.place, r.place) AS place
    FROM (SELECT card, sum(due_year) AS total, any_value(division) AS place FROM {r} WHERE card IS NOT NULL GROUP BY card) l
    FULL JOIN (SELECT card, sum(amount) AS total, any_value(division) AS place FROM {p} WHERE card IS NOT NULL GROUP BY card) r
    ON l.card = r.card WHERE l.card IS NULL OR r.card IS NULL OR abs(l.total - r.total) > 0""",
)


def fill(persons: int, payments: int) -> None:
    """Everyone on the list is 60 or older and gets the yearly sum in one to twelve parts; one in 500 payments is wrong in some way."""
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import Review, SourceKind
    from zhenwu.divisions.queries import villages
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Draft, NewRows

    dice, by, places = random.Random(20200101), bench_user(), [one.pk for one in villages(AS_OF)]
    cards = [f"C{number:07d}" for number in range(persons)]
    due = [Decimal(0)] * persons
    said: dict[str, list[Any]] = {"card": [], "pay_ym": [], "paid_on": [], "amount": []}
    home = []
    for number in range(payments):
        who, month, amount = number % persons, 1 + (number // persons) % 12, Decimal(dice.randint(5000, 60000)) / 100
        wrong = number % 500 == 0
        said["card"].append(f"X{number}" if wrong and dice.random() < 0.3 else cards[who])
        said["pay_ym"].append(f"2020-{month:02d}")
        said["paid_on"].append(date(2020, month, 15))
        said["amount"].append(amount)
        home.append(places[who % len(places)])
        if not wrong:
            due[who] += amount
    births = [date(1940, 1, 1) + timedelta(days=dice.randint(0, 6000)) for _ in cards]
    died = [date(2020, 3, 1) if dice.random() < 0.001 else None for _ in cards]
    people: dict[str, list[Any]] = {
        "name": ["陈一"] * persons,
        "card": cards,
        "birth": births,
        "died_on": died,
        "due_year": due,
    }
    for ledger, values, where in (
        ("bench_resident", people, [places[n % len(places)] for n in range(persons)]),
        ("bench_payment", said, home),
    ):
        n = len(where)
        rows = NewRows(values, where, [Review.SUBMITTED] * n, [""] * n, [None] * n, [""] * n, list(range(n)))
        commit(Draft(ledger, by, [rows], Source(SourceKind.SYSTEM), "测速", today=AS_OF))


def five(folder: Path) -> dict[str, Any]:
    """Milliseconds, the least of several runs on warm engines, of ours and of raw DuckDB with as many threads."""
    import duckdb

    from zhenwu.checks.registry import registry
    from zhenwu.mart.engine import window
    from zhenwu.mart.store import mart

    checks = [registry().prepared(f"bench_payment.B-{n}") for n in range(1, 6)]
    values = window(AS_OF)
    found = [mart().query(one.bad, values).num_rows for one in checks]
    ours = _least(lambda: [mart().query(one.bad, values) for one in checks])
    files = {code: _file(mart(), code) for code in ("bench_resident", "bench_payment")}
    bare = duckdb.connect(config={"threads": 2})
    sql = [
        one.format(r=f"read_parquet('{files['bench_resident']}')", p=f"read_parquet('{files['bench_payment']}')")
        for one in BARE
    ]
    assert [bare.sql(one).to_arrow_table().num_rows for one in sql] == found, found
    limit = _least(lambda: [bare.sql(one).to_arrow_table() for one in sql])
    return {"found": sum(found), "ours_ms": 1000 * ours, "limit_ms": 1000 * limit}


def reconcile_all() -> dict[str, Any]:
    """Seconds for 10,000 results against nothing, against 10,000 findings that are the same, and with half of them new."""
    from zhenwu.checks.models import Finding
    from zhenwu.checks.reconciling import Bad, RunReport, reconcile
    from zhenwu.checks.registry import registry

    check = registry().prepared("bench_payment.B-3")

    def bad(first: int, words: str) -> dict[str, Any]:
        return {
            f"k{n}": Bad(
                f"k{n}", f'["C{n}", "2020-01"]', "red", f"C{n}{words}", {"card": f"C{n}", "n": "2"}, None, None
            )
            for n in range(first, first + _FINDINGS)
        }

    took = {}
    for name, results in (
        ("new", bad(0, "领了2次。")), ("same", bad(0, "领了2次。")), ("words", bad(0, "领了3次。")),
        ("half", bad(_FINDINGS // 2, "领了3次。")),
    ):  # fmt: skip
        begun = _now()
        reconcile(check, results, AS_OF, RunReport(AS_OF))
        took[name] = _now() - begun
    assert Finding.objects.filter(status="gone").count() == _FINDINGS // 2
    assert Finding.objects.filter(status="open").count() == _FINDINGS
    return took


def _file(store: Any, code: str) -> str:
    with store.reading([code]) as now:
        return str(now.copy_of(code)[0].paths[code])


def _least(work: Any) -> float:
    took = []
    for _ in range(_TIMES):
        begun = _now()
        work()
        took.append(_now() - begun)
    return min(took)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=Path)
    asked.add_argument("rows", type=int)
    said = asked.parse_args()
    prepare(said.folder)
    fill(said.rows, said.rows * 91 // 100)
    report({"five": five(said.folder), "reconcile": reconcile_all()})


if __name__ == "__main__":
    main()
