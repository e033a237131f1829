"""Signing off: refused while red findings are open; afterwards the report stands and later data shows as differences."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source, verify_chain
from zhenwu.changes.models import History, Review, SourceKind
from zhenwu.checks.models import Finding
from zhenwu.checks.running import run
from zhenwu.divisions.models import Division, Level
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs import runtime
from zhenwu.reports.actions import body_digest, draft_report, freeze
from zhenwu.reports.errors import FreezeRefused
from zhenwu.reports.models import Report
from zhenwu.reports.queries import differences

QUIET = date(2020, 11, 30)


@pytest.fixture
def clean(lin, places) -> Report:
    """A report of a day on which nothing is wrong: all villages have just ended, so nothing is expected of them."""
    Division.objects.filter(level=Level.VILLAGE).update(valid_to=QUIET)
    values = {"sector": "校园", "for_year": 2020, "signer": "张青", "signed_on": date(2020, 3, 1)}
    row = Add(values, division=places["青山村"].pk, review=Review.APPROVED)
    commit(Draft("site_none", lin, [row], Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 6, 30)))
    return draft_report(2020, QUIET, lin)


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


def test_a_leader_signs_a_clean_year_once(clean, leader):
    signed = freeze(clean, by=leader)
    assert (signed.is_frozen, signed.frozen_by) == (True, leader)
    acts = History.objects.filter(ledger="report", row=clean.pk).order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["draft", "freeze"]
    with pytest.raises(FreezeRefused, match="已经定稿"):
        freeze(Report.objects.get(pk=clean.pk), by=leader)


def test_a_red_finding_first_found_after_the_reports_day_stands_in_the_way_too(report, add_hazard, leader):
    add_hazard("河口村", "2020-05-01", due_on=date(2020, 5, 31))
    run(["hazard.HZ-05"], as_of=date(2021, 1, 5))
    assert Finding.objects.get().found_on > report.as_of
    with pytest.raises(FreezeRefused) as refused:
        freeze(report, by=leader)
    assert any("逾期" in one for one in refused.value.findings)


def test_a_signed_report_stands_and_later_data_shows_as_differences(report, add_hazard, lin):
    assert differences(report) == []
    add_hazard("河口村", "2020-06-01")
    row = runtime.model_for("hazard").objects.unscoped("test").get(close_on="2020-02-01")
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
