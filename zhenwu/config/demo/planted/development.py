"""Steps and reviews of recruiting members."""

from datetime import timedelta

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import AS_OF, Row, World, add_months


def _at(world: World, picker: Picker, aspect: str, *stages: str) -> Row:
    return picker.pick(world.rows["party_development"], lambda row: row["state"] in stages, aspect)


def _said(world: World, check: str, row: Row, *more: object, what: str) -> None:
    name = world.of[row["person"]]["name"]
    world.plant(f"party_development.{check}", row["id"], *more, what=f"{name}：{what}", why="发展党员工作细则")


def late_talk(world: World, picker: Picker, turn: int) -> None:
    """A day after the month is over, later, or never; on its last day it is in time."""
    one = _at(world, picker, "talk", "applicant")
    spared = _at(world, picker, "talk", "applicant") if turn == 0 else None
    due = add_months(one["d01"], 1)
    one["d02"] = (
        due + timedelta(days=14),
        due + timedelta(days=1),
        None,
        due + timedelta(days=30),
        due + timedelta(days=2),
    )[turn]
    _said(world, "PD-01", one, what=f"谈话{one['d02'] or '没有'}，期限{due}")
    if spared:
        spared["d02"] = add_months(spared["d01"], 1)
        world.spare("party_development.PD-01", spared["id"], what="满一个月当天谈话")


def short_cultivation(world: World, picker: Picker, turn: int) -> None:
    one, days = _at(world, picker, "cultivation", "target"), (8, 1, 2, 5, 9)[turn]
    one["d07"] = add_months(one["d03"], 12) - timedelta(days=days)
    _said(world, "PD-02", one, what=f"培养差{days}天满一年")


_STEPS = (("target", "d08", "d07", 8), ("activist", "d04", "d03", 4), ("applicant", "d02", "d01", 2), ("member", "d25", "d24", 25),
          ("probationary", "d20", "d17", 20))  # fmt: skip


def steps_turned_round(world: World, picker: Picker, turn: int) -> None:
    stage, step, before, number = _STEPS[turn]
    one = _at(world, picker, {"target": "cultivation", "applicant": "talk", "member": "end"}.get(stage, "order"), stage)
    one[step] = one[before] - timedelta(days=1 + turn % 2)
    _said(world, "PD-05", one, number, what=f"第{number}步早于前一步")


def short_training(world: World, picker: Picker, turn: int) -> None:
    """Neither 24 hours nor three days; either is enough."""
    one = _at(world, picker, "training", "probationary", "member")
    spared = _at(world, picker, "training", "probationary", "member") if turn == 0 else None
    one.update(hours=(16, 23, 8, 20, 23)[turn], train_days=(2, 2, 1, 2, 1)[turn])
    _said(world, "PD-04", one, what=f"集中培训{one['hours']}学时、{one['train_days']}天")
    if spared:
        spared.update(hours=24, train_days=2)
        world.spare("party_development.PD-04", spared["id"], what="2天但满24学时")


def too_few_yes(world: World, picker: Picker, turn: int) -> None:
    """Yes from half of those due is not more than half."""
    if turn % 2:
        one = _at(world, picker, "end votes", "member")
        one.update(vote23_due=12, vote23_present=11, vote23_yes=6)
        _said(world, "PD-06", one, 23, what="转正表决赞成6票，应到12人")
        return
    one = _at(world, picker, "votes", "probationary", "member")
    due, yes = (20, 9) if turn == 0 else (14, 7)
    one.update(vote15_due=due, vote15_present=due - 2, vote15_yes=yes, vote15_no=due - 2 - yes, vote15_abstain=0)
    _said(world, "PD-06", one, 15, what=f"赞成{yes}票，应到{due}人")


