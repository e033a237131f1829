"""Posts at villages that are reorganised: decided by a person, carried out and undone with the event, and never more in between."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhenwu.accounts.actions import create_user
from zhenwu.accounts.appointing import Post, appoint, end_appointment
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.heirs import posts_of
from zhenwu.accounts.keeping import LEDGERS, verify_kept
from zhenwu.accounts.models import Appointment, PostDecision
from zhenwu.accounts.scope import Rights
from zhenwu.accounts.succession import decide
from zhenwu.changes.actions import verify_chain
from zhenwu.divisions.actions import create_divisions
from zhenwu.divisions.checking import event_problems
from zhenwu.divisions.effect import enter_event, put_due_into_effect, put_into_effect, undo, what_builds_on
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.models import Division, Event, EventState, Level
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan, draft, edit
from zhenwu.divisions.steps import drop, hand_over

SINCE, DAY, TODAY = date(2000, 1, 1), date(2020, 7, 1), date(2020, 7, 1)
LINE = "population"


@pytest.fixture
def security(db):
    return create_user("shen", "沈安之", "security", since=SINCE)[0]


@pytest.fixture
def posted(places, security):
    """Two people at 青山村, one at 河口村, and one who is clerk of both; appointed through the front door."""
    made = {}
    for name, *where in (("陈青", "青山村"), ("方圆", "青山村"), ("吴岸", "河口村"), ("双喜", "青山村", "河口村")):
        user = create_user(f"u{len(made)}", name, "village", division=places[where[0]], since=SINCE)[0]
        for other in where[1:]:
            appoint(user, Post("village", None, places[other]), since=SINCE, by=security)
        made[name] = user
    return made


def planned(plan, by):
    """Approved by the county, to take effect on its day."""
    event = draft(plan, by=by)
    event.state, event.approval, event.approval_organ, event.approved_on = (
        EventState.APPROVED,
        "12号",
        "县政府",
        date(2020, 6, 1),
    )
    event.save()
    return event


@pytest.fixture
def merger(places, posted, security):
    flows = [FlowPlan(places["青山村"], 0), FlowPlan(places["河口村"], 0)]
    return planned(EventPlan("merge_new", "青河合并", DAY, [UnitPlan(name="青河村")], flows), security)


def waiting(event):
    return {(one.post.user.display_name, one.place.name): one for one in posts_of(event).waiting}


def settle(event, choice, by, *who, **more):
    chosen = [one.post.pk for one in posts_of(event).waiting if not who or one.post.user.display_name in who]
    more = {"reason": "青委〔2020〕8号", "today": TODAY} | more
    return decide(event, chosen, choice, by=by, **more)


def held(user, on=DAY):
    """{place: (reads, enters)} of the villages there ever were, by what this user may do that day."""
    scope = Rights(user, on=on).scope(LINE, "S1")
    return {one.name for one in Division.objects.filter(level=Level.VILLAGE) if scope.enters(one.pk)}


def whole_history():
    return [broken for ledger in LEDGERS for broken in (*verify_chain(ledger), *verify_kept(ledger))]


def test_decided_posts_end_the_day_before_and_begin_on_the_day(merger, posted, security, places):
    assert settle(merger, "carry", security, "陈青", "双喜", toward="青河村") == 3
    settle(merger, "end", security, "方圆", "吴岸")
    assert held(posted["陈青"]) == {"青山村"}, "nothing is given before the day"
    put_into_effect(merger, by=security, today=TODAY)
    new = Division.objects.get(name="青河村")
    was, now = Appointment.objects.filter(user=posted["陈青"]).order_by("pk")
    assert (was.valid_to, now.valid_from, now.valid_to, now.division_id, now.role) == (
        DAY,
        DAY,
        None,
        new.pk,
        "village",
    )
    assert held(posted["陈青"], DAY - timedelta(days=1)) == {"青山村"}
    assert held(posted["陈青"]) == {"青山村", "河口村", "青河村"}, "of the new village, and of what it was"
    assert held(posted["方圆"]) == set()
    assert Appointment.objects.filter(user=posted["双喜"], division=new).count() == 1, "the same post is not held twice"
    assert not posts_of(merger).waiting
    assert {one.post.user.display_name for one in posts_of(merger).done} == set(posted)
    assert Appointment.objects.get(user=posted["方圆"]).valid_to == DAY
    assert whole_history() == []


def test_undecided_posts_keep_the_event_until_somebody_says_they_come_later(merger, posted, security):
    settle(merger, "carry", security, "陈青", toward="青河村")
    with pytest.raises(DivisionRefused, match=r"还有4个任职没有定去向：.*吴岸（河口村村级录入）"):
        put_into_effect(merger, by=security, today=TODAY)
    assert put_due_into_effect(TODAY, by=None)[0][1], "the night asks the same"
    assert "DX9" in {one.code for one in event_problems(merger, TODAY)}
    settle(merger, "later", security, "方圆", "吴岸", "双喜", reason="")
    assert put_due_into_effect(TODAY, by=None) == [(merger, [])]
    merger.refresh_from_db()
    assert {key[0] for key in waiting(merger)} == {"方圆", "吴岸", "双喜"}, "what is undecided stays listed"
    assert "DX9" in {one.code for one in event_problems(merger, TODAY)}
    assert whole_history() == []


def test_who_decides_the_event_may_leave_posts_open_in_so_many_words(merger, posted, security):
    put_into_effect(merger, by=security, today=TODAY, leave_open=True)
    assert len(posts_of(merger).open) == 5
    assert held(posted["陈青"]) == {"青山村"}, "until then what they had, and nothing of the new village"
    assert held(posted["双喜"]) == {"青山村", "河口村"}
    with pytest.raises(DivisionRefused, match="5个任职没有定去向"):
        hand_over(merger, on=DAY + timedelta(days=9), by=security)
    late = DAY + timedelta(days=20)
    settle(merger, "carry", security, today=late, toward="青河村")
    assert held(posted["陈青"], late - timedelta(days=1)) == {"青山村"}, "never backwards"
    assert held(posted["陈青"], late) == {"青山村", "河口村", "青河村"}
    hand_over(merger, on=late, by=security)


def test_undoing_gives_every_post_back_as_it_was(merger, posted, security):
    before = list(Appointment.objects.order_by("pk").values_list())
    settle(merger, "carry", security, "陈青", "双喜", toward="青河村")
    settle(merger, "end", security, "方圆")
    settle(merger, "later", security, "吴岸")
    put_into_effect(merger, by=security, today=TODAY)
    settle(merger, "carry", security, "吴岸", today=DAY + timedelta(days=5), toward="青河村")
    assert what_builds_on(merger) == []
    undo(merger, by=security, reason="登记有误")
    assert list(Appointment.objects.order_by("pk").values_list()) == before
    assert held(posted["方圆"]) == {"青山村"}
    assert {one.choice for one in PostDecision.objects.all()} == {"carry", "end"}, (
        "what was decided stands for the next time"
    )
    assert whole_history() == []
    put_into_effect(merger, by=security, today=TODAY)
    assert held(posted["吴岸"]) == {"青山村", "河口村", "青河村"}
    assert whole_history() == []


def test_undoing_gives_nothing_back_that_was_taken_since(merger, posted, security):
    settle(merger, "carry", security, toward="青河村")
    put_into_effect(merger, by=security, today=TODAY)
    gone = DAY + timedelta(days=30)
    end_appointment(Appointment.objects.get(user=posted["陈青"], valid_to=None), on=gone, by=security, reason="调离")
    undo(merger, by=security, reason="登记有误")
    assert Appointment.objects.get(user=posted["陈青"]).valid_to == gone
    assert held(posted["陈青"], gone) == set()


def test_a_post_given_at_the_new_village_stands_in_the_way_of_undoing(merger, posted, security, places):
    settle(merger, "carry", security, toward="青河村")
    put_into_effect(merger, by=security, today=TODAY)
    appoint(posted["方圆"], Post("village_lead", None, Division.objects.get(name="青河村")), since=DAY, by=security)
    with pytest.raises(DivisionRefused, match="任职有1条已登记在它设立的单位"):
        undo(merger, by=security, reason="登记有误")


def test_another_plan_takes_no_post_elsewhere(merger, posted, security, places):
    settle(merger, "carry", security, toward="青河村")
    flows = [FlowPlan(places["青山村"], 0), FlowPlan(places["青石社区"], 0)]
    edit(merger, EventPlan("merge_new", "改", DAY, [UnitPlan(name="青石新村")], flows), by=security)
    found = waiting(merger)
    assert {key[1] for key in found} == {"青山村"}, "who is at 河口村 is no longer concerned"
    assert {one.said for one in found.values()} == {"方案改过，要重新定"}
    assert all(one.open for one in found.values())


def test_absorbed_and_split_and_abolished_villages(places, posted, security, admin):
    absorbed = planned(
        EventPlan("absorb", "并入", DAY, [UnitPlan(places["河口村"])], [FlowPlan(places["青山村"], 0)]), security
    )
    found = posts_of(absorbed)
    assert {one.place.name for one in found.waiting} == {"青山村"}
    assert [(post.user.display_name, [one.name for one in sources]) for post, sources in found.staying] == [
        ("吴岸", ["青山村"]), ("双喜", ["青山村"]),
    ]  # fmt: skip
    drop(absorbed, reason="试", by=security)
    group = Division(code="51999910020101", name="1组", level=Level.GROUP, parent=places["青山村"], valid_from=SINCE)
    create_divisions([group], by=admin, reason="试验")
    units = [UnitPlan(name="青东村", code="519999100203"), UnitPlan(name="青西村", code="519999100204")]
    flows = [FlowPlan(places["青山村"], 0, "by_group"), FlowPlan(places["青山村"], 1, "by_group"), FlowPlan(group, 0)]
    split = planned(EventPlan("split", "分设", DAY, units, flows), security)
    assert [one.name for one in waiting(split)["陈青", "青山村"].heirs] == ["青东村", "青西村"]
    with pytest.raises(AccountRefused, match="不能到河口村"):
        settle(split, "carry", security, toward="河口村")
    settle(split, "carry", security, "陈青", "双喜", toward="青东村")
    settle(split, "carry", security, "方圆", toward="青西村")
    put_into_effect(split, by=security, today=TODAY)
    assert "青西村" not in held(posted["陈青"])
    assert "青东村" in held(posted["陈青"])
    gone = planned(EventPlan("abolish", "撤销", date(2020, 9, 1), [], [FlowPlan(places["河口村"], None)]), security)
    with pytest.raises(AccountRefused, match="河口村撤销"):
        settle(gone, "carry", security, toward="河口村")
    settle(gone, "end", security)
    put_into_effect(gone, by=security, today=date(2020, 9, 1))
    assert held(posted["吴岸"], date(2020, 9, 1)) == set()


def test_a_place_that_is_only_renamed_takes_its_posts_along(places, posted, security):
    event = enter_event(
        EventPlan("rename", "更名", DAY, [UnitPlan(name="翠山村")], [FlowPlan(places["青山村"], 0)]), by=security
    )
    assert held(posted["陈青"]) >= {"翠山村"}
    assert posts_of(event).waiting == []
    undo(event, by=security, reason="登记有误")
    assert held(posted["陈青"]) == {"青山村"}
    assert not PostDecision.objects.exists()
    assert whole_history() == []


def test_posts_that_begin_later_and_end_sometime(merger, posted, security, places):
    later, until = DAY + timedelta(days=30), DAY + timedelta(days=90)
    appoint(posted["吴岸"], Post("village_lead", None, places["河口村"]), since=later, until=until, by=security)
    appoint(posted["吴岸"], Post("village", None, places["青山村"]), since=SINCE, until=DAY, by=security)
    settle(merger, "carry", security, toward="青河村")
    assert len(posts_of(merger).waiting) == 6, "what ends by the day is not asked about"
    put_into_effect(merger, by=security, today=TODAY)
    lead = Appointment.objects.get(role="village_lead", division__name="青河村")
    assert (lead.valid_from, lead.valid_to) == (later, until)


def test_who_may_decide_and_what_must_be_said(merger, posted, security, lin, admin):
    for by in (lin, admin, posted["陈青"]):
        with pytest.raises(AccountRefused, match="安全管理员"):
            settle(merger, "end", by)
    with pytest.raises(AccountRefused) as refused:
        decide(merger, [], "fly", by=security, today=TODAY)
    assert set(refused.value.problems) == {"choice", "posts", "reason"}
    with pytest.raises(AccountRefused, match="请刷新"):
        decide(merger, [987654], "end", by=security, today=TODAY, reason="试")
    put_into_effect(merger, by=security, today=timezone.localdate(), leave_open=True)
    with pytest.raises(AccountRefused, match="已经生效"):
        settle(merger, "later", security)
    assert not PostDecision.objects.exists()
    drop(Event.objects.create(kind="create", title="空"), reason="试", by=security)
