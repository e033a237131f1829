"""Minimum living allowance on the last day of the year."""

from datetime import date, timedelta

from zhenwu.config.demo.figures.tally import Tally, in_year
from zhenwu.config.demo.world import LAST, YEAR, Row, ym
from zhenwu.lib.workdays import default_calendar


def count(tally: Tally) -> None:
    of, cases = tally.world.of, tally.rows("dibao")
    month = ym(LAST)

    def running(case: Row) -> bool:
        return bool(
            case["confirm_date"] and case["start_ym"] <= month and (case["stop_ym"] is None or case["stop_ym"] > month)
        )

    members = [
        row for row in tally.rows("dibao_member")
        if row["insured"] and running(of[row["dibao"]]) and row["from_ym"] <= month and (row["to_ym"] is None or row["to_ym"] >= month)
    ]  # fmt: skip
    tally.count("db_hh", (row for row in cases if running(row)), lambda row: row["area"])
    tally.count("db_pop", members, lambda row: of[row["dibao"]]["area"])
    tally.count("db_new", (row for row in cases if in_year(row["confirm_date"])))
    tally.count("db_out", (row for row in cases if (row["stop_ym"] or "").startswith(f"{YEAR}-")))
    decided = [row for row in cases if in_year(row["confirm_date"] or row["refuse_date"])]
    tally.share_of(
        "db_ontime", decided, lambda row: _workdays(row["accept_date"], row["confirm_date"] or row["refuse_date"]) <= 30
    )
    held = [row for row in cases if row["state"] in ("paying", "stopped")]
    checked = [row for row in held if in_year(row["checked_on"])]
    late = [
        row for row in held if not in_year(row["checked_on"]) and in_year(row["review_next"]) and row["stop_ym"] is None
    ]
    tally.share("db_check_pct", len(checked), len(checked) + len(late))
    tally.count("dm_boost", (row for row in members if row["boost"] != "none"), lambda row: row["boost"])


def _workdays(first: date, last: date) -> int:
    """Working days after `first`, up to and with `last`."""
    calendar = default_calendar()
    return sum(calendar.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
