"""From a plan to the effect and back on the pages, and who may do which step."""

import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from zhenwu.accounts.actions import create_user
from zhenwu.accounts.models import Unit
from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, Review, SourceKind
from zhenwu.divisions.actions import create_divisions
from zhenwu.divisions.models import Division, Event, EventState, Level
from zhenwu.divisions.steps import papers_named
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.places.pictures import said_share

DAY = date(2020, 7, 1)


@pytest.fixture
def he(places, offices):
    """Keeps the register of households for the whole township."""
    from conftest import _user

    return _user("he", "何静", "office", unit=Unit.objects.get(label="民政办"))


@pytest.fixture
def grouped(places, admin):
    """青山村 and 河口村 have a group 1 each."""
    made = [
        Division(
            code=f"{places[name].code}01",
            name="1组",
            level=Level.GROUP,
            parent=places[name],
            valid_from=date(2000, 1, 1),
        )
        for name in ("青山村", "河口村")
    ]
    create_divisions(made, by=admin, reason="试验")
    return made


def typed(places, **more):
    said = {"source": [places["青山村"].pk.hex, places["河口村"].pk.hex], "name_1": "青河村", "title": "合并设立青河村"}
    said |= {
        "effective": "2020-07-01",
        "proposed_on": "2020-03-01",
        "risk_paper": "青石镇合村风险评估报告",
        "notice_from": "2020-05-01",
        "notice_to": "2020-05-10",
    }
    return said | more


def vote(client, event, place, **more):
    said = {"form": "assembly", "held_on": "2020-04-01", "entitled": "986", "present": "494", "yes": "260"}
    return client.post(f"/places/events/{event.pk}/vote/{place.pk}/", said | more, follow=True)


def step(client, event, act, **said):
    page = client.post(f"/places/events/{event.pk}/step/{act}/", said, follow=True)
    event.refresh_from_db()
    return page


@pytest.fixture
def event(he, live, places, grouped):
    live(he).post("/places/events/new/merge_new/", typed(places))
    return Event.objects.get()


def test_a_plan_is_previewed_voted_approved_put_into_effect_and_undone(event, he, leader, live, places):
    page = live(he).get(f"/places/events/{event.pk}/")
    assert [one.place.name for one in page.context["preview"].units] == ["青山村", "河口村"]
    assert "青河村" in page.content.decode()
    assert Division.objects.filter(name="青河村").count() == 0, "a preview writes nothing"
    for name in ("青山村", "河口村"):
        vote(live(he), event, places[name])
    step(live(he), event, "pass")
    assert event.state == EventState.VOTED
    approval = {"organ": "云岭县人民政府", "document": "云府〔2020〕12号", "approved_on": "2020-06-01"}
    step(live(leader), event, "approve", **approval)
    assert event.state == EventState.APPROVED
    step(live(leader), event, "effect")
    assert event.state == EventState.EFFECTIVE
    new = Division.objects.get(name="青河村", level=Level.VILLAGE)
    assert Division.objects.filter(parent=new, level=Level.GROUP).count() == 2
    tree = live(he).get("/places/?on=2020-08-01").content.decode()
    assert "由青山村、河口村而来" in tree
    assert "由青山村、河口村而来" not in live(he).get("/places/?on=2020-06-30").content.decode()
    assert "青山村、河口村" in live(he).get(f"/places/{new.pk}/").content.decode()
    step(live(leader), event, "undo", reason="登记有误")
    assert event.state == EventState.APPROVED
    assert not Division.objects.filter(name="青河村").exists()
    assert Division.objects.get(pk=places["青山村"].pk).valid_to is None


def test_a_vote_without_quorum_keeps_the_plan_a_draft(event, he, live, places):
    vote(live(he), event, places["青山村"], present="493", yes="480")
    vote(live(he), event, places["河口村"])
    page = step(live(he), event, "pass")
    assert event.state == EventState.DRAFT
    assert "到会人数不足" in page.content.decode()


def test_bad_input_is_said_and_kept(he, live, places):
    page = live(he).post("/places/events/new/merge_new/", typed(places, effective="明年", name_1="", source=[]))
    text = page.content.decode()
    assert page.status_code == 422
    for words in ("请填日期，如 2020-06-01", "请填写新名称", "请选原单位"):
        assert words in text
    assert "合并设立青河村" in text, "what was typed stays"
    assert not Event.objects.exists()


