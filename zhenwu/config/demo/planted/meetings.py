"""Meetings that were not held, or do not fit their branch or their votes."""

from datetime import date, timedelta

from zhenwu.config.demo.planted.picking import NoRoom, Picker
from zhenwu.config.demo.world import YEAR, Row, World


def _meeting(world: World, picker: Picker, *kinds: str) -> Row:
    """One of a branch that is older than the year and keeps its committee."""

    def fits(row: Row) -> bool:
        branch = world.of[row["branch"]]
        return (
            row["kind"] in kinds
            and row["lecturer_kind"] != "镇党委书记"
            and branch["founded"].year < YEAR
            and (row["kind"] != "支委会" or picker.is_free(branch, "committee") or branch["id"] in picker.kept)
        )

    row = picker.pick(world.rows["branch_life"], fits)
    if row["kind"] == "支委会":
        picker.use(world.of[row["branch"]], aspects=("committee",))  # what it is owed must not change any more
        picker.kept.add(row["branch"])
    return row


def _said(world: World, check: str, *subject: object, what: str) -> None:
    world.plant(f"branch_life.{check}", *subject, what=what, why="支部工作条例")


def _missing(world: World, picker: Picker, *kinds: str) -> None:
    gone = _meeting(world, picker, *kinds)
    on, kind = gone["held_on"], gone["kind"]
    period = str(YEAR)
    if kind in ("党课", "党员大会"):
        period = f"{YEAR}-Q{(on.month + 2) // 3}"
    elif kind in ("支委会", "主题党日", "党小组会"):
        period = f"{YEAR}-{on.month:02d}"
    world.rows["branch_life"] = [row for row in world.rows["branch_life"] if row is not gone]
    name = world.of[gone["branch"]]["name"]
    _said(world, "BL-01", gone["branch"], kind, period, gone["group_no"] or 0, what=f"{name}{period}缺{kind}")


def missing_committee_meeting(world: World, picker: Picker, turn: int) -> None:
    _missing(world, picker, "支委会")


def missing_day_or_lecture(world: World, picker: Picker, turn: int) -> None:
    _missing(world, picker, *(("主题党日",), ("党课",), ("主题党日",), ("民主评议党员",), ("党课",))[turn])


def missing_general_or_group_meeting(world: World, picker: Picker, turn: int) -> None:
    if turn % 2 and not any(row["kind"] == "党小组会" for row in world.rows["branch_life"]):
        raise NoRoom("no branch of a small township has groups.")
    _missing(world, picker, "党小组会" if turn % 2 else "党员大会")


def too_few_came(world: World, picker: Picker, turn: int) -> None:
    one, (due, present) = _meeting(world, picker, "党员大会"), ((20, 9), (12, 5), (15, 7), (9, 4), (30, 14))[turn]
    one.update(decision=True, voters_due=due, voters_present=present, vote_yes=present, vote_no=0, vote_abstain=0)
    _said(world, "BL-02", one["id"], what=f"到会{present}人，应到{due}人")
    _said(world, "BL-03", one["id"], what=f"赞成{present}票，应到{due}人")


def half_said_yes(world: World, picker: Picker, turn: int) -> None:
    one, due = _meeting(world, picker, "党员大会"), (10, 12, 8, 14, 16)[turn]
    one.update(decision=True, voters_due=due, voters_present=due, vote_yes=due // 2, vote_no=due // 2, vote_abstain=0)
    _said(world, "BL-03", one["id"], what=f"应到{due}人，赞成刚好一半")


def just_enough_came(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        one = _meeting(world, picker, "党员大会")
        one.update(decision=True, voters_due=19, voters_present=10, vote_yes=10, vote_no=0, vote_abstain=0)
        world.spare("branch_life.BL-02", one["id"], what="到会10人，应到19人")
        world.spare("branch_life.BL-03", one["id"], what="赞成10票，应到19人")


def too_many_votes(world: World, picker: Picker, turn: int) -> None:
    one, more = _meeting(world, picker, "党员大会"), (2, 1, -1, 3, -2)[turn]
    one.update(decision=True, voters_due=12, voters_present=11, vote_yes=8, vote_no=1, vote_abstain=2 + more)
    _said(world, "BL-09", one["id"], what=f"票数与到会差{abs(more)}票")


def committee_not_quorate(world: World, picker: Picker, turn: int) -> None:
    def fits(row: Row) -> bool:
        branch = world.of[row["branch"]]
        kept = picker.is_free(branch, "committee") or branch["id"] in picker.kept
        return row["kind"] == "支委会" and branch["committee_size"] == 3 and kept

    one = picker.pick(world.rows["branch_life"], fits)
    picker.use(world.of[one["branch"]], aspects=("committee",))
    picker.kept.add(one["branch"])
    one["present"] = turn % 2
    _said(world, "BL-04", one["id"], what=f"支委会{one['present']}人参加")


def too_many_grades(world: World, picker: Picker, turn: int) -> None:
    one, more = _meeting(world, picker, "民主评议党员"), (5, 1, 2, 3, 1)[turn]
    one["eval_pass"] = one["expected"] - one["eval_good"] + more
    _said(world, "BL-10", one["id"], what=f"评议等次多出{more}名")


def more_expected_than_members(world: World, picker: Picker, turn: int) -> None:
    one = _meeting(world, picker, *(("组织生活会",), ("党员大会",))[turn % 2])
    picker.use(world.of[one["branch"]], aspects=("count",))
    members = sum(row["branch"] == one["branch"] for row in world.rows["party_member"])
    one["expected"] = members + (6, 1, 2, 9, 3)[turn]
    _said(world, "X-02", one["id"], what="应到比名册多")


def group_that_is_not(world: World, picker: Picker, turn: int) -> None:
    """A group meeting where there are no groups or fewer, or a committee meeting where there is no committee."""
    base = _meeting(world, picker, "主题党日")
    wanted = (0, 2, 0, 2, 0)[turn]
    branch = picker.pick(
        world.rows["party_branch"],
        lambda row: row["kind"] == "党支部" and row["group_count"] == wanted and row["founded"].year < YEAR,
        "groups",
    )
    one = _again(
        world, base, branch, kind="党小组会", group_no=wanted + 1, held_on=date(YEAR, 4 + turn, 22), topic="学习讨论"
    )
    picker.use(one)
    _said(world, "BL-07", one["id"], what=f"{branch['name']}只有{wanted}个党小组，却有第{wanted + 1}小组会")


def before_founding(world: World, picker: Picker, turn: int) -> None:
    base = _meeting(world, picker, "主题党日")
    young = next(row for row in world.rows["party_branch"] if row["founded"].year == YEAR and row["kind"] == "党支部")
    days = (30, 1, 7, 60, 100)[turn]
    one = _again(world, base, young, held_on=young["founded"] - timedelta(days=days))
    picker.use(one)
    _said(world, "BL-11", one["id"], what=f"{young['name']}成立前{days}天就有主题党日")


def _again(world: World, base: Row, branch: Row, **changed: object) -> Row:
    values = {code: value for code, value in base.items() if code != "id"}
    return world.add("branch_life", **values | {"branch": branch["id"], "division": branch["division"]} | changed)


KINDS = (
    missing_committee_meeting, missing_day_or_lecture, missing_general_or_group_meeting, too_few_came, half_said_yes, just_enough_came,
    too_many_votes, committee_not_quorate, too_many_grades, more_expected_than_members, group_that_is_not, before_founding,
)  # fmt: skip
