"""An event from its plan to the archive: what each step demands, what taking effect does to villages and groups, and
when it may be undone."""

from datetime import date
from decimal import Decimal

import pytest

from zhenwu.changes.models import Change
from zhenwu.divisions import following, steps
from zhenwu.divisions.effect import enter_event, put_due_into_effect, put_into_effect, undo, what_builds_on
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.following import Count
from zhenwu.divisions.judging import needs_vote, paper_problems, plan_problems, vote_problems
from zhenwu.divisions.models import Alias, Basis, Division, EventKind, EventState
from zhenwu.divisions.names import Gazetteer, Groups
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan, draft, edit, plan_of
from zhenwu.divisions.previewing import preview
from zhenwu.divisions.queries import future_of, groups, history_of, in_force, place_as, roots_of, tree, villages

DAY, LATER = date(2020, 6, 1), date(2021, 3, 1)


def merger(world, *names, on=DAY, **said):
    flows = [FlowPlan(getattr(world, name), 0) for name in names]
    return EventPlan(EventKind.MERGE_NEW, "甲乙合村", on, [UnitPlan(name="山河村", **said)], flows)


def transfer(world, source, group, target, on=LATER):
    flows = [FlowPlan(group, 0), FlowPlan(source, 0, Basis.BY_GROUP, Decimal("0.0893"), Decimal("0.08"))]
    return EventPlan(EventKind.TRANSFER, "划组", on, [UnitPlan(target)], flows)


def vote_of(event, place, by, **changed):
    said = {"form": "assembly", "held_on": date(2020, 4, 1), "entitled": 986, "present": 494, "yes": 260} | changed
    steps.record_vote(event, place, by=by, **said)


def approved(world, by, plan):
    event = draft(plan, by=by)
    event.risk_paper = "青石镇合村风险评估报告"
    event.notice_from, event.notice_to = date(2020, 4, 2), date(2020, 4, 8)
    event.save()
    for flow in plan.flows:
        vote_of(event, flow.source, by)
    steps.pass_vote(event, by=by)
    steps.approve(event, organ="云岭县人民政府", document="云府〔2020〕8号", approved_on=date(2020, 5, 6), by=by)
    return event


@pytest.fixture
def lin(db, django_user_model):
    """Without the cast's own places."""
    return django_user_model.objects.create(username="lin", display_name="林澄")


@pytest.fixture
def counted(monkeypatch):
    """`counted[place pk] = (label, rows)`: what rooms above would count there."""
    rows = {}
    monkeypatch.setattr(following, "_counters", [
        lambda places, since: [Count(key, label, pk, n, standing) for pk in places for key, label, n, standing in rows.get(pk, ())]
    ])  # fmt: skip
    return rows


def test_a_merger_goes_through_all_its_steps(world, lin):
    event = approved(world, lin, merger(world, "甲", "乙"))
    put_into_effect(event, by=lin, today=DAY)
    assert [one.name for one in villages(DAY)] == ["山河村", "丙村", "丁村"]
    steps.hand_over(event, on=date(2020, 6, 20), seal_on=date(2020, 6, 2), by=lin)
    steps.archive(event, on=date(2020, 12, 31), by=lin)
    event.refresh_from_db()
    assert event.state == EventState.ARCHIVED
    acts = Change.objects.order_by("pk").values_list("reason", flat=True)
    assert list(acts)[-4:] == ["已批复：甲乙合村", "甲乙合村", "交接完成：甲乙合村", "归档：甲乙合村"]


