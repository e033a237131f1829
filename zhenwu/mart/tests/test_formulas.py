"""A computed field is the same on pages, in exports and in the mart."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.lib.sheets import read_book
from zhenwu.mart.engine import window
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import Mart
from zhenwu.packs import runtime
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

FIELDS = (
    text(1, "name"), text(2, "total", type='"money"'), text(3, "n", type='"integer"'), text(4, "area", type='"area_mu"'),
    text(5, "on_day", type='"date"'), text(6, "due", type='"date"'), text(7, "ok", type='"bool"'),
    text(8, "each", type='"computed"', formula='"total / n"', places=2, unit='"元"', in_list="true"),
    text(9, "late", type='"computed"', formula='"days(on_day, due)"', places=0),
    text(10, "word", type='"computed"', formula='''"'超期' if late > 0 else '按期' if late <= 0 else None"'''),
    text(11, "until", type='"computed"', formula='"max(on_day, due)"'),
    text(12, "fine", type='"computed"', formula='"ok and area * 2 > n"'),
    text(13, "sum", type='"computed"', formula='"coalesce(total, 0) + coalesce(each, 0) - area * 3.5"'),
)  # fmt: skip
CODES = ("each", "late", "word", "until", "fine", "sum")


@pytest.fixture
def trial(running, tmp_path, places):  # noqa: F811
    return running(trial=pack("trial", *FIELDS))["trial"]


def rows(place):
    start = date(2020, 5, 1)
    values = product(
        (None, Decimal("0.05"), Decimal("99999999999.99")),
        (None, 0, 3),
        (None, Decimal("1.2345")),
        (None, 0, 40),
        (None, True),
    )
    for at, (total, n, area, day, ok) in enumerate(values):
        said = {"name": str(at), "total": total, "n": n, "area": area, "due": start, "ok": ok}
        yield Add(said | {"on_day": None if day is None else start + timedelta(days=day)}, place.pk)


def test_python_and_mart_say_the_same(trial, lin, places, tmp_path):
    commit(Draft("trial", lin, list(rows(places["青山村"])), Source(SourceKind.FORM)))
    packs = runtime.packs()
    store = Mart(tmp_path / "mart", build_schema(packs.packs, packs.parameters))
    sql = f"SELECT id, {', '.join(CODES)} FROM trial"
    prepared = Preparer(store.schema, packs.packs["trial"]).prepare(sql, "test")
    found = {one.pop("id"): one for one in store.query(prepared, window(date(2020, 12, 31))).to_pylist()}
    store.close()
    stored = list(trial.rows("test"))
    assert len(stored) == len(found) > 100
    for row in stored:
        assert {code: trial.types[code].from_row(row) for code in CODES} == found[row.pk.hex]


def test_lists_pages_and_exports_show_it(trial, lin, places, live, tmp_path):
    said = {"name": "甲", "total": Decimal("100"), "n": 3, "on_day": date(2020, 5, 3), "due": date(2020, 5, 1)}
    row = trial.rows("test").get(
        change=commit(Draft("trial", lin, [Add(said, places["青山村"].pk)], Source(SourceKind.FORM)))
    )
    page = live(lin).get("/ledgers/trial/").content.decode()
    assert "each的名称（元）" in page
    assert "33.33" in page
    for url in (f"/ledgers/trial/{row.pk}/", f"/ledgers/trial/{row.pk}/edit/"):
        shown = live(lin).get(url).content.decode()
        assert "33.33" in shown
        assert "超期" in shown
    export(trial, lin, tmp_path / "x.xlsx")
    head, line = read_book((tmp_path / "x.xlsx").read_bytes(), filename="x.xlsx").sheets[0].rows[:2]
    values = dict(zip(head, line, strict=True))
    assert values["each的名称（元）"] == 33.33
    assert values["until的名称"] == date(2020, 5, 3)
    assert values["late的名称"] == 2
