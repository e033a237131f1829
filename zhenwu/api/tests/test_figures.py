"""Figures for programs: of a period, against last year, and as hidden as on the pages."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.indicators import seeing, showing
from zhenwu.indicators.queries import spec_of
from zhenwu.indicators.seeing import HIDDEN_TEXT
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft


@pytest.fixture
def rows(lin, places):
    said = {"found_by_way": "排查", "sector": "消防", "finder": "张青", "kind": "管理"}
    days = [
        ("青山村", date(2019, 1, 3)),
        ("青山村", date(2019, 8, 1)),
        ("青山村", date(2020, 7, 1)),
        ("青山村", date(2020, 9, 30)),
    ]
    days += [("河口村", date(2020, 10, 1 + number)) for number in range(12)]
    some = [
        Add({**said, "found_on": day, "detail": f"{place}{day}"}, division=places[place].pk, review=Review.APPROVED)
        for place, day in days
    ]
    commit(Draft("hazard", lin, some, Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 12, 1)))


def test_a_figure_of_a_quarter_against_last_years(program, rows, leader):
    said = program(leader).get("indicators/hz_n?period=2020-Q3&compare=last-year").json()
    assert (said["value"], said["period"], said["as_of"], said["undated"]) == ("2", "2020-Q3", "2020-09-30", 0)
    assert said["last_year"] == {
        "as_of": "2019-09-30", "value": "1", "text": "1", "growth": "增长100.0%", "difference": "1", "percent": "100.0",
    }  # fmt: skip
    assert "period=2020-Q3" in said["trace"]
    said = program(leader).get("indicators/hz_n?period=2020-Q4&compare=last-year").json()["last_year"]
    assert (said["growth"], said["percent"]) == ("由0增加到12", None)
    assert program(leader).get("indicators/hz_n?as_of=2020-12-31").json()["last_year"] is None


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("period=2020-Q5", 422, "请写年"),
        ("period=2020-Q4&as_of=2020-05-01", 422, "还没有开始"),
        ("compare=last-week", 400, "compare 写得不对"),
        ("span=2020", 400, "没有“span”这个参数"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(program, rows, leader, asked, status, words):
    answer = program(leader).get(f"indicators/hz_n?{asked}")
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_a_protected_figure_is_hidden_as_on_its_page(program, rows, leader, places, monkeypatch):
    for room in (seeing, showing):
        monkeypatch.setattr(room, "spec_of", lambda code: spec_of(code).model_copy(update={"privacy": "S3"}))
    caller = program(leader)
    for asked in (
        f"place={places['河口村'].pk}&as_of=2020-12-31",
        f"place={places['河口村'].pk}&period=2020-10&as_of=2020-11-05",
    ):
        said = caller.get(f"indicators/hz_n?{asked}&compare=last-year").json()
        assert (said["value"], said["text"], said["hidden"], said["rows"], said["digest"]) == (
            None,
            HIDDEN_TEXT,
            True,
            None,
            "",
        )
        assert (said["period"], said["as_of"], said["last_year"]) == (None, "2020-12-31", None)