def test_rows_at_the_new_village_stand_in_the_way_of_undoing(event, he, leader, lin, live, places):
    for name in ("青山村", "河口村"):
        vote(live(he), event, places[name])
    step(live(he), event, "pass")
    step(live(leader), event, "approve", organ="县政府", document="12号", approved_on="2020-06-01")
    step(live(leader), event, "effect")
    new = Division.objects.get(name="青河村", level=Level.VILLAGE)
    said = {
        "found_by_way": "排查",
        "sector": "消防",
        "found_on": date(2020, 8, 1),
        "finder": "张青",
        "kind": "管理",
        "detail": "堵塞",
    }
    commit(
        Draft(
            "hazard",
            lin,
            [Add(said, division=new.pk, review=Review.APPROVED)],
            Source(SourceKind.SYSTEM),
            reason="试验",
        )
    )
    page = step(live(leader), event, "undo", reason="")
    assert event.state == EventState.EFFECTIVE
    assert "隐患整改销号台账有1条已登记在青河村" in page.content.decode()


def test_who_drafts_does_not_decide_and_who_decides_does_not_draft(event, he, leader, chen, admin, live, places):
    assert live(leader).get("/places/events/new/").status_code == 404
    assert live(chen).get("/places/events/new/").status_code == 404
    assert live(chen).get("/places/").status_code == 200
    assert live(admin).get("/places/").status_code == 404
    assert live(he).post(f"/places/events/{event.pk}/step/approve/").status_code == 404
    assert live(leader).post(f"/places/events/{event.pk}/step/drop/").status_code == 404
    assert vote(live(chen), event, places["青山村"]).status_code == 404


def test_an_event_of_a_day_to_come_takes_effect_only_then(event, he, leader, live, places):
    later = timezone.localdate() + timedelta(days=30)
    live(he).post(f"/places/events/{event.pk}/edit/", typed(places, effective=later.isoformat()))
    for name in ("青山村", "河口村"):
        vote(live(he), event, places[name])
    step(live(he), event, "pass")
    step(live(leader), event, "approve", organ="县政府", document="12号", approved_on="2020-06-01")
    page = step(live(leader), event, "effect")
    assert event.state == EventState.APPROVED
    assert "日子还没有到" in page.content.decode()


def test_a_split_asks_where_each_group_goes(he, live, places, grouped):
    village = places["青山村"]
    said = {"village": village.pk.hex, "title": "分设", "effective": "2020-07-01", "stays_1": "1", "name_2": "青东村"}
    said |= {"pop_2": "30", "land_2": "25.5", f"to_{grouped[0].pk.hex}": "2"}
    live(he).post("/places/events/new/split/", said)
    event = Event.objects.get()
    flows = {flow.source.name: flow for flow in event.flows.all()}
    assert (str(flows["青山村"].pop_share), str(flows["青山村"].land_share)) == ("0.3000", "0.2550")
    assert flows["1组"].target.name == "青东村"
    again = live(he).get(f"/places/events/{event.pk}/edit/").content.decode()
    assert 'value="30"' in again
    assert 'value="25.5"' in again


def test_former_names_and_codes_find_a_place(event, he, leader, live, places):
    for name in ("青山村", "河口村"):
        vote(live(he), event, places[name])
    step(live(he), event, "pass")
    step(live(leader), event, "approve", organ="县政府", document="12号", approved_on="2020-06-01")
    step(live(leader), event, "effect")
    found = live(he).get("/places/?q=河口").context["found"]
    assert ("河口村", False) in [(one.name, alive) for one, alive in found]
    assert live(he).get("/places/?q=519999100201").context["found"]
    assert "没有找到" in live(he).get("/places/?q=无此村").content.decode()
    picked = live(he).get("/ledgers/lookup/division/?q=河口").content.decode()
    assert "青河村" in picked
    assert "原河口村" in picked
    everywhere = live(he).get("/search/?q=河口").content.decode()
    assert f"/places/{Division.objects.get(name='青河村', level=Level.VILLAGE).pk}/" in everywhere
    assert "原河口村" in everywhere
    assert "看不懂" in live(he).get("/places/?on=昨天").content.decode()


@pytest.mark.parametrize("kind", [
    "merge_new", "absorb", "group_merge", "split", "transfer", "boundary", "rename", "reclass", "recode", "create", "abolish",
])  # fmt: skip
def test_every_kind_has_its_form(kind, he, live, places, grouped):
    page = live(he).get(f"/places/events/new/{kind}/?village={places['青山村'].pk.hex}")
    assert page.status_code == 200
    assert live(he).get("/places/events/new/nothing/").status_code == 404


def approved(event, he, leader, live, places):
    for name in ("青山村", "河口村"):
        vote(live(he), event, places[name])
    step(live(he), event, "pass")
    step(live(leader), event, "approve", organ="县政府", document="12号", approved_on="2020-06-01")


