"""`python -m tests.parity INSTANCE`: every check and every figure of every pack over an instance's mart, on both engines.

Rows are compared as they come out of the statements, figures also as sums by place, month and part with their
digests. What differs is printed, with rows that one engine has and the other has not; exit code 1.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

_SHOWN = 3  # rows of a difference


def questions() -> Iterator[tuple[str, Any, str]]:
    """(name, statement, what is around it)."""
    from zhenwu.checks.registry import registry as checks
    from zhenwu.indicators.aggregate import grouping_sql
    from zhenwu.indicators.registry import registry as indicators

    for code in checks().codes():
        yield code, checks().prepared(code).bad, ""
    for code in indicators().codes():
        one = indicators().prepared(code)
        yield code, one.prepared, ""
        yield f"{code} (grouped)", one.prepared, grouping_sql(one, signed=True)


def read(rows: list[dict[str, Any]], name: str) -> list[Any]:
    """What is compared: of grouped rows what figures are made of, of others their values, numbers by value."""
    from tests.parity.marts import said
    from zhenwu.indicators.aggregate import groups_of

    if not name.endswith("(grouped)"):
        return said(rows)
    groups = said([vars(one) | {"values": sorted(map(str, one.values))} for one in groups_of(rows)])
    return groups


def differences(ours: list[Any], theirs: list[Any]) -> list[str]:
    """Rows that only one of the two has, as many times as it has them."""
    here, there = Counter(map(repr, ours)), Counter(map(repr, theirs))
    only = [f"  only DuckDB: {row}" for row in (here - there).elements()]
    more = [f"  only Spark:  {row}" for row in (there - here).elements()]
    return only[:_SHOWN] + more[:_SHOWN]


def compare(as_of: date, every: int, compiled: bool) -> int:
    from zhenwu.mart.engine import window
    from zhenwu.mart.gathered.here import this_township
    from zhenwu.mart.spark import SMALL, SparkTowns, session
    from zhenwu.mart.store import mart

    spark = session("local[2]", "2g", {} if compiled else SMALL)
    asked = list(islice(questions(), 0, None, every))
    units = {unit for _, prepared, _ in asked for unit in prepared.units}
    wrong = rows = 0
    begun = time.monotonic()
    with this_township(lambda target, _, parameter: SparkTowns(spark, target, parameter), units) as town:
        for number, (name, prepared, around) in enumerate(asked, 1):
            ours = mart().query(prepared, window(as_of), around).to_pylist()
            rows += len(ours)
            try:
                theirs = town.query(prepared, window(as_of), around).to_pylist()
                found = differences(read(ours, name), read(theirs, name))
            except Exception as problem:  # whatever Spark says: the others are asked all the same
                found = [f"  {problem}"]
            if found:
                wrong += 1
                print("\n".join([f"DIFFERS: {name}", *found]), flush=True)
            if number % 50 == 0:
                print(f"{number} of {len(asked)}, {time.monotonic() - begun:.0f} s", flush=True)
    spark.stop()
    print(f"{len(asked)} questions, {rows:,} rows, {wrong} differ, {time.monotonic() - begun:.0f} s")
    return 1 if wrong or not rows else 0


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.parity", description=__doc__)
    asked.add_argument("instance")
    asked.add_argument("--as-of", type=date.fromisoformat, default=date(2020, 12, 31))
    asked.add_argument("--every", type=int, default=1, help="only each so many")
    asked.add_argument(
        "--compiled", action="store_true", help="Spark compiles statements: quicker for many rows, slower for few"
    )
    said = asked.parse_args()
    os.environ["ZHENWU_INSTANCE"] = said.instance
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhenwu.config.settings"
    import django

    django.setup()
    from zhenwu.packs import runtime

    runtime.start()
    return compare(said.as_of, said.every, said.compiled)


if __name__ == "__main__":
    sys.exit(main())
