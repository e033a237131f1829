"""Pack SQL: what may be written, and what an author is told about the rest."""

import pytest

from zhenwu.mart.dialect import read
from zhenwu.mart.errors import SqlBroken

TABLES = {"hazard", "hazard__pictures", "division"}


def told(sql: str) -> str:
    with pytest.raises(SqlBroken) as broken:
        read(sql, TABLES, "hazard.toml, check A", parameter_codes={"hazard.days"})
    return str(broken.value)


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("SELECT num / den FROM hazard", "divides with “/”"),
        ("SELECT round(num) FROM hazard", "rounds"),
        ("SELECT * FROM hazrd", "there is no table hazrd. Perhaps: hazard"),
        ("SELECT * FROM read_csv('/etc/passwd')", "is a table function"),
        ("SELECT * FROM read_parquet('x.parquet')", "is a table function"),
        ("SELECT * FROM '/etc/passwd'", "there is no table /etc/passwd"),
        ("SELECT * FROM (SUMMARIZE '/etc/passwd')", "summarizes a table or file"),
        ("SELECT * FROM (DESCRIBE hazard)", "describes a table"),
        ("SELECT * FROM base.hazard", "names a schema"),
        ("SELECT * FROM information_schema.tables", "names a schema"),
        ("SELECT * FROM range(3)", "is a table function"),
        ("SELECT unnest([1, 2])", "uses the table function unnest"),
        ("SELECT getenv('HOME') FROM hazard", "function getenv is not allowed"),
        ("SELECT current_date FROM hazard", "asks for today"),
        ("SELECT now() FROM hazard", "now"),
        ("SELECT random() FROM hazard", "not allowed"),
        ("DELETE FROM hazard", "is not one SELECT"),
        ("COPY hazard TO 'x'", "is not one SELECT"),
        ("ATTACH 'x.db'", "is not one SELECT"),
        ("SELECT 1; SELECT 2", "is not one SELECT"),
        ("WITH hazard AS (SELECT 1 AS id) SELECT id FROM hazard", "hides the table hazard"),
        ("WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT n FROM x", "RECURSIVE"),
        ("SELECT * FROM hazard WHERE d = :today", "parameter today is not known"),
        ("SELECT * FROM hazard WHERE d = ?", "parameter ? is not known"),
        ("SELECT param('hazard.dais', :as_of) FROM hazard", "there is no parameter hazard.dais. Perhaps: hazard.days"),
        ("SELECT param(code, :as_of) FROM hazard", "param takes a code in quotes"),
        ("SELECT CAST(a AS JSON) FROM hazard", "casts to JSON"),
        ("SELECT FROM WHERE", "cannot be read"),
    ],
)
def test_what_may_not_be_written_is_named_with_its_cause(sql: str, cause: str) -> None:
    assert cause in told(sql)


def test_all_problems_come_at_once() -> None:
    lines = told("SELECT a / b, round(c), foo(d) FROM hazrd WHERE x = :never").splitlines()
    assert len(lines) == 5
    assert all(line.startswith("hazard.toml, check A: ") for line in lines)


def test_parameters_and_host_functions_reach_the_engine_typed_and_renamed() -> None:
    statement = read(
        "SELECT id, ':to ::x' AS t FROM hazard WHERE wd_add(add_months(found_on, 1), 5) < :as_of AND found_on::date >= :from",
        TABLES,
        "here",
    )
    assert statement.params == {"as_of", "from"}
    assert statement.tables == {"hazard"}
    sql = statement.sql()
    assert "ZW_WD_ADD(ZW_ADD_MONTHS" in sql
    assert "CAST($p_from AS DATE)" in sql
    assert "':to ::x'" in sql  # a string stays a string


def test_tables_of_with_are_not_asked_of_the_schema() -> None:
    statement = read(
        "WITH late AS (SELECT id FROM hazard) SELECT * FROM late UNION SELECT id FROM division", TABLES, "here"
    )
    assert statement.tables == {"hazard", "division"}
