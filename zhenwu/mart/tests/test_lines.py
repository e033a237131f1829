"""Child tables in the mart: one row a line, typed, as fresh as their row, under its rights and what counts."""

from datetime import date
from decimal import Decimal

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit, Void
from zhenwu.mart.engine import window
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import Mart
from zhenwu.packs import runtime
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

DAY = window(date(2020, 12, 31))
LINES = """id = 2
code = "steps"
label = "整改措施"
type = "rows"
column = [
  { id = 1, code = "what", label = "措施", type = "text" },
  { id = 2, code = "due", label = "期限", type = "date" },
  { id = 3, code = "cost", label = "经费", type = "money" },
  { id = 4, code = "tel", label = "电话", type = "phone", privacy = "S2" },
  { id = 5, code = "kinds", label = "类别", type = "multichoice", options = ["工程", "制度"] },
  { id = 6, code = "spot", label = "坐标", type = "geo" },
]
"""


@pytest.fixture
def trial(running, tmp_path, places):  # noqa: F811
    ledger = running(trial=pack("trial", text(1, "name"), LINES))["trial"]
    packs = runtime.packs()
    store = Mart(tmp_path / "mart", build_schema(packs.packs, packs.parameters))

    def ask(sql, **how):
        prepared = Preparer(store.schema, packs.packs["trial"]).prepare(sql, "test", **how)
        return store.query(prepared, DAY | ({"scope": how["seen"]} if "seen" in how else {})).to_pylist()

    ask.ledger, ask.store = ledger, store
    yield ask
    store.close()


def write_rows(by, *operations):
    return commit(Draft("trial", by, list(operations), Source(SourceKind.FORM), reason="试验", today=date(2020, 6, 1)))


STEP = {"what": "清淤", "due": date(2020, 7, 1), "cost": Decimal("12.30"), "tel": "13800001234",
        "kinds": ["工程", "制度"], "spot": "106.500000,29.500000"}  # fmt: skip


def test_lines_are_rows_of_their_table_and_lists_in_them_too(trial, lin, places):
    write_rows(lin, Add({"name": "甲", "steps": [STEP, {"what": "挡水"}]}, places["青山村"].pk))
    sql = """SELECT t.name, s.position, s.what, s.due, s.cost, s.spot_lon, s.tel_hash
    FROM trial t JOIN trial__steps s ON s.row = t.id ORDER BY 2"""
    first, second = trial(sql)
    assert (first["position"], first["due"], first["cost"], first["spot_lon"]) == (
        1,
        date(2020, 7, 1),
        Decimal("12.30"),
        106.5,
    )
    assert len(first["tel_hash"]) == 64
    assert (second["what"], second["cost"]) == ("挡水", None)
    assert trial("SELECT position, value FROM trial__steps__kinds ORDER BY value") == [
        {"position": 1, "value": "制度"}, {"position": 1, "value": "工程"},
    ]  # fmt: skip


def test_a_change_of_lines_is_seen_at_once_and_a_voided_row_takes_its_lines_away(trial, lin, places):
    write_rows(
        lin,
        Add({"name": "甲", "steps": [STEP]}, places["青山村"].pk),
        Add({"name": "乙", "steps": [STEP, STEP]}, places["青山村"].pk),
    )
    count = "SELECT count(*) AS n FROM trial__steps"
    assert trial(count) == [{"n": 3}]
    row = trial.ledger.rows("test").get(name="甲")
    write_rows(lin, Edit(row.pk, 1, {"steps": [{"what": "改"}]}))
    assert trial("SELECT what FROM trial__steps ORDER BY what") == [{"what": "改"}, {"what": "清淤"}, {"what": "清淤"}]
    write_rows(lin, Void(trial.ledger.rows("test").get(name="乙").pk, 1))
    assert trial(count) == [{"n": 1}]
    assert trial("SELECT count(*) AS n FROM trial__steps__kinds") == [{"n": 0}]


def test_lines_of_rows_that_do_not_count_or_are_not_seen_are_left_out(trial, lin, places):
    write_rows(
        lin, Add({"name": "甲", "steps": [STEP]}, places["青山村"].pk, Review.APPROVED),
        Add({"name": "乙", "steps": [STEP]}, places["河口村"].pk),
    )  # fmt: skip
    count = "SELECT count(*) AS n FROM trial__steps"
    assert trial(count, rows="counted") == [{"n": 1}]
