"""Minimum living allowance: applications, dates, amounts."""

from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.welfare import STANDARD
from zhenwu.config.demo.world import LAST, YEAR, Row, World, add_months, after_workdays, ym


def members_of(world: World, case: Row) -> list[Row]:
    return [one for one in world.rows["dibao_member"] if one["dibao"] == case["id"]]


def _paying(world: World, picker: Picker, new: bool | None = None) -> Row:
    return picker.pick(
        world.rows["dibao"],
        lambda row: row["state"] == "paying" and row["unit"] == "whole" and (new is None or (row["confirm_date"].year == YEAR) == new)
        and all(one["to_ym"] is None for one in members_of(world, row)),
    )  # fmt: skip


def _said(world: World, check: str, row: Row, what: str) -> None:
    name = world.of[row["applicant"]]["name"]
    world.plant(f"dibao.{check}", row["id"], what=f"{name}户：{what}", why="最低生活保障审核确认办法")


def _spared(world: World, check: str, row: Row, what: str) -> None:
    world.spare(f"dibao.{check}", row["id"], what=f"{world.of[row['applicant']]['name']}户：{what}")


def income_too_high(world: World, picker: Picker, turn: int) -> None:
    """The standard itself is too high already; a yuan below is not."""
    one, income = _paying(world, picker, new=True), (460, STANDARD, 451, 600, STANDARD)[turn]
    count = len(members_of(world, one))
    one.update(income_pc_m=Decimal(income), income_year=Decimal(income) * 12 * count)
    _said(world, "DB1", one, f"人均收入{income}元，不低于标准{STANDARD}元")
    if turn == 0:
        spared = _paying(world, picker, new=True)
        members = members_of(world, spared)
        spared.update(income_pc_m=Decimal(STANDARD - 1), income_year=Decimal(STANDARD - 1) * 12 * len(members))
        spared["monthly"] = len(members) + sum((row["boost_amt"] or Decimal(0) for row in members), Decimal(0))
        _spared(world, "DB1", spared, f"人均收入{STANDARD - 1}元")


def paid_wrongly(world: World, picker: Picker, turn: int) -> None:
    one, more = _paying(world, picker), (20, 1, -1, 100, -30)[turn]
    one["monthly"] += more
    _said(world, "DB2", one, f"月保障金算错{more}元")
    one["review_next"] = (
        date(YEAR, 10, 1),
        LAST - timedelta(days=1),
        date(YEAR, 12, 1),
        date(YEAR, 3, 1),
        LAST - timedelta(days=2),
    )[turn]
    _said(world, "DB9", one, f"{one['review_next']}到期没有核查")
    if turn == 0:
        spared = _paying(world, picker)
        spared["review_next"] = LAST
        _spared(world, "DB9", spared, "年末当天到期")


def short_notice(world: World, picker: Picker, turn: int) -> None:
    one, days = _paying(world, picker), (5, 6, 0, 6, 1)[turn]
    one["notice_to"] = one["notice_from"] + timedelta(days=days)
    _said(world, "DB3", one, f"只公示{days}天")
    one["income_pc_m"] += Decimal(("30", "0.01", "1", "-5", "100")[turn])
    _said(world, "DB12", one, "月人均收入与年收入不符")
    if turn == 0:
        spared = _paying(world, picker)
        spared["notice_to"] = spared["notice_from"] + timedelta(days=7)
        _spared(world, "DB3", spared, "刚好公示7天")


def confirmed_in_notice(world: World, picker: Picker, turn: int) -> None:
    """On the last day of the notice, or before; the day after is right."""
    one = _paying(world, picker)
    one["notice_to"] = one["confirm_date"] + timedelta(days=(0, 0, 1, 3, 0)[turn])
    _said(world, "DB4", one, "公示没有结束就确认")
    one["property_flag"] = ("car", "house", "business", "car", "house")[turn]
    _said(world, "DB10", one, "有财产仍确认，没有说明")
    if turn == 0:
        spared = _paying(world, picker)
        spared["notice_to"] = spared["confirm_date"] - timedelta(days=1)
        _spared(world, "DB4", spared, "公示结束次日确认")


def begun_in_wrong_month(world: World, picker: Picker, turn: int) -> None:
    one = _paying(world, picker, new=False)
    one["start_ym"] = ym(add_months(one["confirm_date"], (0, 2, 0, 3, -1)[turn]))
    _said(world, "DB5", one, f"{one['confirm_date']}确认，{one['start_ym']}起发")
    days = (9, 4, 5, 20, 4)[turn]
    one["check_start"] = after_workdays(one["accept_date"], days)
    _said(world, "DB6", one, f"受理后第{days}个工作日才核对")
    if turn == 0:
        spared = _paying(world, picker, new=False)
        spared["check_start"] = after_workdays(spared["accept_date"], 3)
        _spared(world, "DB6", spared, "受理后第3个工作日核对")


def decided_late(world: World, picker: Picker, turn: int) -> None:
    """On the 31st working day without a reason, or after the 45th."""
    one, days = _paying(world, picker, new=False), (60, 31, 46, 32, 31)[turn]
    _decide(world, one, days)
    _said(world, "DB7", one, f"受理后第{days}个工作日才确认")
    if turn == 0:
        spared = _paying(world, picker, new=False)
        _decide(world, spared, 30)
        _spared(world, "DB7", spared, "受理后第30个工作日确认")


def _decide(world: World, case: Row, days: int) -> None:
    case["confirm_date"] = after_workdays(case["accept_date"], days)
    case["start_ym"] = ym(add_months(case["confirm_date"], 1))
    for member in members_of(world, case):
        member["from_ym"] = case["start_ym"]


def told_late(world: World, picker: Picker, turn: int) -> None:
    """Told on the fourth working day after the refusal or later; and one member is insured without being counted."""
    one = picker.pick(world.rows["dibao"], lambda row: row["state"] == "refused")
    days = (20, 4, 5, 10, 4)[turn]
    one["notify_date"] = after_workdays(one["refuse_date"], days)
    _said(world, "DB8", one, f"不予确认后第{days}个工作日才告知")
    member = members_of(world, one)[0]
    member.update(counted=False, insured=True)
    world.plant("dibao_member.DM1", member["id"], what="不计入人口却享受", why="共同生活家庭")


def told_in_time(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        one = picker.pick(world.rows["dibao"], lambda row: row["state"] == "refused")
        one["notify_date"] = after_workdays(one["refuse_date"], 3)
        _spared(world, "DB8", one, "不予确认后第3个工作日告知")


def household_says_otherwise(world: World, picker: Picker, turn: int) -> None:
    one = _paying(world, picker)
    family = [row for row in world.rows["household_member"] if row["household"] == one["household"]]
    family[-1 if turn % 2 else 0]["counted"] = False
    _said(world, "XC32", one, "户台账少算一个共同生活的人")


def kin_of_a_cadre(world: World, picker: Picker, turn: int) -> None:
    one = _paying(world, picker)
    world.of[members_of(world, one)[0]["person"]]["public_role"] = (
        "village_cadre",
        "town_staff",
        "finance",
        "agent",
        "village_cadre",
    )[turn]
    _said(world, "XC33", one, "近亲属中有村干部或公职人员，没有备案")


KINDS = (
    income_too_high, paid_wrongly, short_notice, confirmed_in_notice, begun_in_wrong_month, decided_late, told_late, told_in_time,
    household_says_otherwise, kin_of_a_cadre,
)  # fmt: skip
