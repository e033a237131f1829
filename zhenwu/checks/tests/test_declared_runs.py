"""Declared checks of the shipped packs run after a change to the ledgers they read; what was taken for a false alarm is looked at
again when a row changes that the finding itself does not name."""

from datetime import date
from decimal import Decimal

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.accepting import accept
from zhenwu.checks.models import Finding, Status
from zhenwu.checks.running import run_changed
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs import runtime

AS_OF = date(2020, 9, 30)
FAR, HAZARDS, ITEMS = "river_patrol.RP08", "hazard_inspection.HI-04", "rectification.RC-01"


def add(ledger, by, place, **values):
    rows = [Add(values, division=place, review=Review.SUBMITTED)]
    commit(Draft(ledger, by, rows, Source(SourceKind.SYSTEM), reason="试验", today=AS_OF))
    return runtime.ledger(ledger).rows("test").order_by("-pk").first()


def edit(ledger, by, row, **values):
    row.refresh_from_db()
    commit(
        Draft(ledger, by, [Edit(row.pk, row.version, values)], Source(SourceKind.SYSTEM), reason="试验", today=AS_OF)
    )


def standing(code):
    return Finding.objects.filter(check_code=code, status__in=(Status.OPEN, Status.REOPENED)).count()


@pytest.fixture
def patrols(lin, places):
    """A month each from January to August, the last one written in metres."""
    village = places["青山村"].pk
    known = {"length": Decimal(3), "target_class": "Ⅲ", "board": "完好", "outfall_n": 0}
    segment = add("river_segment", lin, village, name="青山沟", kind="河流", villages=[village], **known)
    made = []
    for month, km in enumerate((10, 11, 9, 10, 12, 10, 11, 10_000), 1):
        values = {
            "segment": segment.pk,
            "level": "村",
            "head_name": "张青",
            "patrol_on": date(2020, month, 6),
            "find_n": 0,
            "find_text": "无",
        }
        made.append(add("river_patrol", lin, village, **values | {"km": Decimal(km)}))
    return made


def test_an_outlier_is_found_named_and_gone_after_the_change(patrols, lin):
    run_changed(as_of=AS_OF)
    finding = Finding.objects.get(check_code=FAR)
    assert (finding.severity, finding.status) == ("blue", "open")
    assert finding.message.startswith("青山沟2020-08的里程是10000")
    edit("river_patrol", lin, patrols[-1], km=Decimal(10))
    run_changed(as_of=AS_OF)
    assert Finding.objects.get(check_code=FAR).status == "gone"


def test_an_accepted_outlier_is_looked_at_again_when_its_month_changes(patrols, lin, leader):
    run_changed(as_of=AS_OF)
    accept(
        Finding.objects.filter(check_code=FAR),
        by=leader,
        reason="汛期加密巡查，里程属实",
        until=date(2020, 12, 1),
        on=AS_OF,
    )
    edit("river_patrol", lin, patrols[0], find_text="未发现问题")  # nothing that the hint is made of
    run_changed(as_of=AS_OF)
    assert Finding.objects.get(check_code=FAR).status == "accepted"
    edit("river_patrol", lin, patrols[-1], km=Decimal(20_000))
    run_changed(as_of=AS_OF)
    assert Finding.objects.get(check_code=FAR).status == "open"


def test_a_total_is_looked_at_when_the_other_ledger_changes(lin, leader, places):
    """The finding names the inspection; what changes is a row of the ledger of hazards."""
    village = places["青山村"].pk
    said = {
        "inspect_on": date(2020, 5, 1),
        "lead_name": "张青",
        "team_n": 2,
        "found_n": 2,
        "fixed_now": 0,
        "result": "发现两处",
    }
    visit = add("hazard_inspection", lin, village, sector="道路交通", **said)
    run_changed(as_of=AS_OF)
    assert standing(HAZARDS) == 1
    accept(
        Finding.objects.filter(check_code=HAZARDS),
        by=leader,
        reason="另一处已由县局立案",
        until=date(2020, 12, 1),
        on=AS_OF,
    )
    hazard = {
        "found_by_way": "排查", "inspection": visit.pk, "sector": "道路交通", "found_on": date(2020, 5, 1), "finder": "张青",
        "kind": "管理", "detail": "护栏松动",
    }  # fmt: skip
    add("hazard", lin, village, **hazard)
    run_changed(as_of=AS_OF)
    assert standing(HAZARDS) == 1  # one where two were written: not what was accepted
    add("hazard", lin, village, **hazard | {"detail": "标志缺失"})
    run_changed(as_of=AS_OF)
    assert Finding.objects.get(check_code=HAZARDS).status == "gone"