def test_groups_go_along_and_are_numbered_anew_where_they_clash(world, lin):
    event = enter_event(merger(world, "甲", "乙"), by=lin)
    new = event.born.get(name="山河村")
    assert new.code == world.甲.code
    assert [(one.code[-2:], one.name) for one in groups(new.pk, DAY)] == [
        ("01", "1组"), ("02", "2组"), ("03", "3组"), ("04", "4组"), ("05", "5组"), ("06", "6组"),
    ]  # fmt: skip
    known = Groups()
    second = groups(new.pk, DAY)[3]
    assert known.find("乙村1组", LATER)[0] == [second.pk]
    assert known.remark("乙村1组", second.pk) == "“乙村1组”现在是山河村4组，按山河村4组读取。"
    assert known.find("1组", date(2020, 5, 1), world.乙.pk)[0] == [world.乙1.pk]
    for said in ("4组", "四社", "第四村民小组", "4"):
        assert known.find(said, LATER, new.pk)[0] == [second.pk]
    assert known.find("9组", LATER, new.pk) == ([], "山河村里没有叫“9组”的组。")
    assert {one.pk: one.parent_id for one in in_force(DAY).filter(level="group")}.keys().isdisjoint({world.甲1.pk})


def test_absorbed_groups_find_a_free_number_and_the_old_name_leads_there(world, lin):
    event = enter_event(
        EventPlan(EventKind.ABSORB, "丙并入丁", DAY, [UnitPlan(world.丁)], [FlowPlan(world.丙, 0)]), by=lin
    )
    assert [one.name for one in groups(world.丁.pk, DAY)] == [f"{n}组" for n in range(1, 7)]
    assert Gazetteer().find("丙村", LATER)[0] == [world.丁.pk]
    assert set(event.aliases.values_list("name", flat=True)) == {"丙村", "丙村1组", "丙村2组", "丙村3组"}
    assert [(step.source.name, step.target.name) for step in history_of(world.丁.pk)] == [("丙村", "丁村")]
    assert [step.target.name for step in future_of(world.丙.pk)] == ["丁村"]
    assert {one.name for one in roots_of(world.丁.pk)} == {"丙村"}


def test_two_groups_become_one(world, lin):
    plan = EventPlan(
        EventKind.GROUP_MERGE, "并组", DAY, [UnitPlan(name="新一组")], [FlowPlan(world.甲1, 0), FlowPlan(world.甲2, 0)]
    )
    event = enter_event(plan, by=lin)
    made = event.born.get()
    assert (made.parent, made.code) == (world.甲, world.甲1.code)
    assert place_as(world.甲2.pk, LATER).place == made.pk
    assert place_as(world.甲.pk, LATER, world.甲2.pk).place == world.甲.pk


def test_a_group_moves_and_what_the_village_had_before_is_divided_by_shares(world, lin):
    enter_event(transfer(world, world.甲, world.甲3, world.丁), by=lin)
    assert [one.name for one in groups(world.丁.pk, LATER)] == ["1组", "2组", "3组", "4组"]
    assert place_as(world.甲.pk, LATER, world.甲3.pk, since=DAY).place == world.丁.pk
    whole = place_as(world.甲.pk, LATER, since=DAY, by="land")
    assert (whole.place, whole.shares) == (None, {world.甲.pk: Decimal("0.92"), world.丁.pk: Decimal("0.08")})
    assert place_as(world.甲.pk, LATER, since=LATER).place == world.甲.pk


def test_a_rename_is_the_same_place_under_another_name(world, lin):
    event = enter_event(
        EventPlan(EventKind.RENAME, "更名", DAY, [UnitPlan(name="秀山村")], [FlowPlan(world.甲, 0)]), by=lin
    )
    new = event.born.get(level="village")
    assert (new.code, new.root_pk, new.cls) == (world.甲.code, world.甲.pk, "villagers")
    assert [one.root_pk for one in groups(new.pk, DAY)] == [world.甲1.pk, world.甲2.pk, world.甲3.pk]
    assert Gazetteer().find("甲村", LATER)[0] == [new.pk]


