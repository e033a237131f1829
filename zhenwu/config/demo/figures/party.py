"""Party organisations, members, recruiting, meetings."""

from datetime import date
from decimal import Decimal

from zhenwu.config.demo.figures.tally import Tally, in_year
from zhenwu.config.demo.party import is_member
from zhenwu.config.demo.party_life import required_cells
from zhenwu.config.demo.places import AFTER, now
from zhenwu.config.demo.world import LAST, YEAR, Row, add_months, age
from zhenwu.lib.amounts import half_up

_HIGHER = ("大专", "本科", "研究生")


def count(tally: Tally) -> None:
    _branches(tally)
    _members(tally)
    _growth(tally)
    _life(tally)


def _branches(tally: Tally) -> None:
    rows = tally.rows("party_branch")
    live = [row for row in rows if row["closed_on"] is None]
    full: dict[str, int] = {}
    for one in tally.rows("party_member"):
        if _is_full(one):
            full[one["branch"]] = full.get(one["branch"], 0) + 1
    tally.count("pb_n", live)
    tally.count("pb_kind", live, lambda row: row["kind"])
    tally.count("pb_br", (row for row in live if row["kind"] in ("党支部", "联合党支部")))
    covered = {now(row["division"]) for row in live if row["domain"] in ("村", "社区") and row["division"]}
    tally.share("pb_cov", len(covered), len(AFTER))
    tally.figures["pb_none"] = len(AFTER) - len(covered)
    tally.count("pb_over", (row for row in live if row["term_end"] < LAST))
    tally.count("pb_due_next", (row for row in live if row["term_end"] <= date(YEAR + 1, 12, 31)))
    tally.count("pb_small", (row for row in live if row["kind"] == "党支部" and full.get(row["id"], 0) < 3))
    tally.count("pb_closed", (row for row in rows if in_year(row["closed_on"])))
    tally.count("pb_new", (row for row in rows if in_year(row["founded"])))


def _is_full(member: Row) -> bool:
    return is_member(member, LAST) and member["kind"] == "正式" and member["full_on"] <= LAST


def _members(tally: Tally) -> None:
    of = tally.world.of
    rows = [row for row in tally.rows("party_member") if is_member(row, LAST)]
    tally.count("pm_all", rows)
    tally.count("pm_full", (row for row in rows if _is_full(row)))
    tally.count("pm_prob", (row for row in rows if not _is_full(row)))
    women = [row for row in rows if of[row["person"]]["sex"] == "2"]
    tally.share("pm_f", len(women), len(rows))
    tally.count("pm_f_n", women)
    ages = [age(of[row["person"]]["birth"], LAST) for row in rows]
    tally.share("pm_35", sum(one <= 35 for one in ages), len(rows))
    tally.share_of("pm_edu", rows, lambda row: of[row["person"]]["edu"] in _HIGHER)
    tally.figures["pm_age"] = half_up(Decimal(sum(ages)) / len(ages), 1)
    tally.count("pm_mob", (row for row in rows if row["mobile"]))
    tally.count(
        "pm_vote",
        (row for row in rows if _is_full(row) and row["rights"] == "正常"),
        lambda row: of[row["branch"]]["name"],
    )
    tally.count("pm_job", rows, lambda row: row["job"])
    tally.count(
        "pm_out", (row for row in tally.rows("party_member") if in_year(row["left_on"])), lambda row: row["left_why"]
    )


def _growth(tally: Tally) -> None:
    of, rows = tally.world.of, tally.rows("party_development")

    def growing(row: Row) -> bool:
        stopped = row["stop_on"] and row["stop_on"] <= LAST
        admitted = row["d17"] and row["d17"] <= LAST
        return bool(row["d03"] and row["d03"] <= LAST and not admitted and not row["d24"] and not stopped)

    def home(row: Row) -> str | None:
        place = of[row["branch"]]["division"] or row["division"]
        return place and now(place)

    tally.count("pd_app", (row for row in rows if in_year(row["d01"])))
    tally.count("pd_act_new", (row for row in rows if in_year(row["d03"])))
    activists = [row for row in rows if growing(row)]
    tally.count("pd_act", activists)
    tally.count("pd_tgt", (row for row in activists if row["d07"] and row["d07"] <= LAST))
    fresh = [row for row in rows if in_year(row["d17"])]
    farmers = {row["person"] for row in tally.rows("party_member") if row["job"] == "农牧渔民"}
    tally.count("pd_new", fresh)
    tally.share_of("pd_35", fresh, lambda row: age(of[row["person"]]["birth"], LAST) <= 35)
    tally.share_of("pd_f", fresh, lambda row: of[row["person"]]["sex"] == "2")
    tally.share_of("pd_edu", fresh, lambda row: of[row["person"]]["edu"] in _HIGHER)
    tally.share_of("pd_farm", fresh, lambda row: row["person"] in farmers)
    tally.figures["pd_quota"] = None  # the county's plan for 2020 is not among the parameters
    tally.count("pd_full", (row for row in rows if in_year(row["d24"]) and row["outcome"] == "按期转正"))
    lately = {home(row) for row in rows if row["d17"] and date(YEAR - 1, 1, 1) <= row["d17"] <= LAST}
    tally.figures["pd_none"] = sum(one.code not in lately for one in AFTER)
    with_activists = {home(row) for row in activists}
    tally.figures["pd_no_act"] = sum(one.code not in with_activists for one in AFTER)
    tally.count("pd_to_convert", (
        row for row in rows
        if row["d17"] and row["d17"] <= LAST and (row["d24"] is None or row["d24"] > LAST) and add_months(row["d15"], 12) <= date(YEAR + 1, 12, 31)
    ))  # fmt: skip
    tally.count("dr_n", (row for row in tally.rows("development_review") if in_year(row["reviewed_on"])))


def _life(tally: Tally) -> None:
    rows = [row for row in tally.rows("branch_life") if in_year(row["held_on"])]
    held = {(row["branch"], row["kind"], _period(row), row["group_no"] or 0) for row in rows}
    required = [
        (branch["id"], kind, period, group)
        for branch in tally.rows("party_branch") if branch["kind"] in ("党支部", "联合党支部")
        for kind, period, group, _, _ in required_cells(branch)
    ]  # fmt: skip
    gaps = [cell for cell in required if cell not in held]
    tally.count("bl_n", rows, lambda row: row["kind"])
    tally.figures["bl_req"], tally.figures["bl_met"] = len(required), len(required) - len(gaps)
    tally.share("bl_rate", len(required) - len(gaps), len(required))
    tally.figures["bl_gap"], tally.figures["bl_gap_branch"] = len(gaps), len({cell[0] for cell in gaps})
    owing = {cell[0] for cell in required}
    tally.share("bl_full", len(owing) - len({cell[0] for cell in gaps}), len(owing))
    tally.count("bl_sec", (row for row in rows if row["kind"] == "党课" and row["lecturer_kind"] == "镇党委书记"))
    tally.count("bl_td", (row for row in rows if row["kind"] == "主题党日"))
    tally.count("bl_3h1k", (row for row in rows if row["kind"] in ("党员大会", "支委会", "党小组会", "党课")))
    tally.figures["bl_people"] = sum(row["present"] for row in rows)
    tally.share("bl_attend", sum(row["present"] for row in rows), sum(row["expected"] for row in rows))


def _period(row: Row) -> str:
    on = row["held_on"]
    if row["kind"] in ("党员大会", "党课"):
        return f"{on.year}-Q{(on.month + 2) // 3}"
    return f"{on.year}-{on.month:02d}" if row["kind"] in ("支委会", "党小组会", "主题党日") else str(on.year)
