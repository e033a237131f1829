"""Persons, households, membership."""

from collections.abc import Callable
from datetime import date, timedelta

from zhenwu.config.demo.places import MERGER, group_code
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import LAST, YEAR, Row, World, age
from zhenwu.lib.idno import check_digit

COUPLE, ALONE = ("02", "12"), ("02",)


class _Families:
    """Registered households that no other ledger looks into, and that carry no error yet."""

    def __init__(self, world: World, picker: Picker) -> None:
        self._world, self._picker = world, picker
        if not picker.families:
            for member in world.rows["household_member"]:
                if (
                    world.of[member["household"]]["hkind"] == "hukou"
                    and world.of[member["household"]]["to_date"] is None
                ):
                    picker.families.setdefault(member["household"], []).append(member)

    def _members(self, home: Row) -> list[Row]:
        """None where one of them is of another ledger, or carries an error."""
        members = self._picker.families.get(home["id"], [])
        return [] if any(one["person"] in self._picker.busy for one in members) else members

    def take(self, rels: tuple[str, ...], fits: Callable[[list[Row]], object] = lambda persons: True) -> list[Row]:
        """The members of one family of exactly these relations, all current; none of them is ever taken again."""
        of = self._world.of

        def is_one(home: Row) -> bool:
            members = self._members(home)
            return tuple(one["rel"] for one in members) == rels and all(one["to_date"] is None for one in members) and bool(
                fits([of[one["person"]] for one in members]))  # fmt: skip

        members = self._members(self._picker.pick(self._world.rows["household"], is_one))
        self._picker.busy |= {one["person"] for one in members}
        return members

    def alone(self, youngest: int = 0) -> Row:
        return self._world.of[self.take(ALONE, lambda persons: age(persons[0]["birth"], LAST) >= youngest)[0]["person"]]

    def home(self, fits: Callable[[Row], object]) -> Row:
        """A household of any shape."""
        home = self._picker.pick(self._world.rows["household"], lambda row: self._members(row) and fits(row))
        self._picker.busy |= {one["person"] for one in self._members(home)}
        return home


def wrong_check_digit(world: World, picker: Picker, turn: int) -> None:
    one = _Families(world, picker).alone()
    right = one["idno"][17]
    wrong = [digit for digit in "0123456789X" if digit != right][turn * 2]
    one["idno"] = one["idno"][:17] + wrong
    world.plant("person.PE1", one["id"], what=f"{one['name']}身份证号末位应为{right}", why="校验码错")


def other_birth(world: World, picker: Picker, turn: int) -> None:
    one, days = _Families(world, picker).alone(), (9, 1, 30, 365, 100)[turn]
    one["birth"] -= timedelta(days=days)
    world.plant("person.PE2", one["id"], what=f"{one['name']}出生日期早了{days}天", why="出生日期与身份证号不符")


def other_sex(world: World, picker: Picker, turn: int) -> None:
    one = _Families(world, picker).alone()
    one["sex"] = "2" if one["sex"] == "1" else "1"
    world.plant("person.PE3", one["id"], what=f"{one['name']}性别填反", why="性别与身份证号不符")


def too_old(world: World, picker: Picker, turn: int) -> None:
    families = _Families(world, picker)
    one = families.alone(75)
    _born(one, date(YEAR - (114, 111, 112, 119, 111)[turn], 5, 6 + turn))
    world.plant("person.PE5", one["id"], what=f"{one['name']}年龄超过110岁仍在册", why="年龄异常")
    if turn == 1:
        spared = families.alone(75)
        _born(spared, date(YEAR - 111, 1, 1) + timedelta(days=366))
        world.spare("person.PE5", spared["id"], what=f"{spared['name']}刚满110岁")


def _born(person: Row, birth: date) -> None:
    first17 = f"519999{birth:%Y%m%d}{901 if person['sex'] == '1' else 902}"
    person.update(birth=birth, idno=first17 + check_digit(first17))


