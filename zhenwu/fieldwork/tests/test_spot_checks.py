"""From the draw to the corrected ledger: who plans, who may look, what stays hidden, and what the sample says."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from zhenwu.accounts.models import Appointment, Role, Unit, User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.checks.running import run
from zhenwu.fieldwork.actions import Visit, Wanted, correct, make_plan, note_visit, visits_of
from zhenwu.fieldwork.errors import SpotRefused
from zhenwu.fieldwork.models import Found, Method, SpotPlan
from zhenwu.fieldwork.queries import drawn_rows, estimate_of, redraw
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit, Void
from zhenwu.packs import runtime

ON = date(2020, 9, 30)


@pytest.fixture
def hazards(lin, places):
    def add(place, n, **said):
        values = {
            "found_by_way": "排查",
            "sector": "消防",
            "found_on": date(2020, 5, 1),
            "finder": "张青",
            "kind": "管理",
        }
        values |= {"detail": f"通道堵塞{n}"} | said
        row = Add(values, division=places[place].pk, review=Review.SUBMITTED)
        commit(Draft("hazard", lin, [row], Source(SourceKind.SYSTEM), reason="试验", today=ON))

    for n in range(8):
        add("青山村", n)
    for n in range(4):
        add("河口村", n + 8)
    return add


@pytest.fixture
def checker(db):
    """Works in another office that sees hazards; entered none of them."""
    unit = Unit.objects.create(label="安监站", lines=["safety", "governance"])
    user = User.objects.create(username="qin", display_name="秦岳")
    Appointment.objects.create(user=user, role=Role.OFFICE, unit=unit, valid_from=date(2000, 1, 1))
    return user


def wanted(**said):
    known = {
        "ledger": "hazard",
        "title": "三季度核查",
        "method": Method.BY_PLACE,
        "size": 6,
        "fields": ["sector", "found_on", "detail"],
        "seed": 7,
    }
    return Wanted(**known | said)


def test_a_draw_is_published_and_can_be_made_again_later(hazards, lin):
    plan = make_plan(wanted(), by=lin, on=ON)
    assert (plan.size, plan.frame_size, [one[1:] for one in plan.strata]) == (6, 12, [[8, 4], [4, 2]])
    before = drawn_rows(plan)
    hazards("青山村", 99)
    row = runtime.ledger("hazard").rows("test").get(pk=before[0])
    commit(Draft("hazard", lin, [Void(row.pk, row.version)], Source(SourceKind.FORM), reason="重复登记", today=ON))
    again = redraw(plan)
    assert list(again.rows) == before
    assert again.frame_digest == plan.frame_digest


def test_what_is_wrong_with_a_plan_is_said_at_once(hazards, lin, chen):
    with pytest.raises(SpotRefused) as refused:
        make_plan(wanted(title=" ", method="x", size=0, fields=["finder_idno"]), by=lin, on=ON)
    assert len(refused.value.problems) == 4
    with pytest.raises(SpotRefused, match="不能对这本台账组织核查"):
        make_plan(wanted(), by=chen, on=ON)
    with pytest.raises(SpotRefused, match="没有可抽的记录"):
        make_plan(wanted(ledger="eco_issue", fields=["kind"]), by=lin, on=ON)


def test_a_targeted_draw_goes_where_something_was_found_and_says_nothing_of_the_whole(hazards, lin):
    hazards("青山村", 50, due_on=date(2020, 6, 1))
    run(["hazard.HZ-05"], as_of=ON)
    plan = make_plan(wanted(method=Method.TARGETED, check="hazard.HZ-05"), by=lin, on=ON)
    assert plan.size == 1
    assert estimate_of(plan) is None
    assert list(redraw(plan).rows) == drawn_rows(plan)


def visits(user, plan):
    return visits_of(user, plan)


def same(**but):
    return Visit({"sector": ("same", ""), "found_on": ("same", ""), "detail": ("same", "")} | but)


def test_from_the_visit_to_the_corrected_ledger(hazards, lin, checker, chen):
    plan = make_plan(wanted(), by=lin, on=ON)
    first, second, third, *_ = visits(checker, plan)
    with pytest.raises(SpotRefused, match="自己登记的"):
        note_visit(first, same(), by=lin, on=ON)
    with pytest.raises(SpotRefused) as refused:
        note_visit(first, Visit({"sector": ("different", " ")}), by=checker, on=ON)
    assert len(refused.value.problems) == 3
    note_visit(first, same(), by=checker, on=ON)
    note_visit(second, same(found_on=("different", "2020-05-03"), detail=("missing", "")), by=checker, on=ON)
    note_visit(third, Visit({}, gone=True), by=checker, on=ON)
    first, second, third, *_ = visits(checker, plan)
    assert [one.verdict for one in (first, second, third)] == ["相符", "部分不符", "查无此人（物）"]
    assert (first.state, second.state, second.diff) == ("ended", "visited", "发现日期、隐患描述")
    found = estimate_of(plan)
    assert (found.wrong, found.checked, found.rate) == (2, 3, Decimal("66.7"))
    change = correct(second, by=checker, on=ON)
    target = runtime.ledger("hazard").rows("test").get(pk=second.row_id)
    assert target.found_on == date(2020, 5, 3)
    assert second.no in Change.objects.get(pk=change.pk).reason
    assert Found.objects.get(visit=second.pk, field="found_on").change == change
    with pytest.raises(SpotRefused, match="没有要写进台账的更正"):
        correct(visits(checker, plan)[1], by=checker, on=ON)


def test_a_value_that_is_none_is_refused_and_the_ledger_stays(hazards, lin, checker):
    plan = make_plan(wanted(), by=lin, on=ON)
    row = visits(checker, plan)[0]
    note_visit(row, same(found_on=("different", "五月的哪天")), by=checker, on=ON)
    with pytest.raises(SpotRefused, match="可到记录页上改"):
        correct(visits(checker, plan)[0], by=checker, on=ON)
    assert runtime.ledger("hazard").rows("test").get(pk=row.row_id).found_on == date(2020, 5, 1)


def test_each_village_sees_its_own_visits(hazards, lin, chen, wu, live):
    plan = make_plan(wanted(), by=lin, on=ON)
    assert (len(visits(lin, plan)), len(visits(chen, plan)), len(visits(wu, plan))) == (6, 4, 2)
    own, other = visits(chen, plan)[0], visits(wu, plan)[0]
    assert live(chen).get(f"/fieldwork/visits/{own.pk}/").status_code == 200
    assert live(chen).get(f"/fieldwork/visits/{other.pk}/").status_code == 404
    assert live(chen).post(f"/fieldwork/visits/{other.pk}/correct/").status_code == 404
    assert live(chen).get("/fieldwork/new/").status_code == 404
    page = live(chen).get(f"/fieldwork/{plan.pk}/")
    assert page.context["hidden"] == 2
    assert page.context["is_same"]


def test_pages_from_the_draw_to_the_rate_beside_the_ledger(hazards, lin, checker, chen, live):
    assert live(lin).get("/fieldwork/new/?ledger=hazard").status_code == 200
    said = {
        "ledger": "hazard",
        "title": "三季度核查",
        "method": "random",
        "size": "3",
        "seed": "11",
        "fields": ["sector", "detail"],
    }
    assert live(lin).post("/fieldwork/new/", said | {"size": "许多"}).status_code == 422
    assert live(lin).post("/fieldwork/new/", said).status_code == 302
    plan = SpotPlan.objects.get()
    assert plan.seed == 11
    row = visits(checker, plan)[0]
    address = f"/fieldwork/visits/{row.pk}/"
    assert live(checker).post(address, {"result-sector": "same"}).status_code == 422
    done = {"result-sector": "same", "result-detail": "different", "value-detail": "通道已清<b>"}
    assert live(checker).post(address, done).status_code == 302
    page = live(checker).get(address).content.decode()
    assert "通道已清&lt;b&gt;" in page
    assert "按核查结果更正" in page
    assert live(checker).post(f"{address}correct/").status_code == 302
    assert live(checker).post(f"{address}correct/", {"act": "end"}).status_code == 302
    assert "差错率100.0%" in live(lin).get("/ledgers/hazard/").content.decode()
    book = b"".join(live(lin).get(f"/fieldwork/{plan.pk}/visits.xlsx").streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    assert sheet.max_row == 5
    assert "种子11" in sheet.cell(1, 1).value


def test_a_list_that_was_changed_behind_the_draw_is_told(hazards, lin, live):
    plan = make_plan(wanted(), by=lin, on=ON)
    row = visits(lin, plan)[0]
    commit(Draft("spot_check", lin, [Void(row.pk, row.version)], Source(SourceKind.FORM), reason="换一条", today=ON))
    SpotPlan.objects.update(seed=8)
    assert not live(lin).get(f"/fieldwork/{plan.pk}/").context["is_same"]


def test_what_the_checker_may_not_see_is_not_asked(hazards, lin, checker):
    plan = make_plan(wanted(), by=lin, on=ON)
    row = visits(checker, plan)[0]
    target = runtime.ledger("hazard").rows("test").get(pk=row.row_id)
    commit(
        Draft(
            "hazard", lin, [Edit(target.pk, target.version, {"detail": "换了说法"})], Source(SourceKind.FORM), today=ON
        )
    )
    note_visit(visits(checker, plan)[0], same(), by=checker, on=ON)
    assert Found.objects.get(visit=row.pk, field="detail").said == "换了说法"


def test_what_was_found_ends_with_the_rows_it_is_about(hazards, lin, checker):
    from zhenwu.ledgers.retention.hooks import erasers

    plan = make_plan(wanted(), by=lin, on=ON)
    first, second, *_ = visits(checker, plan)
    for one in (first, second):
        note_visit(one, same(detail=("different", "陈某家门口")), by=checker, on=ON)
    target = runtime.ledger("hazard").rows("test").get(pk=first.row_id)
    for erase in erasers():
        erase("hazard", [target.pk])
    assert set(Found.objects.filter(visit=first.pk).values_list("said", "value")) == {("", "")}
    assert Found.objects.get(visit=second.pk, field="detail").value == "陈某家门口"
