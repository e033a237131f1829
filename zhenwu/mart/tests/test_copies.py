"""The copies of ledgers on disk and what is laid over them: of one moment, healed when damaged, renewed in the background."""

import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection

from zhenwu.ledgers.operations import Add, Edit, Void
from zhenwu.mart import copying, extract, store, tasks
from zhenwu.mart.copying import Unit
from zhenwu.mart.engine import window
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Prepared, Preparer
from zhenwu.mart.store import Mart
from zhenwu.mart.tests.hazards import hazard, record
from zhenwu.packs import runtime

DAY = window(date(2020, 12, 31))
COUNT = "SELECT detail, level, fund FROM hazard ORDER BY detail"


def new_mart(folder: Path) -> Mart:
    packs = runtime.packs()
    return Mart(folder, build_schema(packs.packs, packs.parameters))


@pytest.fixture
def mart(tmp_path: Path, db) -> Iterator[Mart]:
    made = new_mart(tmp_path / "mart")
    yield made
    made.close()


def prepare(mart: Mart, sql: str) -> Prepared:
    return Preparer(mart.schema, runtime.packs().packs["hazard"]).prepare(sql, "test")


def details(mart: Mart) -> list[str]:
    return mart.query(prepare(mart, "SELECT detail FROM hazard ORDER BY detail"), DAY).column("detail").to_pylist()


def stored(detail: str):
    return runtime.model_for("hazard").objects.unscoped("test").get(detail=detail)


def files(mart: Mart) -> list[str]:
    return sorted(path.name for path in mart.shelf.folder.glob("hazard.*.parquet"))


def test_many_changes_lie_over_one_copy(mart, lin, places):
    record(lin, *(hazard(places["青山村"], f"{n:02d}") for n in range(20)))
    details(mart)
    copies = files(mart)
    expected = {f"{n:02d}" for n in range(20)}
    for n in range(0, 12, 3):
        first, second = stored(f"{n:02d}"), stored(f"{n + 1:02d}")
        record(lin, Edit(first.pk, first.version, {"detail": f"改{n}"}), Void(second.pk, second.version))
        expected = expected - {f"{n:02d}", f"{n + 1:02d}"} | {f"改{n}"}
        assert set(details(mart)) == expected
        again = stored(f"改{n}")
        record(lin, Edit(again.pk, again.version, {"detail": f"再改{n}"}), hazard(places["青山村"], f"加{n}"))
        expected = expected - {f"改{n}"} | {f"再改{n}", f"加{n}"}
        assert sorted(details(mart)) == sorted(expected)
    assert files(mart) == copies


def test_read_page_by_page_it_is_the_same(mart, lin, places, monkeypatch, tmp_path):
    photo = [{"sha256": "ab" * 32, "name": "后.jpg", "size": 1, "mime": "image/jpeg"}]
    record(
        lin,
        *(
            hazard(places["青山村"], f"第{n}处,“引号”\n换行", fund=Decimal(n) / 100, photo_after=photo * (n % 3))
            for n in range(23)
        ),
    )
    sql = "SELECT h.*, (SELECT count(*) FROM hazard__photo_after AS p WHERE p.row = h.id) AS photos FROM hazard AS h ORDER BY id"
    whole = mart.query(prepare(mart, sql), DAY).to_pylist()
    monkeypatch.setattr(extract, "_PAGE", 5)
    other = new_mart(tmp_path / "paged")
    assert other.query(prepare(other, sql), DAY).to_pylist() == whole
    assert [row["photos"] for row in whole] == [n % 3 for n in range(23)]
    assert sum(row["fund"] for row in whole) == Decimal("2.53")
    other.close()