def one_phone(world: World, picker: Picker, turn: int) -> None:
    families, count = _Families(world, picker), (5, 5, 6, 5, 7)[turn]
    heads = [world.of[families.take(COUPLE)[0]["person"]] for _ in range(count)]
    phone = _share_phone(world, heads)
    names = "、".join(one["name"] for one in heads)
    world.plant("person.PE10", phone, what=f"{names}{count}户同一个电话", why="同一电话登记多户")


def four_with_one_phone(world: World, picker: Picker, turn: int) -> None:
    families = _Families(world, picker)
    phone = _share_phone(world, [world.of[families.take(COUPLE)[0]["person"]] for _ in range(4)])
    world.spare("person.PE10", phone, what="四户同一个电话，不到五户")


def _share_phone(world: World, heads: list[Row]) -> str:
    phone = world.phones.take()
    for head in heads:
        head["phone"] = phone
    return phone


def left_household(world: World, picker: Picker, turn: int) -> None:
    family = _Families(world, picker).take(("02", "12", "20"), lambda persons: age(persons[2]["birth"], LAST) >= 3)
    family[2].update(
        to_date=(date(YEAR, 5, 1), LAST, date(YEAR, 1, 2), date(YEAR, 9, 30), date(YEAR, 12, 1))[turn], state="ended"
    )
    person = world.of[family[2]["person"]]
    world.plant("person.XC04", person["id"], what=f"{person['name']}已离户，户籍仍在册", why="有人无户")


def head_of_another(world: World, picker: Picker, turn: int) -> None:
    families = _Families(world, picker)
    home, stranger = world.of[families.take(COUPLE)[0]["household"]], families.alone()
    home["head"] = stranger["id"]
    world.plant("household.HO1", home["id"], what=f"{home['hno']}户主填成了别户的人", why="户主不在户内")


def two_heads(world: World, picker: Picker, turn: int) -> None:
    """Two heads, or (every other time) none."""
    family = _Families(world, picker).take(COUPLE)
    if turn % 2:
        family[0]["rel"] = "80"
    else:
        family[1]["rel"] = "02"
    said = "没有人登记为户主" if turn % 2 else "夫妻二人都登记为户主"
    world.plant("household.HO2", family[0]["household"], what=said, why="户主应为一人")


def dead_head(world: World, picker: Picker, turn: int) -> None:
    """Registered dead, still head and in the household. After 31 days the head is late, the spell not yet."""
    days = (204, 31, 60, 32, 120)[turn]
    head, family = _dead(world, picker, days)
    world.plant(
        "household.HO3",
        family[0]["household"],
        what=f"户主{head['name']}死亡{days}天，户主未变更",
        why="户主已故未变更",
    )
    member = "household_member.XC03"
    if days > 31:
        world.plant(member, family[0]["id"], what=f"{head['name']}死亡后仍在户内", why="已故人员仍在户内")
    else:
        world.spare(member, family[0]["id"], what=f"{head['name']}死亡刚31天")


def dead_member(world: World, picker: Picker, turn: int) -> None:
    """The wife died, and is still a member: so that the spell of a dead person is found without a dead head."""
    wife, family = _dead(world, picker, (90, 32, 200, 45, 330)[turn], at=1)
    world.plant("household_member.XC03", family[1]["id"], what=f"{wife['name']}死亡后仍在户内", why="已故人员仍在户内")


def head_dead_for_a_month(world: World, picker: Picker, turn: int) -> None:
    if turn:
        return
    head, family = _dead(world, picker, 30)
    world.spare("household.HO3", family[0]["household"], what=f"户主{head['name']}死亡刚30天")


def _dead(world: World, picker: Picker, days: int, at: int = 0) -> tuple[Row, list[Row]]:
    family = _Families(world, picker).take(COUPLE, lambda persons: age(persons[0]["birth"], LAST) >= 50)
    one = world.of[family[at]["person"]]
    one.update(hukou_status="dead", death_date=LAST - timedelta(days=days), death_proof="police", live_status="stay", away_place=None,
               away_since=None, state="dead")  # fmt: skip
    return one, family


