"""Which statements add up over a ledger, and that they do: all rows are those of the copy, less the old, plus the new."""

import random
from collections import Counter

import duckdb
import pytest
import sqlglot

from zhenwu.mart.adding import adds_up_over

ADDS_UP = (
    "SELECT a, b FROM x WHERE b > 1",
    "SELECT a, CASE WHEN EXISTS (SELECT 1 FROM y WHERE y.a = x.a) THEN 1 ELSE 0 END AS b FROM x",
    "SELECT x.a, y.b FROM x LEFT JOIN y ON y.a = x.a",
    "SELECT y.a, x.b FROM y JOIN x ON x.a = y.a AND x.b < 3",
    "SELECT x.a, z.n FROM x JOIN (SELECT a, count(*) AS n FROM y GROUP BY a) AS z ON z.a = x.a",
    "SELECT a, b FROM x UNION ALL SELECT a, b FROM y",
    "WITH w AS (SELECT a, b FROM x WHERE b < 4) SELECT w.a, y.b FROM w, y WHERE y.a = w.a",
    "SELECT a, (SELECT max(y.b) FROM y WHERE y.a = x.a) AS b FROM x ORDER BY a",
    "SELECT x.a, x.b FROM x ANTI JOIN y ON y.a = x.a",
)
DOES_NOT = (
    "SELECT a, count(*) AS b FROM x GROUP BY a",
    "SELECT max(a) AS a, 1 AS b FROM x",
    "SELECT DISTINCT a, b FROM x",
    "SELECT a, b FROM x LIMIT 1",
    "SELECT a, b FROM x QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1",
    "SELECT a, lag(b) OVER (ORDER BY b) AS b FROM x",
    "SELECT y.a, x.b FROM y LEFT JOIN x ON x.a = y.a",
    "SELECT y.a, x.b FROM x FULL JOIN y ON x.a = y.a",
    "SELECT y.a, x.b FROM x RIGHT JOIN y ON x.a = y.a",
    "SELECT a, b FROM y WHERE NOT EXISTS (SELECT 1 FROM x WHERE x.a = y.a)",
    "SELECT a, b FROM y WHERE a IN (SELECT a FROM x)",
    "SELECT a, b FROM y SEMI JOIN x ON x.a = y.a",
    "SELECT a, b FROM y ANTI JOIN x ON x.a = y.a",
    "SELECT one.a, two.b FROM x AS one JOIN x AS two ON one.a = two.b",
    "SELECT a, b FROM x UNION SELECT a, b FROM y",
    "SELECT a, b FROM x EXCEPT SELECT a, b FROM y",
    "SELECT a, b FROM y EXCEPT ALL SELECT a, b FROM x",
    "SELECT a, b FROM x UNION ALL SELECT a, b FROM y LIMIT 2",
    "WITH w AS (SELECT a, b FROM x) SELECT one.a, two.b FROM w AS one, w AS two",
    "WITH w AS (SELECT a, count(*) AS b FROM x GROUP BY a) SELECT a, b FROM w",
    "SELECT x.a, y.b FROM x POSITIONAL JOIN y",
    "SELECT z.a, z.b FROM (SELECT a, b FROM x LIMIT 2) AS z",
    "SELECT a, (SELECT max(x.b) FROM x WHERE x.a = y.a) AS b FROM y",
)


@pytest.mark.parametrize("sql", ADDS_UP)
def test_each_row_counts_for_itself(sql):
    assert adds_up_over(sqlglot.parse_one(sql, dialect="duckdb"), {"x"}) == {"x"}
    dice = random.Random(sql)
    for _ in range(20):
        copy, more, y = (_rows(dice) for _ in range(3))
        old = dice.sample(copy, dice.randint(0, len(copy)))
        now = list((Counter(copy) - Counter(old) + Counter(more)).elements())
        said = _answer(sql, copy, y)
        said.subtract(_answer(sql, old, y))
        said.update(_answer(sql, more, y))
        assert +said == _answer(sql, now, y)
        assert min(said.values(), default=0) >= 0


@pytest.mark.parametrize("sql", DOES_NOT)
def test_in_doubt_all_is_asked_anew(sql):
    assert adds_up_over(sqlglot.parse_one(sql, dialect="duckdb"), {"x"}) == frozenset()


def _rows(dice: random.Random) -> list[tuple[int, int]]:
    return [(dice.randint(0, 4), dice.randint(0, 4)) for _ in range(dice.randint(0, 9))]


def _answer(sql: str, x: list[tuple[int, int]], y: list[tuple[int, int]]) -> Counter[tuple[int, ...]]:
    with duckdb.connect() as engine:
        for name, rows in (("x", x), ("y", y)):
            engine.execute(f"CREATE TABLE {name} (a INTEGER, b INTEGER)")
            if rows:
                engine.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
        return Counter(engine.sql(sql).fetchall())
