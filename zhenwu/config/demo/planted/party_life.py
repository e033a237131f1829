"""Meetings that were not held, or do not fit their branch or their votes."""

from datetime import date, timedelta

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import YEAR, Row, World


def plant(world: World, picker: Picker) -> None:
    branches = {row["id"]: row for row in world.rows["party_branch"]}

    def meeting(kind: str) -> Row:
        return picker.pick(
            world.rows["branch_life"],
            lambda row: (
                row["kind"] == kind
                and row["lecturer_kind"] != "镇党委书记"
                and branches[row["branch"]]["founded"].year < YEAR
            ),
        )

    for kind in ("支委会", "主题党日", "党课"):
        gone = meeting(kind)
        on = gone["held_on"]
        period = f"{YEAR}-Q{(on.month + 2) // 3}" if kind == "党课" else f"{YEAR}-{on.month:02d}"
        world.rows["branch_life"] = [row for row in world.rows["branch_life"] if row is not gone]
        _said(
            world, "BL-01", gone["branch"], kind, period, 0, what=f"{branches[gone['branch']]['name']}{period}缺{kind}"
        )

    one = meeting("党员大会")
    one.update(decision=True, voters_due=20, voters_present=9, vote_yes=9, vote_no=0, vote_abstain=0)
    _said(world, "BL-02", one["id"], what="到会9人，应到20人")
    _said(world, "BL-03", one["id"], what="赞成9票，应到20人")

    one = meeting("党员大会")
    one.update(decision=True, voters_due=10, voters_present=10, vote_yes=5, vote_no=5, vote_abstain=0)
    _said(world, "BL-03", one["id"], what="赞成刚好一半")

    one = meeting("党员大会")
    one.update(decision=True, voters_due=10, voters_present=9, vote_yes=8, vote_no=1, vote_abstain=2)
    _said(world, "BL-09", one["id"], what="票数比到会多2票")

    one = picker.pick(
        world.rows["branch_life"],
        lambda row: row["kind"] == "支委会" and branches[row["branch"]]["committee_size"] == 3,
    )
    one["present"] = 1
    _said(world, "BL-04", one["id"], what="支委会1人参加")

    one = meeting("民主评议党员")
    one["eval_pass"] += 5
    _said(world, "BL-10", one["id"], what="评议等次多出5名")

    one = meeting("组织生活会")
    members = sum(row["branch"] == one["branch"] for row in world.rows["party_member"])
    one["expected"] = members + 6
    _said(world, "X-02", one["id"], what="应到比名册多")

    base = meeting("主题党日")
    branch = picker.pick(
        world.rows["party_branch"],
        lambda row: row["kind"] == "党支部" and row["group_count"] == 0 and row["founded"].year < YEAR,
    )
    one = _again(world, base, branch, kind="党小组会", group_no=1, held_on=date(YEAR, 4, 22), topic="学习讨论")
    _said(world, "BL-07", one["id"], what=f"{branch['name']}没有党小组，却有党小组会")

    young = next(row for row in branches.values() if row["founded"].year == YEAR and row["kind"] == "党支部")
    one = _again(world, base, young, held_on=young["founded"] - timedelta(days=30))
    _said(world, "BL-11", one["id"], what=f"{young['name']}成立前就有主题党日")


def _again(world: World, base: Row, branch: Row, **changed: object) -> Row:
    values = {code: value for code, value in base.items() if code != "id"}
    return world.add("branch_life", **values | {"branch": branch["id"], "division": branch["division"]} | changed)


def _said(world: World, check: str, *subject: object, what: str) -> None:
    world.plant(f"branch_life.{check}", *subject, what=what, why="支部工作条例")
