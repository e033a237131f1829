"""The mart of an instance: sealed, fresh, typed, shared by threads, and able to find its copies again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from zhenwu.ledgers.operations import Edit, Void
from zhenwu.mart.engine import open_engine, run, seal, window
from zhenwu.mart.errors import QueryTooSlow
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Prepared, Preparer
from zhenwu.mart.store import Mart
from zhenwu.mart.tests.hazards import hazard, record
from zhenwu.packs import runtime

DAY = window(date(2020, 12, 31))


@pytest.fixture
def store(tmp_path: Path, db) -> Iterator[Mart]:
    packs = runtime.packs()
    made = Mart(tmp_path / "mart", build_schema(packs.packs, packs.parameters))
    yield made
    made.close()


def prepare(store: Mart, sql: str) -> Prepared:
    return Preparer(store.schema, runtime.packs().packs["hazard"]).prepare(sql, "test")


def test_values_keep_their_types_and_what_nobody_said_is_unknown(store, lin, places):
    photos = [{"sha256": "ab" * 32, "name": "后.jpg", "size": 1, "mime": "image/jpeg"}]
    record(
        lin, hazard(places["青山村"], "甲", fund=Decimal("1234.56"), photo_after=photos), hazard(places["青山村"], "乙")
    )
    sql = "SELECT detail, found_on, fund, division, close_on, id FROM hazard ORDER BY detail DESC"
    first, second = store.query(prepare(store, sql), DAY).to_pylist()
    assert first["fund"] == Decimal("1234.56")
    assert (first["found_on"], first["division"]) == (date(2020, 5, 1), places["青山村"].pk.hex)
    assert (second["fund"], second["close_on"]) == (None, None)
    linked = store.query(prepare(store, "SELECT row, value FROM hazard__photo_after"), DAY).to_pylist()
    assert linked == [{"row": first["id"], "value": "ab" * 32}]


def test_added_edited_and_voided_rows_show_at_once(store, lin, places):
    count = prepare(store, "SELECT detail FROM hazard ORDER BY detail")
    record(lin, hazard(places["青山村"], "a"), hazard(places["青山村"], "b"))
    assert store.query(count, DAY).column("detail").to_pylist() == ["a", "b"]
    model = runtime.model_for("hazard")
    a, b = model.objects.unscoped("test").get(detail="a"), model.objects.unscoped("test").get(detail="b")
    record(lin, Edit(a.pk, a.version, {"detail": "c"}), Void(b.pk, b.version))
    assert store.query(count, DAY).column("detail").to_pylist() == ["c"]
    record(lin, hazard(places["青山村"], "d"))
    assert store.query(count, DAY).column("detail").to_pylist() == ["c", "d"]


def test_a_second_process_uses_the_copy_that_is_there(store, lin, places, tmp_path):
    count = prepare(store, "SELECT detail FROM hazard ORDER BY detail")
    record(lin, hazard(places["青山村"], "a"))
    store.query(count, DAY)
    copies = sorted(path.name for path in (tmp_path / "mart").glob("hazard.*.parquet"))
    record(lin, hazard(places["青山村"], "b"))
    other = Mart(tmp_path / "mart", store.schema)
    assert other.query(count, DAY).column("detail").to_pylist() == ["a", "b"]
    assert sorted(path.name for path in (tmp_path / "mart").glob("hazard.*.parquet")) == copies
    other.close()


def test_the_engine_reads_the_mart_and_nothing_else(store, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        "SELECT * FROM glob('/etc/*')",
        f"ATTACH '{tmp_path / 'x.db'}'",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            store._engine.cursor().execute(sql)


def test_a_statement_that_takes_too_long_is_stopped(store):
    slow = prepare(
        store, "SELECT count(*) AS n FROM number a, number b, number c, number d WHERE a.n * b.n < c.n * d.n"
    )
    with pytest.raises(QueryTooSlow, match="was stopped"), store._engine.cursor() as cursor:
        run(cursor, slow, DAY, seconds=0.3)


def test_threads_share_the_engine(store, lin, places):
    record(lin, *(hazard(places["青山村"], f"{n}") for n in range(50)))
    statement = prepare(store, "SELECT count(*) AS n FROM hazard")
    store.refresh(["hazard"], DAY["as_of"])

    def ask(_: int) -> int:
        with store._engine.cursor() as cursor:
            return run(cursor, statement, DAY).column("n")[0].as_py()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(64))) == {50}


def test_working_days_months_ages_and_parameters(store):
    sql = """SELECT wd_add(DATE '2020-01-23', 1) AS after_feast, wd_add(DATE '2020-01-25', -1) AS before_feast,
      wd_add(DATE '2020-01-25', 0) AS same, wd_diff(DATE '2020-09-25', DATE '2020-09-27') AS makeup_sunday,
      add_months(DATE '2020-01-31', 1) AS clipped, age(DATE '2000-02-29', DATE '2020-02-28') AS almost,
      age(DATE '2000-02-29', DATE '2020-02-29') AS birthday, 1 // 0 AS unknown"""
    row = store.query(prepare(store, sql), DAY).to_pylist()[0]
    assert row["after_feast"] == date(2020, 2, 3)
    assert (row["before_feast"], row["same"]) == (date(2020, 1, 23), date(2020, 1, 25))
    assert row["makeup_sunday"] == 1
    assert (row["clipped"], row["almost"], row["birthday"]) == (date(2020, 2, 29), 19, 20)
    assert row["unknown"] is None


def test_what_does_not_fit_into_memory_is_stopped_not_spilled(tmp_path, monkeypatch):
    """A spilled statement would leave personal data in the folder the server was started in."""
    monkeypatch.chdir(tmp_path)
    engine = open_engine(memory_limit="100MB", threads=1)
    seal(engine)
    with pytest.raises(duckdb.OutOfMemoryException):
        engine.sql("SELECT count(DISTINCT a.i * b.j) FROM range(20000) a(i), range(2000) b(j)").fetchall()
    assert list(tmp_path.iterdir()) == []


def test_no_older_copy_lies_once_rows_are_erased(store, lin, places, tmp_path):
    details = prepare(store, "SELECT detail FROM hazard ORDER BY detail")
    record(lin, hazard(places["青山村"], "张青家"), hazard(places["青山村"], "李红家"))
    other = Mart(tmp_path / "mart", store.schema)  # another process, which has read the first copy
    assert other.query(details, DAY).num_rows == store.query(details, DAY).num_rows == 2
    row = runtime.model_for("hazard").objects.unscoped("test").get(detail="张青家")
    record(lin, Void(row.pk, row.version))
    assert store.query(details, DAY).column("detail").to_pylist() == [
        "李红家"
    ]  # laid over the first copy, which holds both
    assert len(list((tmp_path / "mart").glob("hazard.*.parquet"))) == 1
    store.renew("hazard")
    copies = list((tmp_path / "mart").glob("hazard.*.parquet"))
    assert [pq.read_table(copy).column("detail").to_pylist() for copy in copies] == [["李红家"]]
    assert other.query(details, DAY).column("detail").to_pylist() == ["李红家"]
    other.close()