def test_a_village_divided_by_groups(world, lin):
    units = [UnitPlan(name="上甲村"), UnitPlan(name="下甲村")]
    half = (Basis.BY_GROUP, Decimal("0.5"), Decimal("0.5"))
    flows = [FlowPlan(world.甲, 0, *half), FlowPlan(world.甲, 1, *half), FlowPlan(world.甲1, 0), FlowPlan(world.甲2, 1)]
    plan = EventPlan(EventKind.SPLIT, "分村", DAY, units, flows)
    with pytest.raises(DivisionRefused, match="3组（51999910020103）未列去向"):
        enter_event(plan, by=lin)
    event = enter_event(EventPlan(EventKind.SPLIT, "分村", DAY, units, [*flows, FlowPlan(world.甲3, 1)]), by=lin)
    upper = event.born.get(name="上甲村")
    assert place_as(world.甲.pk, DAY, world.甲1.pk).place == upper.pk
    assert place_as(world.甲.pk, DAY).is_estimated
    assert Gazetteer().find("甲村", LATER)[1] == "“甲村”已调整到上甲村、下甲村，请改填现在的村名，或连组名一起填写。"


def test_a_whole_village_goes_to_another_town_with_its_groups(world, lin):
    town = Division.objects.create(
        code="519999101000", name="外镇", level="town", parent=world.县, valid_from=date(1990, 1, 1)
    )
    plan = EventPlan(EventKind.TRANSFER, "划镇", DAY, [UnitPlan(name="甲村", parent=town)], [FlowPlan(world.甲, 0)])
    new = enter_event(plan, by=lin).born.get(level="village")
    assert (new.code, new.parent, new.root) == ("519999101200", town, world.甲)
    assert [one.code for one in groups(new.pk, DAY)] == ["51999910120001", "51999910120002", "51999910120003"]


def test_a_renamed_town_takes_everything_along(world, lin):
    event = enter_event(
        EventPlan(EventKind.RENAME, "镇更名", DAY, [UnitPlan(name="青峰镇")], [FlowPlan(world.镇, 0)]), by=lin
    )
    (county,) = tree(DAY)
    assert [node.place.name for node in county.children] == ["青峰镇"]
    assert [len(node.children) for node in county.children[0].children] == [3, 3, 3, 3]
    assert not needs_vote(event)


def test_undoing_restores_every_place_and_the_event_may_take_effect_again(world, lin):
    before = list(Division.objects.order_by("pk").values())
    event = approved(world, lin, merger(world, "甲", "乙"))
    put_into_effect(event, by=lin, today=DAY)
    undo(event, by=lin, reason="批复有误")
    assert list(Division.objects.order_by("pk").values()) == before
    assert not Alias.objects.exists()
    assert Change.objects.order_by("-pk")[0].undoes is not None
    assert event.state == EventState.APPROVED
    put_into_effect(event, by=lin, today=LATER)
    assert villages(LATER).count() == 3


def test_it_can_not_be_undone_once_something_builds_on_it(world, lin, counted):
    event = enter_event(merger(world, "甲", "乙"), by=lin)
    new = event.born.get(name="山河村")
    later = enter_event(transfer(world, new, groups(new.pk, DAY)[0], world.丁), by=lin)
    with pytest.raises(DivisionRefused, match="之后又有“划组”"):
        undo(event, by=lin, reason="")
    undo(later, by=lin, reason="")
    assert what_builds_on(event) == ["“划组”的方案涉及它设立的单元，请先终止它或改方案。"]
    steps.drop(later, reason="不办了", by=lin)
    counted[new.pk] = [("hazard", "隐患台账", 2, False)]
    assert what_builds_on(event) == ["隐患台账有2条已登记在山河村。"]
    counted.clear()
    undo(event, by=lin, reason="")
    assert villages(DAY).count() == 4


def test_a_day_before_later_events_is_refused(world, lin):
    enter_event(transfer(world, world.甲, world.甲3, world.丁), by=lin)
    with pytest.raises(DivisionRefused, match="后来已由“划组”"):
        enter_event(merger(world, "甲", "乙"), by=lin)
    enter_event(EventPlan(EventKind.ABSORB, "乙并入丙", DAY, [UnitPlan(world.丙)], [FlowPlan(world.乙, 0)]), by=lin)


