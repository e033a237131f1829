"""A figure that tells of persons, as it is shown to who may not know its small cells: no question gives them away."""

from datetime import date

import pytest

from zhenwu.indicators import seeing, showing, trends
from zhenwu.indicators.queries import spec_of
from zhenwu.indicators.seeing import HIDDEN_TEXT, small_text
from zhenwu.indicators.tests.hazards import hazard, record

YEAR = "?as_of=2020-12-31"


def _add(lin, place, day: str, many: int, sector: str = "消防") -> None:
    some = [hazard(place, day, sector=sector, detail=f"{place.name}{day}{sector}{number}") for number in range(many)]
    record(lin, *some, on=date(2020, 12, 1))


@pytest.fixture
def rows(lin, places):
    """青山村 3, 河口村 12 in 2020; 20 in all the year before."""
    _add(lin, places["青山村"], "2020-02-01", 3)
    _add(lin, places["河口村"], "2020-05-01", 12, "燃气")
    _add(lin, places["河口村"], "2019-01-05", 20)


@pytest.fixture
def secret(monkeypatch):
    """The figures as if they told who is ill: S3."""

    def spec(code: str):
        return spec_of(code).model_copy(update={"privacy": "S3"})

    for room in (seeing, showing, trends):
        monkeypatch.setattr(room, "spec_of", spec)


def _page(client, query: str = "", code: str = "hz_n"):
    return client.get(f"/figures/{code}/{YEAR}{query}").context


def test_the_cell_that_the_total_would_give_away_is_hidden_with_the_small_one(rows, secret, leader, lin, live):
    said = {bar.label: (bar.text, bar.share, bar.rows) for bar in _page(live(leader))["villages"]}
    assert (said["青山村"], said["河口村"]) == ((small_text(), None, None), (HIDDEN_TEXT, None, None))
    assert {bar.label: bar.text for bar in _page(live(lin))["villages"]}["青山村"] == "3", "who works with it sees it"


def test_the_village_that_is_hidden_beside_is_hidden_on_its_own_page_too(rows, secret, leader, live, places):
    page = _page(live(leader), f"&place={places['河口村'].pk.hex}")
    assert (page["figure"]["text"], page["row_count"], page["last_year"], page["points"]) == (
        HIDDEN_TEXT,
        None,
        None,
        [],
    )
    page = _page(live(leader), f"&place={places['河口村'].pk.hex}", "hz_sector")
    assert page["by"] == [], "no part of a place"
    page = _page(live(leader), f"&place={places['河口村'].pk.hex}", "hz_sector.燃气")
    assert page["asked"].place is None
    assert page["villages"] == [], "no place of a part"


def test_only_whole_years_are_told(rows, secret, leader, lin, live):
    for query in ("&period=2020-02", "&period=2020-02-01", "&period=2020-01..05", "&boundary=was", "&trend=month"):
        page = _page(live(leader), query)
        assert (page["asked"].period, page["asked"].boundary, page["figure"]["text"]) == (None, "now", "15")
        assert [point.label for point in page["points"]] == ["2019年", "2020年"]
    page = live(leader).get("/figures/hz_n/?as_of=2020-03-15").context
    assert page["asked"].as_of == date(2020, 12, 31)
    assert _page(live(lin), "&period=2020-02")["figure"]["text"] == "3"


def test_growth_is_told_where_neither_year_is_small(rows, secret, leader, lin, live, places):
    page = _page(live(leader))
    assert (page["last_year"]["text"], page["last_year"]["growth"].text) == ("20", "下降25.0%")
    _add(lin, places["青山村"], "2018-01-10", 2)
    page = live(leader).get("/figures/hz_n/?as_of=2019-12-31").context
    assert (page["figure"]["text"], page["last_year"]) == ("20", None), "growth would give the 2 away"
    assert [(point.text, point.before_text, point.growth) for point in page["points"]] == [
        (small_text(), "", ""), ("20", small_text(), ""),
    ]  # fmt: skip


def test_the_sheet_and_the_list_hide_as_much(rows, secret, leader, lin, live, places):
    village = places["河口村"].pk.hex
    assert HIDDEN_TEXT in _said(live(leader).get(f"/figures/hz_n/trace.xlsx{YEAR}&place={village}&period=2020-05"))
    listed = live(leader).get("/figures/", {"as_of": "2020-05-06", "q": "hz_n"}).context["lines"]
    [line] = [one for _, ledgers in listed for ledger in ledgers for one in ledger.figures if one.spec.code == "hz_n"]
    assert line.figure.as_of == date(2020, 12, 31)
    sheet = _said(live(leader).get("/figures/export.xlsx", {"as_of": "2020-12-31", "q": "发现隐患"}))
    assert {"发现隐患", "15", "下降25.0%", spec_of("hz_n").definition} <= sheet


def _said(answer) -> set[str]:
    from io import BytesIO

    import openpyxl

    book = openpyxl.load_workbook(BytesIO(answer.content))
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}


def test_villages_stand_in_their_order_unless_the_reader_sorts(rows, leader, live):
    def labels(query: str) -> list[str]:
        return [bar.label for bar in _page(live(leader), query)["villages"]]

    order = labels("")
    assert order == labels("&sort=nothing")
    assert labels("&sort=down")[0] == "河口村"
    assert labels("&sort=up")[-1] == "河口村"
    assert sorted(labels("&sort=down")) == sorted(order)