@pytest.mark.django_db(transaction=True)
def test_outside_of_transactions_the_copy_is_the_same(committing, lin, places, tmp_path):
    """There the copy is read in a transaction of its own."""
    record(
        lin,
        hazard(places["青山村"], "甲", fund=Decimal("0.07")),
        hazard(places["青山村"], ""),
        hazard(places["青山村"], "丙"),
    )
    third = stored("丙")
    record(lin, Void(third.pk, third.version))
    outside = new_mart(tmp_path / "outside")
    rows = outside.query(prepare(outside, "SELECT * FROM hazard ORDER BY id"), DAY)
    assert not connection.in_atomic_block
    from django.db import transaction

    with transaction.atomic():
        inside = new_mart(tmp_path / "inside")
        again = inside.query(prepare(inside, "SELECT * FROM hazard ORDER BY id"), DAY)
    assert rows.schema == again.schema
    assert rows.to_pylist() == again.to_pylist()
    assert rows.column("fund").to_pylist() == [Decimal("0.07"), None]
    outside.close()
    inside.close()


@pytest.mark.django_db(transaction=True)
def test_two_ledgers_written_by_one_change_are_never_seen_half(committing, lin, places, tmp_path):
    """A writer puts as many rows into each of two ledgers in one transaction; readers must always count the same."""
    from django.db import connections, transaction

    shared = new_mart(tmp_path / "mart")
    both = prepare(
        shared,
        "SELECT (SELECT count(*) FROM hazard) AS a, (SELECT count(*) FROM site_none) AS b, "
        "(SELECT count(*) FROM hazard__state) AS c",
    )
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        try:
            while not stop.is_set():
                row = shared.query(both, DAY).to_pylist()[0]
                if not row["a"] == row["b"] == row["c"]:
                    wrong.append(row)
        except Exception as problem:
            wrong.append(problem)
        finally:
            connections.close_all()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for one in readers:
        one.start()
    for n in range(25):
        with transaction.atomic():
            record(lin, hazard(places["青山村"], f"{n}"))
            none = {"sector": "消防", "for_year": 2000 + n, "signer": "甲", "signed_on": date(2020, 6, 1)}
            record(lin, Add(none, division=places["青山村"].pk), ledger="site_none")
    stop.set()
    for one in readers:
        one.join()
    assert wrong == []
    assert shared.query(both, DAY).to_pylist() == [{"a": 25, "b": 25, "c": 25}]
    shared.close()


def test_what_is_being_read_does_not_change_underway(mart, lin, places):
    record(lin, hazard(places["青山村"], "a"))
    count = prepare(mart, "SELECT count(*) AS n FROM hazard")
    with mart.reading(["hazard"], DAY["as_of"]) as now:
        assert now.query(count, DAY).to_pylist() == [{"n": 1}]
        record(lin, hazard(places["青山村"], "b"))
        assert mart.query(count, DAY).to_pylist() == [{"n": 2}]
        assert now.query(count, DAY).to_pylist() == [{"n": 1}]