def test_what_was_born_today_does_not_end_today(world, lin):
    new = enter_event(merger(world, "甲", "乙"), by=lin).born.get(name="山河村")
    with pytest.raises(DivisionRefused, match=r"山河村在2020-06-01之前不是有效单位，不能合并"):
        enter_event(EventPlan(EventKind.ABSORB, "再并", DAY, [UnitPlan(world.丙)], [FlowPlan(new, 0)]), by=lin)
    enter_event(EventPlan(EventKind.ABSORB, "丙并入", DAY, [UnitPlan(new)], [FlowPlan(world.丙, 0)]), by=lin)
    assert place_as(world.丙.pk, DAY).place == new.pk


def test_each_unit_votes_and_a_failed_vote_stops_the_event(world, lin):
    event = draft(merger(world, "甲", "乙"), by=lin)
    assert [one.message for one in vote_problems(event)] == ["甲村还没有登记民主程序。", "乙村还没有登记民主程序。"]
    vote_of(event, world.甲, lin, present=493, yes=480)
    vote_of(event, world.乙, lin, form="household", entitled=305, present=204, yes=102)
    assert [(one.code, one.message) for one in vote_problems(event)] == [
        ("DE1", "甲村村民会议到会人数不足（应到986，实到493，同意480）：至少494。"),
        ("DE2", "乙村户代表会议同意人数未过半（应到305，实到204，同意102）。"),
    ]
    with pytest.raises(DivisionRefused, match="到会人数不足"):
        steps.pass_vote(event, by=lin)
    with pytest.raises(DivisionRefused, match="应该依次不增"):
        vote_of(event, world.甲, lin, present=100, yes=200)
    with pytest.raises(DivisionRefused, match="丙村不是这件事的原单元"):
        vote_of(event, world.丙, lin)
    steps.drop(event, reason="表决未通过", by=lin)
    assert event.state == EventState.DROPPED
    with pytest.raises(DivisionRefused, match="已终止，现在不能登记民主程序"):
        vote_of(event, world.甲, lin)


def test_papers_and_dates(world, lin):
    event = approved(world, lin, merger(world, "甲", "乙"))
    assert paper_problems(event) == []
    event.notice_to = date(2020, 4, 5)
    assert [(one.code, one.message) for one in paper_problems(event)] == [
        ("DE7", "公示天数不足：公示4天，应不少于7天。")
    ]
    event.notice_to = date(2020, 5, 20)
    assert [one.code for one in paper_problems(event)] == ["DE3"]
    event.notice_to, event.approval = date(2020, 4, 8), ""
    assert [one.code for one in paper_problems(event)] == ["DE4"]
    event.approval, event.effective = "云府〔2020〕8号", date(2020, 5, 1)
    assert [one.message for one in paper_problems(event)] == [
        "日期次序不符：生效日期（2020-05-01）早于批准日期（2020-05-06）。"
    ]


def test_it_takes_effect_on_its_day_and_by_itself(world, lin):
    event = approved(world, lin, merger(world, "甲", "乙"))
    with pytest.raises(DivisionRefused, match="日子还没有到"):
        put_into_effect(event, by=lin, today=date(2020, 5, 31))
    assert put_due_into_effect(date(2020, 5, 31), by=None) == []
    assert put_due_into_effect(DAY, by=None) == [(event, [])]
    assert villages(DAY).count() == 3
    with pytest.raises(DivisionRefused, match="已生效，批复后才能生效"):
        put_into_effect(event, by=lin, today=DAY)


