"""The page of a figure in a browser: the chart draws what the table says, the period is picked in plain words."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft

from .conftest import PHONE, WIDE


@pytest.fixture
def rows(lin, places):
    said = {"found_by_way": "排查", "sector": "消防", "finder": "张青", "kind": "管理"}
    days = [date(2020, 1, 5), date(2020, 8, 6), date(2020, 8, 7)]
    some = [
        Add({**said, "found_on": day, "detail": f"堵塞{day}"}, division=places["青山村"].pk, review=Review.APPROVED)
        for day in days
    ]
    commit(Draft("hazard", lin, some, Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 12, 1)))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_figure_is_drawn_and_asked_of_a_quarter(visit, rows, leader, size):
    at = visit(leader, size)
    page = at.open("/figures/hz_n/?as_of=2020-12-31")
    page.wait_for_selector(".chart svg")
    assert page.locator("#trend-table tbody tr").count() == 12
    assert at.overflow() <= 0
    if size is PHONE:
        page.click("button:has-text('筛选')")
    page.fill("#as_of", "")
    page.select_option("#period", label="三季度")
    page.wait_for_url("**period=Q3**")
    assert page.inner_text(".figures .figure").startswith("2")
    assert "2020年三季度，截至2020年9月30日" in at.text()
    page.click("a:has-text('怎么算的')")
    page.wait_for_load_state()
    assert "FROM hazard" in at.text()
    assert at.overflow() <= 0
    assert at.faults == []
