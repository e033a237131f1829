"""Sites, inspections, coverage, hazards."""

from datetime import date
from decimal import Decimal
from statistics import median

from zhenwu.config.demo.figures.tally import Tally, in_year
from zhenwu.config.demo.places import AFTER, MERGER, VILLAGES, in_force, now
from zhenwu.config.demo.safety import due_periods, sector_cells
from zhenwu.config.demo.world import FIRST, LAST, YEAR, Row
from zhenwu.lib.amounts import half_up

_SECTORS = ("道路交通", "安全生产", "食品药品", "森林防灭火", "疫情防控", "地质灾害")


def count(tally: Tally) -> None:
    _sites(tally)
    _inspections(tally)
    _coverage(tally)
    _hazards(tally)


def _sites(tally: Tally) -> None:
    live = [row for row in tally.rows("hazard_site") if row["active_to"] is None or row["active_to"] > LAST]
    tally.count("hs_n", live, lambda row: row["sector"])
    tally.count("hs_risk", live, lambda row: row["risk"])
    tally.count("hs_red", (row for row in live if row["risk"] in "红橙"))
    tally.count("hs_ten", (row for row in live if row["sector"] == "疫情防控" and "联防组" in row["kind"]))
    tally.figures["hs_people"] = sum(row["people_n"] or 0 for row in live if row["sector"] == "地质灾害")
    tally.count("sn_n", (row for row in tally.rows("site_none") if row["signed_on"] <= LAST))


def _inspections(tally: Tally) -> None:
    rows = [row for row in tally.rows("hazard_inspection") if in_year(row["inspect_on"])]
    tally.count("hi_n", rows)
    tally.count("hi_sector", rows, lambda row: row["sector"])
    tally.figures["hi_times"] = sum(row["team_n"] for row in rows)
    tally.share_of("hi_zero", rows, lambda row: row["found_n"] == 0)


def _coverage(tally: Tally) -> None:
    """Cells are village × sector × period; a cell counts as covered when the village was inspected in it and every site
    whose own period ended in it was visited."""
    inspections, sites = tally.rows("hazard_inspection"), tally.rows("hazard_site")
    declared = {(row["division"], row["sector"]) for row in tally.rows("site_none") if row["for_year"] == YEAR}
    toured: dict[str, list[Row]] = {}
    visits: dict[str, list[Row]] = {}
    for row in inspections:
        toured.setdefault(row["sector"], []).append(row)
        if row["site"]:
            visits.setdefault(row["site"], []).append(row)
    due = [(site, first, last) for site in sites for _, first, last in due_periods(site)]
    met = {
        (site["id"], last): any(first <= row["inspect_on"] <= last for row in visits.get(site["id"], []))
        for site, first, last in due
    }
    cells = blind = 0
    for sector in _SECTORS:
        mine = [(site, last) for site, _, last in due if site["sector"] == sector]
        for _, first, last in sector_cells(sector):
            seen = {
                _place(row["division"], last) for row in toured.get(sector, []) if first <= row["inspect_on"] <= last
            }
            missed = _missed_sites(mine, met, first, last)
            for village in (*VILLAGES, AFTER[-1]):
                if in_force(village.code, first, last) and (village.code, sector) not in declared:
                    cells += 1
                    tally.figures[f"hi_cell_n.{sector}"] = int(tally.figures.get(f"hi_cell_n.{sector}") or 0) + 1
                    blind += village.code not in seen or village.code in missed
    tally.figures["hi_cell_n"], tally.figures["hi_blind"] = cells, blind
    tally.share("hi_cov", cells - blind, cells)
    visited = {site["id"] for site, _, last in due if met[site["id"], last]}
    tally.share("hi_site", len(visited), len({site["id"] for site, _, _ in due}))
    tally.share("hi_site_ontime", sum(met.values()), len(met))


def _missed_sites(mine: list[tuple[Row, date]], met: dict[tuple[str, date], bool], first: date, last: date) -> set[str]:
    """Villages with a site whose periods that end within the cell were all missed."""
    hit: dict[tuple[str, str], bool] = {}
    for site, end in mine:
        if first <= end <= last:
            key = (_place(site["division"], end), site["id"])
            hit[key] = hit.get(key, False) or met[site["id"], end]
    return {village for (village, _), seen in hit.items() if not seen}


def _place(village: str, end: date) -> str:
    return now(village) if end >= MERGER.day else village


def _hazards(tally: Tally) -> None:
    every = tally.rows("hazard")
    rows = [row for row in every if in_year(row["found_on"])]
    done = [row for row in rows if row["close_on"]]
    tally.count("hz_n", rows)
    tally.count("hz_sector", rows, lambda row: row["sector"])
    tally.count("hz_big", (row for row in rows if row["grade"] == "重大"))
    tally.count("hz_closed", done)
    tally.share("hz_rate", len(done), len(rows))
    judged = [row for row in rows if row["close_on"] or _due(row) <= LAST]
    tally.share_of("hz_ontime", judged, lambda row: row["close_on"] and row["close_on"] <= _due(row))
    tally.count("hz_open", (row for row in rows if not row["close_on"]))
    tally.count("hz_late", (row for row in every if not row["close_on"] and _due(row) < LAST))
    tally.count("hz_light", (row for row in every if not row["close_on"]), _light)
    tally.count("hz_late_done", (row for row in done if row["close_on"] > _due(row)))
    tally.share_of("hz_rep", rows, lambda row: row["repeat_of"])
    tally.share_of("hz_trans", (row for row in every if in_year(row["transfer_on"])), lambda row: row["reply_on"])
    tally.figures["hz_days"] = half_up(Decimal(median((row["close_on"] - row["found_on"]).days for row in done)), 1)
    tally.total("hz_fund", (row["fund"] for row in rows if row["fund"] is not None))
    carried = [
        row for row in every if row["found_on"] < FIRST and (row["close_on"] is None or row["close_on"] >= FIRST)
    ]
    tally.count("hz_carry_n", carried)
    tally.count("hz_carry_closed", (row for row in carried if row["close_on"]))


def _due(row: Row) -> date:
    """The date that counts: an extension asked for in time moves it."""
    extended = row["ext_due"] and row["ext_req_on"] and row["ext_req_on"] <= row["due_on"]
    due: date = row["ext_due"] if extended else row["due_on"]
    return due


def _light(row: Row) -> str:
    left = (_due(row) - LAST).days
    return "红" if left < 0 else "黄" if left <= 7 else "绿"
