"""Party organisations and members."""

from datetime import date, timedelta

from zhenwu.config.demo.party import is_member
from zhenwu.config.demo.people import living_adults
from zhenwu.config.demo.places import VILLAGES
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import AS_OF, LAST, YEAR, Row, World, add_months


def too_few_members(world: World, picker: Picker, turn: int) -> None:
    """Two full members are left, or one; three are enough."""
    branch, left = _small_branch(world, picker), (2, 1, 2, 2, 1)[turn]
    _leave(world, picker, branch, left)
    world.plant("party_branch.PB-01", branch["id"], what=f"{branch['name']}正式党员只剩{left}人", why="不足3人")


def just_enough_members(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        branch = _small_branch(world, picker)
        _leave(world, picker, branch, 3)
        world.spare("party_branch.PB-01", branch["id"], what=f"{branch['name']}刚好3名正式党员")


def _small_branch(world: World, picker: Picker) -> Row:
    return picker.pick(
        world.rows["party_branch"],
        lambda row: row["domain"] == "两新" and len(_members_of(world, row)) > 3,
        "members",
        "roster",
    )


def _leave(world: World, picker: Picker, branch: Row, left: int) -> None:
    branch.update(roster_full=None, roster_prob=None, roster_mobile=None, roster_on=None)
    others = [one for one in _members_of(world, branch) if one["person"] != branch["secretary"]]
    for member in others[left - 1 :]:
        member.update(left_on=LAST, left_why="转出", state="left")
        picker.use(member)
    for meeting in world.rows["branch_life"]:
        if meeting["branch"] == branch["id"] and meeting["held_on"] == LAST:
            meeting["held_on"] = LAST - timedelta(days=2)


def _is_village(world: World, row: Row) -> bool:
    return row["kind"] == "党支部" and row["domain"] == "村" and row["parent"] == world.rows["party_branch"][0]["id"]


def without_committee(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["party_branch"],
        lambda row: (
            _has_branch_committee(row) and len([m for m in _members_of(world, row) if m["kind"] == "正式"]) >= 9
        ),
        "committee",
    )
    one.update(has_committee=False, committee_size=None)
    world.rows["branch_life"] = [
        row for row in world.rows["branch_life"] if not (row["branch"] == one["id"] and row["kind"] == "支委会")
    ]
    world.plant("party_branch.PB-03", one["id"], what=f"{one['name']}登记为未设支委会", why="正式党员7人以上")


def _has_branch_committee(row: Row) -> bool:
    return bool(row["has_committee"]) and row["kind"] in ("党支部", "联合党支部")


def term_over(world: World, picker: Picker, turn: int) -> None:
    def other(row: Row) -> bool:
        return row["domain"] not in ("村", "社区") and row["kind"] != "党委"

    ended = (date(YEAR, 5, 9), LAST - timedelta(days=1), date(YEAR, 1, 31), date(YEAR, 9, 30), date(YEAR, 12, 1))[turn]
    one = picker.pick(world.rows["party_branch"], other, "term")
    spared = picker.pick(world.rows["party_branch"], other, "term") if turn == 0 else None
    one.update(term_start=add_months(ended, -36) + timedelta(days=1), term_end=ended)
    world.plant(
        "party_branch.PB-04", one["id"], what=f"{one['name']}{ended.month}月{ended.day}日届满", why="届满未换届"
    )
    if spared:
        spared.update(term_start=add_months(LAST, -36) + timedelta(days=1), term_end=LAST)
        world.spare("party_branch.PB-04", spared["id"], what=f"{spared['name']}任期到年末当天")


def secretary_of_nothing(world: World, picker: Picker, turn: int) -> None:
    """A secretary who is no Party member, or is one in another village."""
    one = picker.pick(world.rows["party_branch"], lambda row: _is_village(world, row), "secretary")
    secretaries = {row["secretary"] for row in world.rows["party_branch"]}
    if turn % 2:
        member = picker.pick(
            world.rows["party_member"],
            lambda row: (
                _is_veteran(world, row)
                and row["branch"] != one["id"]
                and row["division"]
                and row["person"] not in secretaries
            ),
        )
        stranger, said = world.of[member["person"]], "的组织关系在别的支部"
    else:
        stranger, said = _outsider(world, picker, turn), "不是党员"
    one.update(secretary=stranger["id"], secretary_phone=None)
    world.plant(
        "party_branch.PB-06", one["id"], what=f"{one['name']}书记{stranger['name']}{said}", why="书记党员身份不符"
    )


def wrong_term(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["party_branch"], lambda row: _is_village(world, row), "term")
    right = one["term_end"]
    one["term_end"] = (
        add_months(one["term_start"], 36) - timedelta(days=1) if turn % 2 == 0 else right + timedelta(days=33 + turn)
    )
    world.plant("party_branch.PB-07", one["id"], what=f"{one['name']}任期到{one['term_end']}", why="村党组织任期五年")


def term_a_month_longer(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        one = picker.pick(world.rows["party_branch"], lambda row: _is_village(world, row), "term")
        one["term_end"] += timedelta(days=30)
        world.spare("party_branch.PB-07", one["id"], what=f"{one['name']}届满日晚了不到31天")


def committee_of_two(world: World, picker: Picker, turn: int) -> None:
    """Two seats or eight; three to seven are allowed."""
    one, size = picker.pick(world.rows["party_branch"], _has_branch_committee, "committee"), (2, 8, 1, 9, 2)[turn]
    one["committee_size"] = size
    for meeting in world.rows["branch_life"]:
        if meeting["branch"] == one["id"] and meeting["kind"] == "支委会":
            meeting.update(expected=size, present=size)
    world.plant("party_branch.PB-09", one["id"], what=f"{one['name']}委员职数{size}人", why="应为3至7人")


def committee_of_seven(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        one = picker.pick(world.rows["party_branch"], _has_branch_committee, "committee")
        one["committee_size"] = 7
        for meeting in world.rows["branch_life"]:
            if meeting["branch"] == one["id"] and meeting["kind"] == "支委会":
                meeting.update(expected=7, present=6)
        world.spare("party_branch.PB-09", one["id"], what=f"{one['name']}委员7人")


def branch_without_village(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["party_branch"], lambda row: _is_village(world, row), "place")
    place, one["division"] = one["division"], None
    world.plant("party_branch.PB-10", one["id"], what=f"{one['name']}没有填所属村", why="村党组织须填所属村")
    world.plant("party_branch.PB-05", place, what="该村因此没有在册党组织", why="覆盖率按村计算")


def in_two_branches(world: World, picker: Picker, turn: int) -> None:
    secretaries = {row["secretary"] for row in world.rows["party_branch"]}
    one = picker.pick(
        world.rows["party_member"], lambda row: _is_veteran(world, row) and row["person"] not in secretaries
    )
    others = [row for row in _uncounted(world, picker) if row["id"] != one["branch"] and row["domain"] != "两新"]
    other = others[turn % len(others)]
    values = {code: value for code, value in one.items() if code != "id"}
    picker.use(world.add("party_member", **values | {"branch": other["id"], "division": other["division"]}))
    world.plant("party_member.PM-01", one["person"], what=f"{_name(world, one)}在两个支部在册", why="一人一支部")


def joined_as_a_child(world: World, picker: Picker, turn: int) -> None:
    """One day short of 18 years, or a year; who joins on the birthday itself is old enough."""
    one = picker.pick(world.rows["party_member"], lambda row: _is_veteran(world, row))
    birth = world.of[one["person"]]["birth"]
    one["join_on"] = add_months(birth, 12 * 18) - timedelta(days=(365, 1, 2, 30, 180)[turn])
    one["full_on"] = add_months(one["join_on"], 12)
    world.plant(
        "party_member.PM-02", one["id"], what=f"{_name(world, one)}{one['join_on']}入党时未满18岁", why="未满18周岁"
    )


def joined_on_birthday(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["party_member"], lambda row: _is_veteran(world, row))
    one["join_on"] = add_months(world.of[one["person"]]["birth"], 12 * 18)
    one["full_on"] = add_months(one["join_on"], 12)
    world.spare("party_member.PM-02", one["id"], what=f"{_name(world, one)}在18周岁生日当天入党")


def short_probation(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["party_member"], lambda row: _is_veteran(world, row) and row["join_on"].year > 1990)
    one["full_on"] = add_months(one["join_on"], 12) - timedelta(days=(31, 1, 7, 180, 2)[turn])
    world.plant(
        "party_member.PM-03",
        one["id"],
        what=f"{_name(world, one)}{one['full_on']}转正，预备期不到一年",
        why="预备期一年",
    )


def dead_on_the_roster(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["party_member"],
        lambda row: row["left_why"] == "死亡" and picker.is_free(world.of[row["branch"]], "roster"),
    )
    branch = world.of[one["branch"]]
    branch.update(roster_full=None, roster_prob=None, roster_mobile=None, roster_on=None)
    one.update(left_on=None, left_why=None, state="active")
    world.plant(
        "party_member.PM-04", one["id"], what=f"{_name(world, one)}已去世，名册仍在册", why="死亡登记与名册不符"
    )


def long_probation(world: World, picker: Picker, turn: int) -> None:
    """Its end and a month more are over by a day, or longer; and there is no row of how the member was recruited."""
    homes = [row for row in _uncounted(world, picker) if row["division"]]
    home = homes[turn * 3 % len(homes)]
    person = picker.pick(living_adults(world, home["division"], 25, 45), lambda row: row["id"] not in picker.busy)
    joined = (
        date(YEAR - 1, 6, 10),
        date(YEAR - 1, 11, 30),
        date(YEAR - 1, 3, 1),
        date(YEAR - 1, 9, 28),
        date(YEAR - 2, 12, 1),
    )[turn]
    one = _add(world, person, home, "预备", joined)
    picker.use(one)
    world.plant(
        "party_member.PM-05", one["id"], what=f"{person['name']}{joined}入党，预备期满未讨论", why="预备期满未转正"
    )
    world.plant("party_development.X-01", one["id"], what=f"{person['name']}是预备党员，没有发展台账", why="账账相符")


def roster_says_otherwise(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["party_branch"], lambda row: row["roster_full"] and row["domain"] != "两新", "roster")
    more = (2, -1, 1, 3, -2)[turn]
    one["roster_full"] += more
    said = f"多{more}人" if more > 0 else f"少{-more}人"
    world.plant("party_member.PM-06", one["id"], what=f"{one['name']}自报{said}", why="支部自报与名册不符")


def member_of_a_committee(world: World, picker: Picker, turn: int) -> None:
    above = [row for row in world.rows["party_branch"] if row["kind"] in ("党委", "党总支")]
    person = _outsider(world, picker, turn)
    branch = above[turn % len(above)]
    one = _add(world, person, branch, "正式", date(2006 + turn, 6, 20))
    picker.use(one)
    world.plant("party_member.PM-08", one["id"], what=f"{person['name']}直接编在{branch['kind']}", why="党员应编入支部")


KINDS = (
    too_few_members, just_enough_members, without_committee, term_over, secretary_of_nothing, wrong_term, term_a_month_longer,
    committee_of_two, committee_of_seven, branch_without_village, in_two_branches, joined_as_a_child, joined_on_birthday, short_probation,
    dead_on_the_roster, long_probation, roster_says_otherwise, member_of_a_committee,
)  # fmt: skip


def _outsider(world: World, picker: Picker, turn: int) -> Row:
    """Someone who is in nothing of the Party, of another village each turn."""
    village = VILLAGES[turn * 2].code
    return picker.pick(living_adults(world, village, 35, 60), lambda row: row["id"] not in picker.busy)


def _is_veteran(world: World, row: Row) -> bool:
    """Long a full member, and not of one of the small branches that others are taken out of."""
    small = world.of[row["branch"]]["domain"] == "两新"
    return row["join_on"].year < 2012 and row["left_on"] is None and row["kind"] == "正式" and not small


def _uncounted(world: World, picker: Picker) -> list[Row]:
    """Branches that may get one more member: nothing is compared with how many they have."""
    return [
        row for row in world.rows["party_branch"]
        if row["kind"] == "党支部" and row["roster_on"] is None and picker.is_free(row, "count")
    ]  # fmt: skip


def _add(world: World, person: Row, branch: Row, kind: str, join_on: date) -> Row:
    return world.add(
        "party_member", division=branch["division"], person=person["id"], branch=branch["id"], kind=kind, join_on=join_on,
        full_on=add_months(join_on, 12) if kind == "正式" else None, job="农牧渔民", mobile=False, mobile_to=None, rights="正常",
        left_on=None, left_why=None, state="active",
    )  # fmt: skip


def _members_of(world: World, branch: Row) -> list[Row]:
    return [one for one in world.rows["party_member"] if one["branch"] == branch["id"] and is_member(one, AS_OF)]


def _name(world: World, member: Row) -> str:
    return str(world.of[member["person"]]["name"])
