"""Minimum living allowance: applications, amounts, members."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.welfare import STANDARD
from zhenwu.config.demo.world import LAST, YEAR, Row, World, add_months, age, ym


def plant(world: World, picker: Picker) -> None:
    _cases(world, picker)
    _members(world, picker)


def _paying(world: World, picker: Picker, new: bool | None = None) -> Row:
    return picker.pick(
        world.rows["dibao"],
        lambda row: row["state"] == "paying" and row["unit"] == "whole" and (new is None or (row["confirm_date"].year == YEAR) == new)
        and all(one["to_ym"] is None for one in _of(world, row)),
    )  # fmt: skip


def _of(world: World, case: Row) -> list[Row]:
    return [one for one in world.rows["dibao_member"] if one["dibao"] == case["id"]]


def _cases(world: World, picker: Picker) -> None:
    def said(check: str, row: Row, what: str) -> None:
        world.plant(
            f"dibao.{check}",
            row["id"],
            what=f"{world.of[row['applicant']]['name']}户：{what}",
            why="最低生活保障审核确认办法",
        )

    one = _paying(world, picker, new=True)
    one.update(income_pc_m=Decimal(460), income_year=Decimal(460) * 12 * len(_of(world, one)))
    said("DB1", one, "人均收入460元，不低于标准450元")

    one = _paying(world, picker)
    one["monthly"] += 20
    said("DB2", one, "月保障金多算20元")
    one["review_next"] = date(YEAR, 10, 1)
    said("DB9", one, "到期没有核查")

    one = _paying(world, picker)
    one["notice_to"] = one["notice_from"] + timedelta(days=5)
    said("DB3", one, "只公示5天")
    one["income_pc_m"] += 30
    said("DB12", one, "月人均收入多填30元")

    one = _paying(world, picker)
    one["notice_to"] = one["confirm_date"]
    said("DB4", one, "公示没有结束就确认")
    one["property_flag"] = "car"
    said("DB10", one, "有机动车仍确认，没有说明")

    one = _paying(world, picker, new=False)
    one["start_ym"] = ym(one["confirm_date"])
    said("DB5", one, "起发月填成确认当月")
    one["check_start"] = one["accept_date"] + timedelta(days=12)
    said("DB6", one, "受理12天后才核对")

    one = _paying(world, picker, new=False)
    one["confirm_date"] += timedelta(days=90)
    one["start_ym"] = ym(add_months(one["confirm_date"], 1))
    for member in _of(world, one):
        member["from_ym"] = one["start_ym"]
    said("DB7", one, "受理后三个多月才确认")

    one = picker.pick(world.rows["dibao"], lambda row: row["state"] == "refused")
    one["notify_date"] = one["refuse_date"] + timedelta(days=30)
    said("DB8", one, "不予确认一个月后才告知")
    member = _of(world, one)[0]
    member.update(counted=False, insured=True)
    world.plant("dibao_member.DM1", member["id"], what="不计入人口却享受", why="共同生活家庭")

    one = _paying(world, picker)
    living = next(row for row in world.rows["household_member"] if row["household"] == one["household"] and row["rel"] != "02") if len(
        _of(world, one)) > 1 else next(row for row in world.rows["household_member"] if row["household"] == one["household"])  # fmt: skip
    living["counted"] = False
    said("XC32", one, "户台账少算一个共同生活的人")

    one = _paying(world, picker)
    world.of[_of(world, one)[0]["person"]]["public_role"] = "village_cadre"
    said("XC33", one, "村干部享受低保，没有备案")


def _members(world: World, picker: Picker) -> None:
    def said(check: str, *subject: object, what: str) -> None:
        world.plant(check, *subject, what=what, why="社会救助暂行办法")

    one = picker.pick(
        world.rows["dibao_member"],
        lambda row: row["insured"] and row["to_ym"] is None and age(world.of[row["person"]]["birth"], LAST) < 18
        and world.of[row["dibao"]]["state"] == "paying",
    )  # fmt: skip
    minor = world.of[one["person"]]
    minor["guardian"] = None
    said("person.PE9", minor["id"], what=f"{minor['name']}不满18岁，没有监护人")

    case = picker.pick(
        world.rows["dibao"],
        lambda row: row["state"] == "paying" and row["unit"] == "whole" and all(one["to_ym"] is None for one in _of(world, row))
        and any(_may_be_boosted(world, one) for one in _of(world, row)),
    )  # fmt: skip
    member = next(row for row in _of(world, case) if _may_be_boosted(world, row))
    member.update(boost="elder70", boost_amt=Decimal(60))
    case["monthly"] += 60
    said("dibao_member.DM3", member["id"], what="不到70岁按高龄增发")

    _twice(world, picker, said)

    one = picker.pick(world.rows["dibao_member"], lambda row: row["end_why"] == "death" and row["insured"])
    one["to_ym"] = f"{YEAR}-11"
    said("dibao_member.XC21", one["id"], what=f"{world.of[one['person']]['name']}去世后还在领")

    _moved_away(world, picker, said)


def _twice(world: World, picker: Picker, said: Callable[..., None]) -> None:
    """A grown child who lives with the parents gets a second allowance alone."""

    def grown(row: Row) -> bool:
        case, person = world.of[row["dibao"]], world.of[row["person"]]
        return case["state"] == "paying" and case["unit"] == "whole" and row["insured"] and person["id"] != case["applicant"] and age(
            person["birth"], LAST) >= 20 and row["boost"] == "none" and row["to_ym"] is None  # fmt: skip

    first = picker.pick(world.rows["dibao_member"], grown)
    case, person = world.of[first["dibao"]], world.of[first["person"]]
    home = world.of[case["household"]]
    received = date(YEAR, 5, 8)
    second = world.add("household", **{code: value for code, value in home.items() if code != "id"} | {
        "hno": f"{home['hno']}B", "head": person["id"], "from_date": received, "same_as": home["same_as"],
    })  # fmt: skip
    spell = world.add("household_member", division=home["division"], household=second["id"], person=person["id"], rel="02",
                      from_date=received, to_date=None, counted=True, state="current")  # fmt: skip
    days = {code: received + timedelta(days=n) for code, n in (("accept_date", 1), ("check_start", 2), ("visit_date", 6), ("review_date", 10),
            ("notice_from", 11), ("notice_to", 19), ("submit_date", 20), ("confirm_date", 25))}  # fmt: skip
    again = world.add("dibao", **{code: value for code, value in case.items() if code != "id"} | days | {
        "household": second["id"], "applicant": person["id"], "cert_no": f"519999{YEAR % 100}99001", "receive_date": received,
        "income_year": Decimal(3600), "income_pc_m": Decimal(300), "monthly": Decimal(STANDARD - 300), "start_ym": f"{YEAR}-07",
        "meeting_date": days["review_date"], "checked_on": None, "review_next": date(YEAR + 1, 3, 1),
    })  # fmt: skip
    again["start_ym"] = ym(add_months(again["confirm_date"], 1))
    row = world.add("dibao_member", division=case["division"], dibao=again["id"], person=person["id"], counted=True, insured=True,
                    labor=first["labor"], boost="none", boost_amt=None, from_ym=again["start_ym"], to_ym=None, end_why=None, state="in")  # fmt: skip
    picker.use(again, row)
    said("dibao_member.DM2", first["id"], row["id"], what=f"{person['name']}随父母和单独各领一份低保")
    older = next(
        one
        for one in world.rows["household_member"]
        if one["household"] == home["id"] and one["person"] == person["id"]
    )
    said("household_member.HM1", older["id"], spell["id"], what=f"{person['name']}同时在两个共同生活家庭")


def _moved_away(world: World, picker: Picker, said: Callable[..., None]) -> None:
    def leaver(row: Row) -> bool:
        case = world.of[row["dibao"]]
        return case["state"] == "paying" and case["unit"] == "whole" and row["insured"] and row["boost"] == "none" and row["to_ym"] is None \
            and row["person"] != case["applicant"] and case["receive_date"].year < YEAR and picker.is_free(case) and len(_of(world, case)) > 1  # fmt: skip

    one = picker.pick(world.rows["dibao_member"], leaver)
    case, person = world.of[one["dibao"]], world.of[one["person"]]
    picker.use(case)
    out = date(YEAR, 6, 15)
    person.update(
        hukou_status="out", out_date=out, live_status="away", away_place="province", away_since=out, state="moved_out"
    )
    for member in world.rows["household_member"]:
        if member["person"] == person["id"] and member["to_date"] is None:
            member.update(to_date=out, state="ended")
    one.update(to_ym=f"{YEAR}-10", end_why="other", state="out")
    left = sum(row["to_ym"] is None for row in _of(world, case))
    case["income_year"] = case["income_pc_m"] * 12 * left
    extra = sum((row["boost_amt"] or Decimal(0) for row in _of(world, case) if row["to_ym"] is None), Decimal(0))
    case["monthly"] = left * (STANDARD - case["income_pc_m"]) + extra
    said("dibao_member.XC22", one["id"], what=f"{person['name']}6月迁出，10月还在领")


def _may_be_boosted(world: World, member: Row) -> bool:
    return member["boost"] == "none" and age(world.of[member["person"]]["birth"], LAST) < 65
