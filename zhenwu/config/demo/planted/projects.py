"""Projects and their monthly progress."""

from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import AS_OF, YEAR, Row, World, add_months

FUNDS = ("central", "prov", "local", "eastwest", "bond", "self")


def said(world: World, check: str, *subject: object, what: str, why: str = "项目管理程序") -> None:
    world.plant(check, *subject, what=what, why=why)


def project(world: World, picker: Picker, aspects: str, *states: str) -> Row:
    """One that is no part of the bundle, nor the bundle. `aspects`: "" is the whole row; several with spaces between."""
    return picker.pick(
        world.rows["gov_project"],
        lambda row: (
            row["state"] in states
            and row["parent"] is None
            and "打捆" not in row["name"]
            and row["total_invest"] is not None
        ),
        *aspects.split(),
    )


def works_of(world: World, row: Row) -> Row:
    return next(one for one in world.rows["project_contract"] if one["project"] == row["id"] and one["kind"] == "works")


def _months(world: World, row: Row) -> list[Row]:
    found = (one for one in world.rows["project_progress"] if one["project"] == row["id"])
    return sorted(found, key=lambda one: one["progress_month"])


def of_one_fund(row: Row, total: Decimal) -> None:
    row.update({f"fund_{fund}": Decimal(0) for fund in FUNDS}, total_invest=total, est_feas=total, budget_est=total, fund_central=total,
               category="road")  # fmt: skip


def funds_do_not_add_up(world: World, picker: Picker, turn: int) -> None:
    """More than one yuan between the sum of the sources and the total."""
    one, less = project(world, picker, "funds", "reserved"), (50_000, 100, 200_000, 100, 10_000)[turn]
    name = max(FUNDS, key=lambda fund: one[f"fund_{fund}"])
    one[f"fund_{name}"] -= less
    said(world, "gov_project.GP02", one["id"], what=f"{one['name']}资金来源合计少{less}元")


