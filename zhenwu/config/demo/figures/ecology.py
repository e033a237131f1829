"""Rivers, patrols, issues."""

from datetime import date
from decimal import Decimal

from zhenwu.config.demo.figures.tally import Tally, in_year
from zhenwu.config.demo.safety import site_periods
from zhenwu.config.demo.world import LAST, Row
from zhenwu.lib.amounts import half_up


def count(tally: Tally) -> None:
    _rivers(tally)
    _patrols(tally)
    _issues(tally)
    _rectified(tally)


def _rectified(tally: Tally) -> None:
    """The demo township was given no problems to rectify."""
    tally.figures |= {"er_total": 0, "er_done": 0, "er_overdue_n": 0, "er_measure_rate": None}


def _rivers(tally: Tally) -> None:
    of, segments = tally.world.of, tally.rows("river_segment")
    serving = [
        row
        for row in tally.rows("river_head")
        if row["valid_from"] <= LAST and (row["valid_to"] is None or row["valid_to"] > LAST)
    ]
    tally.count("rv_n", segments)
    tally.total("rv_km", (Decimal(row["length"]) for row in segments))
    tally.figures["rv_head_n"] = len({
        row["head"] or row["head_name"] for row in serving
        if row["level"] in ("镇", "村") and not (row["head"] and of[row["head"]].get("death_date"))
    })  # fmt: skip
    levels = {one["id"]: {row["level"] for row in serving if row["segment"] == one["id"]} for one in segments}
    tally.share_of("rv_head_full", segments, lambda row: levels[row["id"]] >= {"镇", "村", "巡河员"})
    tally.share_of("rv_board_ok", segments, lambda row: row["board"] == "完好")
    tally.count("rh_n", serving, lambda row: row["level"])
    tally.count(
        "rh_changed",
        (row for row in tally.rows("river_head") if row["level"] in ("镇", "村") and in_year(row["valid_from"])),
    )


def _patrols(tally: Tally) -> None:
    rows, heads = tally.rows("river_patrol"), tally.rows("river_head")
    year = [row for row in rows if in_year(row["patrol_on"])]
    tally.count("rp_n", year, lambda row: row["level"])
    tally.figures["rp_find_n"] = sum(row["find_n"] for row in year)
    missed = 0
    for level, every, code in (
        ("镇", "月", "rp_rate_town"),
        ("村", "周", "rp_rate_village"),
        ("巡河员", "周", "rp_rate_patroller"),
    ):
        due = met = 0
        for segment in tally.rows("river_segment"):
            mine = [row for row in heads if row["segment"] == segment["id"] and row["level"] == level]
            trips = [
                row
                for row in rows
                if row["segment"] == segment["id"] and row["level"] == level and any(_serves(h, row) for h in mine)
            ]
            for _, first, last in site_periods(every):
                if 2 * _days_served(mine, first, last) >= (last - first).days + 1:
                    due += 1
                    met += any(first <= row["patrol_on"] <= last for row in trips)
        tally.share(code, met, due)
        missed += due - met
    tally.figures["rp_miss_n"] = missed


def _serves(head: Row, trip: Row) -> bool:
    same = (head["head"] is not None and head["head"] == trip["head"]) or head["head_name"] == trip["head_name"]
    return (
        same
        and head["valid_from"] <= trip["patrol_on"]
        and (head["valid_to"] is None or trip["patrol_on"] < head["valid_to"])
    )


def _days_served(heads: list[Row], first: date, last: date) -> int:
    days = (last - first).days + 1
    return sum(
        any(
            row["valid_from"].toordinal() <= day and (row["valid_to"] is None or day < row["valid_to"].toordinal())
            for row in heads
        )
        for day in range(first.toordinal(), first.toordinal() + days)
    )


def _issues(tally: Tally) -> None:
    every = tally.rows("eco_issue")
    rows = [row for row in every if in_year(row["found_on"])]
    closed = [row for row in every if in_year(row["closed_on"])]
    due = [row for row in rows if _due(row) <= LAST]
    tally.count("ei_found", rows, lambda row: row["kind"])
    tally.count("ei_closed", closed)
    tally.share_of("ei_close_rate", due, lambda row: row["closed_on"])
    tally.share_of("ei_ontime_rate", due, lambda row: row["closed_on"] and row["closed_on"] <= _due(row))
    tally.count("ei_open_over", (row for row in every if not row["closed_on"] and _due(row) < LAST))
    tally.figures["ei_days"] = half_up(
        Decimal(sum((row["closed_on"] - row["found_on"]).days for row in closed)) / len(closed), 1
    )
    tally.total("ei_fine", (row["fine"] for row in closed if row["fine"] is not None))

    def repeats(row: Row) -> bool:
        return bool(row["repeat_of"]) or any(
            one["kind"] == row["kind"] and one["division"] == row["division"] and one["spot_text"] == row["spot_text"]
            and 0 < (row["found_on"] - one["found_on"]).days <= 90 for one in every
        )  # fmt: skip

    tally.count("ei_repeat", (row for row in rows if repeats(row)))


def _due(row: Row) -> date:
    due: date = row["extend_to"] or row["due_on"]
    return due
