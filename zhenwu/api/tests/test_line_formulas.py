"""Computed columns of child tables, and fields worked out of lines, are the same on pages, in exports, in programs and in the mart."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from zhenwu.api.showing import row_json, shape_of
from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.checks.cases import CaseRunner
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.importing.actions import stage_file
from zhenwu.ledgers.importing.mapping import targets_of
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.ledgers.story import compared, entries
from zhenwu.lib.sheets import read_book
from zhenwu.mart.engine import window
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import Mart
from zhenwu.packs import runtime
from zhenwu.packs.reader import read_packs
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

FORM = Source(SourceKind.FORM)
LINES = """id = 2
code = "steps"
label = "用料"
type = "rows"
column = [
  { id = 1, code = "what", label = "材料", type = "text", required = true },
  { id = 2, code = "n", label = "数量", type = "integer" },
  { id = 3, code = "price", label = "单价", type = "money" },
  { id = 4, code = "used_on", label = "用料日期", type = "date" },
  { id = 5, code = "cost", label = "金额", type = "computed", formula = "n * price", places = 2, unit = "元" },
  { id = 6, code = "dear", label = "大额", type = "computed", formula = "cost > 1000" },
]
"""
FIELDS = (
    text(1, "name"), LINES, text(3, "budget", type='"money"'),
    text(4, "total", type='"computed"', formula='"sum(steps.cost)"', places=2, unit='"元"', in_list="true"),
    text(5, "many", type='"computed"', formula='"count(steps)"', places=0),
    text(6, "known", type='"computed"', formula='"count(steps.price)"', places=0),
    text(7, "last_on", type='"computed"', formula='"max(steps.used_on)"'),
    text(8, "least", type='"computed"', formula='"min(steps.price)"', places=2),
    text(9, "rest", type='"computed"', formula='"budget - coalesce(total, 0)"', places=2),
)  # fmt: skip
CODES = ("total", "many", "known", "last_on", "least", "rest")


@pytest.fixture
def trial(running, places):  # noqa: F811
    return running(trial=pack("trial", *FIELDS))["trial"]


@pytest.fixture
def stored(trial, lin, places):
    lines = [
        {"what": "水泥", "n": 3, "price": Decimal("400.10"), "used_on": date(2020, 5, 2)},
        {"what": "砂", "n": 2, "price": Decimal("0.05"), "used_on": date(2020, 5, 7)},
        {"what": "工"},
    ]
    said = {"name": "甲", "budget": Decimal(2000), "steps": lines}
    return trial.rows("test").get(change=commit(Draft("trial", lin, [Add(said, places["青山村"].pk)], FORM)))


def values(ledger, row):
    return {code: ledger.types[code].from_row(row) for code in CODES}


def test_what_is_said_of_lines(trial, stored, lin, places):
    assert values(trial, stored) == {
        "total": Decimal("1200.40"), "many": 3, "known": 2, "last_on": date(2020, 5, 7), "least": Decimal("0.05"),
        "rest": Decimal("799.60"),
    }  # fmt: skip
    lines = trial.children["steps"].model.objects.order_by("position")
    computed = trial.children["steps"].computed
    assert [(computed["cost"].from_row(one), computed["dear"].from_row(one)) for one in lines] == [
        (Decimal("1200.30"), True), (Decimal("0.10"), False), (None, None),
    ]  # fmt: skip
    empty = trial.rows("test").get(change=commit(Draft("trial", lin, [Add({"name": "乙"}, places["青山村"].pk)], FORM)))
    assert values(trial, empty) == {"total": None, "many": 0, "known": 0, "last_on": None, "least": None, "rest": None}


def test_rows_of_a_query_say_the_same_as_a_row(trial, stored):
    kinds = [trial.types[code] for code in CODES]
    for kind in kinds:
        (said,) = trial.rows("test").values_list(*kind.list_paths())
        assert kind.of_columns(*said) == kind.from_row(stored)


def test_python_and_mart_say_the_same(trial, lin, places, tmp_path):
    adds = []
    for n, price, day in product(
        (None, 0, 7), (None, Decimal("0.05"), Decimal("9999999.99")), (None, date(2020, 5, 1))
    ):
        line = {"what": "料", "n": n, "price": price, "used_on": day}
        adds += [
            Add({"budget": price, "steps": some}, places["青山村"].pk)
            for some in ([line], [line, line, {"what": "工"}], [])
        ]
    commit(Draft("trial", lin, adds, FORM))
    packs = runtime.packs()
    store = Mart(tmp_path / "mart", build_schema(packs.packs, packs.parameters))
    preparer = Preparer(store.schema, packs.packs["trial"])

    def asked(sql):
        return store.query(preparer.prepare(sql, "test"), window(date(2020, 12, 31))).to_pylist()

    found = {one.pop("id"): one for one in asked(f"SELECT id, {', '.join(CODES)} FROM trial")}
    rows = list(trial.rows("test"))
    assert len(rows) == len(found) == 54
    for row in rows:
        assert values(trial, row) == found[row.pk.hex]
    in_mart = {
        (one["row"], one["position"]): one for one in asked("SELECT row, position, cost, dear FROM trial__steps")
    }
    lines, computed = trial.children["steps"].model.objects.all(), trial.children["steps"].computed
    for line in lines:
        one = in_mart.pop((line.parent_id.hex, line.position))
        assert (computed["cost"].from_row(line), computed["dear"].from_row(line)) == (one["cost"], one["dear"])
    assert in_mart == {}
    one = rows[1]  # a line changes: the copy and what is laid over it say so
    commit(Draft("trial", lin, [Edit(one.pk, 1, {"steps": [{"what": "料", "n": 2, "price": Decimal(5)}]})], FORM))
    assert asked(f"SELECT total FROM trial WHERE id = '{one.pk.hex}'") == [{"total": Decimal("10.00")}]
    store.close()


def test_lists_pages_forms_and_exports_show_it(trial, stored, lin, live, tmp_path):
    page = live(lin).get("/ledgers/trial/").content.decode()
    assert "total的名称（元）" in page
    assert "1200.4" in page
    for url in (f"/ledgers/trial/{stored.pk}/", f"/ledgers/trial/{stored.pk}/edit/"):
        shown = live(lin).get(url).content.decode()
        assert "1200.4" in shown
        assert "1200.3" in shown  # the line
        assert "799.6" in shown
    assert 'name="steps-0-cost"' not in shown
    export(trial, lin, tmp_path / "x.xlsx")
    main, lines = read_book(tmp_path / "x.xlsx").sheets[:2]
    assert [row[main.rows[0].index("total的名称（元）")] for row in main.rows[1:]] == [1200.4]
    at = lines.rows[0].index("金额（元）")
    assert [row[at] for row in lines.rows[1:]] == [1200.3, 0.1, ""]


def test_programs_read_it_and_do_not_write_it(trial, stored, lin):
    scope = scope_in(lin, trial)
    shown = row_json(trial, scope, stored.pk)["values"]
    assert (shown["total"], shown["many"], shown["last_on"]) == ("1200.40", "3", "2020-05-07")
    assert [(one["cost"], one["dear"]) for one in shown["steps"]] == [("1200.30", True), ("0.10", False), (None, None)]
    shape = shape_of(trial, scope)
    (listed,) = shape.many(rows_in(trial, scope).values_list(*shape.paths))
    assert listed["values"]["rest"] == "799.60"
    known = targets_of(trial)
    assert {"steps.n", "steps.price"} <= known.keys()
    assert not {"total", "steps.cost", "steps.dear"} & known.keys()


def test_our_own_sheet_comes_back_without_a_word_on_computed_columns(trial, stored, lin, places, live, tmp_path):
    export(trial, lin, tmp_path / "x.xlsx")
    staged = stage_file("trial", tmp_path / "x.xlsx", name="x.xlsx", by=lin)
    assert [(row.status, row.problems) for row in staged.rows] == [("same", ())]


def test_history_says_what_it_was(trial, stored, lin):
    lines = [{"what": "水泥", "n": 1, "price": Decimal("400.10")}]
    commit(Draft("trial", lin, [Edit(stored.pk, 1, {"steps": lines})], FORM))
    old, new = History.objects.filter(row=stored.pk).order_by("version")
    scope = scope_in(lin, trial)
    sides = {one.label: (one.a, one.b, one.differs) for one in compared(trial, scope, old, new)}
    assert sides["total的名称"] == ("1200.4", "400.1", True)
    assert "金额 1200.3" in sides["用料"][0]
    (change,) = entries(trial, scope, [new], [old])
    said = {one.label: (one.was, one.now) for one in change.differences}
    assert said["total的名称"] == ("1200.4", "400.1")
    assert said["many的名称"] == ("3", "1")
    assert "name的名称" not in said
    assert list(verify("trial")) == []


def test_a_case_works_it_out(write):  # noqa: F811
    case = """
[[indicator]]
code = "trial_total"
label = "用料金额"
unit = "元"
definition = "各处用料金额之和"
agg = "sum"
kind = "stock"
sql = "SELECT id AS row, division AS place, NULL AS day, total AS num FROM trial"
[[case]]
name = "金额"
as_of = "2020-06-01"
figures = { trial_total = "11" }
[case.rows]
trial = [{ id = "a", steps = [{ what = "料", n = 2, price = 5 }, { what = "工", n = 1, price = 1 }] }]
"""
    packs = read_packs([write(trial=pack("trial", *FIELDS, more=case))])
    runner, (one,) = CaseRunner(packs), packs.packs.values()
    assert runner.sql_problems(one) == []
    assert [runner.run(one, case) for case in one.case] == [[]]
    runner.close()
