"""Minimum living allowance: the members of a family."""

from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.planted.welfare import members_of
from zhenwu.config.demo.welfare import STANDARD
from zhenwu.config.demo.world import LAST, YEAR, Row, World, add_months, age, ym


def _said(world: World, check: str, *subject: object, what: str) -> None:
    world.plant(check, *subject, what=what, why="社会救助暂行办法")


def _is_whole(world: World, picker: Picker, case: Row) -> bool:
    return case["state"] == "paying" and case["unit"] == "whole" and picker.is_free(case)


def minor_without_guardian(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["dibao_member"],
        lambda row: row["insured"] and row["to_ym"] is None and age(world.of[row["person"]]["birth"], LAST) < 18
        and world.of[row["dibao"]]["state"] == "paying",
    )  # fmt: skip
    minor = world.of[one["person"]]
    minor["guardian"] = None
    _said(world, "person.PE9", minor["id"], what=f"{minor['name']}不满18岁，没有监护人")


def extra_for_nothing(world: World, picker: Picker, turn: int) -> None:
    """Extra for 70 years or for minors, for someone who is neither."""
    extra, amount = ("minor", 50) if turn % 2 else ("elder70", 60)

    def fits(row: Row) -> bool:
        years = age(world.of[row["person"]]["birth"], LAST)
        case = world.of[row["dibao"]]
        young = 18 <= years < 70 if turn else years < 65
        return row["boost"] == "none" and row["insured"] and row["to_ym"] is None and young and _is_whole(world, picker, case) and all(
            one["to_ym"] is None for one in members_of(world, case))  # fmt: skip

    member = picker.pick(world.rows["dibao_member"], fits)
    case = world.of[member["dibao"]]
    picker.use(case)
    member.update(boost=extra, boost_amt=Decimal(amount))
    case["monthly"] += amount
    _said(world, "dibao_member.DM3", member["id"], what="不到年龄（已成年）按分类增发")


def insured_twice(world: World, picker: Picker, turn: int) -> None:
    """A grown child who lives with the parents gets a second allowance alone."""

    def grown(row: Row) -> bool:
        case, person = world.of[row["dibao"]], world.of[row["person"]]
        return _is_whole(world, picker, case) and row["insured"] and person["id"] != case["applicant"] and age(
            person["birth"], LAST) >= 20 and row["boost"] == "none" and row["to_ym"] is None  # fmt: skip

    first = picker.pick(world.rows["dibao_member"], grown)
    case, person = world.of[first["dibao"]], world.of[first["person"]]
    picker.use(case)
    home = world.of[case["household"]]
    received = date(YEAR, 5, 8) + timedelta(days=9 * turn)
    second = world.add("household", **{code: value for code, value in home.items() if code != "id"} | {
        "hno": f"{home['hno']}B", "head": person["id"], "from_date": received, "same_as": home["same_as"],
    })  # fmt: skip
    spell = world.add("household_member", division=home["division"], household=second["id"], person=person["id"], rel="02",
                      from_date=received, to_date=None, counted=True, state="current")  # fmt: skip
    days = {code: received + timedelta(days=n) for code, n in (("accept_date", 1), ("check_start", 2), ("visit_date", 6), ("review_date", 10),
            ("notice_from", 11), ("notice_to", 19), ("submit_date", 20), ("confirm_date", 25))}  # fmt: skip
    again = world.add("dibao", **{code: value for code, value in case.items() if code != "id"} | days | {
        "household": second["id"], "applicant": person["id"], "cert_no": f"519999{YEAR % 100}{99001 + turn}", "receive_date": received,
        "income_year": Decimal(3600), "income_pc_m": Decimal(300), "monthly": Decimal(STANDARD - 300), "meeting_date": days["review_date"],
        "checked_on": None, "review_next": date(YEAR + 1, 3, 1),
    })  # fmt: skip
    again["start_ym"] = ym(add_months(again["confirm_date"], 1))
    row = world.add("dibao_member", division=case["division"], dibao=again["id"], person=person["id"], counted=True, insured=True,
                    labor=first["labor"], boost="none", boost_amt=None, from_ym=again["start_ym"], to_ym=None, end_why=None, state="in")  # fmt: skip
    picker.use(again, row)
    older = next(
        one
        for one in world.rows["household_member"]
        if one["household"] == home["id"] and one["person"] == person["id"]
    )
    _said(world, "dibao_member.DM2", first["id"], row["id"], what=f"{person['name']}随父母和单独各领一份低保")
    _said(world, "household_member.HM1", older["id"], spell["id"], what=f"{person['name']}同时在两个共同生活家庭")


def paid_after_death(world: World, picker: Picker, turn: int) -> None:
    """The month after the death already is too long."""
    one = picker.pick(
        world.rows["dibao_member"],
        lambda row: row["end_why"] == "death" and row["insured"] and world.of[row["dibao"]]["state"] == "paying",
    )
    died = world.of[one["person"]]["death_date"]
    one["to_ym"] = f"{YEAR}-11" if turn % 2 == 0 else ym(add_months(died, 1))
    _said(world, "dibao_member.XC21", one["id"], what=f"{world.of[one['person']]['name']}去世后领到{one['to_ym']}")


def paid_after_leaving(world: World, picker: Picker, turn: int) -> None:
    """Moved away in June, paid in July or later."""

    def leaver(row: Row) -> bool:
        case = world.of[row["dibao"]]
        return _is_whole(world, picker, case) and row["insured"] and row["boost"] == "none" and row["to_ym"] is None \
            and row["person"] != case["applicant"] and case["receive_date"].year < YEAR and len(members_of(world, case)) > 1  # fmt: skip

    one = picker.pick(world.rows["dibao_member"], leaver)
    case, person = world.of[one["dibao"]], world.of[one["person"]]
    picker.use(case)
    out, until = date(YEAR, 6, 15), f"{YEAR}-{(10, 7, 11, 7, 9)[turn]:02d}"
    person.update(
        hukou_status="out", out_date=out, live_status="away", away_place="province", away_since=out, state="moved_out"
    )
    for member in world.rows["household_member"]:
        if member["person"] == person["id"] and member["to_date"] is None:
            member.update(to_date=out, state="ended")
    one.update(to_ym=until, end_why="other", state="out")
    staying = [row for row in members_of(world, case) if row["to_ym"] is None]
    case["income_year"] = case["income_pc_m"] * 12 * len(staying)
    extra = sum((row["boost_amt"] or Decimal(0) for row in staying), Decimal(0))
    case["monthly"] = len(staying) * (STANDARD - case["income_pc_m"]) + extra
    _said(world, "dibao_member.XC22", one["id"], what=f"{person['name']}6月迁出，领到{until}")


KINDS = (minor_without_guardian, extra_for_nothing, insured_twice, paid_after_death, paid_after_leaving)