def test_posts_are_decided_on_their_own_page_by_the_security_administrator(event, he, leader, chen, wu, live, places):
    shen, _ = create_user("shen", "沈安之", "security", since=date(2000, 1, 1), must_change=False)
    approved(event, he, leader, live, places)
    path = f"/places/events/{event.pk}/posts/"
    refused = step(live(leader), event, "effect").content.decode()
    assert "还有2个任职没有定去向：陈青（青山村村级录入）、吴岸（河口村村级录入）" in refused
    assert "2个任职生效以后再定" in refused
    assert live(chen).get(path).status_code == 404
    page = live(he).get(path)
    assert "由安全管理员定" in page.content.decode()
    assert "定下</button>" not in page.content.decode()
    posts = [one.post.pk for one in page.context["found"].waiting]
    assert live(he).post(path, {"posts": posts, "to": "end", "reason": "8号"}).status_code == 404
    assert live(leader).post(path, {"posts": posts, "to": "end", "reason": "8号"}).status_code == 404
    wrong = live(shen).post(path, {"posts": posts, "to": "carry:外村", "reason": ""})
    assert wrong.status_code == 422
    assert "不能到外村" in wrong.content.decode()
    assert "请写明依据" in wrong.content.decode()
    assert wrong.content.decode().count(" checked") == 2, "what was ticked stays"
    done = live(shen).post(path, {"posts": posts, "to": "carry:青河村", "reason": "青委〔2020〕8号"}, follow=True)
    assert "已定2个任职的去向" in done.content.decode()
    assert "随到青河村" in live(he).get(path).content.decode()
    step(live(leader), event, "effect")
    assert event.state == EventState.EFFECTIVE
    assert "2个任职已经办好" in live(he).get(f"/places/events/{event.pk}/").content.decode()
    assert "青河村" in live(shen).get(path).content.decode()
    step(live(leader), event, "undo", reason="登记有误")
    assert event.state == EventState.APPROVED
    assert chen.appointments.get().valid_to is None


def test_a_leader_may_say_that_posts_come_later(event, he, leader, chen, live, places):
    approved(event, he, leader, live, places)
    step(live(leader), event, "effect", leave_posts="1")
    assert event.state == EventState.EFFECTIVE
    assert "1个任职没有定去向" in live(leader).get(f"/places/events/{event.pk}/").content.decode()
    page = step(live(he), event, "hand_over", on="2020-07-20").content.decode()
    assert "还有1个任职没有定去向：陈青（青山村村级录入）" in page
    assert event.state == EventState.EFFECTIVE


def attach(client, event, kind, data=b"%PDF-1.4 risk", name="风险评估.pdf"):
    file = io.BytesIO(data)
    file.name = name
    return client.post(f"/places/events/{event.pk}/papers/", {"kind": kind, "files": file}, follow=True)


def test_a_merger_is_not_approved_without_a_risk_assessment_named_or_attached(event, he, leader, chen, live, places):
    live(he).post(f"/places/events/{event.pk}/edit/", typed(places, risk_paper=""))
    for name in ("青山村", "河口村"):
        vote(live(he), event, places[name])
    step(live(he), event, "pass")
    approval = {"organ": "县政府", "document": "12号", "approved_on": "2020-06-01"}
    assert "缺社会稳定风险评估" in step(live(leader), event, "approve", **approval).content.decode()
    assert event.state == EventState.VOTED
    assert "请选择附件是什么材料" in attach(live(he), event, "nothing").content.decode()
    assert "不能上传" in attach(live(he), event, "risk", b"MZ\x90", "run.exe").content.decode()
    assert "已添加1个附件" in attach(live(he), event, "risk").content.decode()
    step(live(leader), event, "approve", **approval)
    assert event.state == EventState.APPROVED
    (paper,) = event.papers
    address = f"/places/events/{event.pk}/papers/{paper['sha256']}/"
    answer = live(leader).get(address)
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 risk"
    assert live(chen).get(address).status_code == 404
    assert "风险评估.pdf" not in live(chen).get(f"/places/events/{event.pk}/").content.decode()
    assert attach(live(chen), event, "risk").status_code == 404
    assert papers_named({paper["sha256"], "0" * 64}) == {paper["sha256"]}
    assert live(he).post(f"{address}remove/", follow=True).status_code == 200
    event.refresh_from_db()
    assert event.papers == []
    assert live(he).get(address).status_code == 404
    said = [
        json.loads(text)
        for text in History.objects.filter(ledger="division_event").order_by("seq").values_list("values", flat=True)
    ]
    assert [len(one.get("papers", ())) for one in said][-3:] == [1, 1, 0]


def test_a_share_is_said_once_and_the_same_everywhere():
    assert said_share(True, Decimal(1), Decimal(1)) == ""
    assert said_share(False, Decimal("0.0893"), Decimal("0.08")) == "人口8.93%、土地8%"
    assert said_share(False, Decimal(0), Decimal("0.08")) == "土地8%"
    assert said_share(False, None, None) == "一部分"
