"""Persons, households, membership."""

from datetime import date, timedelta

from zhenwu.config.demo.places import MERGER, group_code
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import LAST, YEAR, Row, World, age
from zhenwu.lib.idno import check_digit


def plant(world: World, picker: Picker) -> None:
    families = _free_families(world, picker)
    _persons(world, picker, families)
    _households(world, picker, families)
    _members(world, picker, families)


def _free_families(world: World, picker: Picker) -> dict[str, list[Row]]:
    """Registered households that no other ledger looks into: id → current members."""
    found: dict[str, list[Row]] = {}
    for member in world.rows["household_member"]:
        found.setdefault(member["household"], []).append(member)
    return {
        home: members for home, members in found.items()
        if world.of[home]["hkind"] == "hukou" and world.of[home]["to_date"] is None
        and not any(one["person"] in picker.busy for one in members)
    }  # fmt: skip


def _take(
    world: World, picker: Picker, families: dict[str, list[Row]], rels: tuple[str, ...], youngest: int = 0
) -> list[Row]:
    """The members of one family of exactly these relations, all current."""

    def fits(home: Row) -> bool:
        members = families.get(home["id"], [])
        return tuple(one["rel"] for one in members) == rels and all(
            one["to_date"] is None and age(world.of[one["person"]]["birth"], LAST) >= youngest for one in members
        )

    home = picker.pick(world.rows["household"], fits)
    return families.pop(home["id"])


def _persons(world: World, picker: Picker, families: dict[str, list[Row]]) -> None:
    one = world.of[_take(world, picker, families, ("02",))[0]["person"]]
    right = one["idno"][17]
    one["idno"] = one["idno"][:17] + ("5" if right != "5" else "6")
    world.plant("person.PE1", one["id"], what=f"{one['name']}身份证号末位应为{right}", why="校验码错")

    one = world.of[_take(world, picker, families, ("02",))[0]["person"]]
    one["birth"] = one["birth"] - timedelta(days=9)
    world.plant("person.PE2", one["id"], what=f"{one['name']}出生日期早了9天", why="出生日期与身份证号不符")

    one = world.of[_take(world, picker, families, ("02",))[0]["person"]]
    one["sex"] = "2" if one["sex"] == "1" else "1"
    world.plant("person.PE3", one["id"], what=f"{one['name']}性别填反", why="性别与身份证号不符")

    one = world.of[_take(world, picker, families, ("02",), 75)[0]["person"]]
    _born(one, date(YEAR - 114, 5, 6))
    world.plant("person.PE5", one["id"], what=f"{one['name']}年龄超过110岁仍在册", why="年龄异常")

    heads = [world.of[_take(world, picker, families, ("02", "12"))[0]["person"]] for _ in range(5)]
    phone = world.phones.take()
    for head in heads:
        head["phone"] = phone
    world.plant(
        "person.PE10", phone, what=f"{'、'.join(one['name'] for one in heads)}五户同一个电话", why="同一电话登记多户"
    )

    family = _take(world, picker, families, ("02", "12", "20"), 3)
    child = family[2]
    child.update(to_date=date(YEAR, 5, 1), state="ended")
    person = world.of[child["person"]]
    world.plant("person.XC04", person["id"], what=f"{person['name']}已离户，户籍仍在册", why="有人无户")


def _born(person: Row, birth: date) -> None:
    first17 = f"519999{birth:%Y%m%d}{901 if person['sex'] == '1' else 902}"
    person.update(birth=birth, idno=first17 + check_digit(first17))


def _households(world: World, picker: Picker, families: dict[str, list[Row]]) -> None:
    family = _take(world, picker, families, ("02", "12"))
    home, stranger = world.of[family[0]["household"]], _take(world, picker, families, ("02",))[0]
    home["head"] = stranger["person"]
    world.plant("household.HO1", home["id"], what=f"{home['hno']}户主填成了别户的人", why="户主不在户内")

    family = _take(world, picker, families, ("02", "12"))
    family[1]["rel"] = "02"
    world.plant("household.HO2", family[0]["household"], what="夫妻二人都登记为户主", why="户主重复")

    family = _take(world, picker, families, ("02", "12"), 50)
    head = world.of[family[0]["person"]]
    head.update(hukou_status="dead", death_date=date(YEAR, 6, 10), death_proof="police", live_status="stay", away_place=None,
                away_since=None, state="dead")  # fmt: skip
    world.plant(
        "household.HO3", family[0]["household"], what=f"户主{head['name']}6月10日死亡，户主未变更", why="户主已故未变更"
    )
    world.plant("household_member.XC03", family[0]["id"], what=f"{head['name']}死亡后仍在户内", why="已故人员仍在户内")

    one, other = (_take(world, picker, families, ("02",))[0] for _ in range(2))
    home = world.add(
        "household", division=one["division"], hkind="living", hno=f"GT9{len(world.rows['household']):05d}", head=one["person"],
        grp=world.of[one["household"]]["grp"], addr=None, same_as=one["household"], from_date=date(YEAR, 3, 1), to_date=None,
        close_reason=None, state="active",
    )  # fmt: skip
    for member, rel in ((one, "02"), (other, "80")):
        world.add("household_member", division=one["division"], household=home["id"], person=member["person"], rel=rel,
                  from_date=date(YEAR, 3, 1), to_date=None, counted=True, state="current")  # fmt: skip
    world.plant("household.HO5", home["id"], what="共同生活家庭的两人来自两个户籍户", why="跨户未说明")

    home = picker.pick(
        world.rows["household"], lambda row: row["id"] in families and row["division"] not in MERGER.sources
    )
    families.pop(home["id"])
    elsewhere = "519999100200" if home["division"] != "519999100200" else "519999100201"
    home["grp"] = group_code(elsewhere, 1)
    world.plant("household.XC07", home["id"], what=f"{home['hno']}的组填成了外村的组", why="组与村不符")


def _members(world: World, picker: Picker, families: dict[str, list[Row]]) -> None:
    family = _take(world, picker, families, ("02", "12", "30"), 19)
    child, host = family[2], _take(world, picker, families, ("02", "12"))[0]
    again = world.add("household_member", division=host["division"], household=host["household"], person=child["person"], rel="80",
                      from_date=date(YEAR, 2, 1), to_date=None, counted=True, state="current")  # fmt: skip
    name = world.of[child["person"]]["name"]
    world.plant("household_member.HM1", child["id"], again["id"], what=f"{name}同时在两户", why="一人在两户")

    family = _take(world, picker, families, ("02", "12"))
    family[1]["rel"] = "30"
    name = world.of[family[1]["person"]]["name"]
    world.plant("household_member.HM2", family[1]["id"], what=f"妻子{name}登记成户主的女儿", why="辈分年龄不合")

    family = _take(world, picker, families, ("02", "12", "30"), 1)
    family[2]["rel"] = "20"
    world.plant("household_member.HM3", family[2]["id"], what="女儿登记成儿子", why="关系与性别不符")

    moved = picker.pick(
        world.rows["household_member"],
        lambda row: (
            row["to_date"] is not None
            and world.of[row["person"]]["hukou_status"] == "out"
            and row["person"] not in picker.busy
        ),
    )
    moved["from_date"] = date(YEAR, 12, 20)
    world.plant("household_member.HM5", moved["id"], what="入户日期晚于离户日期", why="起止日期颠倒")