def two_families_as_one(world: World, picker: Picker, turn: int) -> None:
    families = _Families(world, picker)
    one, other = families.take(ALONE)[0], families.take(ALONE)[0]
    home = world.add(
        "household", division=one["division"], hkind="living", hno=f"GT9{len(world.rows['household']):05d}", head=one["person"],
        grp=world.of[one["household"]]["grp"], addr=None, same_as=one["household"], from_date=date(YEAR, 3, 1), to_date=None,
        close_reason=None, state="active",
    )  # fmt: skip
    for member, rel in ((one, "02"), (other, "80")):
        world.add("household_member", division=one["division"], household=home["id"], person=member["person"], rel=rel,
                  from_date=date(YEAR, 3, 1), to_date=None, counted=True, state="current")  # fmt: skip
    world.plant("household.HO5", home["id"], what="共同生活家庭的两人来自两个户籍户", why="跨户未说明")


def group_of_another_village(world: World, picker: Picker, turn: int) -> None:
    home = _Families(world, picker).home(lambda row: row["division"] not in MERGER.sources)
    elsewhere = next(
        code for code in ("519999100200", "519999100201")[:: 1 if turn % 2 else -1] if code != home["division"]
    )
    home["grp"] = group_code(elsewhere, 1 + turn)
    world.plant("household.XC07", home["id"], what=f"{home['hno']}的组填成了外村的组", why="组与村不符")


def in_two_households(world: World, picker: Picker, turn: int) -> None:
    families = _Families(world, picker)
    child = families.take(("02", "12", "30"), lambda persons: age(persons[2]["birth"], LAST) >= 19)[2]
    host = families.take(COUPLE)[0]
    again = world.add("household_member", division=host["division"], household=host["household"], person=child["person"], rel="80",
                      from_date=date(YEAR, 2 + 2 * turn, 1), to_date=None, counted=True, state="current")  # fmt: skip
    name = world.of[child["person"]]["name"]
    world.plant("household_member.HM1", child["id"], again["id"], what=f"{name}同时在两户", why="一人在两户")


def wrong_generation(world: World, picker: Picker, turn: int) -> None:
    family = _Families(world, picker).take(COUPLE)
    family[1]["rel"] = "52" if turn % 2 else "30"
    name = world.of[family[1]["person"]]["name"]
    said = "母亲" if turn % 2 else "女儿"
    world.plant("household_member.HM2", family[1]["id"], what=f"妻子{name}登记成户主的{said}", why="辈分年龄不合")


def wrong_sex_of_child(world: World, picker: Picker, turn: int) -> None:
    is_, said = ("20", "30") if turn % 2 else ("30", "20")
    family = _Families(world, picker).take(("02", "12", is_), lambda persons: age(persons[2]["birth"], LAST) >= 1)
    family[2]["rel"] = said
    world.plant("household_member.HM3", family[2]["id"], what="儿女登记反了", why="关系与性别不符")


def spell_turned_round(world: World, picker: Picker, turn: int) -> None:
    moved = picker.pick(
        world.rows["household_member"],
        lambda row: (
            row["to_date"] is not None
            and row["to_date"] < date(YEAR, 12, 1)
            and world.of[row["person"]]["hukou_status"] == "out"
            and row["person"] not in picker.busy
        ),
    )
    days = (20, 1, 2, 15, 7)[turn]
    moved["from_date"] = moved["to_date"] + timedelta(days=days)
    world.plant("household_member.HM5", moved["id"], what=f"入户日期晚于离户日期{days}天", why="起止日期颠倒")


KINDS = (
    wrong_check_digit, other_birth, other_sex, too_old, one_phone, four_with_one_phone, left_household, head_of_another, two_heads, dead_head,
    dead_member, head_dead_for_a_month, two_families_as_one, group_of_another_village, in_two_households, wrong_generation,
    wrong_sex_of_child, spell_turned_round,
)  # fmt: skip