def test_a_changed_plan_goes_back_to_a_draft_and_keeps_the_votes_that_still_hold(world, lin):
    event = approved(world, lin, merger(world, "甲", "乙"))
    edit(event, merger(world, "甲", "丙"), by=lin)
    event.refresh_from_db()
    assert (event.state, [vote.place for vote in event.votes.all()]) == (EventState.DRAFT, [world.甲])
    assert [flow.source for flow in plan_of(event).flows] == [world.甲, world.丙]


def test_the_preview_says_what_each_unit_has_and_writes_nothing(world, lin, counted):
    counted[world.甲.pk] = [("household", "户台账", 400, True), ("hazard", "隐患台账", 7, False)]
    counted[world.甲1.pk] = [("household", "户台账", 12, True)]
    event = draft(merger(world, "甲", "乙"), by=lin)
    before = list(Division.objects.order_by("pk").values())
    seen = preview(event)
    assert [(one.label, one.rows) for one in seen.units[0].has] == [("户台账", 412), ("隐患台账", 7)]
    assert [(one.place.name, one.ends, [to.target.name for to in one.goes]) for one in seen.units] == [
        ("甲村", True, ["山河村"]), ("乙村", True, ["山河村"]),
    ]  # fmt: skip
    assert [now.name for _, now in seen.units[1].groups] == ["4组", "5组", "6组"]
    assert "1组（51999910020201）改为山河村的4组（51999910020104）。" in [one.message for one in seen.to_look_at]
    assert {one.code for one in seen.refused} == {"DE1", "DE4", "DE8"}
    assert seen.rows_written == 2 * (8 + 7) + 8 + 8
    assert list(Division.objects.order_by("pk").values()) == before


def test_hand_over_waits_for_what_has_no_successor(world, lin, counted):
    units = [UnitPlan(name="上甲村"), UnitPlan(name="下甲村")]
    half = (Basis.BY_LIST, Decimal("0.5"), Decimal("0.5"))
    flows = [FlowPlan(world.甲, 0, *half), FlowPlan(world.甲, 1, *half), *(
        FlowPlan(group, 0) for group in (world.甲1, world.甲2, world.甲3)
    )]  # fmt: skip
    details = {"approval": "1号", "approval_organ": "县政府", "approved_on": date(2020, 5, 1)}
    event = enter_event(EventPlan(EventKind.SPLIT, "分村", DAY, units, flows, details=details), by=lin)
    counted[world.甲.pk] = [("household", "户台账", 3, True), ("hazard", "隐患台账", 9, False)]
    with pytest.raises(DivisionRefused, match="户台账有3条仍挂在甲村，要逐条指认去向"):
        steps.hand_over(event, on=LATER, by=lin)
    counted.clear()
    steps.hand_over(event, on=LATER, by=lin)


