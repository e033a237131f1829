"""A finding's life: found, put right, confirmed by someone else; back again; never closed by words when red."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.actions import confirm_closed, explain, reopen
from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.models import Finding
from zhenwu.checks.queries import counts_by, coverage_matrix, findings_for, open_findings, open_red_for
from zhenwu.checks.running import run
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs import runtime

AS_OF = date(2020, 6, 30)
LATE = "hazard.HZ-05"


def record(by, *operations) -> None:
    commit(Draft("hazard", by, list(operations), Source(SourceKind.SYSTEM), reason="试验", today=AS_OF))


@pytest.fixture
def late(lin, places):
    """A hazard of 青山村 that is overdue."""
    values = {"found_by_way": "排查", "sector": "消防", "found_on": date(2020, 5, 1), "finder": "张青", "kind": "管理"}
    values |= {"detail": "通道堵塞", "due_on": date(2020, 5, 31)}
    record(lin, Add(values, division=places["青山村"].pk, review=Review.SUBMITTED))
    return runtime.model_for("hazard").objects.unscoped("test").get()


def set_due(row, by, day: date) -> None:
    row.refresh_from_db()
    record(by, Edit(row.pk, row.version, {"due_on": day}))


def test_a_new_finding_names_row_place_owner_and_due_day(late, places):
    report = run([LATE], as_of=AS_OF)
    assert (report.new, report.checks, report.errors) == (1, 1, [])
    finding = Finding.objects.get()
    assert (finding.status, finding.severity, finding.row, finding.row_ledger) == ("open", "red", late.pk, "hazard")
    assert (finding.division, finding.unit) == (places["青山村"], "应急办")
    assert (finding.found_on, finding.due_on) == (AS_OF, date(2020, 7, 7))  # five working days
    assert "已逾期30天" in finding.message


def test_a_second_run_keeps_it_and_says_what_is_true_now(late):
    run([LATE], as_of=AS_OF)
    report = run([LATE], as_of=date(2020, 7, 1))
    assert (report.new, report.still) == (0, 1)
    finding = Finding.objects.get()
    assert "已逾期31天" in finding.message
    assert finding.found_on == AS_OF
    assert [event.kind for event in finding.events.all()] == ["found"]


def test_put_right_then_confirmed_by_another_then_back_again(late, lin, leader):
    run([LATE], as_of=AS_OF)
    set_due(late, lin, date(2020, 8, 1))
    assert run([LATE], as_of=AS_OF).gone == 1
    assert Finding.objects.get().status == "gone"
    with pytest.raises(FindingsRefused, match="整改人不能确认自己的整改"):
        confirm_closed(Finding.objects.all(), by=lin)
    confirm_closed(Finding.objects.all(), by=leader)
    closed = Finding.objects.get()
    assert (closed.status, closed.closed_how, closed.verified_by) == ("closed", "data", leader)
    set_due(late, lin, date(2020, 5, 20))
    assert run([LATE], as_of=AS_OF).reopened == 1
    back = Finding.objects.get()
    assert (back.status, back.times_reopened, back.verified_by) == ("reopened", 1, None)
    assert [event.kind for event in back.events.all()] == ["found", "gone", "closed", "reopened"]


def test_a_red_finding_is_not_closed_by_words(late, lin, leader):
    run([LATE], as_of=AS_OF)
    explain(Finding.objects.all(), by=lin, explanation="正在整改", measures="月底前完成")
    with pytest.raises(FindingsRefused, match="不能以说明代替整改"):
        confirm_closed(Finding.objects.all(), by=leader)
    assert Finding.objects.get().status == "explained"


def test_an_accepted_explanation_holds_for_a_yellow_finding(late, lin, leader):
    run([LATE], as_of=AS_OF)
    Finding.objects.update(severity="yellow")
    explain(Finding.objects.all(), by=lin, explanation="已书面延期")
    with pytest.raises(FindingsRefused, match="另一人核实"):
        confirm_closed(Finding.objects.all(), by=lin)
    confirm_closed(Finding.objects.all(), by=leader)
    assert Finding.objects.get().closed_how == "explained"
    assert run([LATE], as_of=AS_OF).reopened == 1  # the check says red: an explanation no longer does


def test_a_closing_can_be_sent_back_with_a_reason(late, lin, leader):
    run([LATE], as_of=AS_OF)
    set_due(late, lin, date(2020, 8, 1))
    run([LATE], as_of=AS_OF)
    confirm_closed(Finding.objects.all(), by=leader)
    with pytest.raises(FindingsRefused, match="退回原因"):
        reopen(Finding.objects.all(), by=leader, reason=" ")
    reopen(Finding.objects.all(), by=leader, reason="现场仍未整改")
    assert Finding.objects.get().status == "reopened"


def test_a_red_finding_stands_in_the_way_until_the_data_is_right(late, lin):
    run([LATE], as_of=AS_OF)
    assert "隐患逾期未整改" in open_red_for("hazard", [late.pk])[late.pk]
    set_due(late, lin, date(2020, 8, 1))
    assert open_red_for("hazard", [late.pk]) == {}


def test_a_village_clerk_sees_the_findings_of_the_own_village(late, chen, wu, lin, leader):
    run([LATE], as_of=AS_OF)
    assert open_findings(findings_for(chen)).count() == 1
    assert open_findings(findings_for(wu)).count() == 0
    assert open_findings(findings_for(leader), severity="red", ledger="hazard").count() == 1
    assert counts_by("check_code", findings_for(lin)) == {LATE: {"red": 1}}


def test_every_check_of_every_pack_runs(late):
    report = run(as_of=AS_OF)
    assert report.errors == []
    assert report.checks > 50


def test_a_coverage_is_a_matrix_of_what_should_be_there(places, lin):
    matrix = coverage_matrix("hazard_inspection.HI-10", as_of=AS_OF)
    assert matrix.met == 0
    assert matrix.expected == sum(cell.expected for cell in matrix.cells.values()) > 0
    assert set(matrix.down.values()) >= {"青山村"} or "青山村" in set(matrix.across.values())
