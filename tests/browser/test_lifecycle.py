"""What lifecycle, calendar and history look like in a browser: nothing overflows, and the main ways can be clicked."""

import pytest

from zhenwu.changes.models import Review
from zhenwu.ledgers.transitions import transition
from zhenwu.packs import runtime

from .conftest import PHONE, WIDE


@pytest.fixture
def returned(db, chen, lin, places):
    from datetime import date

    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft

    said = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": date(2020, 1, 5)}
    ledger = runtime.ledger("site_none")
    change = commit(
        Draft("site_none", chen, [Add(said, places["青山村"].pk, Review.SUBMITTED)], Source(SourceKind.FORM))
    )
    row = ledger.rows("test").get(change=change)
    transition(ledger, row, "return", by=lin, marks={"signer": "不是这个人签的"})
    return row


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_marked_field_is_seen_corrected_and_handed_in(visit, chen, returned, size):
    at = visit(chen, size)
    page = at.open(f"/ledgers/site_none/{returned.pk}/edit/")
    assert "退回：不是这个人签的" in at.text()
    assert at.overflow() <= 0
    page.fill("input[name=signer]", "陈二")
    page.click("button[value=submit]")
    page.wait_for_load_state()
    assert "已报送" in at.text()
    at.open(f"/ledgers/site_none/{returned.pk}/compare/?a=1&b=3")
    assert "陈二" in at.text()
    assert at.overflow() <= 0
    assert at.faults == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_day_is_switched_in_the_calendar(visit, lin, size):
    at = visit(lin, size)
    page = at.open("/ledgers/calendar/?year=2020")
    assert at.overflow() <= 0
    page.click("td a[aria-label^='10月9日']")
    page.wait_for_load_state()
    page.fill("input[name=reason]", "防汛停工")
    page.click("button[value=rest]")
    page.wait_for_load_state()
    assert "防汛停工" in at.text()
    assert at.faults == []