def one_vote_more_than_half(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        one = _at(world, picker, "votes", "probationary", "member")
        one.update(vote15_due=14, vote15_present=13, vote15_yes=8, vote15_no=5, vote15_abstain=0)
        world.spare("party_development.PD-06", one["id"], 15, what="赞成8票，应到14人")


def short_notice(world: World, picker: Picker, turn: int) -> None:
    one = _at(world, picker, "public", "probationary", "member")
    one["public_to"] = one["public_from"] + timedelta(days=(2, 1, 3, 4, 2)[turn])
    _said(world, "PD-10", one, what=f"公示到{one['public_to']}，不足五个工作日")


def one_sponsor(world: World, picker: Picker, turn: int) -> None:
    one, number = _at(world, picker, "sponsors", "probationary", "member"), "一二"[turn % 2]
    one["sponsor1" if turn % 2 == 0 else "sponsor2"] = None
    _said(world, "PD-12", one, f"入党介绍人{number}", what="只有一名介绍人")


def votes_do_not_add_up(world: World, picker: Picker, turn: int) -> None:
    one, more = _at(world, picker, "votes", "probationary", "member"), (2, 1, 3, 1, 2)[turn]
    one["vote15_no"] += more
    _said(world, "PD-14", one, what=f"票数合计多{more}票")


def late_meeting(world: World, picker: Picker, turn: int) -> None:
    one, days = _at(world, picker, "premeeting", "probationary", "member"), (9, 1, 2, 5, 1)[turn]
    one["d13"] = add_months(one["d15"], -1) - timedelta(days=days)
    _said(world, "PD-17", one, what=f"预审{(one['d15'] - one['d13']).days}天后才开支部大会")


def roster_has_other_day(world: World, picker: Picker, turn: int) -> None:
    """The day of joining of a probationary member, or the day on which a member became full."""
    one = _at(world, picker, "roster", "member" if turn % 2 else "probationary")
    member = next(row for row in world.rows["party_member"] if row["person"] == one["person"])
    if turn % 2:
        member["full_on"] += timedelta(days=turn)
        said = f"名册转正日期晚{turn}天"
    else:
        member["join_on"] = one["d15"] - timedelta(days=10 - turn)
        said = f"名册入党日期比支部大会早{10 - turn}天"
    _said(world, "PD-13", one, what=said)


def refused_but_taken(world: World, picker: Picker, turn: int) -> None:
    one = _at(world, picker, "political", "probationary", "member")
    one["political"] = "不合格"
    _said(world, "PD-16", one, what="政审不合格仍接收")


def late_approval(world: World, picker: Picker, turn: int) -> None:
    """A day after the three months without a reason, or after the six months."""
    one = _at(world, picker, "approval", "member")
    spared = _at(world, picker, "approval", "member") if turn == 0 else None
    months, days = ((4, 0), (3, 1), (3, 2), (6, 1), (5, 0))[turn]
    one.update(d17=add_months(one["d15"], months) + timedelta(days=days), submitted_on=None)
    one.update({code: one["d17"] + timedelta(days=8 + n) for n, code in enumerate(("d18", "d19", "d20"))})
    _said(world, "PD-07", one, what=f"{one['d17']}才审批，没有填原因")
    if spared:
        spared.update(d17=add_months(spared["d15"], 3), submitted_on=None)
        spared.update({code: spared["d17"] + timedelta(days=8 + n) for n, code in enumerate(("d18", "d19", "d20"))})
        world.spare("party_development.PD-07", spared["id"], what="满三个月当天审批")


def early_conversion(world: World, picker: Picker, turn: int) -> None:
    """The branch discussed before the year was over, or the committee decided more than three months after."""
    one = _at(world, picker, "end", "member")
    if turn in (1, 3):
        one["d24"] = add_months(one["d23"], 3) + timedelta(days=turn)
        one["d25"] = one["d24"] + timedelta(days=2)
        _said(world, "PD-08", one, 24, what="支部大会三个多月后才审批转正")
        return
    days = (6, 0, 1, 0, 3)[turn]
    end = add_months(one["d15"], 12)
    one.update(d22=end - timedelta(days=25), d23=end - timedelta(days=days))
    world.rows["development_review"] = [
        row for row in world.rows["development_review"]
        if not (row["development"] == one["id"] and row["stage"] == "预备期" and row["reviewed_on"] > one["d23"] and picker.is_free(row))
    ]  # fmt: skip
    _said(world, "PD-08", one, 23, what=f"预备期满前{days}天就讨论转正")


def review_out_of_stage(world: World, picker: Picker, turn: int) -> None:
    """Before the stage began, or after it was over."""
    one = _at(world, picker, "reviews", "member" if turn % 2 else "activist")
    on = one["d23"] + timedelta(days=turn) if turn % 2 else one["d03"] - timedelta(days=12 - turn)
    helper = one["sponsor1"] if turn % 2 and one["sponsor1"] else one["contact1"]
    row = world.add("development_review", division=one["division"], development=one["id"], stage="预备期" if turn % 2 else "培养",
                    reviewed_on=on, reviewer=helper, opinion="表现较好。")  # fmt: skip
    picker.use(row)
    world.plant("development_review.DR-01", row["id"], what=f"考察日期{on}不在阶段内", why="日期不在阶段内")


def missing_review(world: World, picker: Picker, turn: int) -> None:
    """Take away one half-yearly review between two others (or the ends of the stage)."""
    reviews = world.rows["development_review"]

    def mine(row: Row) -> list[Row]:
        return [one for one in reviews if one["development"] == row["id"]]

    def gap(row: Row) -> bool:
        own = mine(row)
        until = own[1]["reviewed_on"] if len(own) > 1 else AS_OF
        return bool(own) and row["state"] == "activist" and (until - add_months(row["d03"], 6)).days > 15

    one = picker.pick(world.rows["party_development"], gap, "reviews")
    gone = mine(one)[0]
    world.rows["development_review"] = [row for row in reviews if row is not gone]
    _said(world, "PD-03", one, "培养", one["d03"], what="缺一次半年考察")


KINDS = (
    late_talk, short_cultivation, steps_turned_round, short_training, too_few_yes, one_vote_more_than_half, short_notice, one_sponsor,
    votes_do_not_add_up, late_meeting, roster_has_other_day, refused_but_taken, late_approval, early_conversion, review_out_of_stage,
    missing_review,
)  # fmt: skip
