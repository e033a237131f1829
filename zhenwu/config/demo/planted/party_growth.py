"""Steps and reviews of recruiting members."""

from datetime import date, timedelta

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import AS_OF, YEAR, Row, World, add_months


def plant(world: World, picker: Picker) -> None:
    rows = world.rows["party_development"]

    def at(*stages: str) -> Row:
        return picker.pick(rows, lambda row: row["state"] in stages)

    one = at("applicant")
    one["d02"] = one["d01"] + timedelta(days=45)
    _said(world, "PD-01", one, what="递交申请书45天后才谈话")

    one = at("target")
    one["d07"] = add_months(one["d03"], 12) - timedelta(days=8)
    _said(world, "PD-02", one, what="培养差8天满一年")

    _missing_review(world, picker, rows)

    one = at("target")
    one["d08"] = one["d07"] - timedelta(days=2)
    _said(world, "PD-05", one, 8, what="备案早于确定发展对象")

    one = at("probationary")
    one.update(hours=16, train_days=2)
    _said(world, "PD-04", one, what="集中培训16学时、2天")
    one.update(vote15_due=20, vote15_present=18, vote15_yes=9, vote15_no=9, vote15_abstain=0)
    _said(world, "PD-06", one, 15, what="赞成9票，应到20人")

    one = at("probationary")
    one.update(public_to=one["public_from"] + timedelta(days=2))
    _said(world, "PD-10", one, what="公示三天")
    one["sponsor2"] = None
    _said(world, "PD-12", one, "入党介绍人二", what="只有一名介绍人")

    one = at("probationary")
    one["vote15_no"] += 2
    _said(world, "PD-14", one, what="票数合计多2票")
    one["d13"] = one["d15"] - timedelta(days=40)
    _said(world, "PD-17", one, what="预审40天后才开支部大会")

    one = at("probationary")
    member = next(row for row in world.rows["party_member"] if row["person"] == one["person"])
    member["join_on"] = one["d15"] - timedelta(days=10)
    _said(world, "PD-13", one, what="名册入党日期比支部大会早10天")
    one["political"] = "不合格"
    _said(world, "PD-16", one, what="政审不合格仍接收")

    one = at("member")
    one.update(d17=add_months(one["d15"], 4), submitted_on=None)
    one.update({code: one["d17"] + timedelta(days=8 + n) for n, code in enumerate(("d18", "d19", "d20"))})
    _said(world, "PD-07", one, what="支部大会后四个月才审批，没有填原因")

    one = at("member")
    one.update(d22=add_months(one["d15"], 12) - timedelta(days=25), d23=add_months(one["d15"], 12) - timedelta(days=6))
    world.rows["development_review"] = [
        row for row in world.rows["development_review"]
        if not (row["development"] == one["id"] and row["stage"] == "预备期" and row["reviewed_on"] > one["d23"])
    ]  # fmt: skip
    _said(world, "PD-08", one, 23, what="预备期满前6天就讨论转正")

    one = at("activist")
    world.add("development_review", division=one["division"], development=one["id"], stage="培养", reviewed_on=one["d03"] - timedelta(days=12),
              reviewer=one["contact1"], opinion="表现较好。")  # fmt: skip
    world.plant(
        "development_review.DR-01",
        world.rows["development_review"][-1]["id"],
        what="考察日期早于确定积极分子",
        why="日期不在阶段内",
    )


def _said(world: World, check: str, row: Row, *more: object, what: str) -> None:
    name = world.of[row["person"]]["name"]
    world.plant(f"party_development.{check}", row["id"], *more, what=f"{name}：{what}", why="发展党员工作细则")


def _missing_review(world: World, picker: Picker, rows: list[Row]) -> None:
    """Take away one half-yearly review between two others (or the ends of the stage)."""
    reviews = world.rows["development_review"]
    one = picker.pick(
        rows,
        lambda row: (
            row["state"] == "activist"
            and row["d03"] < date(YEAR, 5, 1)
            and any(v["development"] == row["id"] for v in reviews)
        ),
    )
    mine = [v for v in reviews if v["development"] == one["id"]]
    gone = mine[0]
    world.rows["development_review"] = [v for v in reviews if v is not gone]
    until = mine[1]["reviewed_on"] if len(mine) > 1 else AS_OF
    assert (until - one["d03"]).days > 200
    _said(world, "PD-03", one, "培养", one["d03"], what="缺一次半年考察")