def estimate_exceeded(world: World, picker: Picker, turn: int) -> None:
    """The budget is more than a tenth above the estimate."""
    one = project(world, picker, "estimate", "reserved")
    spared = project(world, picker, "estimate", "reserved") if turn == 0 else None
    one["est_feas"] = one["budget_est"] * 10 // 11 // 100 * 100 - (100, 100, 20_000, 50_000, 100)[turn]
    said(world, "gov_project.GP04", one["id"], what=f"概算{one['budget_est']}超过估算{one['est_feas']}一成以上")
    if spared:
        spared["est_feas"] = Decimal(-(-spared["budget_est"] * 10 // 11 // 100) * 100) + 100
        world.spare("gov_project.GP04", spared["id"], what="概算超过估算不到一成")


def without_total(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "", "ratified")
    one["total_invest"] = None
    said(world, "gov_project.GP14", one["id"], what=f"{one['name']}没有填批复总投资")


def ten_thousand_times_less(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "", "reserved")
    of_one_fund(one, Decimal((96, 9_900, 300, 9_900, 5_000)[turn]))
    said(world, "gov_project.GP11", one["id"], what=f"{one['name']}总投资{one['total_invest']}元，漏乘一万")


def ten_thousand_yuan(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        one = project(world, picker, "", "reserved")
        of_one_fund(one, Decimal(10_000))
        world.spare("gov_project.GP11", one["id"], what=f"{one['name']}总投资刚好1万元")


def same_project_twice(world: World, picker: Picker, turn: int) -> None:
    like = project(world, picker, "name", "completed", "building")
    values = {code: value for code, value in like.items() if code != "id"}
    twin = world.add("gov_project", **values | {
        "name": like["name"].removesuffix("工程") + ("项目", "（项目）", "工程项目", "项目", "项目工程")[turn], "state": "reserved", "online_code": None,
        "approval_no": None, "approval_on": None, "actual_start": None, "completed_on": None, "fund_arrived": None, "plan_year": YEAR,
    })  # fmt: skip
    picker.use(twin)
    said(world, "gov_project.GP10", like["id"], twin["id"], what=f"{like['name']}又立一次项")


def not_accepted(world: World, picker: Picker, turn: int) -> None:
    """More than 60 days after completion."""
    one = project(world, picker, "done", "completed")
    spared = project(world, picker, "done", "completed") if turn == 0 else None
    _complete(world, one, AS_OF - timedelta(days=(72, 61, 80, 65, 61)[turn]))
    said(world, "gov_project.GP05", one["id"], what=f"{one['completed_on']}完工，年底还没有验收")
    if spared:
        _complete(world, spared, AS_OF - timedelta(days=60))
        world.spare("gov_project.GP05", spared["id"], what="完工刚60天")


def _complete(world: World, row: Row, on: date) -> None:
    row.update(completed_on=on, plan_end=on + timedelta(days=21))
    world.rows["project_progress"] = [
        one
        for one in world.rows["project_progress"]
        if one["project"] != row["id"] or one["progress_month"] <= f"{on:%Y-%m}"
    ]


def bundle_is_more_than_its_parts(world: World, picker: Picker, turn: int) -> None:
    """There is one bundle in the township (`FEWER`)."""
    if turn == 0:
        parent = next(row for row in world.rows["gov_project"] if "打捆项目" in row["name"])
        parent["total_invest"] += 100_000
        parent["fund_central"] += 100_000
        said(world, "gov_project.H11-SUM", parent["id"], what="打捆项目比子项合计多10万元")


def begun_before_approval(world: World, picker: Picker, turn: int) -> None:
    one, days = project(world, picker, "approval", "building"), (10, 1, 2, 30, 1)[turn]
    one["approval_on"] = one["actual_start"] + timedelta(days=days)
    said(world, "gov_project.GP01", one["id"], what=f"{one['name']}开工{days}天后才批复")
    said(world, "gov_project.GP09", one["id"], what="批复晚于签约和开工")


def late(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "plan", "building")
    spared = project(world, picker, "plan", "building") if turn == 0 else None
    one["plan_end"] = (
        date(YEAR, 11, 30),
        AS_OF - timedelta(days=1),
        date(YEAR, 12, 1),
        date(YEAR, 10, 31),
        date(YEAR, 12, 15),
    )[turn]
    said(world, "gov_project.GP07", one["id"], what=f"{one['name']}计划{one['plan_end']}完工，还没有完工")
    if spared:
        spared["plan_end"] = AS_OF
        world.spare("gov_project.GP07", spared["id"], what="计划工期到年末当天")


def too_little_arrived(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "arrived", "building")
    one["fund_arrived"] = Decimal((10_000, 0, 20_000, 5_000, 100)[turn])
    said(world, "gov_project.GP13", one["id"], what=f"{one['name']}到位资金{one['fund_arrived']}元，少于已付")


def no_final_account(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "final", "settled")
    one.update(final_amt=None, final_on=None, state="accepted")
    said(world, "gov_project.GP06", one["id"], what=f"{one['name']}完工三个月没有决算")


def accepted_before_done(world: World, picker: Picker, turn: int) -> None:
    """Accepted before it was done, or handed over before its final account."""
    one, days = project(world, picker, "order", "handed" if turn % 2 else "settled"), (4, 1, 1, 3, 30)[turn]
    if turn % 2:
        one["handed_on"] = one["final_on"] - timedelta(days=days)
        what = f"移交早于决算{days}天"
    else:
        one["accepted_on"] = one["completed_on"] - timedelta(days=days)
        what = f"验收早于完工{days}天"
    said(world, "gov_project.GP09", one["id"], what=f"{one['name']}{what}")


def without_money_of_its_kind(world: World, picker: Picker, turn: int) -> None:
    """None, or a little less than half; half is enough."""
    one = project(world, picker, "category funds", "reserved")
    spared = project(world, picker, "category funds", "reserved") if turn == 0 else None
    _of_cooperation(one, one["total_invest"] // 2 // 100 * 100 - 100 if turn % 2 else Decimal(0))
    said(world, "gov_project.H11-EW", one["id"], what=f"协作资金{one['fund_eastwest']}元却归入东西部协作")
    if spared:
        _of_cooperation(spared, spared["total_invest"] / 2)
        world.spare("gov_project.H11-EW", spared["id"], what="协作资金刚好一半")


def _of_cooperation(row: Row, share: Decimal) -> None:
    row.update({f"fund_{fund}": Decimal(0) for fund in FUNDS}, category="east_west")
    row.update(fund_eastwest=share, fund_central=row["total_invest"] - share)


def _going(world: World, picker: Picker, aspect: str, least: int = 2) -> list[Row]:
    """The months of a project under way."""
    one = picker.pick(
        world.rows["gov_project"], lambda row: row["state"] == "building" and len(_months(world, row)) >= least, aspect
    )
    return _months(world, one)


def going_backwards(world: World, picker: Picker, turn: int) -> None:
    months = _going(world, picker, "last-month")
    months[-1]["physical_pct"] = months[-2]["physical_pct"] - (1 if turn % 2 == 0 else 2)
    said(world, "project_progress.PG01", months[-1]["id"], what="形象进度倒退")


def copied_from_last_month(world: World, picker: Picker, turn: int) -> None:
    months = _going(world, picker, "last-month")
    months[-1].update(physical_pct=months[-2]["physical_pct"], done_text=months[-2]["done_text"])
    said(world, "project_progress.PG05", months[-1]["id"], what="照抄上月")


def reported_late(world: World, picker: Picker, turn: int) -> None:
    months, day = _going(world, picker, "first-month"), (10, 6, 7, 20, 6)[turn]
    months[0]["reported_on"] = add_months(date.fromisoformat(months[0]["progress_month"] + "-01"), 1) + timedelta(
        days=day - 1
    )
    said(world, "project_progress.PG07", months[0]["id"], what=f"{day}日才报上月进度")


def money_and_works_apart(world: World, picker: Picker, turn: int) -> None:
    """Physical progress more than 20 points from the money spent: not more than needed, so that it is no jump as well."""

    def share(row: Row) -> int:
        last = _months(world, row)[-1]
        return int(100 * last["cum_invest"] // row["total_invest"]) + (21, 22, 25, 21, 30)[turn]

    def fits(row: Row) -> bool:
        months = _months(world, row)
        if row["state"] != "building" or len(months) < 2:
            return False
        before = months[-2]["physical_pct"]
        return bool(before <= share(row) <= min(before + 40, Decimal(99)))

    one = picker.pick(world.rows["gov_project"], fits, "last-month")
    last = _months(world, one)[-1]
    last["physical_pct"] = Decimal(share(one))
    said(world, "project_progress.PG03", last["id"], what="形象进度比投资进度高20个百分点以上")


def _carried(world: World, picker: Picker, aspect: str) -> Row:
    return picker.pick(
        world.rows["gov_project"],
        lambda row: (
            row["state"] in ("settled", "accepted") and row["actual_start"].year < YEAR and len(_months(world, row)) > 1
        ),
        aspect,
    )


def december_not_reported(world: World, picker: Picker, turn: int) -> None:
    one = _carried(world, picker, "december")
    gone = next(row for row in _months(world, one) if row["progress_month"] == f"{YEAR - 1}-12")
    world.rows["project_progress"] = [row for row in world.rows["project_progress"] if row is not gone]
    said(world, "gov_project.GP08", one["id"], f"{YEAR - 1}-12", what=f"{one['name']}上年12月没有报进度")
    said(world, "project_progress.H5-BASE", one["id"], what="缺上年12月基数")


def more_spent_than_approved(world: World, picker: Picker, turn: int) -> None:
    one, more = _carried(world, picker, "last-month"), (10_000, 100, 20_000, 100, 5_000)[turn]
    months = _months(world, one)
    months[-1]["cum_invest"] = one["total_invest"] + more
    said(world, "project_progress.PG02", one["id"], what=f"完成投资比批复多{more}元")
    said(world, "gov_project.GP03", one["id"], "累计完成投资", what=f"超核定概算{more}元")


KINDS = (
    funds_do_not_add_up, estimate_exceeded, without_total, ten_thousand_times_less, ten_thousand_yuan, same_project_twice, not_accepted,
    bundle_is_more_than_its_parts, begun_before_approval, late, too_little_arrived, no_final_account, accepted_before_done,
    without_money_of_its_kind, going_backwards, copied_from_last_month, reported_late, money_and_works_apart, december_not_reported,
    more_spent_than_approved,
)  # fmt: skip
