"""A clerk takes a finding from new to closed with another's confirmation, and a leader sees it closed; at a desk and on a phone."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.models import Finding
from zhenwu.checks.running import run_changed
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft

from .conftest import PHONE, WIDE

AS_OF = date(2020, 6, 30)
LATE = "hazard.HZ-05"


@pytest.fixture
def late(db, chen, places):
    values = {
        "found_by_way": "群众举报",
        "sector": "消防",
        "found_on": date(2020, 5, 1),
        "finder": "张青",
        "kind": "管理",
    }
    values |= {"detail": "通道堵塞", "due_on": date(2020, 5, 31)}
    row = Add(values, division=places["青山村"].pk, review=Review.DRAFT)
    commit(Draft("hazard", chen, [row], Source(SourceKind.FORM), reason="试验", today=AS_OF))
    run_changed(as_of=AS_OF)
    return Finding.objects.get(check_code=LATE)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_from_new_to_closed(visit, late, chen, leader, size):
    at = visit(chen, size)
    page = at.open("/findings/?source=check")
    page.click("a:has-text('隐患逾期未整改')")
    page.wait_for_load_state()
    assert "待整改" in at.text()
    assert at.overflow() <= 0
    page.fill("textarea[name=explanation]", "时限录错，应为12月底")
    page.fill("textarea[name=measures]", "改正台账")
    page.click("form[action$='/explain/'] button.btn-primary")
    page.wait_for_load_state()
    assert "已说明，待核实" in at.text()
    at.open(f"/ledgers/hazard/{late.row}/edit/")
    page.fill("input[name=due_on]", "2020-12-31")
    page.click("form button[value=save]")
    page.wait_for_load_state()
    run_changed(as_of=AS_OF)  # what the background does within a minute
    at.open(f"/findings/{late.pk}/")
    assert "数据已改正，待确认" in at.text()
    assert page.locator("form[action$='/close/']").count() == 0  # who put it right does not confirm it
    assert at.faults == []

    by = visit(leader, size)
    page = by.open("/")
    assert "等人核实的问题" in by.text()
    page.click("a:has-text('隐患逾期未整改')")
    page.wait_for_load_state()
    page.fill("form[action$='/close/'] textarea[name=note]", "已核对整改方案")
    page.click("form[action$='/close/'] button.btn-primary")
    page.wait_for_load_state()
    assert "已销号" in by.text()
    assert "回头看" in by.text()
    by.open("/findings/?status=closed")
    assert "隐患逾期未整改" in by.text()
    assert by.overflow() <= 0
    by.open("/findings/rates/?year=2020")
    assert by.overflow() <= 0
    assert by.faults == []
    late.refresh_from_db()
    assert (late.status, late.verified_by, late.corrected_by) == ("closed", leader, chen)
