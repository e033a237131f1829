"""Child tables on pages: entered without JavaScript, shown, corrected, and given out in a sheet of their own."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.lines import values_of_lines
from zhenwu.ledgers.models import Reveal
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.lib.sheets import read_book
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

LINES = """id = 2
code = "steps"
label = "整改措施"
type = "rows"
column = [
  { id = 1, code = "what", label = "措施", type = "text", required = true },
  { id = 2, code = "due", label = "期限", type = "date" },
  { id = 3, code = "cost", label = "经费", type = "money" },
  { id = 4, code = "tel", label = "电话", type = "phone", privacy = "S2" },
  { id = 5, code = "ill", label = "病情", type = "text", privacy = "S3" },
  { id = 6, code = "who", label = "责任人", type = "user" },
]
"""
URL = "/ledgers/trial"


@pytest.fixture
def trial(running, places):  # noqa: F811
    return running(trial=pack("trial", text(1, "name"), LINES))["trial"]


@pytest.fixture
def stored(trial, lin, places):
    lines = [{"what": "清淤", "due": date(2020, 7, 1), "tel": "13800001234", "ill": "高血压"}, {"what": "挡水"}]
    draft = Draft("trial", lin, [Add({"name": "甲", "steps": lines}, places["青山村"].pk)], Source(SourceKind.FORM))
    return trial.rows("test").get(change=commit(draft))


def said(trial):
    row = trial.rows("test").get()
    return [(one["what"], one["due"], one["cost"]) for one in values_of_lines(trial, row)["steps"] or ()]


def body(*lines: dict, place="", act="save", **more) -> dict:
    found = {"name": "甲", "division": place, "note": "", "act": act, "steps_n": len(lines)} | more
    for index, line in enumerate(lines):
        found |= {f"steps-{index}-{key}": value for key, value in line.items()}
    return found


def opened(row, place, *lines: dict, **more) -> dict:
    known = [{"id": str(one["id"]), "what": one["what"]} for one in row]
    return body(*[a | b for a, b in zip(known, lines, strict=True)], place=place, **more)


def test_lines_are_entered_in_a_form_that_needs_no_script(trial, live, chen, places):
    page = live(chen).get(f"{URL}/new/")
    assert 'name="steps-2-what"' in page.content.decode()  # blank lines to fill
    lines = [{"what": "清淤", "due": "2020.7.1", "cost": "3.2万元"}, {"what": ""}, {"what": "挡水", "due": ""}]
    answer = live(chen).post(f"{URL}/new/", body(*lines, place=places["青山村"].pk))
    assert answer.status_code == 302
    assert [str(one) for line in said(trial) for one in line] == [
        "清淤", "2020-07-01", "32000.00", "挡水", "None", "None",
    ]  # fmt: skip
    shown = live(chen).get(answer["Location"]).content.decode()
    assert "“整改措施”第1行“经费”填的是“3.2万元”，按32,000.00元登记。" in shown
    assert shown.index("清淤") < shown.index("挡水")


def test_more_blank_lines_keep_what_was_typed_and_store_nothing(trial, live, chen, places):
    lines = [{"what": "清淤", "due": "哪天"}, {}, {}]
    page = live(chen).post(f"{URL}/new/", body(*lines, place=places["青山村"].pk, act="lines:steps"))
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="清淤"' in text
    assert 'name="steps-7-what"' in text
    assert "不是日期" not in text
    assert not trial.rows("test").exists()


def test_a_problem_stands_in_its_cell_and_names_the_line(trial, live, chen, places):
    lines = [{"what": "清淤"}, {}, {"what": "", "cost": "五十斤"}]
    page = live(chen).post(f"{URL}/new/", body(*lines, place=places["青山村"].pk))
    assert page.status_code == 422
    assert "第2行“经费”填的是“五十斤”" in page.content.decode()
    page = live(chen).post(
        f"{URL}/new/", body({"what": "清淤"}, {"cost": "5"}, place=places["青山村"].pk, act="submit")
    )
    assert "第2行“措施”没有填" in page.content.decode()
    assert not trial.rows("test").exists()


def test_lines_are_moved_removed_and_kept_with_what_is_hidden(trial, stored, live, chen, places):
    place, before = places["青山村"].pk, values_of_lines(trial, stored)["steps"]
    user = chen
    lines = [{"was": "1", "at": "2", "tel": ""}, {"was": "2", "at": "2"}]
    data = opened(before, place, *lines, version=1)
    assert live(user).post(f"{URL}/{stored.pk}/edit/", data).status_code == 302
    assert [one[0] for one in said(trial)] == ["挡水", "清淤"]
    row = trial.rows("test").get()
    line = trial.children["steps"].model.objects.get(position=2)
    assert trial.children["steps"].types["tel"].from_row(line) == "13800001234"
    assert trial.children["steps"].types["ill"].from_row(line) == "高血压"
    data = opened(values_of_lines(trial, row)["steps"], place, {"drop": "1"}, {}, version=2)
    data["steps-1-tel_clear"] = "1"
    assert live(user).post(f"{URL}/{stored.pk}/edit/", data).status_code == 302
    assert [one[0] for one in said(trial)] == ["清淤"]
    assert trial.children["steps"].model.objects.get().tel is None
    assert list(verify("trial")) == []


def test_saving_what_was_opened_changes_nothing(trial, stored, live, lin, places):
    before = values_of_lines(trial, stored)["steps"]
    data = opened(before, places["青山村"].pk, {"due": "2020-07-01"}, {}, version=1)
    data |= {"steps-0-ill": "高血压"}
    assert live(lin).post(f"{URL}/{stored.pk}/edit/", data).status_code == 302
    assert trial.rows("test").get().version == 1


def test_who_may_not_see_a_column_neither_sees_nor_loses_it(trial, stored, live, chen, lin, places):
    page = live(chen).get(f"{URL}/{stored.pk}/").content.decode()
    assert "清淤" in page
    assert "高血压" not in page
    assert "13800001234" not in page
    history = live(chen).get(f"{URL}/{stored.pk}/history/").content.decode()
    assert "清淤" in history
    assert "高血压" not in history


def test_a_personal_number_in_a_line_is_revealed_for_a_purpose(trial, stored, live, lin):
    line = trial.children["steps"].model.objects.get(position=1)
    url = f"{URL}/{stored.pk}/reveal/steps/{line.pk}/tel/"
    assert url in live(lin).get(f"{URL}/{stored.pk}/").content.decode()
    assert "13800001234" in live(lin).post(url, {"purpose": "P4"}).content.decode()
    assert Reveal.objects.get().field == "steps.1.tel"
    other = trial.children["steps"].model.objects.get(position=2)
    assert live(lin).get(f"{URL}/{stored.pk}/reveal/steps/{other.pk}/tel/").status_code == 404
    assert live(lin).get(f"{URL}/{stored.pk}/reveal/steps/{line.pk}/what/").status_code == 404


def test_two_who_changed_the_lines_are_told_so(trial, stored, live, lin, places):
    before = values_of_lines(trial, stored)["steps"]
    commit(Draft("trial", lin, [Edit(stored.pk, 1, {"steps": [{"what": "别人改的"}]})], Source(SourceKind.FORM)))
    data = opened(before, places["青山村"].pk, {"what": "我改的"}, {}, version=1)
    page = live(lin).post(f"{URL}/{stored.pk}/edit/", data)
    assert page.status_code == 409
    assert "1. 措施 别人改的" in page.content.decode()
    assert "我改的" in page.content.decode()


def test_the_export_has_a_sheet_of_lines_keyed_by_number(trial, stored, lin, chen, tmp_path):
    export(trial, lin, tmp_path / "all.xlsx", console=True)  # a column is sensitive
    sheets = {one.name: one for one in read_book((tmp_path / "all.xlsx").read_bytes(), filename="all.xlsx").sheets}
    assert list(sheets) == ["试验台账", "整改措施"]
    rows = [list(row) for row in sheets["整改措施"].rows]
    assert rows[0] == ["编号", "行", "措施", "期限", "经费（元）", "电话", "病情", "责任人"]
    assert rows[1][0] == stored.no
    assert rows[1][2:4] == ["清淤", date(2020, 7, 1)]
    assert "13800001234" not in str(rows)
    export(trial, chen, tmp_path / "own.xlsx")
    sheets = {one.name: one for one in read_book((tmp_path / "own.xlsx").read_bytes(), filename="own.xlsx").sheets}
    assert "病情" not in str(sheets["整改措施"].rows)


LIFE = """
[lifecycle]
initial = "listed"
states = [{ code = "listed", label = "已列入" }, { code = "planned", label = "已定方案" }]
[[lifecycle.transition]]
code = "plan"
label = "定方案"
from = ["listed"]
to = "planned"
who = ["office"]
needs = ["steps"]
"""


def test_a_step_that_needs_lines_asks_for_them(running, live, lin, places):  # noqa: F811
    ledger = running(trial=pack("trial", text(1, "name"), LINES, more=LIFE))["trial"]
    draft = Draft("trial", lin, [Add({"name": "甲"}, places["青山村"].pk)], Source(SourceKind.FORM))
    row = ledger.rows("test").get(change=commit(draft))
    url = f"{URL}/{row.pk}/step/plan/"
    assert 'name="steps-0-what"' in live(lin).get(url).content.decode()
    assert live(lin).post(url, {"version": 1, "steps_n": 0}).status_code == 422
    answer = live(lin).post(url, {"version": 1, "steps_n": 1, "steps-0-what": "清淤"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.state == "planned"
    assert said(ledger) == [("清淤", None, None)]