@pytest.mark.parametrize("damage", ["removed", "cut off", "emptied"])
def test_a_damaged_copy_is_made_anew(mart, lin, places, damage, tmp_path):
    record(lin, hazard(places["青山村"], "a"))
    details(mart)
    for path in mart.shelf.folder.glob("hazard*.parquet"):
        if damage == "removed":
            path.unlink()
        else:
            os.truncate(path, path.stat().st_size // 2 if damage == "cut off" else 0)
    record(lin, hazard(places["青山村"], "b"))
    fresh = mart if damage == "removed" else new_mart(tmp_path / "mart")
    assert details(fresh) == ["a", "b"]


def test_the_background_renews_what_was_written_over(mart, lin, places, monkeypatch, settings, tmp_path):
    settings.INSTANCE = tmp_path
    record(lin, hazard(places["青山村"], "a"))
    details(mart)
    assert tasks.renew_copies() == ""
    monkeypatch.setattr(copying, "_FEW_AT_REST", 1)
    monkeypatch.setattr(copying, "_SHARE_AT_REST", 1000)
    record(lin, hazard(places["青山村"], "b"), hazard(places["青山村"], "c"))
    assert tasks.renew_copies() == "整理1本台账"
    assert tasks.renew_copies() == ""
    assert len(files(mart)) == 2  # who still reads the old one has a quarter of an hour
    monkeypatch.setattr(store, "_LOOK", 1)
    record(lin, hazard(places["青山村"], "d"))
    assert details(mart) == ["a", "b", "c", "d"]
    assert mart._shown["hazard"].copy.rows == 3


def test_old_copies_go_once_nobody_can_be_reading_them(mart, lin, places):
    unit = Unit.of(mart.schema, "hazard")
    for n in range(3):
        record(lin, hazard(places["青山村"], f"{n}"))
        copying.make_copy(mart.shelf, unit)
        time.sleep(0.01)
    assert len(files(mart)) == 3
    past = time.time() - 3600
    for path in mart.shelf.folder.glob("hazard*.parquet"):
        os.utime(path, (past, past))
    left = mart.shelf.folder / ".hazard.1.x.y.1.parquet.99"
    left.touch()
    os.utime(left, (past, past))
    copying.make_copy(mart.shelf, unit)
    assert len(files(mart)) == 2  # the new one, and the one before it: it was in use until now
    assert not left.exists()


def test_past_states_can_be_counted_again(mart, lin, places):
    record(lin, hazard(places["青山村"], "a"))
    row = stored("a")
    record(lin, Edit(row.pk, row.version, {"detail": "a2"}))  # no state changes: no span of its own
    row.refresh_from_db()
    record(lin, Void(row.pk, row.version))
    sql = "SELECT row, review, state, void, change, next_change FROM hazard__state ORDER BY change"
    spans = mart.query(prepare(mart, sql), DAY).to_pylist()
    assert [(one["row"], one["review"], one["void"]) for one in spans] == [
        (row.pk.hex, "approved", False), (row.pk.hex, "approved", True),
    ]  # fmt: skip
    assert spans[0]["next_change"] == spans[1]["change"]
    assert spans[1]["next_change"] is None
    record(lin, hazard(places["青山村"], "b"))
    when = spans[0]["change"]
    then = f"SELECT count(*) AS n FROM hazard__state WHERE change <= {when} AND coalesce(next_change > {when}, TRUE)"
    assert mart.query(prepare(mart, then), DAY).to_pylist() == [{"n": 1}]
    assert mart.query(prepare(mart, "SELECT count(*) AS n FROM hazard"), DAY).to_pylist() == [{"n": 1}]


def test_no_personal_number_is_in_any_copy(lin, places, tmp_path):
    """Every ledger that has a field for numbers of persons gets planted ones; no file may hold them, in whatever column."""
    from zhenwu.packs.types import Personal

    planted = {"idno": "51999919800101001X", "phone": "13955550199", "bank_account": "6217999900001234567"}
    mart = new_mart(tmp_path / "mart")
    told = 0
    for ledger in runtime.ledgers().values():
        fields = {code: kind for code, kind in ledger.stored.items() if isinstance(kind, Personal)}
        if not fields:
            continue
        values = {
            name: value for code, kind in fields.items() for name, value in kind.to_columns(planted[kind.name]).items()
        }
        _plant(ledger, values, lin, places)
        told += len(fields)
        mart.refresh([ledger.code], DAY["as_of"])
    assert told >= 3
    cells = 0
    for path in mart.shelf.folder.glob("*.parquet"):
        for column in pq.read_table(path).columns:
            for value in column.to_pylist():
                cells += value is not None
                assert not any(number in str(value) for number in planted.values()), path.name
    assert cells > told
    mart.close()


def _plant(ledger, values, by, places) -> None:
    """A row straight into the table: only what the mart reads matters here."""
    from django.utils import timezone

    from zhenwu.changes.models import Change

    change = Change.objects.create(at=timezone.now(), source_kind="system", ledgers=json.loads("{}"))
    ledger.model._default_manager.create(
        no=f"X-{ledger.code}", division=places["青山村"], created_at=timezone.now(), changed_at=timezone.now(),
        change=change, created_by=by, changed_by=by, **values,
    )  # fmt: skip
