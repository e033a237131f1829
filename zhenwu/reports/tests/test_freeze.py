"""Signing off: refused while red findings are open; afterwards the report stands and later data shows as differences."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source, verify_chain
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Draft, Edit
from zhenwu.packs import runtime
from zhenwu.reports.actions import body_digest, draft_report, freeze
from zhenwu.reports.errors import FreezeRefused
from zhenwu.reports.models import Report
from zhenwu.reports.queries import differences

AS_OF = date(2020, 12, 31)


@pytest.fixture
def clean(add_hazard, lin) -> Report:
    """A year in which nothing is wrong: one statement that there is nothing to inspect."""
    values = {"sector": "校园", "for_year": 2020, "signer": "张青", "signed_on": date(2020, 3, 1)}
    from zhenwu.changes.models import Review
    from zhenwu.divisions.models import Division
    from zhenwu.ledgers.operations import Add

    place = Division.objects.get(name="青山村")
    row = Add(values, division=place.pk, review=Review.APPROVED)
    commit(Draft("site_none", lin, [row], Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 6, 30)))
    return draft_report(2020, AS_OF, lin)


def test_open_red_findings_stand_in_the_way(report, add_hazard, leader):
    add_hazard("河口村", "2020-05-01", due_on=date(2020, 5, 31))
    with pytest.raises(FreezeRefused, match="差错没有整改") as refused:
        freeze(report, by=leader)
    assert any("逾期" in one for one in refused.value.findings)
    report.refresh_from_db()
    assert not report.is_frozen


def test_only_leaders_sign(clean, lin):
    with pytest.raises(FreezeRefused, match="由分管领导"):
        freeze(clean, by=lin)


def test_a_signed_report_stands_and_later_data_shows_as_differences(report, add_hazard, lin):
    assert differences(report) == []
    add_hazard("河口村", "2020-06-01")
    row = runtime.model_for("hazard").objects.get(close_on="2020-02-01")
    edit = Edit(row.pk, row.version, {"close_on": date(2021, 2, 1)})
    commit(Draft("hazard", lin, [edit], Source(SourceKind.SYSTEM), reason="更正", today=date(2021, 2, 1)))
    found = {one.cited.code: one for one in differences(report)}
    assert (found["hz_n"].cited.text, found["hz_n"].now, found["hz_n"].came, found["hz_n"].went) == ("3", "4", 1, 0)
    assert found["hz_n"].why == "多了1行。"
    assert (found["hz_closed"].now, found["hz_closed"].went) == ("0", 1)
    report.refresh_from_db()
    assert report.tree.figures["hz_n"].text == "3"


def test_history_holds_the_digest_of_what_was_signed(report):
    said = History.objects.get(ledger="report", row=report.pk)
    assert body_digest(Report.objects.get(pk=report.pk)) in said.values
    assert list(verify_chain("report")) == []
