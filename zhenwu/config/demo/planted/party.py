"""Party organisations and members."""

from datetime import date, timedelta

from zhenwu.config.demo.party import is_member
from zhenwu.config.demo.people import living_adults
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import LAST, YEAR, Row, World, add_months


def plant(world: World, picker: Picker) -> None:
    _branches(world, picker)
    _members(world, picker)


def _branches(world: World, picker: Picker) -> None:
    rows = world.rows["party_branch"]
    named = {row["name"]: row for row in rows}

    fruit = named["中国共产党云岭县青石果业有限公司支部"]
    fruit.update(roster_full=None, roster_prob=None, roster_mobile=None, roster_on=None)
    for member in [one for one in _members_of(world, fruit) if one["person"] != fruit["secretary"]][-2:]:
        member.update(left_on=LAST, left_why="转出", state="left")
        picker.use(member)
    for meeting in world.rows["branch_life"]:
        if meeting["branch"] == fruit["id"] and meeting["held_on"] == LAST:
            meeting["held_on"] = LAST - timedelta(days=2)
    picker.use(fruit)
    world.plant("party_branch.PB-01", fruit["id"], what=f"{fruit['name']}正式党员只剩2人", why="不足3人")

    def village(row: Row) -> bool:
        return (
            row["kind"] == "党支部"
            and row["domain"] == "村"
            and row["has_committee"]
            and row["roster_on"] is None
            and row["parent"] == rows[0]["id"]
        )

    one = picker.pick(rows, village)
    one.update(has_committee=False, committee_size=None)
    world.rows["branch_life"] = [
        row for row in world.rows["branch_life"] if not (row["branch"] == one["id"] and row["kind"] == "支委会")
    ]
    world.plant("party_branch.PB-03", one["id"], what=f"{one['name']}登记为未设支委会", why="正式党员7人以上")

    one = picker.pick(rows, lambda row: row["domain"] in ("学校", "卫生院", "其他"))
    one.update(term_start=date(YEAR - 3, 5, 10), term_end=date(YEAR, 5, 9))
    world.plant("party_branch.PB-04", one["id"], what=f"{one['name']}5月9日届满", why="届满未换届")

    one = picker.pick(rows, village)
    stranger = picker.pick(living_adults(world, "519999100001", 35, 60), lambda row: row["id"] not in picker.busy)
    one.update(secretary=stranger["id"], secretary_phone=None)
    world.plant(
        "party_branch.PB-06", one["id"], what=f"{one['name']}书记{stranger['name']}不是党员", why="书记党员身份不符"
    )

    one = picker.pick(rows, village)
    one["term_end"] = add_months(one["term_start"], 36) - timedelta(days=1)
    world.plant("party_branch.PB-07", one["id"], what=f"{one['name']}任期填成三年", why="村党组织任期五年")

    one = picker.pick(
        rows, lambda row: row["domain"] in ("学校", "机关", "社区") and row["kind"] == "党支部" and row["has_committee"]
    )
    one["committee_size"] = 2
    world.plant("party_branch.PB-09", one["id"], what=f"{one['name']}委员职数2人", why="应为3至5人")

    one = picker.pick(rows, village)
    place, one["division"] = one["division"], None
    world.plant("party_branch.PB-10", one["id"], what=f"{one['name']}没有填所属村", why="村党组织须填所属村")
    world.plant("party_branch.PB-05", place, what="该村因此没有在册党组织", why="覆盖率按村计算")


def _members(world: World, picker: Picker) -> None:
    members, branches = world.rows["party_member"], world.rows["party_branch"]
    meeting = [row for row in branches if row["kind"] == "党支部" and row["roster_on"] is None and picker.is_free(row)]

    def veteran(row: Row) -> bool:
        return row["join_on"].year < 2012 and row["left_on"] is None and row["person"] not in secretaries

    secretaries = {row["secretary"] for row in branches}
    one = picker.pick(members, veteran)
    other = next(row for row in meeting if row["id"] != one["branch"])
    values = {code: value for code, value in one.items() if code != "id"}
    world.add("party_member", **values | {"branch": other["id"], "division": other["division"]})
    world.plant("party_member.PM-01", one["person"], what=f"{_name(world, one)}在两个支部在册", why="一人一支部")

    one = picker.pick(members, veteran)
    birth = world.of[one["person"]]["birth"]
    one["join_on"] = date(birth.year + 17, birth.month, 15)
    one["full_on"] = add_months(one["join_on"], 12)
    world.plant("party_member.PM-02", one["id"], what=f"{_name(world, one)}入党时17岁", why="未满18周岁")

    one = picker.pick(members, lambda row: veteran(row) and row["join_on"].year > 1990)
    one["full_on"] = add_months(one["join_on"], 11)
    world.plant("party_member.PM-03", one["id"], what=f"{_name(world, one)}预备期只有11个月", why="预备期一年")

    one = picker.pick(members, lambda row: row["left_why"] == "死亡")
    one.update(left_on=None, left_why=None, state="active")
    _forget_roster(world.of[one["branch"]])
    world.plant(
        "party_member.PM-04", one["id"], what=f"{_name(world, one)}已去世，名册仍在册", why="死亡登记与名册不符"
    )

    home = next(row for row in meeting if row["division"])
    person = picker.pick(living_adults(world, home["division"], 25, 45), lambda row: row["id"] not in picker.busy)
    one = _add(world, person, home, "预备", date(YEAR - 1, 6, 10))
    world.plant(
        "party_member.PM-05", one["id"], what=f"{person['name']}预备期2020年6月届满未讨论", why="预备期满未转正"
    )
    world.plant("party_development.X-01", one["id"], what=f"{person['name']}是预备党员，没有发展台账", why="账账相符")

    one = picker.pick(branches, lambda row: row["roster_full"])
    one["roster_full"] += 2
    world.plant("party_member.PM-06", one["id"], what=f"{one['name']}自报多2人", why="支部自报与名册不符")

    person = picker.pick(living_adults(world, "519999100001", 35, 60), lambda row: row["id"] not in picker.busy)
    one = _add(world, person, branches[0], "正式", date(2006, 6, 20))
    world.plant("party_member.PM-08", one["id"], what=f"{person['name']}直接编在党委", why="党员应编入支部")


def _add(world: World, person: Row, branch: Row, kind: str, join_on: date) -> Row:
    return world.add(
        "party_member", division=branch["division"], person=person["id"], branch=branch["id"], kind=kind, join_on=join_on,
        full_on=add_months(join_on, 12) if kind == "正式" else None, job="农牧渔民", mobile=False, mobile_to=None, rights="正常",
        left_on=None, left_why=None, state="active",
    )  # fmt: skip


def _members_of(world: World, branch: Row) -> list[Row]:
    return [one for one in world.rows["party_member"] if one["branch"] == branch["id"] and is_member(one, LAST)]


def _forget_roster(branch: Row) -> None:
    branch.update(roster_full=None, roster_prob=None, roster_mobile=None, roster_on=None)


def _name(world: World, member: Row) -> str:
    return str(world.of[member["person"]]["name"])
