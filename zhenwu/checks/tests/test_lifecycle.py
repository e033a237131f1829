"""Assignment, more time, evidence, false alarms, looking back: who may, until when, and what the data does to them."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from zhenwu.accounts.delegation import delegate
from zhenwu.accounts.models import User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import AuditEntry, Review, SourceKind
from zhenwu.checks import access, acts
from zhenwu.checks.accepting import accept
from zhenwu.checks.actions import add_note, assign, confirm_closed, explain, look_back
from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.extending import ask_extension, decide_extension
from zhenwu.checks.listing import FindingQuery
from zhenwu.checks.models import AssignmentRule, CheckedUpTo, Finding
from zhenwu.checks.running import run, run_changed
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs import runtime

AS_OF = date(2020, 6, 30)
LATE = "hazard.HZ-05"


def record(by, *operations) -> None:
    commit(Draft("hazard", by, list(operations), Source(SourceKind.SYSTEM), reason="试验", today=AS_OF))


def hazard(by, place, **said) -> None:
    values = {"found_by_way": "排查", "sector": "消防", "found_on": date(2020, 5, 1), "finder": "张青", "kind": "管理"}
    record(by, Add(values | {"detail": "通道堵塞", "due_on": date(2020, 5, 31)} | said, place.pk, Review.SUBMITTED))


def row():
    return runtime.model_for("hazard").objects.unscoped("test").get()


@pytest.fixture
def late(lin, places):
    hazard(lin, places["青山村"])
    run([LATE], as_of=AS_OF)
    return Finding.objects.get()


@pytest.fixture
def found():
    return lambda: Finding.objects.get(check_code=LATE)


def test_a_rule_of_the_township_says_whose_it_is_and_by_when(lin, leader, places, live):
    assert (
        live(leader).post(f"/findings/rules/{LATE}/", {"unit": "火星办", "assigned": "x", "days": "0"}).status_code
        == 422
    )
    said = {"unit": "项目办", "assigned": "village", "days": "3"}
    assert live(leader).post(f"/findings/rules/{LATE}/", said).status_code == 302
    hazard(lin, places["青山村"])
    run([LATE], as_of=AS_OF)
    one = Finding.objects.get()
    assert (one.unit, one.assigned, one.due_on) == ("项目办", "village", date(2020, 7, 3))
    assert AuditEntry.objects.filter(kind="rule").count() == 1
    live(leader).post(f"/findings/rules/{LATE}/", {"act": "forget"})
    assert not AssignmentRule.objects.exists()


def test_an_assignment_moves_it_into_another_inbox(late, chen, wu, lin, leader):
    def mine(user):
        query = FindingQuery(mine=True)
        fresh = User.objects.get(pk=user.pk)
        return query.within(access.findings_listed_for(fresh), user=fresh).count()

    assert (mine(chen), mine(wu)) == (1, 0)
    assign([late], by=leader, unit="应急办", assigned="unit", due_on=date(2020, 7, 20), on=AS_OF)
    assert mine(chen) == 0
    assign([late], by=leader, unit="应急办", assigned="both", assignee=lin, on=AS_OF)
    assert (mine(lin), mine(chen)) == (1, 0)
    late.refresh_from_db()
    assert late.due_on == date(2020, 7, 20)
    with pytest.raises(FindingsRefused, match="不能早于"):
        assign([late], by=leader, unit="应急办", assigned="unit", due_on=date(2020, 6, 1), on=AS_OF)


def test_more_time_is_asked_before_the_day_and_granted_by_another(late, chen, lin, leader, found):
    until = late.due_on + timedelta(days=10)
    with pytest.raises(FindingsRefused, match="已过，不能再申请延期"):
        ask_extension([late], by=chen, until=until, reason="备料", on=late.due_on + timedelta(days=1))
    with pytest.raises(FindingsRefused, match="应晚于原期限"):
        ask_extension([late], by=chen, until=late.due_on, reason="备料", on=AS_OF)
    (asked,) = ask_extension([late], by=chen, until=until, reason="备料", on=AS_OF)
    with pytest.raises(FindingsRefused, match="已有一份"):
        ask_extension([late], by=chen, until=until, reason="备料", on=AS_OF)
    with pytest.raises(FindingsRefused, match="申请人不能批准"):
        decide_extension(asked, by=chen, granted=True)
    with pytest.raises(FindingsRefused, match="申请人不能批准"):  # in the place of whoever asked
        decide_extension(asked, by=lin, granted=True, stands_for=chen)
    with pytest.raises(FindingsRefused, match="不同意的原因"):
        decide_extension(asked, by=leader, granted=False)
    decide_extension(asked, by=leader, granted=True)
    assert found().due_on == until
    with pytest.raises(FindingsRefused, match="不需要再批"):
        decide_extension(asked, by=leader, granted=True)
    run([LATE], as_of=AS_OF)
    assert found().due_on == until


def test_a_false_alarm_holds_until_its_data_changes(late, lin, leader, found):
    with pytest.raises(FindingsRefused, match="至少5个字"):
        accept([late], by=leader, reason="误报", until=date(2020, 12, 1), on=AS_OF)
    with pytest.raises(FindingsRefused, match="最长到"):
        accept([late], by=leader, reason="已由县局书面延期", until=date(2021, 12, 1), on=AS_OF)
    accept([late], by=leader, reason="已由县局书面延期", until=date(2020, 12, 1), on=AS_OF)
    run([LATE], as_of=date(2020, 7, 9))  # overdue by more days, and nothing else is new
    assert found().status == "accepted"
    record(lin, Edit(row().pk, row().version, {"detail": "通道堵塞，又加高了"}))
    run([LATE], as_of=date(2020, 7, 10))
    assert found().status == "open"
    assert found().due_on > date(2020, 7, 10)
    assert "数据有了变动" in found().events.last().text


def test_a_false_alarm_ends_with_its_day(late, leader, found):
    accept([late], by=leader, reason="已由县局书面延期", until=date(2020, 8, 1), on=AS_OF)
    run([LATE], as_of=date(2020, 8, 1))
    assert found().status == "accepted"
    run([LATE], as_of=date(2020, 8, 2))
    assert found().status == "open"
    assert "期限已到" in found().events.last().text


def test_a_false_alarm_that_is_put_right_needs_nobody_before_its_end(late, lin, leader, found):
    accept([late], by=leader, reason="已由县局书面延期", until=date(2020, 8, 1), on=AS_OF)
    record(lin, Edit(row().pk, row().version, {"due_on": date(2020, 12, 1)}))
    run([LATE], as_of=date(2020, 7, 10))
    assert found().status == "accepted"
    run([LATE], as_of=date(2020, 8, 2))
    assert found().status == "gone"


def test_who_may_call_a_red_finding_a_false_alarm(late, chen, lin, leader):
    assert access.stands_for(leader, late, access.accepts) is None
    assert access.stands_for(lin, late, access.accepts) is access.NOBODY
    late.severity = "yellow"
    assert access.stands_for(lin, late, access.accepts) is None
    assert access.stands_for(chen, late, access.accepts) is access.NOBODY


def test_what_is_closed_is_looked_at_again(late, lin, leader, found):
    record(lin, Edit(row().pk, row().version, {"due_on": date(2020, 12, 1)}))
    run([LATE], as_of=AS_OF)
    confirm_closed([found()], by=leader, on=AS_OF)
    assert found().look_on == AS_OF + timedelta(days=30)
    on = found().look_on
    with pytest.raises(FindingsRefused, match="才到回头看的日期"):
        look_back([found()], by=leader, held=True, note="已到现场", on=AS_OF)
    assert FindingQuery(status="look").within(Finding.objects.all()).count() == 1
    with pytest.raises(FindingsRefused, match="写明回头看的情况"):
        look_back([found()], by=leader, held=True, note=" ", on=on)
    look_back([found()], by=leader, held=False, note="通道又堵了", on=on)
    assert (found().status, found().times_reopened, found().look_on) == ("reopened", 1, None)


def test_whoever_put_it_right_is_known_from_the_change(late, lin, chen, leader, found):
    run_changed(as_of=AS_OF)
    record(lin, Edit(row().pk, row().version, {"due_on": date(2020, 12, 1)}))
    report = run_changed(as_of=AS_OF)
    assert report.gone == 1
    assert found().corrected_by == lin
    assert found().events.last().by == lin
    with pytest.raises(FindingsRefused, match="整改人不能确认"):
        confirm_closed([found()], by=lin)
    with pytest.raises(FindingsRefused, match="整改人不能确认"):
        confirm_closed([found()], by=leader, stands_for=lin)
    confirm_closed([found()], by=leader)


def test_only_the_checks_that_read_what_changed_run_again(late, lin, places):
    run_changed(as_of=AS_OF)
    assert run_changed(as_of=AS_OF).checks == 0
    hazard(lin, places["河口村"], detail="灭火器过期")
    report = run_changed(as_of=AS_OF)
    assert 0 < report.checks < 60
    assert report.errors == []
    assert Finding.objects.filter(check_code=LATE).count() == 2
    assert CheckedUpTo.objects.get(ledger="hazard").seq == 2


def test_evidence_is_kept_and_handed_out_to_readers_only(late, chen, wu, lin, live, found):
    photo = SimpleUploadedFile("现场.jpg", b"\xff\xd8\xff\xe0" + b"0" * 64)
    said = {"explanation": "已清理通道", "files": [photo]}
    assert live(chen).post(f"/findings/{late.pk}/explain/", said).status_code == 302
    (file,) = found().evidence
    address = f"/findings/{late.pk}/files/{file['sha256']}/"
    assert live(chen).get(address).status_code == 200
    assert live(lin).get(address)["Content-Type"] == "image/jpeg"
    assert live(wu).get(address).status_code == 404
    assert live(lin).get(f"/findings/{late.pk}/files/{'0' * 64}/").status_code == 404
    page = SimpleUploadedFile("x.jpg", b"<html>")
    assert live(chen).post(f"/findings/{late.pk}/note/", {"text": "补图", "files": [page]}).status_code == 422
    add_note([found()], by=lin, text="已收到")
    assert [one.kind for one in found().events.all()] == ["found", "explained", "note"]


def test_a_deputy_acts_in_the_name_of_who_is_away(late, wu, chen, lin, leader):
    today = timezone.localdate()
    delegate(chen, wu, first=today, last=today, reason="出差", by=chen, today=today)
    deputy = User.objects.get(pk=wu.pk)
    assert access.stands_for(deputy, late, access.explains) == chen
    acts.do(acts.ACTS["explain"], [late], acts.Typed({"explanation": "已清理"}, AS_OF), deputy)
    event = late.events.last()
    assert (event.by, event.stands_for) == (wu, chen)


def test_an_act_on_many_is_done_for_all_or_for_none(late, lin, leader, chen, wu, places, live):
    hazard(lin, places["河口村"], detail="灭火器过期")
    run([LATE], as_of=AS_OF)
    both = [str(one.pk) for one in Finding.objects.all()]
    client = live(leader)
    assert client.post("/findings/bulk/", {"act": "assign", "findings": both}).status_code == 200
    said = {"act": "assign", "findings": both, "go": "1", "unit": "应急办", "assigned": "unit"}
    assert client.post("/findings/bulk/", said).status_code == 302
    assert set(Finding.objects.values_list("assigned", flat=True)) == {"unit"}
    explain([Finding.objects.first()], by=chen, explanation="正在改")
    refused = client.post("/findings/bulk/", {"act": "close", "findings": both, "go": "1"})
    assert refused.status_code == 422
    assert not Finding.objects.filter(status="closed").exists()
    assert live(wu).post("/findings/bulk/", {"act": "explain", "findings": both}).status_code == 404
    assert live(leader).post("/findings/bulk/", {"act": "nothing", "findings": both}).status_code == 404
    assert live(leader).post("/findings/bulk/", {"act": "explain"}).status_code == 302


def test_the_ways_of_a_page(late, chen, leader, live):
    page = live(chen).get(f"/findings/{late.pk}/")
    assert [one.code for one in page.context["others"]] == ["note"]
    assert page.context["inline"].code == "explain"
    assert live(chen).get(f"/findings/{late.pk}/accept/").status_code == 404
    codes = [one.code for one in live(leader).get(f"/findings/{late.pk}/").context["others"]]
    assert codes == ["note", "assign", "accept"]
    for code in codes:
        assert live(leader).get(f"/findings/{late.pk}/{code}/").status_code == 200
    assert (
        live(leader).post(f"/findings/{late.pk}/accept/", {"until": "明天", "reason": "县局已书面延期"}).status_code
        == 422
    )


def test_words_of_a_finding_end_with_the_rows_it_is_about(late, chen, lin, live, found):
    from zhenwu.ledgers.retention.hooks import erasers

    photo = SimpleUploadedFile("现场.jpg", b"\xff\xd8\xff\xe0" + b"7" * 64)
    live(chen).post(f"/findings/{late.pk}/explain/", {"explanation": "张青说已清理", "files": [photo]})
    digest = found().evidence[0]["sha256"]
    assert digest in set().union(*(erase("hazard", [row().pk]) for erase in erasers()))
    one = found()
    assert (one.values, one.explanation, one.evidence) == ({}, "", [])
    assert "YH-2020" not in one.message
    assert not any("张青" in event.text or "YH-2020" in event.text for event in one.events.all())
    assert live(lin).get(f"/findings/{late.pk}/").status_code == 200
