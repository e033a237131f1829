"""Pages of figures: open to who may see the figure, with exactly the rows behind it that the reader may see."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from zhenwu.accounts.models import User
from zhenwu.changes.models import AuditEntry, Watched
from zhenwu.divisions.actions import merge
from zhenwu.divisions.models import Division, Edge, Event, EventKind, EventState, Level
from zhenwu.indicators import seeing
from zhenwu.indicators.aggregate import Group, fewest_of
from zhenwu.indicators.queries import spec_of, value
from zhenwu.indicators.seeing import HIDDEN_TEXT, small_cell, small_text, texts
from zhenwu.indicators.tests.hazards import hazard, record
from zhenwu.indicators.tracing import trace
from zhenwu.ledgers.operations import Add
from zhenwu.packs import runtime

AS_OF = date(2020, 12, 31)
PAGE = "/figures/hz_n/?as_of=2020-12-31"


@pytest.fixture
def rows(lin, places):
    def marked(place, day: str, **values) -> Add:
        return hazard(place, day, detail=f"{place.name}<i>堵塞</i>", **values)

    record(
        lin, marked(places["青山村"], "2020-01-05"), marked(places["青山村"], "2020-03-06"),
        marked(places["河口村"], "2020-03-07", sector="燃气"),
    )  # fmt: skip
    return list(runtime.model_for("hazard").objects.unscoped("test").order_by("no"))


def test_the_rows_of_the_page_are_those_of_the_trace(rows, leader, live):
    page = live(leader).get(PAGE)
    behind = trace("hz_n", as_of=AS_OF).rows
    assert len(page.context["lines"]) == len(behind) == 3
    assert {line.no for line in page.context["lines"]} == {row.no for row in rows}
    text = page.content.decode()
    for row in rows:
        assert f"/ledgers/hazard/{row.pk}/" in text
    assert page.context["figure"]["text"] == "3"
    assert "<i>堵塞" not in text
    assert "&lt;i&gt;堵塞" in text


def test_a_village_sees_the_figure_and_its_own_rows_only(rows, chen, wu, live):
    page = live(chen).get(PAGE)
    assert page.context["figure"]["text"] == "3"
    assert {line.place for line in page.context["lines"]} == {"青山村"}
    assert "另有 1 行不在你的查看范围内" in page.content.decode()
    assert "另有 2 行不在你的查看范围内" in live(wu).get(PAGE).content.decode()


def test_a_new_village_shows_what_its_former_ones_counted(rows, leader, lin, live, places):
    new = Division(code="519999100203", name="青河村", parent=places["town"])
    merge([places["青山村"], places["河口村"]], into=new, on=date(2020, 7, 1), title="合并", approval="1号", by=lin)
    bars = [(bar.label, bar.text) for bar in live(leader).get(PAGE).context["villages"]]
    assert bars[-3:] == [("青河村", "3"), ("其中：原青山村", "2"), ("其中：原河口村", "1")]
    was = live(leader).get(f"{PAGE}&boundary=was").context["villages"]
    assert {bar.label: bar.text for bar in was}["青山村"] == "2"


def test_rows_of_a_divided_village_are_listed_apart(rows, leader, lin, live, places):
    parts = [
        Division.objects.create(
            code=f"51999910020{n}", name=name, level=Level.VILLAGE, parent=places["town"], valid_from=date(2020, 7, 1)
        )
        for n, name in ((4, "青东村"), (5, "青西村"))
    ]
    event = Event.objects.create(
        kind=EventKind.SPLIT, title="分设", state=EventState.EFFECTIVE, effective=date(2020, 7, 1)
    )
    Division.objects.filter(pk=places["青山村"].pk).update(valid_to=date(2020, 7, 1))
    for one in parts:
        Edge.objects.create(
            event=event, source=places["青山村"], target=one, whole=False, pop_share=None, land_share=None
        )
    page = live(leader).get(f"{PAGE}&place={parts[0].pk.hex}")
    assert page.context["figure"]["text"] == "0"
    assert page.context["undecided"] == 2
    assert {line.place for line in page.context["open_lines"]} == {"青山村"}
    assert "归属未定的行" in page.content.decode()


def test_place_month_year_and_boundary_narrow_the_question(rows, leader, live, places):
    client = live(leader)
    village = places["青山村"].pk.hex
    assert client.get(f"{PAGE}&place={village}").context["figure"]["text"] == "2"
    march = client.get(f"{PAGE}&period=2020-03")
    assert (march.context["figure"]["text"], len(march.context["lines"])) == ("2", 2)
    assert client.get(f"{PAGE}&year=2019").context["figure"]["text"] == "0"
    assert client.get(f"{PAGE}&boundary=was").context["asked"].boundary == "was"
    assert [point.text for point in client.get(PAGE).context["points"]][:3] == ["1", "0", "2"]
    assert {bar.label: bar.text for bar in client.get(PAGE).context["villages"]}["青山村"] == "2"


def test_parts_and_ratios_open_too(rows, leader, live):
    client = live(leader)
    page = client.get("/figures/hz_sector/?as_of=2020-12-31")
    assert {bar.label: bar.text for bar in page.context["by"]} == {"消防": "2", "燃气": "1"}
    assert client.get("/figures/hz_sector.燃气/?as_of=2020-12-31").context["figure"]["text"] == "1"
    ratio = client.get("/figures/hz_rate/?as_of=2020-12-31").context["parts_of"]
    assert (ratio["num"], ratio["den"]) == ("0", "3")


def test_what_cannot_be_read_is_said_and_the_page_still_answers(rows, leader, live):
    page = live(leader).get("/figures/hz_n/?as_of=2020-13-40&year=zwei&place=nirgends&period=x&page=zzz")
    assert page.status_code == 200
    assert len(page.context["asked"].problems) == 4
    assert live(leader).get("/figures/hz_nothing/").status_code == 404
    assert live(leader).get("/figures/hz_n.消防/").status_code == 404


def test_the_sheet_holds_the_rows_one_may_see(rows, chen, live):
    answer = live(chen).get("/figures/hz_n/trace.xlsx?as_of=2020-12-31")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    sheet = list(book["明细"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in sheet] == ["青山村", "青山村"]
    facts = {row[0]: row[1] for row in book["说明"].iter_rows(min_row=3, values_only=True)}
    assert (facts["数值"], facts["不在查看范围内的行数"]) == ("3", "1")
    [entry] = AuditEntry.objects.filter(kind=Watched.EXPORT)
    assert (entry.by, entry.said[-5:]) == (chen, "的依据2行")


def test_the_index_lists_what_the_role_may_see(rows, leader, chen, live):
    page = live(leader).get("/figures/", {"as_of": "2020-12-31", "q": "隐患"})
    shown = {
        one.part["code"]: one.part["text"]
        for _, ledgers in page.context["lines"]
        for ledger in ledgers
        for one in ledger.figures
    }
    assert shown["hz_n"] == "3"
    assert live(chen).get("/figures/").status_code == 200


def test_a_user_without_a_role_has_no_figures(db, live):
    nobody = User.objects.create(username="nobody")
    assert live(nobody).get("/figures/").status_code == 404
    assert live(nobody).get("/figures/hz_n/").status_code == 404


def test_one_small_cell_takes_the_next_smallest_with_it(rows, places):
    figures = {"a": value("hz_n", as_of=AS_OF, place=places["青山村"]), "b": value("hz_n", as_of=AS_OF)}
    assert texts(figures, all_shown=True) == {"a": "2", "b": "3"}
    assert texts(figures, all_shown=False) == {"a": small_text(), "b": small_text()}
    big = {"a": figures["a"], "b": replace(figures["b"], row_count=40, fewest=40)}
    big["c"] = replace(figures["b"], row_count=90, fewest=90)
    assert texts(big, all_shown=False) == {"a": small_text(), "b": HIDDEN_TEXT, "c": "3"}


def test_the_small_cell_rule_is_one_dated_parameter_of_the_packs(rows, places):
    said = [one for one in runtime.packs().parameters if one.code == "privacy.small_cell"]
    assert [int(one.value) for one in said] == [small_cell()]
    assert small_text() == f"少于{small_cell()}"


def test_without_dates_pages_ask_for_the_last_year_that_the_ledgers_hold(rows, leader, live):
    assert live(leader).get("/figures/hz_n/").context["asked"].as_of == AS_OF


@pytest.fixture
def secret(monkeypatch):
    """The figure as if it told who is ill: S3."""
    from zhenwu.indicators import seeing, showing

    def spec(code: str):
        return spec_of(code).model_copy(update={"privacy": "S3"})

    monkeypatch.setattr(seeing, "spec_of", spec)
    monkeypatch.setattr(showing, "spec_of", spec)


def test_rows_behind_a_protected_figure_are_for_those_who_work_with_it(rows, secret, lin, leader, chen, live):
    for user in (leader, chen):
        page = live(user).get(f"{PAGE}&period=2020-03")
        assert page.context["figure"]["text"] == small_text()
        assert page.context["lines"] == []
        text = page.content.decode()
        assert rows[0].no not in text
        assert "另有若干行" in text  # how many would tell what the figure hides
        assert "另有 " not in text
        sheet = live(user).get("/figures/hz_n/trace.xlsx?as_of=2020-12-31&period=2020-03")
        book = openpyxl.load_workbook(BytesIO(sheet.content))
        said = {str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row}
        assert rows[1].no not in said
        assert "不在查看范围内的行数" not in said
    assert len(live(lin).get(PAGE).context["lines"]) == 3


def test_a_share_of_three_in_two_hundred_tells_of_three():
    group = Group("p", "2020-01", None, 200, 200, 3, 200, (), 0)
    spec = spec_of("hz_n").model_copy(update={"agg": "ratio"})
    assert fewest_of(spec, [group], None) == 3
    assert fewest_of(spec, [replace(group, num=198)], None) == 2
    assert fewest_of(spec, [replace(group, num=0)], None) == 200
    assert fewest_of(spec.model_copy(update={"agg": "count"}), [group], 3) == 3


def test_a_village_is_not_told_the_few_of_another(rows, chen, leader, monkeypatch):
    monkeypatch.setattr(seeing, "spec_of", lambda code: spec_of(code).model_copy(update={"privacy": "S2"}))
    assert not seeing.sees_small(chen, "hz_n")
    assert seeing.sees_small(leader, "hz_n")
