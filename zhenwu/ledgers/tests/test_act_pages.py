"""The pages of acts: marking wrong fields, many rows at once, taking back, and the way through the lifecycle."""

from datetime import date

import pytest

from zhenwu.changes.models import Change, Review
from zhenwu.ledgers.transitions import transition
from zhenwu.packs import runtime


@pytest.fixture
def submitted(declaration, chen):
    return declaration(chen, review=Review.SUBMITTED)


def url(row, rest=""):
    return f"/ledgers/site_none/{row.pk}/{rest}"


def test_the_reviewer_marks_and_the_enterer_sees_it_until_it_is_corrected(live, lin, chen, submitted):
    page = live(lin).get(url(submitted, "review/return/"))
    assert {one["code"] for one in page.context["marking"]} >= {"division", "signer", "signed_on"}
    said = {"version": 1, "mark": ["signer"], "says_signer": "", "reason": ""}
    refused = live(lin).post(url(submitted, "review/return/"), said)
    assert (refused.status_code, "请写明哪里不对" in refused.content.decode()) == (422, True)
    said |= {"says_signer": "不是这个人", "says_signed_on": "日期晚了"}
    assert live(lin).post(url(submitted, "review/return/"), said).status_code == 302
    form = live(chen).get(url(submitted, "edit/"))
    marks = {field.name: field.mark for part in form.context["parts"] for field in part.fields if field.mark}
    assert marks == {"signer": "不是这个人", "signed_on": "日期晚了"}
    assert "退回：不是这个人" in form.content.decode()
    row = live(chen).get(url(submitted))
    assert "请改正标出的2栏" in row.content.decode()
    posted = {"version": 2, "division": str(submitted.division_id), "sector": "消防", "for_year": "2020", "signer": "陈二",
              "signed_on": "2020-01-05", "act": "save"}  # fmt: skip
    assert live(chen).post(url(submitted, "edit/"), posted).status_code == 302
    form = live(chen).get(url(submitted, "edit/"))
    assert [field.name for part in form.context["parts"] for field in part.fields if field.mark] == ["signed_on"]
    assert "（已改）" in live(chen).get(url(submitted)).content.decode()
    assert "不是这个人" in live(chen).get(url(submitted, "history/")).content.decode()


def test_a_lifecycle_step_called_return_is_no_return_of_the_office(live, lin, add_row, places):
    ledger = runtime.ledger("eco_issue")
    said = {code: ledger.types[code].spec.options[0].value for code in ("found_way", "kind", "level")}
    row = add_row(
        lin, "eco_issue", places["青山村"], **said, spot_text="河边", found_on=date(2020, 5, 30), found_by="陈青"
    )
    transition(ledger, row, "step:send", by=lin, values={"sent_to": "保洁队", "due_on": date(2020, 7, 1)})
    page = live(lin).get(f"/ledgers/eco_issue/{row.pk}/")
    assert [(stop.label, stop.place) for stop in page.context["way"]] == [
        ("发现", "passed"), ("已交办", "now"), ("办理中", "ahead"), ("待复核", "ahead"), ("销号", "ahead"),
    ]  # fmt: skip
    assert page.context["way"][0].who == "林澄"
    assert [act.label for act in page.context["acts"] if act.tone == "primary"] == ["报送"]


def test_bulk_asks_a_reason_shows_problems_and_may_leave_rows_out(live, lin, chen, declaration):
    rows = [declaration(chen, sector=one, review=Review.SUBMITTED) for one in ("消防", "燃气")] + [declaration(chen)]
    chosen = [f"{row.pk}:1" for row in rows]
    page = live(lin).post("/ledgers/site_none/bulk/?q=x", {"act": "return", "rows": chosen})
    assert (page.context["good"], page.context["bad"], page.context["back"]) == (2, 1, "/ledgers/site_none/?q=x")
    said = {"act": "return", "rows": chosen, "go": "1", "leave_out": "1"}
    without = live(lin).post("/ledgers/site_none/bulk/", said | {"reason": " "})
    assert (without.status_code, "退回要写明原因" in without.content.decode()) == (422, True)
    done = live(lin).post("/ledgers/site_none/bulk/", said | {"reason": "格式不对"}, follow=True)
    assert "已退回2条；有问题的1条没有办理" in done.content.decode()
    assert Change.objects.filter(reason="格式不对").get().ledgers == {"site_none": 2}


def test_bulk_without_questions_is_done_at_once_or_names_the_rows(live, lin, chen, declaration):
    rows = [declaration(chen, review=Review.SUBMITTED), declaration(lin, "河口村", review=Review.SUBMITTED)]
    chosen = [f"{row.pk}:1" for row in rows]
    page = live(lin).post("/ledgers/site_none/bulk/", {"act": "approve", "rows": chosen})
    assert (page.status_code, page.context["bad"]) == (422, 1)
    assert "你自己登记的" in page.content.decode()
    assert live(lin).post("/ledgers/site_none/bulk/", {"act": "approve", "rows": chosen[:1]}).status_code == 302
    assert runtime.ledger("site_none").rows("test").get(pk=rows[0].pk).review == Review.APPROVED
    for wrong in (
        {"act": "void", "rows": chosen},
        {"act": "step:x", "rows": chosen},
        {"act": "approve", "rows": ["x"]},
    ):
        assert live(lin).post("/ledgers/site_none/bulk/", wrong).status_code == 404


def test_a_bulk_step_fills_only_what_is_empty(live, lin, add_row, places):
    ledger = runtime.ledger("eco_issue")
    said = {code: ledger.types[code].spec.options[0].value for code in ("found_way", "kind", "level")}
    said |= {"spot_text": "河边", "detail": "垃圾", "found_on": date(2020, 5, 30), "found_by": "陈青"}
    rows = [add_row(lin, "eco_issue", places["青山村"], **said, **more) for more in ({}, {"sent_to": "二队"})]
    chosen = [f"{row.pk}:1" for row in rows]
    asked = live(lin).post("/ledgers/eco_issue/bulk/", {"act": "step:send", "rows": chosen})
    assert [field.name for part in asked.context["parts"] for field in part.fields] == ["sent_to", "due_on"]
    posted = {"act": "step:send", "rows": chosen, "go": "1", "sent_to": "保洁队", "due_on": "2020-07-01"}
    assert live(lin).post("/ledgers/eco_issue/bulk/", posted).status_code == 302
    assert [ledger.rows("test").get(pk=row.pk).sent_to for row in rows] == ["保洁队", "二队"]
    assert {ledger.rows("test").get(pk=row.pk).state for row in rows} == {"sent"}


def test_taking_back_is_offered_and_done(live, chen, wu, declaration):
    row = declaration(chen)
    transition(runtime.ledger("site_none"), row, "submit", by=chen)
    acts = live(chen).get(url(row)).context["acts"]
    assert [act.label for act in acts] == ["撤回报送"]
    assert live(wu).post(url(row, "review/takeback/"), {"version": 2}).status_code == 404
    assert live(chen).post(url(row, "review/takeback/"), {"version": 2}).status_code == 302
    row.refresh_from_db()
    assert row.review == Review.DRAFT