@pytest.mark.parametrize(
    ("plan", "code", "cause"),
    [
        (lambda w: EventPlan("create", "设", DAY, [], []), "DX3", "设立只列新单元"),
        (lambda w: EventPlan("merge_new", "合", DAY, [UnitPlan(name="新")], [FlowPlan(w.甲, 0)]), "DX3", "至少需要两个"),
        (lambda w: EventPlan("merge_new", "合", DAY, [UnitPlan(w.丙)], [FlowPlan(w.甲, 0), FlowPlan(w.乙, 0)]), "DX3", "并入现有单元"),
        (lambda w: EventPlan("absorb", "并", DAY, [UnitPlan(name="新")], [FlowPlan(w.甲, 0), FlowPlan(w.乙, 0)]), "DX3", "成立新单元"),
        (lambda w: EventPlan("absorb", "并", DAY, [UnitPlan(w.甲)], [FlowPlan(w.甲, 0), FlowPlan(w.乙, 0)]), "DL2", "去向是它自己"),
        (lambda w: EventPlan("split", "分", DAY, [UnitPlan(name="新")], [FlowPlan(w.甲, 0)]), "DX3", "至少有两个调整后单元"),
        (lambda w: EventPlan("rename", "改", DAY, [UnitPlan(name="甲村")], [FlowPlan(w.甲, 0)]), "DX3", "与原名称相同"),
        (lambda w: EventPlan("boundary", "界", DAY, [UnitPlan(w.乙)], [FlowPlan(w.甲, 0)]), "DX3", "不能是整体"),
        (lambda w: EventPlan("abolish", "撤", DAY, [UnitPlan(w.乙)], [FlowPlan(w.甲, 0)]), "DX3", "撤销没有去向"),
        (lambda w: EventPlan("absorb", "并", DAY, [UnitPlan(w.乙)], [FlowPlan(w.甲, None)]), "DX3", "没有去向"),
        (lambda w: EventPlan("group_merge", "并", DAY, [UnitPlan(name="新")], [FlowPlan(w.甲, 0), FlowPlan(w.乙, 0)]), "DX3", "只列村"),
        (
            lambda w: EventPlan("boundary", "界", DAY, [UnitPlan(w.乙), UnitPlan(w.丙)], [
                FlowPlan(w.甲, 0, "by_boundary", Decimal("0.6")), FlowPlan(w.甲, 1, "by_boundary", Decimal("0.6")),
            ]), "DL1", "应小于1",
        ),
        (lambda w: merger(w, "甲", "乙", code="519999100"), "DV1", "12位数字"),
        (lambda w: merger(w, "甲", "乙", code="519999101205"), "DV1", "与上级（519999100）相同"),
        (lambda w: merger(w, "甲", "乙", code="519999100005", cls="villagers"), "DV2", "应在200–399之间"),
        (lambda w: merger(w, "甲", "乙", code=w.丙.code), "DV3", "正由丙村使用"),
        (lambda w: merger(w, "甲", "乙", on=None), "DE3", "还没有定生效日期"),
        (lambda w: merger(w, "甲", "乙", on=date(1990, 1, 1)), "DX1", "不是有效单位"),
    ],
)  # fmt: skip
def test_a_plan_that_can_not_be_is_told_why(world, lin, plan, code, cause):
    found = [one for one in plan_problems(draft(plan(world), by=lin)) if one.code == code and one.severity == "red"]
    assert any(cause in one.message for one in found), found


def test_what_a_person_should_look_at(world, lin):
    named = draft(EventPlan("rename", "改", DAY, [UnitPlan(name="乙村")], [FlowPlan(world.甲, 0)]), by=lin)
    assert {one.code for one in plan_problems(named)} >= {"DV6", "DX5"}
    urban = UnitPlan(name="甲社区", code=world.甲.code)
    reclassed = draft(EventPlan("reclass", "改居", DAY, [urban], [FlowPlan(world.甲, 0)]), by=lin)
    assert "DV7" in {one.code for one in plan_problems(reclassed)}
    half = FlowPlan(world.甲, 0, "by_boundary")
    unsaid = draft(EventPlan("boundary", "界", DAY, [UnitPlan(world.乙)], [half]), by=lin)
    assert [(one.code, one.severity) for one in plan_problems(unsaid)] == [("DL1", "yellow"), ("DL1", "yellow")]


def test_an_abolished_village_ends_with_its_groups_and_leads_nowhere(world, lin):
    enter_event(EventPlan(EventKind.ABOLISH, "撤村", DAY, [], [FlowPlan(world.甲, None)]), by=lin)
    assert not groups(world.甲.pk, DAY).exists()
    assert place_as(world.甲.pk, DAY).among == frozenset()


@pytest.mark.parametrize("share", ["1.5", "-0.1", "0.12345"])
def test_faults_of_form_are_refused_at_once(world, lin, share):
    flow = FlowPlan(world.甲, 0, Basis.BY_BOUNDARY, Decimal(share))
    with pytest.raises(DivisionRefused, match="应在0和1之间，最多四位小数"):
        draft(EventPlan("boundary", "界", DAY, [UnitPlan(world.乙)], [flow]), by=lin)
